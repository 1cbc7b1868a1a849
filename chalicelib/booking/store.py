"""Where bookings stand. Nothing here commits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.booking.model import Booking, BookingState, Series, SessionBegan
from chalicelib.platforms.model import Platform
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.read import Page
from chalicelib.table.transact import Write

BOOKING = "BOOKING"
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


class BookingItem(Item, discriminator="booking"):
    record = RecordAttribute(Booking)


class SeriesItem(Item, discriminator="series"):
    record = RecordAttribute(Series)


def created_series(series: Series) -> Write:
    return transact.create(SeriesItem.of(keys.series(series.platform_id, series.id), series))


def find_series(platform_id: str, series_id: str) -> Series | None:
    """One consistent get."""
    return read.get(keys.series(platform_id, series_id), Series)


def open_booking(booking: Booking, platform: Platform) -> Write:
    """A booking that stands; the sweeper looks at it when its people are reminded of it, or miss it."""
    due_at = booking.remind_at or booking.ends_at + timedelta(minutes=platform.settings.no_show_minutes)
    if platform.sandbox:
        work = keys.sandbox_work(platform.id, booking.id, due_at)
    else:
        work = keys.work(booking.id, due_at)
    return transact.save(_item(booking, work))


def pending_booking(booking: Booking) -> Write:
    """A booking that waits for its order, which has the sweeper look after both."""
    return transact.save(_item(booking, None))


def saved_booking(booking: Booking, platform: Platform) -> Write:
    """A booking in whichever state it is."""
    if booking.state is BookingState.CONFIRMED:
        return open_booking(booking, platform)
    return closed_booking(booking)


def nobody_joined(booking: Booking) -> Write:
    """That nobody joins the session meanwhile, nor has. ``SessionBegan``."""
    return transact.absent(Item, keys.session(booking.platform_id, booking.id), SessionBegan())


def closed_booking(booking: Booking) -> Write:
    """A booking in its last state; the sweeper has nothing to do with it any more."""
    return transact.save(_item(booking, None))


def bookings_of(
    of_person: Callable[..., Key],
    platform_id: str,
    person_id: str,
    since: datetime | None,
    until: datetime | None,
    **page: Any,
) -> Page:
    """A person's that begin in ``[since, until)``; ``of_person`` is ``keys.of_owner`` or ``of_expert``."""
    index = "GSI1" if of_person is keys.of_owner else "GSI2"
    first, last = (of_person(platform_id, person_id, BOOKING, at, "") for at in _bounds(since, until))
    return read.query(first.pk, index=index, between=(first.sk, last.sk), **page)


def _item(booking: Booking, work: Key | None) -> BookingItem:
    platform_id, at = booking.platform_id, booking.starts_at
    return BookingItem.of(
        keys.booking(platform_id, booking.id),
        booking,
        owner=keys.of_owner(platform_id, booking.customer_id, BOOKING, at, booking.id),
        expert=keys.of_expert(platform_id, booking.expert_id, BOOKING, at, booking.id),
        work=work,
    )


def _bounds(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """Instants that no booking can have are moved to where the first and the last could be."""
    return _within(since, _FIRST), max(_within(until, _LAST), _within(since, _FIRST))


def _within(instant: datetime | None, default: datetime) -> datetime:
    if instant is None:
        return default
    if not _FIRST.year <= instant.year < _LAST.year:
        return _FIRST if instant.year < _FIRST.year else _LAST
    return instant
