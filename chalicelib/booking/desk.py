"""The front desk: bookings that an admin makes for a customer, and everybody's notes of a booking."""

from datetime import UTC
from functools import partial

from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.booking import policy, store
from chalicelib.booking.model import Booking, PaymentUnclear, Who
from chalicelib.booking.service import Bookings
from chalicelib.booking.single import SingleBookings
from chalicelib.booking.slots import Slots
from chalicelib.booking.views import BookingRequest, DeskBookingRequest, NoteRequest, NotesView
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.actor import Actor
from chalicelib.core.permissions import Role
from chalicelib.core.versions import check_version
from chalicelib.platforms.service import Platforms
from chalicelib.table import read
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.table.read import Loaded

_NOTES = {Who.CUSTOMER: "customer_note", Who.EXPERT: "expert_note", Who.ADMIN: "admin_note"}


class Desk:
    def __init__(
        self,
        platforms: Platforms,
        accounts: Accounts,
        catalogue: Catalogue,
        bookings: Bookings,
        single: SingleBookings,
        slots: Slots,
    ) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._catalogue = catalogue
        self._bookings = bookings
        self._single = single
        self._slots = slots

    def book(self, operation: Operation, request: DeskBookingRequest) -> Answer:
        """Book for a customer, as he would himself; on the house nothing is paid, sold or drawn.

        ``AccountNotFound``, ``PaymentUnclear``, and what his own booking may be refused for.
        """
        customer = self.customer(operation.platform_id, request.customer_id)
        if request.pay_with == "on_the_house":
            return self._give(operation, customer, request)
        wanted = BookingRequest(
            starts_at=request.starts_at,
            package_id=request.package_id,
            expert_id=request.expert_id,
            pay_with=request.pay_with,
            assignment_id=request.assignment_id,
            participant=request.participant,
        )
        return self._single.book(operation.on_behalf_of(customer), wanted, request.note)

    def customer(self, platform_id: str, customer_id: str) -> Actor:
        """Whom an admin books for, as if he called himself. ``AccountNotFound``."""
        found = self._accounts.customer(platform_id, customer_id)
        roles = frozenset({Role.CUSTOMER})
        return Actor(id=found.id, platform_id=platform_id, roles=roles, country=found.country)

    def notes(self, actor: Actor, booking_id: str) -> NotesView:
        """The notes that the actor may read. ``BookingNotFound``."""
        loaded = read.batch([self._bookings.key(actor.platform_id, booking_id)])
        booking = self._bookings.load_owned(loaded, actor, booking_id)
        return NotesView.of(booking, policy.hand_of(booking, actor), booking.version)

    def edit_note(
        self, operation: Operation, booking_id: str, request: NoteRequest, edited_version: int
    ) -> Answer:
        """Replace one's own note of a booking, whatever its state. ``BookingNotFound``, ``Stale``."""
        wanted = [
            self._platforms.key(operation.platform_id),
            self._bookings.key(operation.platform_id, booking_id),
        ]
        decide = partial(self._noted, operation.actor, booking_id, request.note, edited_version)
        return perform(operation, wanted, decide)

    def _noted(
        self, actor: Actor, booking_id: str, note: str, edited_version: int, loaded: Loaded
    ) -> Decision:
        platform = self._platforms.load(loaded, actor.platform_id)
        booking = self._bookings.load_owned(loaded, actor, booking_id)
        check_version(booking.version, edited_version)
        who = policy.hand_of(booking, actor)
        edited: Booking = replace(booking, **{_NOTES[who]: note})
        return Decision(
            answer=NotesView.of(edited, who, edited.version + 1),
            writes=[store.saved_booking(edited, platform)],
        )

    def _give(self, operation: Operation, customer: Actor, request: DeskBookingRequest) -> Answer:
        for name in ("package_id", "expert_id"):
            if getattr(request, name) is None:
                raise PaymentUnclear(field=name)
        for name in ("assignment_id", "participant"):
            if getattr(request, name) is not None:
                raise PaymentUnclear(field=name)
        reads = [
            *self._slots.keys(operation.platform_id, str(request.expert_id), request.starts_at),
            self._catalogue.key(operation.platform_id, customer.country or ""),
        ]
        return perform(operation, reads, partial(self._given, customer, request))

    def _given(self, customer: Actor, request: DeskBookingRequest, loaded: Loaded) -> Decision:
        platform = self._platforms.load(loaded, customer.platform_id)
        package = self._catalogue.appointment_package(
            loaded, platform.id, customer.country or "", str(request.package_id)
        )
        return self._single.prepare_given(
            loaded,
            platform,
            customer.id,
            str(request.expert_id),
            package,
            request.starts_at.astimezone(UTC),
            request.note,
        )
