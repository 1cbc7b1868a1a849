"""From a booking to the line of a calendar: the same appointment for whoever reads it."""

from chalicelib.accounts.model import Account, Locale
from chalicelib.booking.model import BookingState
from chalicelib.booking.views import BookingView
from chalicelib.ics.document import Event, Party, Status
from chalicelib.ics.words import session_of
from chalicelib.platforms.model import Platform

# A pending one holds the time while its payment page is open, and may still come to nothing.
_STATUS = {BookingState.CANCELLED: Status.CANCELLED, BookingState.PENDING: Status.TENTATIVE}


def event(
    booking: BookingView,
    platform: Platform,
    sender: str,
    other: str,
    locale: Locale,
    attendee: Account | None = None,
) -> Event:
    """``other`` is whom the reader meets, ``locale`` his own; ``sender`` the address that mails come from.

    The time is the session's own, without its break. The booking's version counts its changes, so what is
    moved or called off later has a higher sequence.
    """
    session = session_of(booking.ordinal, booking.total, locale)
    return Event(
        uid=f"{booking.id}@{platform.id}.seans",
        sequence=booking.version - 1,
        status=_STATUS.get(booking.state, Status.CONFIRMED),
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        summary=f"{booking.package.title} – {other}",
        description="\n".join(part for part in (platform.name, session, booking.id) if part),
        location=_location(booking),
        organizer=Party(name=platform.name, email=sender),
        attendee=Party(name=attendee.name, email=attendee.email) if attendee else None,
    )


def _location(booking: BookingView) -> str:
    if booking.location is None:
        return ""
    return ", ".join(part for part in (booking.location.name, booking.location.address) if part)
