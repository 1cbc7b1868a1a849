"""The processes of the one-machine stack: they end when they are told to, and say why when they do not start."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.children import Child, ChildFailed, PortTaken, free_port, require_free
from infra.locks import Locked, locked

HAS_A_CHILD = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open("pids", "w").write(f"{os.getpid()} {child.pid}")
time.sleep(600)
"""

ROOT = Path(__file__).resolve().parents[2]


def run(code: str, folder: Path) -> Child:
    return Child([sys.executable, "-c", code], {"PATH": os.environ["PATH"]}, folder, folder / "child.log")


def test_a_taken_port_is_named_with_the_variable_that_chooses_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is taken.*PAYMENTS_PORT="):
            require_free(port, "PAYMENTS_PORT")
    require_free(free_port(), "PORT")


def test_a_child_that_does_not_start_tells_its_own_reason(tmp_path: Path) -> None:
    child = run("import sys; sys.exit('no such state file')", tmp_path)
    with pytest.raises(ChildFailed, match="no such state file"):
        child.wait_until_answers(f"http://127.0.0.1:{free_port()}/", seconds=10)
    child.stop()


def test_a_child_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    child = run(HAS_A_CHILD, tmp_path)
    pids = tmp_path / "pids"
    soon(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    child.check()
    child.stop()
    soon(lambda: not any(is_running(int(pid)) for pid in pids.read_text().split()))


HAS_A_CHILD_AND_IS_KILLED = """
import os, signal, sys
from pathlib import Path
from infra.local.children import Child
from tests.infra.test_children import HAS_A_CHILD, run, soon
folder = Path(sys.argv[1])
child = run(HAS_A_CHILD, folder)
soon(lambda: (folder / "pids").exists() and len((folder / "pids").read_text().split()) == 2)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_child_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HAS_A_CHILD_AND_IS_KILLED, str(tmp_path)]
    killed = subprocess.run(command, cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    pids = (tmp_path / "pids").read_text().split()
    soon(lambda: not any(is_running(int(pid)) for pid in pids))


def test_nothing_guards_a_child_that_was_stopped(tmp_path: Path) -> None:
    child = run("import time; time.sleep(600)", tmp_path)
    assert is_running(child._guard.pid)
    child.stop()
    assert not is_running(child._guard.pid)


def soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Whether it runs; a process that has ended and waits to be noticed by init does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    with locked(path, wait=False), pytest.raises(Locked), locked(path, wait=False):
        pass
    with locked(path, wait=False):
        pass
