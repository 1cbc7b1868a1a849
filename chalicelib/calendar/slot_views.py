"""The outward shapes of free slots."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field

from chalicelib.calendar.model import (
    Agenda,
    Calendar,
    Location,
    PlatformCalendar,
    SlotsUnclear,
)
from chalicelib.calendar.rules import cut_at, location_at, open_intervals, taken_of
from chalicelib.calendar.views import LocationBody
from chalicelib.calendar.zones import zone_of
from chalicelib.catalogue.model import AppointmentPackage, AppointmentType, WhenItEnds


class SlotsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dates of the expert's zone, both included. A customer sees packages of his own country."""

    package_id: Annotated[str, Meta(max_length=64)] | None = None
    assignment_id: (
        Annotated[
            str,
            Meta(
                max_length=64,
                description="To book on a package that is bought already: for its client, those who may "
                "come on it, and admins. With package_id where it covers several services.",
            ),
        ]
        | None
    ) = None
    booking_id: (
        Annotated[
            str,
            Meta(max_length=64, description="To move this booking: for its parties and admins; no other id."),
        ]
        | None
    ) = None
    first: date = field(name="from")
    last: date = field(name="to")
    country: Annotated[str, Meta(max_length=2, description="For experts and admins.")] | None = None

    def is_of_sold(self) -> bool:
        """Whether they are of what is sold already, else of what is on sale. ``SlotsUnclear``."""
        if self.booking_id is not None:
            for name in ("package_id", "assignment_id"):
                if getattr(self, name) is not None:
                    raise SlotsUnclear(field=name)
            return True
        if self.assignment_id is None and self.package_id is None:
            raise SlotsUnclear(field="package_id")
        return self.assignment_id is not None


class SlotView(Struct, frozen=True, kw_only=True):
    """The session is ``[starts_at, ends_at)``, and the break, which is never sold, follows it.

    ``local_start`` is the expert's wall clock with its offset; ``location`` is where a face-to-face session
    is held.
    """

    starts_at: datetime
    ends_at: datetime
    break_minutes: int
    break_ends_at: datetime
    local_start: str
    location: LocationBody | None
    cut_at: Annotated[
        datetime | None,
        Meta(
            description="Where the expert's next booking begins, if a session of full service time that is "
            "joined late would run into it: as things stand, it ends there."
        ),
    ]

    @classmethod
    def of(
        cls,
        starts_at: datetime,
        package: AppointmentPackage,
        zone: ZoneInfo,
        location: Location | None,
        taken_starts: Sequence[datetime],
    ) -> Self:
        duration = timedelta(minutes=package.duration_minutes)
        ends_at = starts_at + duration
        return cls(
            cut_at=cut_at(taken_starts, starts_at, duration),
            starts_at=starts_at,
            ends_at=ends_at,
            break_minutes=package.break_minutes,
            break_ends_at=ends_at + timedelta(minutes=package.break_minutes),
            local_start=starts_at.astimezone(zone).isoformat(timespec="seconds"),
            location=LocationBody.of(location) if location else None,
        )


class SlotsView(Struct, frozen=True, kw_only=True):
    """All free slots of the dates, in order; the list is bounded by the dates and has no further page."""

    zone: str
    items: list[SlotView]
    cursor: None = None

    @classmethod
    def of(
        cls,
        calendar: Calendar,
        shared: PlatformCalendar,
        agendas: Sequence[Agenda],
        package: AppointmentPackage,
        days: Sequence[date],
        free: Sequence[datetime],
    ) -> Self:
        hours = []
        if package.appointment_type is AppointmentType.FACE_TO_FACE:
            hours = [each for day in days for each in open_intervals(calendar, shared, agendas, day)]
        zone = zone_of(calendar.zone)
        full_time = package.when_it_ends is WhenItEnds.FULL_SERVICE_TIME
        taken_starts = [claim.starts_at for claim in taken_of(agendas)] if full_time else []
        items = [
            SlotView.of(start, package, zone, location_at(calendar, shared, hours, start), taken_starts)
            for start in free
        ]
        return cls(zone=calendar.zone, items=items)
