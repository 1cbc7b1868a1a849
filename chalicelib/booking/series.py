"""Recurring bookings: up to forty in one transaction, or a refusal that names each start that cannot be."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import msgspec
from msgspec.structs import replace

from chalicelib.accounts.model import Account
from chalicelib.accounts.service import Accounts
from chalicelib.assignments.model import Assignment, NoPackageFits, Wanted
from chalicelib.assignments.service import Assignments
from chalicelib.booking import rules, store
from chalicelib.booking.desk import Desk
from chalicelib.booking.drafts import Notes, on_package, sessions_of
from chalicelib.booking.model import Booking, NotSoldForCredits, PaymentUnclear, Series, SeriesTooLong
from chalicelib.booking.news import series_mails
from chalicelib.booking.selling import Selling
from chalicelib.booking.series_starts import Plan, Starts
from chalicelib.booking.series_views import DeskSeriesRequest, SeriesRequest, SeriesView
from chalicelib.booking.unpaid import reported
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.actor import Actor
from chalicelib.core.ids import new_id
from chalicelib.orders.lines import SALE_REPORTED
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table.keys import Key
from chalicelib.table.operation import Answer, Decision, Effect, Operation, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import MAX_WRITES, Write
from chalicelib.wallet.model import SpentPart

_ANY_START = datetime(2000, 1, 1, tzinfo=UTC)


class RecurringBookings:
    """A series is one transaction: one spend, each day saved once, one mail to each person."""

    def __init__(
        self,
        platforms: Platforms,
        accounts: Accounts,
        catalogue: Catalogue,
        assignments: Assignments,
        selling: Selling,
        starts: Starts,
        desk: Desk,
    ) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._catalogue = catalogue
        self._assignments = assignments
        self._selling = selling
        self._starts = starts
        self._desk = desk

    def book(self, operation: Operation, request: SeriesRequest, admin_note: str = "") -> Answer:
        """Book all the starts or none, with credits or on a package.

        ``StartsUnclear``, ``SeriesNotFree``, ``SeriesTooLong``, and what one booking
        may be refused for.
        """
        notes = Notes(customer=request.note, admin=admin_note)
        purchase = request.one(_ANY_START).purchase()
        if purchase is None:
            return self._use(operation, request, notes)
        starts = self._starts.of(operation.platform_id, purchase[1], request)
        plan = Plan(operation.actor, *purchase, starts, notes)
        reads = [*self._starts.keys(plan), *self._selling.wallet_keys(plan.actor)]
        with reported(operation):
            return perform(operation, reads, partial(self._bought, plan))

    def book_for(self, operation: Operation, request: DeskSeriesRequest) -> Answer:
        """The same for a customer, by an admin. ``AccountNotFound``."""
        customer = self._desk.customer(operation.platform_id, request.customer_id)
        if request.pay_with == "on_the_house":
            return self._give(operation, customer, request)
        wanted = SeriesRequest(
            starts_at=request.starts_at,
            weekly=request.weekly,
            package_id=request.package_id,
            expert_id=request.expert_id,
            pay_with=request.pay_with,
            assignment_id=request.assignment_id,
            participant=request.participant,
        )
        return self.book(operation.on_behalf_of(customer), wanted, request.note)

    def _give(self, operation: Operation, customer: Actor, request: DeskSeriesRequest) -> Answer:
        package_id, expert_id = request.given()
        starts = self._starts.of(operation.platform_id, expert_id, request)
        plan = Plan(customer, package_id, expert_id, starts, Notes(admin=request.note))
        on_sale = self._catalogue.key(operation.platform_id, customer.country or "")
        return perform(operation, [*self._starts.keys(plan), on_sale], partial(self._given, plan))

    def _use(self, operation: Operation, request: SeriesRequest, notes: Notes) -> Answer:
        platform_id, actor = operation.platform_id, operation.actor
        wanted_id = request.assignment_id
        named = self._assignments.find_owned(actor, wanted_id) if wanted_id else None
        one = request.one(_ANY_START).wanted(named)
        starts = self._starts.of(platform_id, one.expert_id, request)
        wanted = replace(one, starts_at=starts[-1].starts_at, sessions=len(starts))
        among = self._assignments.keys_among(actor, named)
        plan = Plan(actor, wanted.package_id, wanted.expert_id, starts, notes)
        decide = partial(self._used, plan, named, among, wanted)
        try:
            return perform(operation, [*self._starts.keys(plan), *among], decide)
        except NoPackageFits:
            if request.pay_with is None:
                raise PaymentUnclear(field="pay_with") from None
            raise

    def _bought(self, plan: Plan, loaded: Loaded) -> Decision:
        platform = self._platforms.load(loaded, plan.actor.platform_id)
        expert = self._accounts.load_expert(loaded, platform.id, plan.expert_id)
        package = self._selling.package(loaded, plan.actor, plan.package_id)
        bookings, claims = self._starts.claimed(loaded, platform, plan, package, plan.actor.id)
        if package.credits is None:
            raise NotSoldForCredits(field="package_id")
        if package.sessions > 1:
            return self._package_bought(loaded, platform, expert, bookings, claims)
        spent = self._selling.prepare_payment(
            loaded, platform, bookings[0], expert, package.credits, len(bookings)
        )
        paid = rules.portions(spent.parts, package.credits)
        sold = [_sold(booking, expert, parts) for booking, parts in zip(bookings, paid, strict=True)]
        return _decision(platform, sold, claims, spent.writes)

    def _package_bought(
        self,
        loaded: Loaded,
        platform: Platform,
        expert: Account,
        bookings: Sequence[Booking],
        claims: Sequence[Write],
    ) -> Decision:
        """One package of several sessions, which the first booking buys and each draws on (E13, E35)."""
        first, price = replace(bookings[0], series_id=None), bookings[0].package.credits or 0
        spent = self._selling.prepare_payment(loaded, platform, first, expert, price)
        buying = replace(_sold(bookings[0], expert, spent.parts), spent=[])
        if buying.sale is None:
            raise ValueError(f"{buying.id} was sold without a sale")
        assignment = sessions_of(buying, buying.sale)
        for booking in bookings:
            assignment = assignment.holding(booking.id, booking.package.id)
        numbered = [
            replace(booking, assignment_id=assignment.id, ordinal=draw.ordinal, total=assignment.total)
            for booking, draw in zip([buying, *bookings[1:]], assignment.held, strict=True)
        ]
        on_it = [numbered[0], *(replace(booking, paid_with="assignment") for booking in numbered[1:])]
        kept = self._assignments.prepare_given(assignment)
        return _decision(platform, on_it, claims, [*spent.writes, *kept])

    def _used(
        self, plan: Plan, named: Assignment | None, among: list[Key], wanted: Wanted, loaded: Loaded
    ) -> Decision:
        platform, actor = self._platforms.load(loaded, plan.actor.platform_id), plan.actor
        assignment = self._assignments.choose(loaded, actor, named, among, wanted, platform.now())
        ids = [new_id("bkg") for _ in plan.starts]
        drawn = self._assignments.prepare_draw(assignment, wanted, ids, actor.id, platform.now())
        comes, until = drawn.comes or actor.id, assignment.expires_at
        bookings, claims = self._starts.claimed(loaded, platform, plan, drawn.package, comes, ids, until)
        on_it = [on_package(each, drawn, draw) for each, draw in zip(bookings, drawn.draws, strict=True)]
        return _decision(platform, on_it, claims, drawn.writes)

    def _given(self, plan: Plan, loaded: Loaded) -> Decision:
        platform, customer = self._platforms.load(loaded, plan.actor.platform_id), plan.actor
        package = self._catalogue.appointment_package(
            loaded, platform.id, customer.country or "", plan.package_id
        )
        bookings, claims = self._starts.claimed(loaded, platform, plan, package, customer.id)
        given = [replace(booking, paid_with="on_the_house") for booking in bookings]
        return _decision(platform, given, claims, [])


def _sold(booking: Booking, expert: Account, spent: Sequence[SpentPart]) -> Booking:
    sale = rules.sale_for_credits(new_id("sal"), booking, expert.share_basis_points, spent)
    return replace(booking, sale=sale, spent=list(spent))


def _decision(
    platform: Platform, bookings: Sequence[Booking], claims: Sequence[Write], paid: Sequence[Write]
) -> Decision:
    first = bookings[0]
    series = Series(
        id=str(first.series_id),
        platform_id=platform.id,
        customer_id=first.customer_id,
        expert_id=first.expert_id,
        booking_ids=[booking.id for booking in bookings],
        created_at=first.created_at,
        owner_id=first.owner_id,
    )
    shared = [*paid, store.created_series(series)]
    each = [*claims, *(store.open_booking(booking, platform) for booking in bookings)]
    room = MAX_WRITES - 1 - len(shared)  # beside the receipt
    if len(each) > room:
        raise SeriesTooLong(at_most=len(bookings) * room // len(each))
    sales = [msgspec.to_builtins(booking.sale) for booking in bookings if booking.sale]
    reported = [Effect(kind=SALE_REPORTED, payload=sale) for sale in sales]
    return Decision(
        answer=SeriesView.of(series.id, bookings),
        writes=[*shared, *each],
        effects=[*reported, *series_mails(series, first.people)],
    )
