"""What a program costs: instructions where valgrind is there, else CPU time."""

import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chalicelib.settings import Settings
from infra.bench.programs.canned import TABLE

# As -I does, this hides all that is installed; but -I would also forget the hash seed, and runs would differ.
_ISOLATED = [sys.executable, "-S", "-s", "-P", "-B", "-c"]
_RUNS = 7


class ProgramFailed(Exception):
    """A measured program ended with an error; the message holds what it said."""


class Meter(Protocol):
    """``cost`` runs code in a folder that is all it can import from, and says what that took, in ``unit``."""

    @property
    def unit(self) -> str: ...

    @property
    def explained(self) -> str: ...

    @property
    def repetitions(self) -> int:
        """How many times more calls a short one needs to stand out."""

    def cost(self, folder: Path, code: str) -> float: ...


@dataclass(frozen=True, slots=True)
class Instructions:
    """Of the process in user space: the same each time, however busy the machine is."""

    unit: str = "M instructions"
    explained: str = "millions of instructions in user space (valgrind's cachegrind), one run, repeat-stable"
    repetitions: int = 1

    def cost(self, folder: Path, code: str) -> float:
        command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
        said = _run([*command, *_ISOLATED, code], folder)
        found = re.search(r"I +refs: +([\d,]+)", said)
        if found is None:
            raise ProgramFailed(f"valgrind counted nothing:\n{said}")
        return int(found[1].replace(",", "")) / 1e6


@dataclass(frozen=True, slots=True)
class CpuTime:
    """User and system time of the process: the median of some runs."""

    unit: str = "ms CPU"
    explained: str = f"milliseconds of CPU time, the median of {_RUNS} runs (valgrind is not installed)"
    repetitions: int = 10

    def cost(self, folder: Path, code: str) -> float:
        return statistics.median(self._once(folder, code) for _ in range(_RUNS))

    def _once(self, folder: Path, code: str) -> float:
        began = _children_seconds()
        _run([*_ISOLATED, code], folder)
        return (_children_seconds() - began) * 1000


def best_meter() -> Meter:
    """The steadier of the two that this machine has."""
    return Instructions() if shutil.which("valgrind") else CpuTime()


def machine() -> str:
    """Cores, CPU model and Python, in one line."""
    models = [line.partition(":")[2].strip() for line in _cpu_lines() if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    return f"{os.cpu_count()} cores of {model}, {platform.system()}, Python {platform.python_version()}"


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProgramFailed(f"{command[-1]}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stderr


_ENVIRONMENT = {
    **{name.upper(): TABLE for name in Settings.__annotations__},
    "STRIPE_API_BASE": "https://provider.bench",
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
}
