"""``make bench``: measure, print, and write ``docs/bench.md``.

It works on the stack that ``make run`` started, or on the one of ``--stack-file``, and starts one of its own
where none runs. On a stack that runs it leaves a platform named ``bench-…`` behind.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra import operate
from infra.bench import compute
from infra.bench.load import Rate, rates
from infra.bench.meter import best_meter, machine
from infra.bench.operations import Operation, operations
from infra.bench.packages import unpack, with_whole_data, without_bytecode
from infra.bench.report import Report
from infra.bench.scene import Scene
from infra.bench.storms import storms
from infra.bench.verification import verifications
from infra.bench.wallets import wallets
from infra.local.environments import ROOT
from infra.local.running import provider_addresses
from infra.local.stack import LocalStack, Ports
from infra.progress import say, step
from infra.verify import STACK_FILE, environment_on_this_machine

DOCUMENT = ROOT / "docs" / "bench.md"


def measured(stack_file: Path) -> Report:
    """Everything, one after the other; nothing else should run meanwhile."""
    meter = best_meter()
    with tempfile.TemporaryDirectory(prefix="seans-bench-") as made:
        folder = unpack(Path(made) / "zip")
        found, per_second = _on_a_stack(stack_file, folder)
        with step("Cold starts"):
            whole = with_whole_data(Path(made) / "whole", folder)
            plain = without_bytecode(Path(made) / "plain", folder)
            cold = compute.cold(meter, compute.Packages(folder, whole, plain))
        with step("Warm calls"):
            warm = compute.warm(meter, folder)
        with step("Wallets of many lots"):
            many_lots = wallets(meter, folder)
        with step("Verifying the ledger"):
            verified = verifications()
        with step("A storm of payment webhooks"):
            stormed = storms()
    return Report(
        day=datetime.now(UTC).date(),
        machine=machine(),
        meter=meter,
        operations=found,
        cold=cold,
        warm=warm,
        wallets=many_lots,
        verifications=verified,
        storms=stormed,
        rates=per_second,
    )


def _on_a_stack(stack_file: Path, folder: Path) -> tuple[list[Operation], list[Rate]]:
    with _stack(stack_file) as document:
        environment = environment_on_this_machine(document) | provider_addresses(document["payments_url"])
        operate.work_on(environment)
        with step("Operations"):
            scene = Scene(document)
            found = operations(document, scene, folder)
        with step("Requests a second"):
            return found, rates(scene)


@contextmanager
def _stack(stack_file: Path) -> Iterator[Mapping[str, Any]]:
    """What ``stack.json`` says, of the stack that runs or of one that lives as long as the block."""
    if stack_file.exists():
        yield json.loads(stack_file.read_text())
        return
    with (
        tempfile.TemporaryDirectory(prefix="seans-bench-stack-") as folder,
        LocalStack(Ports.free(), Path(folder)) as running,
    ):
        yield running.document()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--stack-file", type=Path, default=STACK_FILE, help="what describes a stack that runs"
    )
    parser.add_argument("--out", type=Path, default=DOCUMENT, help="where the table is written")
    given = parser.parse_args()
    text = measured(given.stack_file).text()
    given.out.parent.mkdir(exist_ok=True)
    given.out.write_text(text)
    say(text)


if __name__ == "__main__":
    main()
