"""Booking an appointment: with credits, or as a further session of a package bought before."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import msgspec
from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.assignments.model import Assignment, NoPackageFits, Wanted
from chalicelib.assignments.service import Assignments
from chalicelib.booking import rules, store
from chalicelib.booking.drafts import Notes, confirmed, on_package
from chalicelib.booking.model import CONFIRMATION_MAILED, Booking, NotSoldForCredits, PaymentUnclear
from chalicelib.booking.news import mails
from chalicelib.booking.selling import Selling
from chalicelib.booking.slots import Slots
from chalicelib.booking.unpaid import reported
from chalicelib.booking.views import BookingRequest, BookingView
from chalicelib.calendar.service import Calendars
from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.core.actor import Actor
from chalicelib.core.ids import new_id
from chalicelib.orders.lines import SALE_REPORTED
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table.keys import Key
from chalicelib.table.operation import Answer, Decision, Effect, Operation, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


class SingleBookings:
    """A booking is one batch read and one transaction; price, share and country are the server's."""

    def __init__(
        self,
        platforms: Platforms,
        accounts: Accounts,
        calendars: Calendars,
        assignments: Assignments,
        slots: Slots,
        selling: Selling,
    ) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._calendars = calendars
        self._assignments = assignments
        self._slots = slots
        self._selling = selling

    def book(self, operation: Operation, request: BookingRequest, admin_note: str = "") -> Answer:
        """Book a slot (E1, E15), and buy the package where it is not bought yet.

        ``PaymentUnclear``; then what ``_buy`` and ``_use`` may refuse.
        """
        purchase = request.purchase()
        notes = Notes(customer=request.note, admin=admin_note)
        if purchase is None:
            return self._use(operation, request, notes)
        return self._buy(operation, *purchase, request.starts_at, notes)

    def _buy(
        self, operation: Operation, package_id: str, expert_id: str, starts_at: datetime, notes: Notes
    ) -> Answer:
        """Buy the package and book its first session.

        ``PackageNotOnSale``, ``AppointmentsInactive``, ``ExpertNotInPackage``, ``NOT_BOOKABLE`` by phone,
        ``NotSoldForCredits``, ``SlotNotOffered``, ``SlotTaken``; ``InsufficientCredits``, which is reported.
        """
        slot = self._slots.keys(operation.platform_id, expert_id, starts_at)
        decide = partial(self._bought, operation.actor, package_id, expert_id, starts_at, notes)
        with reported(operation):
            return perform(operation, [*slot, *self._selling.wallet_keys(operation.actor)], decide)

    def _bought(
        self,
        actor: Actor,
        package_id: str,
        expert_id: str,
        starts_at: datetime,
        notes: Notes,
        loaded: Loaded,
    ) -> Decision:
        platform = self._platforms.load(loaded, actor.platform_id)
        expert = self._accounts.load_expert(loaded, platform.id, expert_id)
        package = self._selling.package(loaded, actor, package_id)
        self._calendars.check_bookable(platform, package, expert_id)
        if package.credits is None:
            raise NotSoldForCredits(field="package_id")
        unpaid = confirmed(platform, actor.id, expert_id, package, starts_at, notes)
        booking = self._slots.placed(loaded, unpaid)
        claim = self._slots.prepare_claim(loaded, platform, booking)
        spent = self._selling.prepare_payment(loaded, platform, booking, expert, package.credits)
        sale = rules.sale_for_credits(new_id("sal"), booking, expert.share_basis_points, spent.parts)
        booking, assigned = self._selling.prepare_bought(booking, sale, spent.parts)
        effect = Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(sale))
        return _decision(booking, platform, [*spent.writes, *claim, *assigned], [effect])

    def _use(self, operation: Operation, request: BookingRequest, notes: Notes) -> Answer:
        """Book a session of a package with no new payment (D10, E35): of the one named, or of one that fits.

        ``AssignmentNotFound``, ``NoPackageFits``, ``ServiceNotInPackage``, ``AssignmentClosed``,
        ``AssignmentEmpty``, ``ServiceUsedUp``, ``ParticipantUnknown``, ``AppointmentsInactive``,
        ``SlotNotOffered``, ``SlotTaken``; ``PaymentUnclear`` where nothing fits and nothing else is named.
        """
        platform_id, actor = operation.platform_id, operation.actor
        wanted_id = request.assignment_id
        named = self._assignments.find_owned(actor, wanted_id) if wanted_id else None
        wanted = request.wanted(named)
        among = self._assignments.keys_among(actor, named)
        reads = [*self._slots.keys(platform_id, wanted.expert_id, wanted.starts_at), *among]
        decide = partial(self._used, actor, named, among, wanted, notes)
        try:
            return perform(operation, reads, decide)
        except NoPackageFits:
            if request.pay_with is None:
                raise PaymentUnclear(field="pay_with") from None
            raise

    def _used(
        self,
        actor: Actor,
        named: Assignment | None,
        among: list[Key],
        wanted: Wanted,
        notes: Notes,
        loaded: Loaded,
    ) -> Decision:
        platform = self._platforms.load(loaded, actor.platform_id)
        now, booking_id = platform.now(), new_id("bkg")
        self._accounts.load_expert(loaded, platform.id, wanted.expert_id)
        assignment = self._assignments.choose(loaded, actor, named, among, wanted, now)
        drawn = self._assignments.prepare_draw(assignment, wanted, [booking_id], actor.id, now)
        self._calendars.check_bookable(platform, drawn.package, wanted.expert_id)
        comes = drawn.comes or actor.id
        unpaid = confirmed(platform, comes, wanted.expert_id, drawn.package, wanted.starts_at, notes)
        on_it = on_package(replace(unpaid, id=booking_id), drawn, drawn.draws[0])
        booking = self._slots.placed(loaded, on_it)
        claim = self._slots.prepare_claim(loaded, platform, booking, assignment.expires_at)
        return _decision(booking, platform, [*claim, *drawn.writes], [])

    def prepare_given(
        self,
        loaded: Loaded,
        platform: Platform,
        customer_id: str,
        expert_id: str,
        package: AppointmentPackage,
        starts_at: datetime,
        note: str,
    ) -> Decision:
        """A booking on the house, else as ``book`` makes one; the caller has read the slot's ``keys``."""
        self._accounts.load_expert(loaded, platform.id, expert_id)
        self._calendars.check_bookable(platform, package, expert_id)
        notes = Notes(admin=note)
        plain = confirmed(platform, customer_id, expert_id, package, starts_at, notes)
        booking = replace(self._slots.placed(loaded, plain), paid_with="on_the_house")
        return _decision(booking, platform, self._slots.prepare_claim(loaded, platform, booking), [])


def _decision(
    booking: Booking, platform: Platform, writes: Sequence[Write], effects: Sequence[Effect]
) -> Decision:
    return Decision(
        answer=BookingView.of(booking, booking.version + 1),
        writes=[*writes, store.open_booking(booking, platform)],
        # Mails last: what is between a mail and the note that it was sent may send it again.
        effects=[*effects, *mails(CONFIRMATION_MAILED, booking)],
    )
