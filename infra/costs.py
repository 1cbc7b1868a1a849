"""What a month costs on AWS, from list prices and from what a booking brings with it: ``make costs``.

Everything is an assumption that can be read and changed here; ``docs/costs.md`` is this module's output, and
a test computes it again. Money is US dollars in ``Decimal``.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from infra.package import ROOT
from infra.progress import say

PAGE = ROOT / "docs" / "costs.md"
BOOKINGS = (1_000, 100_000, 10_000_000)
MILLION = Decimal(1_000_000)
GB = Decimal(1_000_000_000)

PRICED_ON = "22 November 2026"
PRICES = {
    "write units": Decimal("0.625") / MILLION,
    "read units": Decimal("0.125") / MILLION,
    "function calls": Decimal("0.20") / MILLION,
    "function GB-seconds": Decimal("16.67") / MILLION,
    "gateway requests": Decimal("3.50") / MILLION,
    "schedules": Decimal("1.00") / MILLION,
    "queue requests": Decimal("0.40") / MILLION,
    "edge requests": Decimal("1.00") / MILLION,
    "edge GB": Decimal("0.085"),
    "log GB": Decimal("0.50"),
    "mails": Decimal("0.10") / 1_000,
    "table GB": Decimal("0.25"),
    "backup GB": Decimal("0.20"),
    "alarm metrics": Decimal("0.10"),
    "custom metrics": Decimal("0.30"),
    "dashboards": Decimal("3.00"),
}
"""us-east-1, on demand, x86, without any free allowance; per single unit."""

PEOPLE_PRICES = ((100_000, Decimal("0.0055")), (1_000_000, Decimal("0.0046")), (None, Decimal("0.00325")))
"""Cognito Lite: a month's active people up to a number, and the price of each."""
PEOPLE_FREE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens ``per_booking`` times for each booking; units, milliseconds and bytes of one time."""

    name: str
    per_booking: Decimal
    write_units: int = 0
    read_units: int = 0
    milliseconds: int = 0
    requests: int = 0
    calls: int = 1
    answer_bytes: int = 0
    schedules: int = 0
    queue_requests: int = 0


REMINDERS_PER_BOOKING = Decimal(4)  # as a platform has them unless it chooses fewer

# A transactional write is two units for each KB of an item; an index entry is one for each KB. Receipts,
# bookings and rows of the report are taken as 2 KB, everything else as 1 KB.
STEPS = (
    Step(
        name="looking: catalogue, slots, wallet, own bookings",
        per_booking=Decimal(12),
        read_units=3,
        milliseconds=25,
        requests=1,
        answer_bytes=4_000,
    ),
    Step(
        name="booking with credits: receipt, wallet, ledger, day, booking; six index entries",
        per_booking=Decimal(1),
        write_units=4 + 2 + 2 + 2 + 4 + 8,
        read_units=10,
        milliseconds=60,
        requests=1,
        answer_bytes=2_000,
    ),
    Step(
        name="its row in the report, from the stream",
        per_booking=Decimal(1),
        write_units=4 + 1 + 4 + 4,
        read_units=4,
        milliseconds=60,
    ),
    Step(
        name="joining, client and expert: receipt, session, booking",
        per_booking=Decimal(2),
        write_units=4 + 2 + 4 + 7,
        read_units=6,
        milliseconds=50,
        requests=1,
        answer_bytes=1_000,
    ),
    Step(
        name="its timer, from the stream",
        per_booking=Decimal(1),
        write_units=4 + 1,
        read_units=3,
        milliseconds=90,
        schedules=1,
    ),
    Step(
        name="its end by the timer: receipt, session, booking",
        per_booking=Decimal(1),
        write_units=4 + 2 + 4 + 7,
        read_units=6,
        milliseconds=60,
        queue_requests=3,
    ),
    Step(
        name="a reminder: receipt, booking; from the stream two notices and two mails",
        per_booking=REMINDERS_PER_BOOKING,
        write_units=4 + 1 + 4 + 6 + 5 + 2 * 6,
        read_units=18,
        milliseconds=250,
    ),
    Step(
        name="buying credits: order, page of the provider, two webhooks, the way back, the report's row",
        per_booking=Decimal("0.25"),
        write_units=70,
        read_units=40,
        milliseconds=1_800,
        requests=4,
        calls=5,
        answer_bytes=4_000,
    ),
    Step(
        name="an admin's look at a page of a report",
        per_booking=Decimal("0.1"),
        read_units=30,
        milliseconds=80,
        requests=1,
        answer_bytes=30_000,
    ),
)

BOOKINGS_PER_PERSON = 4
# Two of its confirmation, two of each reminder, and one of each purchase.
MAILS_PER_BOOKING = 2 + 2 * REMINDERS_PER_BOOKING + Decimal("0.25")
FUNCTION_GB = Decimal("0.5")
LOG_BYTES_PER_CALL = 750  # our line of 250 bytes and Lambda's own three
KEPT_BYTES_PER_BOOKING = 14_000  # items and their index entries
KEPT_MONTHS = 12
QUEUE_POLLS = 2 * 5 * 3 * 60 * 24 * 30  # Lambda asks two queues with five readers each, every 20 seconds
SWEEPS = 60 * 24 * 30
SWEEP_READ_UNITS, SWEEP_MILLISECONDS = 6, 60
ALARM_METRICS, CUSTOM_METRICS = 37, 7
Usage = dict[str, Decimal]


def usage(bookings: int) -> Usage:
    """How much of everything that has a price a month of so many bookings uses."""
    calls, requests = _sum(bookings, "calls"), _sum(bookings, "requests")
    milliseconds = _sum(bookings, "milliseconds") + SWEEPS * SWEEP_MILLISECONDS
    kept_gb = Decimal(KEPT_BYTES_PER_BOOKING) * KEPT_MONTHS * bookings / GB
    return {
        "write units": _sum(bookings, "write_units"),
        "read units": _sum(bookings, "read_units") + SWEEPS * SWEEP_READ_UNITS + _verified_units(kept_gb),
        "function calls": calls + SWEEPS,
        "function GB-seconds": milliseconds / 1_000 * FUNCTION_GB,
        "gateway requests": requests,
        "schedules": _sum(bookings, "schedules"),
        "queue requests": _sum(bookings, "queue_requests") + QUEUE_POLLS,
        "edge requests": requests,
        "edge GB": _sum(bookings, "answer_bytes") / GB,
        "log GB": (calls + SWEEPS) * LOG_BYTES_PER_CALL / GB,
        "mails": MAILS_PER_BOOKING * bookings,
        "table GB": kept_gb,
        "backup GB": kept_gb,
        "alarm metrics": Decimal(ALARM_METRICS),
        "custom metrics": Decimal(CUSTOM_METRICS),
        "dashboards": Decimal(1),
    }


def _sum(bookings: int, field: str) -> Decimal:
    total = sum((step.per_booking * int(getattr(step, field)) for step in STEPS), Decimal(0))
    return total * bookings


def _verified_units(kept_gb: Decimal) -> Decimal:
    """A month of nightly verifications: consistent reads of 4 KB each, of the table without its indexes."""
    return kept_gb / 2 * GB / 4_096 * 30


def people_cost(people: int) -> Decimal:
    """What Cognito asks for a month's active people."""
    cost, counted = Decimal(0), PEOPLE_FREE
    for until, price in PEOPLE_PRICES:
        here = max(min(people, until or people) - counted, 0)
        cost += here * price
        counted += here
    return cost


def costs(bookings: int) -> dict[str, Decimal]:
    """Dollars a month by what they are paid for."""
    paid = {name: amount * PRICES[name] for name, amount in usage(bookings).items()}
    return paid | {"signed-in people": people_cost(bookings // BOOKINGS_PER_PERSON)}


def page() -> str:
    """``docs/costs.md``."""
    columns = [costs(bookings) for bookings in BOOKINGS]
    rows = [_row(name, [column[name] for column in columns]) for name in columns[0]]
    totals = [sum(column.values(), Decimal(0)) for column in columns]
    each = [total / bookings for total, bookings in zip(totals, BOOKINGS, strict=True)]
    steps = [f"- {step.name}: {step.per_booking} × {step.write_units} write, {step.read_units} read units, "
             f"{step.milliseconds} ms" for step in STEPS]  # fmt: skip
    heads = " | ".join(f"{bookings:,} bookings".replace(",", " ") for bookings in BOOKINGS)
    return _PAGE.format(
        priced_on=PRICED_ON,
        heads=heads,
        rows="\n".join(rows),
        totals=_row("**all**", totals),
        each=_row("a booking", each, Decimal("0.00001")),
        steps="\n".join(steps),
        per_person=BOOKINGS_PER_PERSON,
        kept=KEPT_BYTES_PER_BOOKING // 1_000,
        months=KEPT_MONTHS,
        log_bytes=LOG_BYTES_PER_CALL,
    )


def _row(name: str, amounts: list[Decimal], unit: Decimal = Decimal("0.01")) -> str:
    shown = (f"{amount.quantize(unit, ROUND_HALF_UP):,}".replace(",", " ") for amount in amounts)
    return f"| {name} | " + " | ".join(shown) + " |"


_PAGE = """# What it costs

Computed by `make costs` (`infra/costs.py`), US dollars a month, from AWS's list prices of us-east-1 as
known on {priced_on}, without any free allowance but Cognito's. DynamoDB, Lambda, API Gateway and Scheduler
were read in stored copies of AWS's price pages; the other prices are from memory and must be looked up
before a contract hangs on them. Nothing of this was measured on a bill.

| a month | {heads} |
|---|---:|---:|---:|
{rows}
{totals}
{each}

The payment provider's fees, SMS, a domain, support and taxes are not in it. At the top mails and the people
who sign in are most of it. A platform that reminds once and not four times sends four mails for a booking and
not ten. Cognito asks for each who is active in a month: the pool is on its Lite plan; on Essentials, which a
new pool has by default, each costs about three times as much.

## Assumptions

What one booking brings with it, how often and how much of it:

{steps}

A client books {per_person} times a month; a booking keeps {kept} KB in the table and its indexes, and
{months} months are kept, with point-in-time recovery; a call writes {log_bytes} bytes of logs; functions
have 512 MB. The sweeper runs each minute, and the verifier reads the whole table each night, as far as it
fits (`docs/runbook/verifications-cut-off.md`): at the top it runs elsewhere, and its reads cost the same.
"""


def write(path: Path = PAGE) -> None:
    """Write the page anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page())


if __name__ == "__main__":
    write()
    say(page())
