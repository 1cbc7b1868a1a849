"""What all experts of a platform share: the dates on which nobody is open, and the places."""

from collections.abc import Callable
from datetime import date, timedelta

from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.accounts.views import ListQuery
from chalicelib.calendar import rules, store
from chalicelib.calendar.model import (
    MAX_HOLIDAYS,
    MAX_HORIZON_DAYS,
    DateNotEditable,
    Holiday,
    HolidayNotFound,
    PlatformCalendar,
    TooManyHolidays,
)
from chalicelib.calendar.shared_views import (
    HolidayRequest,
    LocationsRequest,
    PlatformCalendarView,
    StandingList,
    StandingQuery,
    StandingView,
)
from chalicelib.calendar.views import checked_locations
from chalicelib.calendar.zones import days_around, local_date, zone_of
from chalicelib.core.actor import Actor
from chalicelib.core.permissions import Role
from chalicelib.core.versions import check_version
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.table.read import Loaded

_DAY = timedelta(days=1)
_EXPERTS_A_PAGE = 20  # a calendar and three days of each: one batch read


class SharedCalendars:
    """An admin closes dates for everybody, and names the platform's locations.

    A holiday leaves bookings where they are; ``standing`` tells which begin on it. One that is decided at
    the very moment of the edit may still be made.
    """

    def __init__(self, platforms: Platforms, accounts: Accounts) -> None:
        self._platforms = platforms
        self._accounts = accounts

    def calendar(self, actor: Actor) -> PlatformCalendarView:
        """The holidays to come and the locations."""
        shared = store.shared(read.batch([keys.platform_calendar(actor.platform_id)]), actor.platform_id)
        return PlatformCalendarView.of(shared, shared.version)

    def close(self, operation: Operation, day: date, request: HolidayRequest, edited_version: int) -> Answer:
        """Nobody is open on the date. ``DateNotEditable``, ``TooManyHolidays``."""

        def edit(shared: PlatformCalendar, today: date) -> PlatformCalendar:
            if not today - _DAY <= day <= today + MAX_HORIZON_DAYS * _DAY:
                raise DateNotEditable(field="path.date")
            others = [each for each in _to_come(shared, today) if each.date != day.isoformat()]
            if len(others) >= MAX_HOLIDAYS:
                raise TooManyHolidays
            closed = Holiday(date=day.isoformat(), name=request.name.strip())
            return replace(shared, holidays=sorted([*others, closed], key=lambda each: each.date))

        return self._edit(operation, edited_version, edit)

    def open(self, operation: Operation, day: date, edited_version: int) -> Answer:
        """The experts' own hours hold again on the date. ``HolidayNotFound``."""

        def edit(shared: PlatformCalendar, today: date) -> PlatformCalendar:
            if not shared.is_closed(day.isoformat()):
                raise HolidayNotFound
            kept = [each for each in _to_come(shared, today) if each.date != day.isoformat()]
            return replace(shared, holidays=kept)

        return self._edit(operation, edited_version, edit)

    def put_locations(self, operation: Operation, request: LocationsRequest, edited_version: int) -> Answer:
        """Replace the platform's locations; bookings keep theirs. ``LocationRepeated``."""
        locations = checked_locations(request.locations)
        return self._edit(operation, edited_version, lambda shared, _: replace(shared, locations=locations))

    def standing(self, actor: Actor, day: date, asked: StandingQuery) -> StandingList:
        """The bookings that begin on a date, by each expert's own zone, for a page of experts."""
        query = ListQuery(limit=_EXPERTS_A_PAGE, cursor=asked.cursor)
        experts = self._accounts.people(actor.platform_id, Role.EXPERT, query)
        days = days_around(day)
        wanted = [
            key
            for expert in experts.items
            for key in (
                keys.calendar(actor.platform_id, expert.id),
                *(keys.agenda(actor.platform_id, expert.id, utc) for utc in days),
            )
        ]
        loaded = read.batch(wanted)
        items = [
            standing
            for expert in experts.items
            for standing in _standing(loaded, actor.platform_id, expert.id, day, days)
        ]
        return StandingList(items=items, cursor=experts.cursor)

    def _edit(
        self,
        operation: Operation,
        edited_version: int,
        edit: Callable[[PlatformCalendar, date], PlatformCalendar],
    ) -> Answer:
        platform_id = operation.platform_id

        def decide(loaded: Loaded) -> Decision:
            today = self._platforms.load(loaded, platform_id).now().date()
            shared = store.shared(loaded, platform_id)
            check_version(shared.version, edited_version)
            edited = edit(shared, today)
            view = PlatformCalendarView.of(edited, edited.version + 1)
            return Decision(answer=view, writes=[store.saved_shared(edited)])

        wanted = [self._platforms.key(platform_id), keys.platform_calendar(platform_id)]
        return perform(operation, wanted, decide)


def _to_come(shared: PlatformCalendar, today: date) -> list[Holiday]:
    """``today`` is UTC's: its yesterday is some zone's today."""
    return [each for each in shared.holidays if each.date >= (today - _DAY).isoformat()]


def _standing(
    loaded: Loaded, platform_id: str, expert_id: str, day: date, days: list[str]
) -> list[StandingView]:
    zone = zone_of(store.calendar(loaded, platform_id, expert_id).zone)
    taken = rules.taken_of(store.agendas(loaded, platform_id, expert_id, days))
    return [StandingView.of(expert_id, claim) for claim in taken if local_date(zone, claim.starts_at) == day]
