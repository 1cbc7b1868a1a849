"""Time zones from the pinned ``tzdata`` package, and what wall-clock hours are as instants.

The machine's own zone files are not asked: they are of another date on every machine.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from chalicelib.calendar.model import DateNotEditable, Hours, Interval, ZoneUnknown

_DAY = timedelta(days=1)


@cache
def _names() -> frozenset[str]:
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


@cache
def zone_of(name: str) -> ZoneInfo:
    """The zone under its IANA name. ``ZoneUnknown`` where there is none."""
    if name not in _names():
        raise ZoneUnknown(field="zone")
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as content:
        return ZoneInfo.from_file(content, key=name)


def local_date(zone: ZoneInfo, instant: datetime) -> date:
    return instant.astimezone(zone).date()


def open_on(zone: ZoneInfo, day: date, hours: Hours) -> list[Interval]:
    """The instants whose wall-clock time is within ``hours`` of ``day``, in order.

    So a time that a change of clocks leaves out is never open, and an hour that comes twice is open twice.
    """
    found = _instants(zone, _wall(day, hours.opens), _wall(day, hours.closes))
    if hours.location_id is None:
        return found
    return [replace(interval, location_id=hours.location_id) for interval in found]


def wall_left_out(zone: ZoneInfo, instant: datetime) -> datetime | None:
    """The wall-clock time that the instant would have, had the clocks not just gone forward past it."""
    earlier = instant - _DAY
    gone = _offset(zone, instant) - _offset(zone, earlier)
    if gone <= timedelta() or instant >= _change(zone, earlier, instant) + gone:
        return None
    return instant.astimezone(zone).replace(tzinfo=None) - gone


def whole_day(zone: ZoneInfo, day: date) -> list[Interval]:
    """The instants of a local date: one interval, or none where the zone left the date out."""
    return open_on(zone, day, Hours(opens="00:00", closes="24:00"))


def utc_days(starts_at: datetime, ends_at: datetime) -> list[str]:
    """The UTC days that ``[starts_at, ends_at)`` touches, as ``2026-11-22``."""
    first = starts_at.astimezone(UTC).date()
    last = (ends_at.astimezone(UTC) - timedelta(microseconds=1)).date()
    return [(first + timedelta(days=count)).isoformat() for count in range((last - first).days + 1)]


def days_around(day: date) -> list[str]:
    """The UTC days that a local date can touch in any zone. ``DateNotEditable`` at the ends of time."""
    if not date.min + _DAY < day < date.max - _DAY:
        raise DateNotEditable(field="path.date")
    return [(day + count * _DAY).isoformat() for count in (-1, 0, 1)]


def _wall(day: date, text: str) -> datetime:
    if text == "24:00":
        return datetime.combine(day + _DAY, time())
    return datetime.combine(day, time.fromisoformat(text))


def _instants(zone: ZoneInfo, opens: datetime, closes: datetime) -> list[Interval]:
    """``opens`` and ``closes`` are naive. At most one change of clocks is expected between them."""
    offsets = {_offset_at_wall(zone, wall, fold) for wall in (opens, closes) for fold in (0, 1)}
    if len(offsets) == 1:
        offset = offsets.pop()
        return [Interval(starts_at=_utc(opens, offset), ends_at=_utc(closes, offset))]
    change = _change(zone, _utc(opens, max(offsets)), _utc(closes, min(offsets)))
    before, after = _offset(zone, change - timedelta(seconds=1)), _offset(zone, change)
    first = (_utc(opens, before), min(_utc(closes, before), change))
    second = (max(_utc(opens, after), change), _utc(closes, after))
    return _joined(first, second)


def _joined(first: tuple[datetime, datetime], second: tuple[datetime, datetime]) -> list[Interval]:
    spans = [span for span in (first, second) if span[0] < span[1]]
    if len(spans) == 2 and first[1] == second[0]:
        spans = [(first[0], second[1])]
    return [Interval(starts_at=starts_at, ends_at=ends_at) for starts_at, ends_at in spans]


def _change(zone: ZoneInfo, earlier: datetime, later: datetime) -> datetime:
    """The first second of the offset that holds at ``later`` and not at ``earlier``."""
    low, high = int(earlier.timestamp()), int(later.timestamp())
    offset = _offset(zone, later)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, datetime.fromtimestamp(middle, UTC)) == offset:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)


def _utc(wall: datetime, offset: timedelta) -> datetime:
    return (wall - offset).replace(tzinfo=UTC)


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _offset_at_wall(zone: ZoneInfo, wall: datetime, fold: int) -> timedelta:
    return wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()
