"""The story of ``make demo``, told by a process of its own while other tests run."""

import subprocess
import sys
from types import TracebackType
from typing import Self

from infra.local.environments import ROOT
from infra.local.running import RunningStack

LONGEST_SECONDS = 480


class Telling:
    """Begins with the block; ``end`` waits for the last line, and gives the exit status and all lines."""

    def __init__(self, stack: RunningStack) -> None:
        self._stack_file = stack.folder / "stack.json"
        self._told = stack.folder / "story.log"

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "infra.local.demo", "--stack-file", str(self._stack_file)]
        with self._told.open("w") as told:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=told, stderr=subprocess.STDOUT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    def end(self) -> tuple[int, str]:
        status = self._process.wait(LONGEST_SECONDS)
        return status, self._told.read_text()
