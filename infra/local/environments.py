"""The Python environments below ``.local``: the project's own, and the embedded AWS's with its own pins.

Run by whatever Python the machine has, before anything is installed: standard library only.
"""

import hashlib
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from infra.locks import locked
from infra.progress import step

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"


class InstallationFailed(Exception):
    """An environment cannot be made; the message holds what pip said."""


@dataclass(frozen=True)
class Environment:
    """A folder below ``.local`` and the requirement files that it holds."""

    name: str
    requirements: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return LOCAL / self.name

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def is_ready(self) -> bool:
        """Whether it was made by this Python from these very files."""
        stamp = self.folder / "requirements.sha256"
        return stamp.exists() and stamp.read_text() == self._digest() and self.python.exists()

    def make(self) -> None:
        """Make it from nothing; the stamp is written last, so that a broken one is made again."""
        shutil.rmtree(self.folder, ignore_errors=True)
        venv.create(self.folder, with_pip=True)
        files = [argument for name in self.requirements for argument in ("-r", str(ROOT / name))]
        command = [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise InstallationFailed(f"pip could not make {self.folder}:\n{done.stderr[-4000:]}")
        (self.folder / "requirements.sha256").write_text(self._digest())

    def _digest(self) -> str:
        digest = hashlib.sha256(f"{sys.version} {ROOT}".encode())
        for path in _with_included(self.requirements):
            digest.update(path.read_bytes())
        return digest.hexdigest()


def _with_included(names: tuple[str, ...]) -> Iterator[Path]:
    """The requirement files and those that they include by ``-r``."""
    for name in names:
        path = ROOT / name
        yield path
        included = (line[3:].strip() for line in path.read_text().splitlines() if line.startswith("-r "))
        yield from _with_included(tuple(str(path.parent / other) for other in included))


PROJECT = Environment("venv", ("requirements.txt", "infra/requirements.txt", "tests/requirements.txt"))
EMBEDDED_AWS = Environment("aws-venv", ("infra/local/requirements.txt",))


def prepare(*environments: Environment) -> None:
    """Make those that are missing or stale, side by side."""
    with locked(LOCAL / "install.lock", wait=True):
        missing = [environment for environment in environments if not environment.is_ready()]
        if missing:
            with step("Installing what is missing into .local"), ThreadPoolExecutor() as pool:
                for made in [pool.submit(environment.make) for environment in missing]:
                    made.result()


if __name__ == "__main__":
    try:
        prepare(PROJECT, EMBEDDED_AWS)
    except (InstallationFailed, subprocess.CalledProcessError) as failure:
        sys.exit(str(failure))
