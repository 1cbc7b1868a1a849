"""Keeping the calendar: the week's hours, and the dates that differ."""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from chalicelib.accounts.model import ExpertNotFound
from chalicelib.accounts.service import Accounts
from chalicelib.calendar import claims, store
from chalicelib.calendar.model import (
    MAX_HORIZON_DAYS,
    Agenda,
    Calendar,
    DateException,
    DateNotEditable,
    Hours,
    HoursNotThatDay,
    LocationUnknown,
    PlatformCalendar,
    ZoneHasExceptions,
)
from chalicelib.calendar.rules import location_named
from chalicelib.calendar.views import CalendarRequest, CalendarView, ExceptionRequest, checked_locations
from chalicelib.calendar.zones import days_around, local_date, open_on, zone_of
from chalicelib.core.actor import Actor
from chalicelib.core.versions import check_version
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write

_DAY = timedelta(days=1)


class OpeningHours:
    """An expert edits his own calendar, an admin anybody's; for anyone else there is none."""

    def __init__(self, platforms: Platforms, accounts: Accounts) -> None:
        self._platforms = platforms
        self._accounts = accounts

    def calendar(self, actor: Actor, expert_id: str) -> CalendarView:
        """The calendar; one without hours, of version 0, before the first edit."""
        loaded = read.batch(self._keys(actor, expert_id))
        self._accounts.load_expert(loaded, actor.platform_id, expert_id)
        calendar = store.calendar(loaded, actor.platform_id, expert_id)
        return CalendarView.of(calendar, store.shared(loaded, actor.platform_id), calendar.version)

    def edit(
        self, operation: Operation, expert_id: str, request: CalendarRequest, edited_version: int
    ) -> Answer:
        """Replace the week; bookings that stand keep their time.

        ``ZoneUnknown``, ``HoursOverlap``, ``HoursEmpty``, ``ZoneHasExceptions``, ``LocationUnknown``.
        """
        weekly, locations = request.open_hours(), checked_locations(request.locations)
        zone_of(request.zone)

        def decide(loaded: Loaded) -> Decision:
            calendar, today = self._load(loaded, operation, expert_id, edited_version)
            if request.zone != calendar.zone and claims.has_exceptions_to_come(calendar, today):
                raise ZoneHasExceptions(field="zone")
            edited = replace(
                calendar,
                zone=request.zone,
                weekly=weekly,
                minimum_notice_minutes=request.minimum_notice_minutes,
                horizon_days=request.horizon_days,
                daily_maximum=request.daily_maximum,
                locations=locations,
            )
            shared = store.shared(loaded, operation.platform_id)
            _check_locations(edited, shared, weekly, "weekly")
            return _decision(edited, shared, [])

        return perform(operation, self._keys(operation.actor, expert_id), decide)

    def put_exception(
        self, operation: Operation, expert_id: str, day: date, request: ExceptionRequest, edited_version: int
    ) -> Answer:
        """Give a date hours of its own. ``ExceptionOverlapsBooking`` where that closes a booking's time.

        ``HoursNotThatDay`` where the clocks leave hours out, ``LocationUnknown``.
        """
        exception = DateException(date=day.isoformat(), hours=request.open_hours())

        def decide(loaded: Loaded) -> Decision:
            calendar, today = self._load(loaded, operation, expert_id, edited_version)
            if not today <= day <= today + MAX_HORIZON_DAYS * _DAY:
                raise DateNotEditable(field="path.date")
            shared = store.shared(loaded, operation.platform_id)
            _check_locations(calendar, shared, exception.hours, "hours")
            _check_there_that_day(calendar, day, exception.hours)
            agendas = store.agendas(loaded, operation.platform_id, expert_id, days_around(day))
            edited, changed = claims.with_exception(calendar, agendas, exception, today)
            return _decision(edited, shared, changed)

        return perform(operation, self._keys_with_agenda(operation, expert_id, day), decide)

    def remove_exception(
        self, operation: Operation, expert_id: str, day: date, edited_version: int
    ) -> Answer:
        """The week's hours hold again; bookings that stand keep their time. ``ExceptionNotFound``."""

        def decide(loaded: Loaded) -> Decision:
            calendar, today = self._load(loaded, operation, expert_id, edited_version)
            agendas = store.agendas(loaded, operation.platform_id, expert_id, days_around(day))
            edited, changed = claims.without_exception(calendar, agendas, day, today)
            return _decision(edited, store.shared(loaded, operation.platform_id), changed)

        return perform(operation, self._keys_with_agenda(operation, expert_id, day), decide)

    def _keys(self, actor: Actor, expert_id: str) -> list[Key]:
        """``ExpertNotFound`` for a calendar that is not the actor's to keep."""
        if not actor.is_admin() and actor.id != expert_id:
            raise ExpertNotFound
        return [
            self._platforms.key(actor.platform_id),
            self._accounts.key(actor.platform_id, expert_id),
            keys.calendar(actor.platform_id, expert_id),
            keys.platform_calendar(actor.platform_id),
        ]

    def _keys_with_agenda(self, operation: Operation, expert_id: str, day: date) -> list[Key]:
        wanted = self._keys(operation.actor, expert_id)
        return wanted + [keys.agenda(operation.platform_id, expert_id, utc) for utc in days_around(day)]

    def _load(
        self, loaded: Loaded, operation: Operation, expert_id: str, edited_version: int
    ) -> tuple[Calendar, date]:
        """The calendar that was edited, and today's date in its zone."""
        platform = self._platforms.load(loaded, operation.platform_id)
        self._accounts.load_expert(loaded, operation.platform_id, expert_id)
        calendar = store.calendar(loaded, operation.platform_id, expert_id)
        check_version(calendar.version, edited_version)
        return calendar, local_date(zone_of(calendar.zone), platform.now())


def _check_locations(calendar: Calendar, shared: PlatformCalendar, hours: Sequence[Hours], path: str) -> None:
    for place, entry in enumerate(hours):
        if entry.location_id and location_named(calendar, shared, entry.location_id) is None:
            raise LocationUnknown(field=f"{path}[{place}].location_id")


def _check_there_that_day(calendar: Calendar, day: date, hours: Sequence[Hours]) -> None:
    for place, entry in enumerate(hours):
        if not open_on(zone_of(calendar.zone), day, entry):
            raise HoursNotThatDay(field=f"hours[{place}].from")


def _decision(calendar: Calendar, shared: PlatformCalendar, agendas: list[Agenda]) -> Decision:
    writes: list[Write] = [store.saved_calendar(calendar), *map(store.saved_agenda, agendas)]
    return Decision(answer=CalendarView.of(calendar, shared, calendar.version + 1), writes=writes)
