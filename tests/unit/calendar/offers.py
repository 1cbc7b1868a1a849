"""What a calendar offers on one of its dates, by its own wall clock: for the cases of other systems' users."""

from datetime import UTC, date, datetime, timedelta

from chalicelib.calendar import claims, rules
from chalicelib.calendar.model import Agenda, Calendar, Length, OpenHours, PlatformCalendar, Taken
from chalicelib.calendar.zones import zone_of

SHARED = PlatformCalendar(platform_id="p")


def length(duration: int, pause: int = 0) -> Length:
    return Length(duration_minutes=duration, break_minutes=pause)


def week(*spans: tuple[str, str], zone: str, **more: int) -> Calendar:
    weekly = [OpenHours(weekday=day, opens=a, closes=b) for day in range(7) for a, b in spans]
    return Calendar(platform_id="p", expert_id="e", zone=zone, weekly=weekly, **more)


def empty_days(day: str) -> list[Agenda]:
    first = date.fromisoformat(day)
    return [
        Agenda(platform_id="p", expert_id="e", day=str(first + timedelta(days=count))) for count in (-1, 0, 1)
    ]


def offered(
    calendar: Calendar, day: str, wanted: Length, agendas=(), now: datetime | None = None
) -> list[str]:
    """The wall-clock times of the expert that are offered on one of his dates."""
    asked = date.fromisoformat(day)
    earlier = now or datetime(asked.year, asked.month, asked.day, tzinfo=UTC) - timedelta(days=20)
    free = rules.free_starts(calendar, SHARED, agendas, wanted, earlier, [asked])
    zone = zone_of(calendar.zone)
    assert all(start.astimezone(zone).date() == asked for start in free)
    return [f"{start.astimezone(zone):%H:%M}" for start in free]


def claimed(calendar: Calendar, local_start: str, wanted: Length) -> list[Agenda]:
    """The days with one booking that begins at a wall-clock time, such as ``2026-11-23T09:00``."""
    start = datetime.fromisoformat(local_start).replace(tzinfo=zone_of(calendar.zone)).astimezone(UTC)
    claim = Taken(
        starts_at=start,
        ends_at=start + wanted.slot,
        break_minutes=wanted.break_minutes,
        claim_id="bkg_1",
    )
    return claims.claimed(empty_days(local_start[:10]), claim)
