"""Tasks in processes of their own, forked, so that what is imported once need not be imported by each."""

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from signal import SIGKILL
from tempfile import TemporaryFile
from typing import Any


class Forked:
    """A task in a process of its own, whose answer is ``None`` where it takes too long, or dies."""

    def __init__(self, task: Callable[[], Any], seconds: float) -> None:
        self._answer = TemporaryFile()  # noqa: SIM115 - closed when the answer is read
        self._deadline = time.monotonic() + seconds
        self._child = os.fork()
        if self._child == 0:
            with suppress(BaseException):
                _be_silent()
                self._answer.write(json.dumps(task()).encode())
                self._answer.flush()
            os._exit(0)

    def is_over(self) -> bool:
        if os.waitpid(self._child, os.WNOHANG)[0]:
            return True
        if time.monotonic() < self._deadline:
            return False
        os.kill(self._child, SIGKILL)
        os.waitpid(self._child, 0)
        return True

    def answer(self) -> Any:
        with self._answer:
            self._answer.seek(0)
            return json.loads(self._answer.read() or "null")


def side_by_side(begins: Sequence[Callable[[], Forked]]) -> list[Any]:
    """The answers, in order; as many processes at a time as there are processors, and never a thread."""
    answers: list[Any] = [None] * len(begins)
    running: dict[int, Forked] = {}
    waiting = list(enumerate(begins))
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            place, begin = waiting.pop(0)
            running[place] = begin()
        time.sleep(0.01)
        for place in [place for place, each in running.items() if each.is_over()]:
            answers[place] = running.pop(place).answer()
    return answers


def _be_silent() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
