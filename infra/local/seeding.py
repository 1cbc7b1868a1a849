"""Seed a stack in a process of its own: ``python -m infra.local.seeding <folder>``.

The services that the seed runs read their settings once in a process; a test run starts more than one stack.
"""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra.local.environments import ROOT
from infra.local.running import RunningStack

_ASKED, _MADE, _LOG = "seed-for.json", "seed.json", "seed.log"
_LONGEST_SECONDS = 120


class SeedFailed(Exception):
    """The demo data cannot be made; the message holds the end of the seed's log."""


def seed_once(stack: RunningStack, folder: Path, *, is_new: bool) -> dict[str, Any]:
    """What the seed made of ``stack``, now or, where ``folder`` tells of it and the stack is kept, before."""
    made = folder / _MADE
    if is_new or not made.exists():
        (folder / _ASKED).write_text(json.dumps(dataclasses.asdict(stack) | {"folder": str(stack.folder)}))
        _run(folder)
    seeded: dict[str, Any] = json.loads(made.read_text())
    return seeded


def _run(folder: Path) -> None:
    # Nothing of this shell: its AWS profile must not reach a stack on this machine.
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "infra.local.seeding", str(folder)]
    with (folder / _LOG).open("w") as log:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, timeout=_LONGEST_SECONDS, check=False
        )
    if done.returncode:
        raise SeedFailed("The seed failed:\n" + (folder / _LOG).read_text()[-3000:])


def main() -> None:
    """Seed the stack that ``folder`` tells of, and write down what was made."""
    from infra.local.seed import seed

    folder = Path(sys.argv[1])
    asked = json.loads((folder / _ASKED).read_text())
    made = seed(RunningStack(**asked | {"folder": Path(asked["folder"])}))
    (folder / _MADE).write_text(json.dumps(made, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
