"""A child process with its own session and log file, which is ended by its id, and with its parent."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

HOST = "127.0.0.1"
_POLL_SECONDS = 0.05
_STOP_SECONDS = 30
# Its input ends when the parent does, however that ends; then it ends the group that it was given.
_GUARD = 'read -r _; kill -TERM "-$1"; sleep 5; kill -KILL "-$1"'


class ChildFailed(Exception):
    """A child did not start, or ended by itself; the message holds the end of its log."""


class PortTaken(Exception):
    """Something else listens on a port that the stack wants."""


def free_port() -> int:
    """A port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(port: int, variable: str) -> None:
    """Raise ``PortTaken``, with the ``variable`` that chooses another port, if ``port`` is in use."""
    with socket.socket() as probe:
        # As servers do: the last run's closed connections do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise PortTaken(
                f"Port {port} is taken; choose another one: {variable}={port + 100} make run"
            ) from None


class Child:
    """One process of the stack, and all that it starts in its turn."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
    ) -> None:
        self._log = log
        # A session of its own: Ctrl-C reaches the runner alone, which then ends each child in order.
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._guard = _guard(self._process.pid)

    def wait_until_answers(self, url: str, seconds: float) -> None:
        """Return when ``url`` answers 200; ``ChildFailed`` if the child ends or ``seconds`` pass."""
        deadline = time.monotonic() + seconds
        while not _answers(url):
            self.check()
            if time.monotonic() > deadline:
                raise ChildFailed(f"{url} does not answer after {seconds:.0f} s\n{self._tail()}")
            time.sleep(_POLL_SECONDS)

    def check(self) -> None:
        """Raise ``ChildFailed`` if the process has ended."""
        if (status := self._process.poll()) is not None:
            raise ChildFailed(f"{Path(self._log).stem} ended with status {status}\n{self._tail()}")

    def stop(self) -> None:
        """Ask it to end, wait, and end by force what is left of its session."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        _dismiss(self._guard)

    def _tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])


def _guard(group: int) -> subprocess.Popen[bytes]:
    """Ends the processes of ``group`` if this process is killed, and cannot end them itself."""
    return subprocess.Popen(
        ["/bin/sh", "-c", _GUARD, "guard", str(group)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _dismiss(guard: subprocess.Popen[bytes]) -> None:
    """Before its input is closed: what it guards is gone, and the number may be another's."""
    guard.kill()
    guard.communicate()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
