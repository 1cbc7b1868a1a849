"""``docs/bench.md``: what was measured, when, and on what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from infra.bench import storms, verification
from infra.bench.figures import Figure, number, table
from infra.bench.load import CLIENTS, Rate
from infra.bench.meter import Meter
from infra.bench.operations import Operation
from infra.bench.storms import Storm
from infra.bench.verification import Verification
from infra.bench.wallets import WalletFigure, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that one run measured."""

    day: date
    machine: str
    meter: Meter
    operations: Sequence[Operation]
    cold: Sequence[Figure]
    warm: Sequence[Figure]
    wallets: Sequence[WalletFigure]
    verifications: Sequence[Verification]
    storms: tuple[Storm, Storm]
    rates: Sequence[Rate]

    def text(self) -> str:
        return _TEXT.format(
            day=self.day.isoformat(),
            machine=self.machine,
            explained=self.meter.explained,
            operations=_operations(self.operations),
            cold=_figures(self.cold),
            warm=_figures(self.warm),
            wallets=rows(self.wallets, self.meter.unit),
            verifications=verification.rows(self.verifications),
            storm=storms.rows(*self.storms),
            rates=_rates(self.rates),
        )


_TEXT = """# Benchmarks

Written by `make bench` on {day}. Machine: {machine}.

Each figure stands beside its floor, the least that could do the same, measured in the same run. Computing
is counted in {explained}. Wall time is used for requests a second alone.

## AWS calls and write units

The function runs in the benchmark's process on the embedded AWS; calls are counted, and items weighed, at
the product's own clients. DynamoDB's arithmetic is applied to the items as sent and to those that they
replace: a transaction takes two units for each KB of an item, an item written alone one, and an index one
for each KB of an entry that is put, changed or removed. *Least* is the same with every item within 1 KB. The
floor is the same items without an index.

{operations}

## Cold start

`import app` from the unpacked zip, which is all that Python can import from, and the first connection to
DynamoDB (no request: TLS costs all the same). The floor runs on the same zip's libraries, which the packaging
has cut to what is called; the second line shows what that brings.

{cold}

## Warm

A call of the Lambda handler with a REST proxy event: the difference between a run with more calls and one
with fewer, per call. The booking and the payment are those of the first table, played again: botocore signs
and serialises, and instead of a socket a function in the process answers `BatchGetItem`, `TransactWriteItems`
and the provider's page with the recorded bytes.

{warm}

## A wallet of many lots

A spend of one credit, from the wallet's item as it is read to the two items that are written (the wallet and
the ledger's line), without a network. The item holds the first 20 lots; the rest stand on pages, which a
spend does not touch until it reaches them. The last column compares units and computing with one lot's.

{wallets}

## Verifying the ledger

The verifier over a ledger that is made as it is read, each number of entries in a process of its own: the
most memory that it ever had, and the CPU time of an entry, from the item as DynamoDB would send it. The floor
decodes the same items and does no more. What does not fit in memory is sorted on disk.

{verifications}

## A storm of payment webhooks

Buyers pay, are declined, go away; some of the money goes back, by the provider or the bank. Each event is
delivered 1 to 5 times, shuffled, and one in twenty is lost; two of a hundred calls of a delivery fail.
After one catch-up and one sweep each order and its credits are compared with what the provider says, and the
verifier folds the books. On the calm day each event comes once, in order. The product, the provider and
moto's table share a process, and the CPU time is of all three.

{storm}

## Requests a second

Of the embedded stack (MiniStack, which runs each function in a process), over HTTP, clients and stack on the
same cores: it says how the whole hangs together, not what AWS would do. Each client books in a day of his
own. Health is the floor of the other two.

{rates}
"""


def _operations(operations: Sequence[Operation]) -> str:
    head = ["operation", "AWS calls", "items sent, KB", "least", "write units", "floor", "×"]
    rows = [
        [
            each.name,
            each.calls,
            each.kilobytes,
            str(each.least_units),
            f"{each.table_units + each.index_units} = {each.table_units} + {each.index_units} of indexes",
            str(each.table_units),
            f"{(each.table_units + each.index_units) / each.table_units:.2f}",
        ]
        for each in operations
    ]
    return table(head, rows)


def _figures(figures: Sequence[Figure]) -> str:
    rows = [
        [
            each.name,
            f"{number(each.value)} {each.unit}",
            f"{number(each.floor)} ({each.floor_is})",
            f"{each.ratio:.2f}",
            f"≤ {each.goal} {each.verdict}" if each.goal else "",
        ]
        for each in figures
    ]
    return table(["figure", "measured", "floor", "×", "goal"], rows)


def _rates(rates: Sequence[Rate]) -> str:
    head = [
        "route",
        *(f"{clients} client{'s' if clients > 1 else ''}" for clients in CLIENTS),
        "floor (health)",
        "×",
    ]
    least = rates[0].each
    rows = [
        [
            each.name,
            *(number(rate) for rate in each.each),
            " / ".join(number(rate) for rate in least),
            " / ".join(f"{floor / rate:.2f}" for floor, rate in zip(least, each.each, strict=True)),
        ]
        for each in rates
    ]
    return table(head, rows)
