"""Which starts a series has, whether each of them is free, and the expert's time that they take."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.booking.drafts import Notes, confirmed
from chalicelib.booking.model import Booking, StartsUnclear
from chalicelib.booking.series_views import DeskSeriesRequest, SeriesRequest
from chalicelib.booking.slots import Slots
from chalicelib.calendar.series import Occurrence, prepare_claims, weekly
from chalicelib.calendar.service import Calendars
from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.core.actor import Actor
from chalicelib.core.ids import new_id
from chalicelib.platforms.model import Platform
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


class Plan(msgspec.Struct, frozen=True):
    """Which starts of whom, by whom, and what is noted of each."""

    actor: Actor
    package_id: str
    expert_id: str
    starts: list[Occurrence]
    notes: Notes


class Starts:
    """The starts that a request asks for, and the expert's time that they take."""

    def __init__(self, accounts: Accounts, calendars: Calendars, slots: Slots) -> None:
        self._accounts = accounts
        self._calendars = calendars
        self._slots = slots

    def of(
        self, platform_id: str, expert_id: str, request: SeriesRequest | DeskSeriesRequest
    ) -> list[Occurrence]:
        """By time. ``StartsUnclear``; ``SlotNotOffered`` for one that no calendar reaches."""
        if (request.starts_at is None) == (request.weekly is None):
            raise StartsUnclear(field="starts_at")
        named = request.starts_at or [request.weekly.first] if request.weekly else request.starts_at or []
        for starts_at in named:
            self._calendars.agenda_keys(platform_id, expert_id, starts_at)
        if request.weekly is None:
            return [Occurrence(starts_at=each.astimezone(UTC)) for each in sorted(named)]
        zone, repeated = self._calendars.zone(platform_id, expert_id), request.weekly
        return weekly(zone, repeated.first, repeated.every_weeks, repeated.count)

    def keys(self, plan: Plan) -> list[Key]:
        place = plan.actor.platform_id, plan.expert_id
        return [key for each in plan.starts for key in self._slots.keys(*place, each.starts_at)]

    def claimed(
        self,
        loaded: Loaded,
        platform: Platform,
        plan: Plan,
        package: AppointmentPackage,
        customer_id: str,
        ids: Sequence[str] = (),
        until: datetime | None = None,
    ) -> tuple[list[Booking], list[Write]]:
        """A booking of each start, and the expert's time that they take."""
        self._accounts.load_expert(loaded, platform.id, plan.expert_id)
        self._calendars.check_bookable(platform, package, plan.expert_id)
        ids = ids or [new_id("bkg") for _ in plan.starts]
        wanted = list(zip(ids, plan.starts, strict=True))
        claims = prepare_claims(loaded, platform, plan.expert_id, package, wanted, until)
        series_id, who = new_id("srs"), (customer_id, plan.expert_id)
        bookings = []
        for booking_id, each in wanted:
            plain = confirmed(platform, *who, package, each.starts_at, plan.notes)
            bookings.append(self._slots.placed(loaded, replace(plain, id=booking_id, series_id=series_id)))
        return bookings, [*claims, *self._slots.prepare_calls(platform, bookings)]
