"""A booking for those who know its id: who may see it, what becomes of it, and of its call by phone."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.assignments.model import Assignment
from chalicelib.assignments.service import Assignments
from chalicelib.booking import store
from chalicelib.booking.model import Booking, BookingNotFound, BookingState, NoShow, SeriesNotFound
from chalicelib.core.actor import Actor
from chalicelib.core.ids import is_id
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.telephony.service import Phones


class Bookings:
    """What is done with a booking that is made; ``single.py``, ``series.py`` and ``by_card.py`` make them."""

    def __init__(self, assignments: Assignments, phones: Phones) -> None:
        self._assignments = assignments
        self._phones = phones

    def key(self, platform_id: str, booking_id: str) -> Key:
        """What to read to load a booking. ``BookingNotFound`` for what cannot be a booking's id."""
        if not is_id(booking_id, "bkg"):
            raise BookingNotFound
        return keys.booking(platform_id, booking_id)

    def load(self, loaded: Loaded, platform_id: str, booking_id: str) -> Booking:
        """The booking among what a use case read. ``BookingNotFound``."""
        booking = loaded.get(self.key(platform_id, booking_id), Booking)
        if booking is None:
            raise BookingNotFound
        return booking

    def load_owned(self, loaded: Loaded, actor: Actor, booking_id: str) -> Booking:
        """The same, if the actor is its customer, bought what it is made on, or is its expert or an admin."""
        booking = self.load(loaded, actor.platform_id, booking_id)
        is_customer = Role.CUSTOMER in actor.roles and actor.id in (booking.customer_id, booking.owner_id)
        is_expert = Role.EXPERT in actor.roles and booking.expert_id == actor.id
        if not (is_customer or is_expert or actor.is_admin()):
            raise BookingNotFound
        return booking

    def of_series(self, platform_id: str, series_id: str) -> list[Booking]:
        """The bookings that one request made, by the time at which it made them. ``SeriesNotFound``."""
        series = store.find_series(platform_id, series_id)
        if series is None:
            raise SeriesNotFound
        loaded = read.batch([self.key(platform_id, booking_id) for booking_id in series.booking_ids])
        return [self.load(loaded, platform_id, booking_id) for booking_id in series.booking_ids]

    def check_package_lasts(self, booking: Booking, starts_at: datetime) -> datetime | None:
        """As ``package_expires_at``; ``AssignmentClosed`` where that has come by then."""
        assignment = self._assignment_of(booking)
        if assignment is None:
            return None
        assignment.check_lasts(starts_at)
        return assignment.expires_at

    def package_expires_at(self, booking: Booking) -> datetime | None:
        """When the package expires that it is made on, if that ever does; one get where it is made on one."""
        assignment = self._assignment_of(booking)
        return assignment.expires_at if assignment else None

    def _assignment_of(self, booking: Booking) -> Assignment | None:
        if booking.assignment_id is None:
            return None
        return self._assignments.find(booking.platform_id, booking.assignment_id)

    def prepare_complete(self, booking: Booking, at: datetime, call: timedelta) -> list[Write]:
        """The session was held: its part of a package is captured. ``BookingNotOpen``.

        ``call`` is how long both were there, and so what is captured where it was by phone.
        """
        over = self.prepare_call_over(booking, at, call)
        return [*self._prepare_closed(booking.closed(BookingState.COMPLETED, at)), *over]

    def prepare_miss(self, booking: Booking, at: datetime, no_show: NoShow = NoShow.BOTH) -> list[Write]:
        """Somebody did not come in time: the session counts as used. ``BookingNotOpen``."""
        missed = replace(booking.closed(BookingState.MISSED, at), no_show=no_show)
        return [*self._prepare_closed(missed), *self.prepare_call_over(booking, at)]

    def prepare_call(self, platform: Platform, booking: Booking) -> list[Write]:
        """Both are there: where it is by phone, they are called now."""
        return self._phones.prepare_start(platform, booking.id) if booking.by_phone else []

    def call_is_refused(self, booking: Booking) -> bool:
        """Where it is by phone: whether the provider of calls will not make its call. At most one get."""
        return booking.by_phone and self._phones.is_refused(booking.platform_id, booking.id)

    def prepare_call_over(self, booking: Booking, at: datetime, call: timedelta = timedelta()) -> list[Write]:
        """Where it is by phone, what the call did not take of what was set aside is free again."""
        if not booking.by_phone:
            return []
        return self._phones.prepare_settle(booking.platform_id, booking.id, call, at)

    def _prepare_closed(self, booking: Booking) -> list[Write]:
        writes = [store.closed_booking(booking)]
        if booking.assignment_id is not None:
            assignment = self._assignments.find(booking.platform_id, booking.assignment_id)
            writes += self._assignments.prepare_capture(assignment, booking.id)
        return writes
