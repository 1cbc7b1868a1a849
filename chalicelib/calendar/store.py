"""Where calendars and agendas stand. Nothing here commits."""

from collections.abc import Iterable
from datetime import date, datetime

from chalicelib.calendar.model import Agenda, Calendar, PlatformCalendar
from chalicelib.calendar.zones import utc_days
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


class CalendarItem(Item, discriminator="calendar"):
    record = RecordAttribute(Calendar)


class AgendaItem(Item, discriminator="agenda"):
    record = RecordAttribute(Agenda)


class PlatformCalendarItem(Item, discriminator="platform-calendar"):
    record = RecordAttribute(PlatformCalendar)


def calendar(loaded: Loaded, platform_id: str, expert_id: str) -> Calendar:
    """The expert's calendar; one without hours, of version 0, where none is stored yet."""
    found = loaded.get(keys.calendar(platform_id, expert_id), Calendar)
    return found or Calendar(platform_id=platform_id, expert_id=expert_id)


def shared(loaded: Loaded, platform_id: str) -> PlatformCalendar:
    """The platform's holidays and locations; none, of version 0, before the first edit."""
    found = loaded.get(keys.platform_calendar(platform_id), PlatformCalendar)
    return found or PlatformCalendar(platform_id=platform_id)


def agenda_keys(platform_id: str, expert_id: str, starts_at: datetime, ends_at: datetime) -> list[Key]:
    """The UTC days that ``[starts_at, ends_at)`` touches."""
    return [keys.agenda(platform_id, expert_id, day) for day in utc_days(starts_at, ends_at)]


def agendas(loaded: Loaded, platform_id: str, expert_id: str, days: Iterable[str]) -> list[Agenda]:
    """One for each day; an empty one, of version 0, where none is stored yet."""
    return [
        loaded.get(keys.agenda(platform_id, expert_id, day), Agenda)
        or Agenda(platform_id=platform_id, expert_id=expert_id, day=day)
        for day in days
    ]


def stored_agendas(platform_id: str, expert_id: str, first: date, last: date) -> list[Agenda]:
    """The agendas of these UTC days, both ends included: one query."""
    ends = [keys.agenda(platform_id, expert_id, day.isoformat()) for day in (first, last)]
    return list(read.query_all(ends[0].pk, between=(ends[0].sk, ends[1].sk)))


def saved_calendar(record: Calendar) -> Write:
    return transact.save(CalendarItem.of(keys.calendar(record.platform_id, record.expert_id), record))


def saved_shared(record: PlatformCalendar) -> Write:
    return transact.save(PlatformCalendarItem.of(keys.platform_calendar(record.platform_id), record))


def saved_agenda(record: Agenda) -> Write:
    """The day in the place of the one that was read; what took or closed time since makes it stale."""
    key = keys.agenda(record.platform_id, record.expert_id, record.day)
    return transact.save(AgendaItem.of(key, record))
