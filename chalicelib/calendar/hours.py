"""Keeping the calendar: the week's hours, and the dates that differ."""

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
    ZoneHasExceptions,
)
from chalicelib.calendar.views import CalendarRequest, CalendarView, ExceptionRequest
from chalicelib.calendar.zones import local_date, zone_of
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
        return CalendarView.of(calendar, calendar.version)

    def edit(
        self, operation: Operation, expert_id: str, request: CalendarRequest, edited_version: int
    ) -> Answer:
        """Replace the week; bookings that stand keep their time.

        ``ZoneUnknown``, ``HoursOverlap``, ``HoursEmpty``, ``ZoneHasExceptions``.
        """
        weekly = request.open_hours()
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
            )
            return _decision(edited, [])

        return perform(operation, self._keys(operation.actor, expert_id), decide)

    def put_exception(
        self, operation: Operation, expert_id: str, day: date, request: ExceptionRequest, edited_version: int
    ) -> Answer:
        """Give a date hours of its own. ``ExceptionOverlapsBooking`` where that closes a booking's time."""
        exception = DateException(date=day.isoformat(), hours=request.open_hours())

        def decide(loaded: Loaded) -> Decision:
            calendar, today = self._load(loaded, operation, expert_id, edited_version)
            if not today <= day <= today + MAX_HORIZON_DAYS * _DAY:
                raise DateNotEditable(field="path.date")
            agendas = store.agendas(loaded, operation.platform_id, expert_id, _days_around(day))
            return _decision(*claims.with_exception(calendar, agendas, exception, today))

        return perform(operation, self._keys_with_agenda(operation, expert_id, day), decide)

    def remove_exception(
        self, operation: Operation, expert_id: str, day: date, edited_version: int
    ) -> Answer:
        """The week's hours hold again; bookings that stand keep their time. ``ExceptionNotFound``."""

        def decide(loaded: Loaded) -> Decision:
            calendar, today = self._load(loaded, operation, expert_id, edited_version)
            agendas = store.agendas(loaded, operation.platform_id, expert_id, _days_around(day))
            return _decision(*claims.without_exception(calendar, agendas, day, today))

        return perform(operation, self._keys_with_agenda(operation, expert_id, day), decide)

    def _keys(self, actor: Actor, expert_id: str) -> list[Key]:
        """``ExpertNotFound`` for a calendar that is not the actor's to keep."""
        if not actor.is_admin() and actor.id != expert_id:
            raise ExpertNotFound
        return [
            self._platforms.key(actor.platform_id),
            self._accounts.key(actor.platform_id, expert_id),
            keys.calendar(actor.platform_id, expert_id),
        ]

    def _keys_with_agenda(self, operation: Operation, expert_id: str, day: date) -> list[Key]:
        wanted = self._keys(operation.actor, expert_id)
        return wanted + [keys.agenda(operation.platform_id, expert_id, utc) for utc in _days_around(day)]

    def _load(
        self, loaded: Loaded, operation: Operation, expert_id: str, edited_version: int
    ) -> tuple[Calendar, date]:
        """The calendar that was edited, and today's date in its zone."""
        platform = self._platforms.load(loaded, operation.platform_id)
        self._accounts.load_expert(loaded, operation.platform_id, expert_id)
        calendar = store.calendar(loaded, operation.platform_id, expert_id)
        check_version(calendar.version, edited_version)
        return calendar, local_date(zone_of(calendar.zone), platform.now())


def _days_around(day: date) -> list[str]:
    """The UTC days that a local date can touch in any zone. ``DateNotEditable`` at the ends of time."""
    if not date.min + _DAY < day < date.max - _DAY:
        raise DateNotEditable(field="path.date")
    return [(day + count * _DAY).isoformat() for count in (-1, 0, 1)]


def _decision(calendar: Calendar, agendas: list[Agenda]) -> Decision:
    writes: list[Write] = [store.saved_calendar(calendar), *map(store.saved_agenda, agendas)]
    return Decision(answer=CalendarView.of(calendar, calendar.version + 1), writes=writes)
