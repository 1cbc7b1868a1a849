"""The main job, from the admin's first package to the Excel file, as ``make demo`` tells it."""

import openpyxl
import pytest

from infra.local.running import RunningStack


@pytest.mark.slow
def test_the_story_is_as_told(telling, stack: RunningStack) -> None:
    status, told = telling.end()
    assert status == 0, told
    assert "EventBridge Scheduler ended it" in told
    (report,) = stack.folder.glob("report-*.xlsx")
    assert len(openpyxl.load_workbook(report, read_only=True).worksheets) >= 2
