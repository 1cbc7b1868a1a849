"""The outward shapes of what all experts of a platform share."""

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct

from chalicelib.calendar.model import (
    MAX_HOLIDAYS,
    PlatformCalendar,
    Taken,
)
from chalicelib.calendar.views import HolidayView, LocationBody, Locations
from chalicelib.core.patterns import END


class HolidayRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the platform is closed for."""

    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=rf"^[^\x00-\x1f\x7f]+{END}")]


class LocationsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All locations of the platform; hours at one that is left out serve online appointments alone."""

    locations: Locations


class PlatformCalendarView(Struct, frozen=True, kw_only=True):
    """The holidays to come and the locations; ``version`` is 0 before the first edit."""

    holidays: Annotated[list[HolidayView], Meta(max_length=MAX_HOLIDAYS)]
    locations: list[LocationBody]
    version: int

    @classmethod
    def of(cls, shared: PlatformCalendar, version: int) -> Self:
        return cls(
            holidays=[HolidayView(date=each.date, name=each.name) for each in shared.holidays],
            locations=[LocationBody.of(location) for location in shared.locations],
            version=version,
        )


class StandingQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of experts."""

    cursor: Annotated[str, Meta(max_length=2048)] | None = None


class StandingView(Struct, frozen=True, kw_only=True):
    """A booking that begins on the date. It stands until somebody moves or cancels it."""

    booking_id: str
    expert_id: str
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, expert_id: str, claim: Taken) -> Self:
        return cls(
            booking_id=claim.claim_id,
            expert_id=expert_id,
            starts_at=claim.starts_at,
            ends_at=claim.session_ends_at,
        )


class StandingList(Struct, frozen=True, kw_only=True):
    """Those of a page of experts; there may be none on a page that is not the last."""

    items: list[StandingView]
    cursor: str | None
