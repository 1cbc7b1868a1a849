"""Reading bookings: each sees his own, an admin anybody's."""

from chalicelib.booking import store
from chalicelib.booking.model import BookingNotFound, ListNotNamed
from chalicelib.booking.service import Bookings
from chalicelib.booking.views import BookingsQuery, BookingsView, BookingView
from chalicelib.core.actor import Actor
from chalicelib.core.permissions import Role
from chalicelib.table import keys, read


class BookingLists:
    def __init__(self, bookings: Bookings) -> None:
        self._bookings = bookings

    def booking(self, actor: Actor, booking_id: str) -> BookingView:
        """One booking of the actor's. ``BookingNotFound``."""
        loaded = read.batch([self._bookings.key(actor.platform_id, booking_id)])
        booking = self._bookings.load_owned(loaded, actor, booking_id)
        return BookingView.of(booking, booking.version)

    def bookings(self, actor: Actor, asked: BookingsQuery, *, newest_first: bool = False) -> BookingsView:
        """A customer's or an expert's own; an admin's of whom he names. ``ListNotNamed``.

        The earliest first, unless it is read from its end.
        """
        expert_id, person_id = _whose(actor, asked)
        page = store.bookings_of(
            keys.of_expert if expert_id else keys.of_owner,
            actor.platform_id,
            person_id,
            asked.since,
            asked.until,
            limit=asked.limit,
            cursor=asked.cursor,
            newest_first=newest_first,
        )
        items = [BookingView.of(booking, booking.version) for booking in page.records]
        return BookingsView(items=items, cursor=page.cursor)


def _whose(actor: Actor, asked: BookingsQuery) -> tuple[bool, str]:
    """Whether it is an expert's list, and whose. Nobody but an admin may name somebody else."""
    named = [person_id for person_id in (asked.customer_id, asked.expert_id) if person_id]
    if actor.is_admin():
        if len(named) != 1:
            raise ListNotNamed
        return asked.expert_id is not None, named[0]
    if any(person_id != actor.id for person_id in named):
        raise BookingNotFound
    return Role.EXPERT in actor.roles, actor.id
