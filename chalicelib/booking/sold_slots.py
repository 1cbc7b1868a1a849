"""For whom free slots are asked that is no buyer: who books on what he has bought, or moves a booking."""

from chalicelib.assignments.service import Assignments
from chalicelib.booking import policy
from chalicelib.booking.model import BookingNotFound
from chalicelib.booking.service import Bookings
from chalicelib.calendar.model import SlotsUnclear
from chalicelib.calendar.offers import Offer
from chalicelib.calendar.slot_views import SlotsQuery
from chalicelib.core.actor import Actor
from chalicelib.platforms.model import Platform
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded


class SoldSlots:
    """The calendar's ``Offers`` of what is sold: the package as it was sold (E39), while it lasts."""

    def __init__(self, assignments: Assignments, bookings: Bookings) -> None:
        self._assignments = assignments
        self._bookings = bookings

    def keys(self, actor: Actor, asked: SlotsQuery) -> list[Key]:
        """The booking, or the assignment. ``BookingNotFound``."""
        if asked.booking_id is not None:
            return [self._bookings.key(actor.platform_id, asked.booking_id)]
        return [self._assignments.key(actor.platform_id, asked.assignment_id or "")]

    def load(
        self, loaded: Loaded, platform: Platform, actor: Actor, expert_id: str, asked: SlotsQuery
    ) -> Offer:
        """As ``SingleBookings`` and ``Changes`` decide, but for the start."""
        if asked.booking_id is not None:
            return self._to_move(loaded, platform, actor, expert_id, asked.booking_id)
        return self._to_book(loaded, platform, actor, expert_id, asked)

    def _to_book(
        self, loaded: Loaded, platform: Platform, actor: Actor, expert_id: str, asked: SlotsQuery
    ) -> Offer:
        """A further session. ``SlotsUnclear`` where it covers several services and none is named.

        ``AssignmentNotFound``, ``ServiceNotInPackage``, ``AssignmentClosed``, ``AssignmentEmpty``,
        ``ServiceUsedUp``.
        """
        assignment = self._assignments.load_visible(loaded, actor, asked.assignment_id or "")
        package_id = asked.package_id or assignment.only_service
        if package_id is None:
            raise SlotsUnclear(field="package_id")
        package = self._assignments.bookable(assignment, package_id, expert_id, platform.now())
        return Offer(package=package, until=assignment.expires_at)

    def _to_move(
        self, loaded: Loaded, platform: Platform, actor: Actor, expert_id: str, booking_id: str
    ) -> Offer:
        """Another start with its expert. ``BookingNotFound``, also with another expert.

        ``BookingNotOpen``, ``BookingBegan``, ``RescheduleTooLate``, ``RescheduledTooOften``.
        """
        booking = self._bookings.load_owned(loaded, actor, booking_id)
        if booking.expert_id != expert_id:
            raise BookingNotFound
        now, who = platform.now(), policy.hand_of(booking, actor)
        policy.check_changeable(booking, now)
        policy.check_movable(booking, who, now, platform.settings)
        until = self._bookings.package_expires_at(booking)
        return Offer(package=booking.package, until=until, moved=booking.claim)
