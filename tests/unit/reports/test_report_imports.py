"""The spreadsheet library costs a cold start a third of a second; the API must not pay for it."""

import subprocess
import sys


def test_the_spreadsheet_library_is_loaded_by_the_worker_alone() -> None:
    program = (
        "import sys, chalicelib.reports.routes, chalicelib.reports.exports, chalicelib.adapters.files; "
        "sys.exit('openpyxl' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
