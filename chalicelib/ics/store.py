"""Where the addresses of calendars stand. Nothing here commits."""

from chalicelib.ics.model import CalendarFeed
from chalicelib.table import keys, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.transact import Write


class CalendarFeedItem(Item, discriminator="calendar-feed"):
    record = RecordAttribute(CalendarFeed)


def saved(record: CalendarFeed) -> Write:
    return transact.save(
        CalendarFeedItem.of(keys.calendar_feed(record.platform_id, record.account_id), record)
    )
