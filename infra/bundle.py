"""Zips for Lambda: made by Chalice, the same bytes for the same code, and proven to stand alone."""

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ZIP_NAME = "deployment.zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)


class PackagingFailed(Exception):
    """The package cannot be made; the message holds what the tool said."""


def run(command: Sequence[str], folder: Path, **variables: str) -> None:
    """Run a tool in ``folder``; its output is shown only if it fails, in ``PackagingFailed``."""
    environment = os.environ | variables
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackagingFailed(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")


def run_chalice(project: Path, out: Path, *options: str) -> None:
    """Have Chalice package ``project`` into ``out``: ``sam.json`` and ``deployment.zip``."""
    command = [
        str(Path(sys.executable).parent / "chalice"),
        *("--project-dir", str(project), "package", "--stage", "main", "--pkg-format", "cloudformation"),
        *("--template-format", "json", *options, str(out)),
    ]
    # The region is only asked for, never used.
    run(command, project, AWS_DEFAULT_REGION="us-east-1", PYTHONDONTWRITEBYTECODE="1")


def read_zip(path: Path) -> dict[str, bytes]:
    """The files of a zip by their names."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """A zip in one order and with one date, so that the same files are the same zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


def check_zip(path: Path, code: str) -> None:
    """Prove that the zip alone, without this environment's packages, holds all that ``code`` imports."""
    with tempfile.TemporaryDirectory(prefix="seans-check-") as folder:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        # -I and -S: no site-packages, no PYTHONPATH, as in Lambda.
        check = f"import sys\nsys.path.insert(0, '.')\n{code}"
        run([sys.executable, "-I", "-S", "-B", "-c", check], Path(folder))
