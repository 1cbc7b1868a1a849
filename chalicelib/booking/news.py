"""What the people of a booking, or of a series, are told of it by mail and in their feeds."""

from datetime import datetime

from chalicelib.booking.model import (
    CANCELLATION_MAILED,
    CONFIRMATION_MAILED,
    MOVE_MAILED,
    REMINDER_MAILED,
    SERIES_MAILED,
    Booking,
    Series,
    Told,
)
from chalicelib.feed.model import NoticeKind
from chalicelib.feed.service import notice
from chalicelib.table.operation import Effect

_NOTICES = {
    CONFIRMATION_MAILED: NoticeKind.BOOKING_CONFIRMED,
    CANCELLATION_MAILED: NoticeKind.BOOKING_CANCELLED,
    MOVE_MAILED: NoticeKind.BOOKING_MOVED,
    REMINDER_MAILED: NoticeKind.BOOKING_REMINDER,
}


def mails(kind: str, booking: Booking, at: datetime | None = None, **more: str) -> list[Effect]:
    """One for each of its people, after the notice in his feed; ``at`` is when it happened."""
    happened_at = at or booking.closed_at or booking.created_at
    notices = [
        notice(each, _NOTICES[kind], happened_at, booking_id=booking.id, starts_at=booking.starts_at)
        for each in booking.people.values()
    ]
    letters = [
        Effect(kind=kind, payload={"booking_id": booking.id, "to": to.value} | more) for to in booking.people
    ]
    return [*notices, *letters]


def series_mails(series: Series, people: dict[Told, str]) -> list[Effect]:
    """One for each of its people, after the notice in his feed."""
    return [
        *(
            notice(
                each,
                NoticeKind.SERIES_CONFIRMED,
                series.created_at,
                series_id=series.id,
                bookings=len(series.booking_ids),
            )
            for each in people.values()
        ),
        *(Effect(kind=SERIES_MAILED, payload={"series_id": series.id, "to": to.value}) for to in people),
    ]
