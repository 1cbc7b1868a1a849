"""What the function's own computing takes: cold, and for a call of a warm one."""

from dataclasses import dataclass
from pathlib import Path

from infra.bench import month
from infra.bench.events import proxy_event
from infra.bench.figures import Figure
from infra.bench.meter import Meter

COLD_GOAL, TRIVIAL_GOAL, BOOKING_GOAL = 1.15, 1.3, 1.2
_BEFORE, _TRIVIAL_CALLS, _BOOKING_CALLS, _PAYMENT_CALLS = 20, 400, 50, 50
_MONTH_CALLS = 4
_PRODUCT, _FLOOR, _FLOOR_BOOKING, _FLOOR_MONTH, _FLOOR_PAYMENT = (
    f"import sys; sys.path.insert(0, '.'); from infra.bench.programs.{name} import "
    for name in ("product", "floor", "floor_booking", "floor_month", "floor_payment")
)


@dataclass(frozen=True, slots=True)
class Packages:
    """The zip, unpacked: as deployed; with botocore's data as it is installed; and without bytecode."""

    deployed: Path
    whole: Path
    plain: Path


def cold(meter: Meter, packages: Packages) -> list[Figure]:
    """``import app`` and the first connection, beside the floor on the same libraries and on others."""
    code = "connect; connect()"
    value = meter.cost(packages.deployed, _PRODUCT + code)
    first_booking = "booking; booking(1)"
    floor = "Chalice with 40 routes, PynamoDB, its first connection"
    return [
        Figure(
            name="cold start, as packaged",
            value=value,
            unit=meter.unit,
            floor=meter.cost(packages.deployed, _FLOOR + code),
            floor_is=floor,
            goal=COLD_GOAL,
        ),
        Figure(
            name="the same, and the first booking",
            value=meter.cost(packages.deployed, _PRODUCT + first_booking),
            unit=meter.unit,
            floor=meter.cost(packages.deployed, _FLOOR_BOOKING + first_booking),
            floor_is="a bare Chalice handler, same read and transaction by PynamoDB's models",
        ),
        Figure(
            name="cold start, beside libraries as installed",
            value=value,
            unit=meter.unit,
            floor=meter.cost(packages.whole, _FLOOR + code),
            floor_is=f"{floor}, of bytecode, with the whole of botocore's data",
        ),
        Figure(
            name="cold start, without bytecode",
            value=meter.cost(packages.plain, _PRODUCT + code),
            unit=meter.unit,
            floor=meter.cost(packages.plain, _FLOOR + code),
            floor_is=f"{floor}, without bytecode",
        ),
    ]


def warm(meter: Meter, folder: Path) -> list[Figure]:
    """A trivial route, and a booking without a network, each a call of a warm function."""
    event = proxy_event("GET", "/v1/health")
    health = f"health; health({{calls}}, {event!r})"
    booking = "booking; booking({calls})"
    raw = _per_call(meter, folder, _FLOOR_BOOKING + "raw_booking; raw_booking({calls})", _BOOKING_CALLS)
    mine = _per_call(meter, folder, _PRODUCT + booking, _BOOKING_CALLS)
    return [
        Figure(
            name="GET /v1/health in the handler",
            value=_per_call(meter, folder, _PRODUCT + health, _TRIVIAL_CALLS),
            unit=meter.unit,
            floor=_per_call(meter, folder, _FLOOR + health, _TRIVIAL_CALLS),
            floor_is="a bare Chalice route",
            goal=TRIVIAL_GOAL,
        ),
        Figure(
            name="a booking in the handler, network stubbed",
            value=mine,
            unit=meter.unit,
            floor=_per_call(meter, folder, _FLOOR_BOOKING + booking, _BOOKING_CALLS),
            floor_is="a bare Chalice handler, same read and transaction by PynamoDB's models",
            goal=BOOKING_GOAL,
        ),
        Figure(
            name="the same booking",
            value=mine,
            unit=meter.unit,
            floor=raw,
            floor_is="the same by PynamoDB's connection alone: nothing is read of what came",
        ),
        payment(meter, folder),
        _month(meter, folder),
    ]


def payment(meter: Meter, folder: Path) -> Figure:
    """A payment that is told and fulfilled: the webhook's handler, without a network."""
    code = "fulfilment; fulfilment({calls})"
    return Figure(
        name="a fulfilled payment in the handler, network stubbed",
        value=_per_call(meter, folder, _PRODUCT + code, _PAYMENT_CALLS),
        unit=meter.unit,
        floor=_per_call(meter, folder, _FLOOR_PAYMENT + code, _PAYMENT_CALLS),
        floor_is="a bare Chalice handler, the same calls by raw boto3 clients: nothing is read of what came",
    )


def _month(meter: Meter, folder: Path) -> Figure:
    """Slots on 31 dates of an expert with 40 bookings a day: one batch read and one query."""
    month.write(folder)
    code = "month; month({calls})"
    return Figure(
        name=f"{month.DATES} dates of slots, {month.BOOKINGS_A_DAY} bookings a day, network stubbed",
        value=_per_call(meter, folder, _PRODUCT + code, _MONTH_CALLS, before=1),
        unit=meter.unit,
        floor=_per_call(meter, folder, _FLOOR_MONTH + code, _MONTH_CALLS, before=1),
        floor_is="a bare Chalice handler that parses the same items by PynamoDB's models",
    )


def _per_call(meter: Meter, folder: Path, code: str, calls: int, before: int = _BEFORE) -> float:
    """The difference of two runs, so that start and first call count for nothing."""
    calls *= meter.repetitions
    few = meter.cost(folder, code.replace("{calls}", str(before)))
    return (meter.cost(folder, code.replace("{calls}", str(before + calls))) - few) / calls
