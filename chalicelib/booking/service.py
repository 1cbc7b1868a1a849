"""Booking an appointment: with credits, or as a further session of a package bought before."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
from msgspec.structs import replace

from chalicelib.accounts.model import Account
from chalicelib.accounts.service import Accounts
from chalicelib.assignments.model import Assignment, Cover, Draw, NoPackageFits, Source, Wanted
from chalicelib.assignments.service import Assignments, Drawing
from chalicelib.booking import policy, rules, store
from chalicelib.booking.model import (
    CANCELLATION_MAILED,
    CONFIRMATION_MAILED,
    MOVE_MAILED,
    REMINDER_MAILED,
    SERIES_MAILED,
    Booking,
    BookingNotFound,
    BookingState,
    NoShow,
    NotSoldForCredits,
    PaymentUnclear,
    Series,
    SeriesNotFound,
    Told,
)
from chalicelib.booking.unpaid import Unpaid, report
from chalicelib.booking.views import BookingRequest, BookingView
from chalicelib.calendar.service import Calendars
from chalicelib.catalogue.model import AppointmentPackage, AppointmentType
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.actor import Actor
from chalicelib.core.ids import is_id, new_id
from chalicelib.core.permissions import Role
from chalicelib.feed.model import NoticeKind
from chalicelib.feed.service import notice
from chalicelib.orders.model import SALE_REPORTED, Sale
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.operation import Answer, Decision, Effect, Operation, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.telephony.service import Phones
from chalicelib.wallet.model import InsufficientCredits, Journal, SpentPart
from chalicelib.wallet.service import Movement, Wallets

_NOTICES = {
    CONFIRMATION_MAILED: NoticeKind.BOOKING_CONFIRMED,
    CANCELLATION_MAILED: NoticeKind.BOOKING_CANCELLED,
    MOVE_MAILED: NoticeKind.BOOKING_MOVED,
    REMINDER_MAILED: NoticeKind.BOOKING_REMINDER,
}


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """What is noted of a booking as it is made."""

    customer: str = ""
    admin: str = ""


class Bookings:
    """A booking is one batch read and one transaction; price, share and country are the server's."""

    def __init__(
        self,
        platforms: Platforms,
        accounts: Accounts,
        catalogue: Catalogue,
        wallets: Wallets,
        calendars: Calendars,
        assignments: Assignments,
        phones: Phones,
    ) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._catalogue = catalogue
        self._wallets = wallets
        self._calendars = calendars
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

    def book(self, operation: Operation, request: BookingRequest, admin_note: str = "") -> Answer:
        """Book a slot (E1, E15), and buy the package where it is not bought yet.

        ``PaymentUnclear``; then what ``_buy`` and ``_use`` may refuse.
        """
        purchase = request.purchase()
        notes = Notes(customer=request.note, admin=admin_note)
        if purchase is None:
            return self._use(operation, request, notes)
        return self._buy(operation, *purchase, request.starts_at, notes)

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

    def _buy(
        self, operation: Operation, package_id: str, expert_id: str, starts_at: datetime, notes: Notes
    ) -> Answer:
        """Buy the package and book its first session.

        ``PackageNotOnSale``, ``AppointmentsInactive``, ``ExpertNotInPackage``, ``NOT_BOOKABLE`` by phone,
        ``NotSoldForCredits``, ``SlotNotOffered``, ``SlotTaken``; ``InsufficientCredits``, which is reported.
        """
        slot = self.slot_keys(operation.platform_id, expert_id, starts_at)
        decide = partial(self._bought, operation.actor, package_id, expert_id, starts_at, notes)
        try:
            return perform(operation, [*slot, *self.wallet_keys(operation.actor)], decide)
        except Unpaid as unpaid:
            report(operation, unpaid)
            raise unpaid.refusal from None

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
        package = self.package(loaded, actor, package_id)
        self._calendars.check_bookable(platform, package, expert_id)
        if package.credits is None:
            raise NotSoldForCredits(field="package_id")
        booking = self.placed(loaded, confirmed(platform, actor.id, expert_id, package, starts_at, notes))
        claim = self.prepare_claim(loaded, platform, booking)
        spent = self.prepare_payment(loaded, platform, booking, expert, package.credits)
        sale = rules.sale_for_credits(
            new_id("sal"),
            platform.id,
            actor.id,
            expert_id,
            package,
            expert.share_basis_points,
            spent.parts,
            booking.created_at,
        )
        booking, assigned = self.prepare_bought(booking, sale, spent.parts)
        effect = Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(sale))
        return _decision(booking, platform, [*spent.writes, *claim, *assigned], [effect])

    def _use(self, operation: Operation, request: BookingRequest, notes: Notes) -> Answer:
        """Book a session of a package with no new payment (D10, E35): of the one named, or of one that fits.

        ``AssignmentNotFound``, ``NoPackageFits``, ``ServiceNotInPackage``, ``AssignmentClosed``,
        ``AssignmentEmpty``, ``ServiceUsedUp``, ``ParticipantUnknown``, ``AppointmentsInactive``,
        ``SlotNotOffered``, ``SlotTaken``; ``PaymentUnclear`` where nothing fits and nothing else is named.
        """
        platform_id, actor = operation.platform_id, operation.actor
        named = request.assignment_id and self._assignments.find_owned(actor, request.assignment_id)
        wanted = request.wanted(named or None)
        among = (
            [self._assignments.key(platform_id, named.id)]
            if named
            else self._assignments.keys_of(platform_id, actor.id)
        )
        reads = [*self.slot_keys(platform_id, wanted.expert_id, wanted.starts_at), *among]
        decide = partial(self._used, actor, named.id if named else None, among, wanted, notes)
        try:
            return perform(operation, reads, decide)
        except NoPackageFits:
            if request.pay_with is None:
                raise PaymentUnclear(field="pay_with") from None
            raise

    def _used(
        self,
        actor: Actor,
        named: str | None,
        among: list[Key],
        wanted: Wanted,
        notes: Notes,
        loaded: Loaded,
    ) -> Decision:
        platform = self._platforms.load(loaded, actor.platform_id)
        now, booking_id = platform.now(), new_id("bkg")
        self._accounts.load_expert(loaded, platform.id, wanted.expert_id)
        assignment = (
            self._assignments.load_owned(loaded, actor, named)
            if named
            else self._assignments.choose(loaded, among, actor.id, wanted, now)
        )
        drawn = self._assignments.prepare_draw(assignment, wanted, [booking_id], actor.id, now)
        self._calendars.check_bookable(platform, drawn.package, wanted.expert_id)
        comes = drawn.comes or actor.id
        unpaid = confirmed(platform, comes, wanted.expert_id, drawn.package, wanted.starts_at, notes)
        booking = self.placed(loaded, on_package(replace(unpaid, id=booking_id), drawn, drawn.draws[0]))
        claim = self.prepare_claim(loaded, platform, booking)
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
        """A booking on the house; the caller has read its ``slot_keys``. As ``book``, but for the payment."""
        self._accounts.load_expert(loaded, platform.id, expert_id)
        self._calendars.check_bookable(platform, package, expert_id)
        notes = Notes(admin=note)
        plain = confirmed(platform, customer_id, expert_id, package, starts_at, notes)
        booking = replace(self.placed(loaded, plain), paid_with="on_the_house")
        return _decision(booking, platform, self.prepare_claim(loaded, platform, booking), [])

    def wallet_keys(self, actor: Actor) -> list[Key]:
        """What to read to sell for the actor's credits, beside the slot."""
        return [
            self._accounts.key(actor.platform_id, actor.id),
            self._catalogue.key(actor.platform_id, actor.country or ""),
            self._wallets.key(actor.platform_id, actor.id),
        ]

    def check_package_lasts(self, booking: Booking, starts_at: datetime) -> None:
        """``AssignmentClosed`` where the package that it is made on has expired by then."""
        if booking.assignment_id is not None:
            self._assignments.check_lasts(booking.platform_id, booking.assignment_id, starts_at)

    def slot_keys(self, platform_id: str, expert_id: str, starts_at: datetime) -> list[Key]:
        """What to read to claim a slot."""
        return [
            self._platforms.key(platform_id),
            self._accounts.key(platform_id, expert_id),
            self._calendars.key(platform_id, expert_id),
            *self._calendars.agenda_keys(platform_id, expert_id, starts_at),
        ]

    def package(self, loaded: Loaded, actor: Actor, package_id: str) -> AppointmentPackage:
        """What is sold in the customer's country (A21); his account knows it, his token may be older."""
        country = self._accounts.load(loaded, actor.platform_id, actor.id).country
        if country != actor.country:
            loaded = read.batch([self._catalogue.key(actor.platform_id, country)])
        return self._catalogue.appointment_package(loaded, actor.platform_id, country, package_id)

    def prepare_claim(self, loaded: Loaded, platform: Platform, booking: Booking) -> list[Write]:
        """The booking's time taken of its expert's; the caller has read its ``slot_keys``.

        Where it is by phone, what its call may cost is set aside too.
        """
        claimed = self._calendars.prepare_claim(
            loaded,
            platform,
            booking.expert_id,
            booking.starts_at,
            booking.package.duration_minutes,
            booking.package.break_minutes,
            booking.id,
            face_to_face=booking.package.appointment_type is AppointmentType.FACE_TO_FACE,
        )
        return [*claimed, *self.prepare_calls(platform, [booking])]

    def prepare_calls(self, platform: Platform, bookings: Sequence[Booking]) -> list[Write]:
        """What the calls of bookings by phone may cost is set aside; all are of one pair and package."""
        first = bookings[0]
        if not first.by_phone:
            return []
        people, minutes = (first.customer_id, first.expert_id), first.package.duration_minutes
        ids = [booking.id for booking in bookings]
        return self._phones.prepare_reserve(platform, ids, *people, minutes)

    def prepare_call(self, platform: Platform, booking: Booking) -> list[Write]:
        """Both are there: where it is by phone, they are called now."""
        return self._phones.prepare_start(platform, booking.id) if booking.by_phone else []

    def prepare_call_over(self, booking: Booking, at: datetime, call: timedelta = timedelta()) -> list[Write]:
        """Where it is by phone, what the call did not take of what was set aside is free again."""
        if not booking.by_phone:
            return []
        return self._phones.prepare_settle(booking.platform_id, booking.id, call, at)

    def placed(self, loaded: Loaded, booking: Booking) -> Booking:
        """The booking with the location that stands at its start; a later edit moves it no more."""
        location = self._calendars.location(
            loaded, booking.platform_id, booking.expert_id, booking.package, booking.starts_at
        )
        return replace(booking, location=location)

    def prepare_payment(
        self,
        loaded: Loaded,
        platform: Platform,
        booking: Booking,
        expert: Account,
        price_credits: int,
        count: int = 1,
    ) -> Movement:
        """The price in credits, from the customer's wallet to expert and platform (E12). ``Unpaid``.

        ``booking`` stands for all ``count`` of its series, each of which costs as much.
        """
        paid = {"series_id": booking.series_id} if booking.series_id else {"booking_id": booking.id}
        journal = Journal(
            operation=f"book:{booking.series_id or booking.id}",
            kind="booking",
            at=booking.created_at,
            reference=paid | {"package_id": booking.package.id, "expert_id": expert.id},
            memo=booking.package.title,
        )
        wallet = self._wallets.load(loaded, platform.id, booking.customer_id)
        into = rules.shared_out(price_credits, expert.share_basis_points, expert.id, count)
        order = platform.settings.spend_order
        try:
            return self._wallets.prepare_spend(wallet, count * price_credits, into, journal, order=order)
        except InsufficientCredits as refusal:
            payment = rules.failed_payment(new_id("fpm"), booking, count * price_credits)
            raise Unpaid(refusal, payment) from refusal

    def prepare_bought(
        self, booking: Booking, sale: Sale, spent: Sequence[SpentPart] = ()
    ) -> tuple[Booking, list[Write]]:
        """One sale gives all sessions of the package (E13), and the booking draws the first.

        A single one that credits paid is not kept: it comes back as credits. By card it is, since money goes
        back by a refund of its order alone.
        """
        if booking.package.sessions == 1 and spent:
            return replace(booking, sale=sale, spent=list(spent)), []
        assignment = sessions_of(booking, sale)
        kept = self._assignments.prepare_bought(assignment, booking.id)
        numbered = replace(booking, sale=sale, assignment_id=assignment.id, ordinal=1, total=assignment.total)
        return numbered, kept

    def prepare_withdrawn(self, booking: Booking, *, all_of_them: bool) -> list[Write]:
        """The sessions of its package are taken back with the money, or given again with it."""
        assignment = self._assignments.find(booking.platform_id, str(booking.assignment_id))
        return self._assignments.prepare_withdraw(assignment, assignment.total if all_of_them else 0)

    def _prepare_closed(self, booking: Booking) -> list[Write]:
        writes = [store.closed_booking(booking)]
        if booking.assignment_id is not None:
            assignment = self._assignments.find(booking.platform_id, booking.assignment_id)
            writes += self._assignments.prepare_capture(assignment, booking.id)
        return writes


def confirmed(
    platform: Platform,
    customer_id: str,
    expert_id: str,
    package: AppointmentPackage,
    starts_at: datetime,
    notes: Notes,
) -> Booking:
    """A booking of the package as it is sold now (E39), which is still to be claimed and paid."""
    start, now = starts_at.astimezone(UTC), platform.now()
    return Booking(
        id=new_id("bkg"),
        platform_id=platform.id,
        customer_id=customer_id,
        expert_id=expert_id,
        package=package,
        starts_at=start,
        ends_at=start + timedelta(minutes=package.duration_minutes),
        paid_with="credits",
        created_at=now,
        remind_at=policy.next_reminder(start, now, platform.settings),
        customer_note=notes.customer,
        admin_note=notes.admin,
    )


def sessions_of(booking: Booking, sale: Sale) -> Assignment:
    """What the sale gives: the package's sessions, none of them drawn yet."""
    return Assignment(
        id=new_id("asg"),
        platform_id=booking.platform_id,
        customer_id=booking.customer_id,
        source=Source.APPOINTMENT_PACKAGE,
        product_id=booking.package.id,
        name=booking.package.title,
        covers=[Cover(package=booking.package)],
        expert_id=booking.expert_id,
        sale_id=sale.id,
        order_id=booking.order_id,
        total=booking.package.sessions,
        created_at=sale.sold_at,
    )


def on_package(booking: Booking, drawn: Drawing, draw: Draw) -> Booking:
    """The booking with the session that it takes, and who comes; who bought is not always who comes."""
    assignment = drawn.assignment
    is_his = booking.customer_id == assignment.customer_id
    return replace(
        booking,
        paid_with="assignment",
        assignment_id=assignment.id,
        ordinal=draw.ordinal,
        total=assignment.total,
        participant=drawn.participant.name if drawn.participant else None,
        owner_id=None if is_his else assignment.customer_id,
    )


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


def _decision(
    booking: Booking, platform: Platform, writes: Sequence[Write], effects: Sequence[Effect]
) -> Decision:
    return Decision(
        answer=BookingView.of(booking, booking.version + 1),
        writes=[*writes, store.open_booking(booking, platform)],
        # Mails last: what is between a mail and the note that it was sent may send it again.
        effects=[*effects, *mails(CONFIRMATION_MAILED, booking)],
    )
