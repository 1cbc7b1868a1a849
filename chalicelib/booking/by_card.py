"""Appointments by card: the slot is held while the payment page is open, and sold when the money has come."""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from chalicelib.accounts.model import ExpertNotFound
from chalicelib.accounts.service import Accounts
from chalicelib.booking import policy, rules, store
from chalicelib.booking.model import (
    CONFIRMATION_MAILED,
    Booking,
    BookingState,
    ChoiceMissing,
    NotSoldForMoney,
)
from chalicelib.booking.service import Bookings, mails
from chalicelib.calendar.model import (
    AppointmentsInactive,
    ExpertNotInPackage,
    PhoneUnavailable,
    SlotNotOffered,
    SlotTaken,
)
from chalicelib.calendar.service import Calendars
from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.actor import Actor
from chalicelib.core.clock import stamp
from chalicelib.core.errors import Refusal
from chalicelib.core.ids import new_id
from chalicelib.core.payments import Purchase
from chalicelib.orders import journal
from chalicelib.orders.fulfilment import CannotDeliver, Delivery, Offer, check_choices
from chalicelib.orders.model import SALE_REPORTED, Order
from chalicelib.orders.reversals import Reversal, reversed_sale
from chalicelib.orders.views import OrderRequest
from chalicelib.platforms.model import Platform
from chalicelib.table.keys import Key
from chalicelib.table.operation import Effect
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.wallet.model import Posting


class AppointmentFulfilment:
    """Satisfies ``Fulfilment``. The order's details name the booking, so that each step reads it at once.

    The sale gives the package's sessions, one of which the booking draws.
    """

    refusals: tuple[type[Refusal], ...] = (
        AppointmentsInactive,
        ChoiceMissing,
        ExpertNotFound,
        ExpertNotInPackage,
        NotSoldForMoney,
        PackageNotOnSale,
        PhoneUnavailable,
        SlotNotOffered,
        SlotTaken,
    )

    def __init__(
        self, accounts: Accounts, catalogue: Catalogue, calendars: Calendars, bookings: Bookings
    ) -> None:
        self._accounts = accounts
        self._catalogue = catalogue
        self._calendars = calendars
        self._bookings = bookings

    def wanted_keys(self, actor: Actor, request: OrderRequest) -> list[Key]:
        """``ChoiceMissing``; ``SlotNotOffered`` for a start that no calendar reaches."""
        expert_id, starts_at = _chosen(request)
        return [
            self._accounts.key(actor.platform_id, expert_id),
            self._catalogue.key(actor.platform_id, actor.country or ""),
            self._calendars.key(actor.platform_id, expert_id),
            *self._calendars.agenda_keys(actor.platform_id, expert_id, starts_at),
        ]

    def offer(self, loaded: Loaded, platform: Platform, actor: Actor, request: OrderRequest) -> Offer:
        """The package for its fee, with this expert at this time."""
        check_choices(request, "expert_id", "starts_at")
        expert_id, starts_at = _chosen(request)
        self._accounts.load_expert(loaded, platform.id, expert_id)
        package = self._catalogue.appointment_package(
            loaded, platform.id, actor.country or "", request.package_id
        )
        self._calendars.check_bookable(platform, package, expert_id)
        if package.fee is None:
            raise NotSoldForMoney(field="package_id")
        return Offer(
            product=msgspec.to_builtins(package),
            name=package.title,
            price=package.fee,
            details={"booking_id": new_id("bkg"), "expert_id": expert_id, "starts_at": stamp(starts_at)},
        )

    def keys(self, purchase: Purchase) -> list[Key]:
        """The booking, its expert, and the days that its time may touch."""
        expert_id = purchase.details["expert_id"]
        starts_at = datetime.fromisoformat(purchase.details["starts_at"])
        return [
            self._bookings.key(purchase.platform_id, purchase.details["booking_id"]),
            self._accounts.key(purchase.platform_id, expert_id),
            *self._calendars.agenda_keys(purchase.platform_id, expert_id, starts_at),
        ]

    def reserve(self, order: Order, loaded: Loaded, platform: Platform) -> list[Write]:
        """The slot is the buyer's while he pays. ``SlotNotOffered``, ``SlotTaken``."""
        pending = self._bookings.placed(loaded, _pending(order, platform))
        claimed = self._bookings.prepare_claim(loaded, platform, pending)
        return [*claimed, store.pending_booking(pending)]

    def deliver(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        """The sale, its sessions, and the booking confirmed. ``CannotDeliver`` where its time was let go."""
        expert = self._accounts.load_expert(loaded, platform.id, order.details["expert_id"])
        pending = self._bookings.load(loaded, platform.id, order.details["booking_id"])
        if pending.state is not BookingState.PENDING:
            raise CannotDeliver
        sale = rules.sale_by_card(order, pending.package, expert, platform.now())
        reported = Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(sale))
        money = _money(order, expert.id, order.price.amount, sale.parts[0].share)
        entry = journal.posted(order, f"fulfil:{order.id}", "appointment_sale", money, platform.now())
        reminded = policy.next_reminder(pending.starts_at, platform.now(), platform.settings)
        confirmed = replace(pending, state=BookingState.CONFIRMED, remind_at=reminded)
        booking, assigned = self._bookings.prepare_bought(confirmed, sale)
        return Delivery(
            writes=[*assigned, store.open_booking(booking, platform), entry],
            effects=[reported, *mails(CONFIRMATION_MAILED, booking)],
        )

    def reverse(self, order: Order, reversal: Reversal, loaded: Loaded, platform: Platform) -> Delivery:
        """The sale's reversing line, with the expert's share as sold (B41).

        When all the money has gone back, the sessions go with it, those that are booked when they come free.
        """
        booking = self._bookings.load(loaded, platform.id, order.details["booking_id"])
        if booking.sale is None:
            raise ValueError(f"{booking.id} was delivered without a sale")
        line = reversed_sale(booking.sale, reversal, platform.now())
        money = _money(order, booking.expert_id, -reversal.amount, line.parts[0].share)
        operation = f"reverse:{order.id}:{reversal.id}"
        entry = journal.posted(order, operation, "refund", money, platform.now())
        writes = [entry]
        if reversal.price.amount in (reversal.before, reversal.before + reversal.amount):
            writes += self._bookings.prepare_withdrawn(booking, all_of_them=reversal.amount > 0)
        return Delivery(
            writes=writes, effects=[Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(line))]
        )

    def release(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        """Nobody paid: the time is free again."""
        pending = self._bookings.load(loaded, platform.id, order.details["booking_id"])
        if pending.state is not BookingState.PENDING:
            return Delivery()
        claim, ended = pending.claim, replace(pending, state=BookingState.CANCELLED, closed_at=platform.now())
        released = self._calendars.prepare_release(
            loaded, platform.id, pending.expert_id, claim.starts_at, claim.ends_at, pending.id
        )
        return Delivery(writes=[store.closed_booking(ended), *released])


def _money(order: Order, expert_id: str, amount: int, share: int) -> list[Posting]:
    """The money came from the provider, or went back: the expert's share of it, and the platform's rest."""
    currency = order.price.currency
    amounts = {f"provider:{order.provider}": -amount, f"expert:{expert_id}": share, "revenue": amount - share}
    return [
        Posting(account=account, asset=currency, amount=part) for account, part in amounts.items() if part
    ]


def _chosen(request: OrderRequest) -> tuple[str, datetime]:
    if request.expert_id is None or request.starts_at is None:
        raise ChoiceMissing(field="starts_at" if request.expert_id else "expert_id")
    return request.expert_id, request.starts_at


def _pending(order: Order, platform: Platform) -> Booking:
    package = msgspec.convert(order.product, AppointmentPackage)
    starts_at = datetime.fromisoformat(order.details["starts_at"])
    return Booking(
        id=order.details["booking_id"],
        platform_id=platform.id,
        customer_id=order.customer_id,
        expert_id=order.details["expert_id"],
        package=package,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=package.duration_minutes),
        paid_with="card",
        created_at=platform.now(),
        state=BookingState.PENDING,
        order_id=order.id,
    )
