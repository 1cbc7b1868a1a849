"""Lines that say what is going on and for how long. Standard library only: nothing may be installed yet."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_REFRESH_SECONDS = 0.5


def say(line: str = "") -> None:
    """Print one line at once, whoever reads the pipe."""
    print(line, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show ``title`` with the seconds that pass while the block runs; a failure ends with a cross."""
    began, done = time.monotonic(), threading.Event()
    line = _terminal_line if sys.stdout.isatty() else _plain_line
    ticker = threading.Thread(target=line, args=(title, began, done), daemon=True)
    ticker.start()
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        done.set()
        ticker.join()
        end = "\r\033[K" if sys.stdout.isatty() else ""
        say(f"{end}{mark} {title} ({time.monotonic() - began:.1f} s)")


def _terminal_line(title: str, began: float, done: threading.Event) -> None:
    while not done.is_set():
        print(f"\r\033[K… {title} {time.monotonic() - began:.0f} s", end="", flush=True)
        done.wait(_REFRESH_SECONDS)


def _plain_line(title: str, began: float, done: threading.Event) -> None:
    """Without a terminal, say that a slow step is under way, every ten seconds."""
    while not done.wait(10):
        say(f"… {title} {time.monotonic() - began:.0f} s")
