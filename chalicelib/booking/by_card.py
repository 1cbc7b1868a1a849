"""Appointments by card: the slot is held while the payment page is open, and sold when the money has come.

A part of the price may be paid with credits (``mixed.py``): held with the slot, and spent with the card.
"""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from chalicelib.accounts.model import ExpertNotFound
from chalicelib.accounts.service import Accounts
from chalicelib.booking import mixed, policy, rules, store
from chalicelib.booking.credit_part import CreditPart
from chalicelib.booking.drafts import Notes, confirmed
from chalicelib.booking.model import (
    CONFIRMATION_MAILED,
    Booking,
    BookingState,
    ChoiceMissing,
    NotSoldForCredits,
    NotSoldForMoney,
)
from chalicelib.booking.news import mails
from chalicelib.booking.selling import Selling
from chalicelib.booking.service import Bookings
from chalicelib.booking.slots import Slots
from chalicelib.calendar.model import (
    AppointmentsInactive,
    ExpertNotInPackage,
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
from chalicelib.core.money import Money, share_of
from chalicelib.core.payments import Purchase
from chalicelib.orders.fulfilment import CannotDeliver, Delivery, Offer, check_choices
from chalicelib.orders.lines import SALE_REPORTED
from chalicelib.orders.model import Order
from chalicelib.orders.reversals import Reversal, reversed_sale
from chalicelib.orders.views import OrderRequest
from chalicelib.platforms.model import Platform
from chalicelib.table.keys import Key
from chalicelib.table.operation import Effect
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.telephony.model import NOT_BOOKABLE
from chalicelib.wallet.ledger import Posting
from chalicelib.wallet.model import InsufficientCredits, TooManyLots, WalletOwes
from chalicelib.wallet.service import Wallets


class AppointmentFulfilment:
    """Satisfies ``Fulfilment``. The order's details name the booking, so that each step reads it at once.

    The sale gives the package's sessions, one of which the booking draws.
    """

    refusals: tuple[type[Refusal], ...] = (
        AppointmentsInactive,
        ChoiceMissing,
        mixed.CreditsCoverNothing,
        mixed.CreditsCoverPrice,
        ExpertNotFound,
        ExpertNotInPackage,
        InsufficientCredits,
        NotSoldForCredits,
        NotSoldForMoney,
        PackageNotOnSale,
        *NOT_BOOKABLE,
        SlotNotOffered,
        SlotTaken,
        TooManyLots,
        WalletOwes,
    )

    def __init__(
        self,
        accounts: Accounts,
        catalogue: Catalogue,
        calendars: Calendars,
        bookings: Bookings,
        slots: Slots,
        selling: Selling,
        wallets: Wallets,
    ) -> None:
        self._accounts = accounts
        self._catalogue = catalogue
        self._calendars = calendars
        self._bookings = bookings
        self._slots = slots
        self._selling = selling
        self._credits = CreditPart(wallets)

    def wanted_keys(self, actor: Actor, request: OrderRequest) -> list[Key]:
        """``ChoiceMissing``; ``SlotNotOffered`` for a start that no calendar reaches."""
        expert_id, starts_at = _chosen(request)
        paying = [self._credits.key(actor.platform_id, actor.id)] if request.use_credits else []
        return [
            *paying,
            self._accounts.key(actor.platform_id, expert_id),
            self._catalogue.key(actor.platform_id, actor.country or ""),
            self._calendars.key(actor.platform_id, expert_id),
            *self._calendars.agenda_keys(actor.platform_id, expert_id, starts_at),
        ]

    def offer(self, loaded: Loaded, platform: Platform, actor: Actor, request: OrderRequest) -> Offer:
        """The package for its fee, or what credits leave of it, with this expert at this time."""
        check_choices(request, "expert_id", "starts_at", "use_credits")
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
            price=_for_the_card(package, package.fee, request.use_credits),
            credits=request.use_credits or 0,
            details={"booking_id": new_id("bkg"), "expert_id": expert_id, "starts_at": stamp(starts_at)},
        )

    def keys(self, purchase: Purchase) -> list[Key]:
        """The booking, its expert, the days that its time may touch, and the buyer's wallet."""
        expert_id = purchase.details["expert_id"]
        starts_at = datetime.fromisoformat(purchase.details["starts_at"])
        return [
            self._bookings.key(purchase.platform_id, purchase.details["booking_id"]),
            self._credits.key(purchase.platform_id, purchase.customer_id),
            self._accounts.key(purchase.platform_id, expert_id),
            *self._calendars.agenda_keys(purchase.platform_id, expert_id, starts_at),
        ]

    def reserve(self, order: Order, loaded: Loaded, platform: Platform) -> list[Write]:
        """The slot is the buyer's while he pays, and his credits are set aside.

        ``SlotNotOffered``, ``SlotTaken``, ``NOT_BOOKABLE`` by phone; ``InsufficientCredits``, ``WalletOwes``,
        ``TooManyLots``.
        """
        pending = self._slots.placed(loaded, _pending(order, platform))
        claimed = self._slots.prepare_claim(loaded, platform, pending)
        held = self._credits.hold(order, loaded, platform)
        return [*claimed, store.pending_booking(pending), *held]

    def deliver(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        """The sale, its sessions, and the booking confirmed.

        ``CannotDeliver`` where its time was let go, or is over: from its end on nobody can join it any more.
        """
        expert = self._accounts.load_expert(loaded, platform.id, order.details["expert_id"])
        pending = self._bookings.load(loaded, platform.id, order.details["booking_id"])
        at, basis_points = platform.now(), expert.share_basis_points
        is_kept = pending.state is BookingState.PENDING and self._credits.is_held(order, loaded)
        if not is_kept or at >= pending.ends_at:
            raise CannotDeliver
        money = _money(order, expert.id, order.price.amount, share_of(order.price.amount, basis_points))
        entries, spent = self._credits.spend(order, loaded, basis_points, expert.id, money, at)
        sale = rules.sale_by_card(order, pending.package, expert, spent, at)
        reported = Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(sale))
        reminded = policy.next_reminder(pending.starts_at, at, platform.settings)
        paid = replace(pending, state=BookingState.CONFIRMED, remind_at=reminded, spent=spent)
        booking, assigned = self._selling.prepare_bought(paid, sale)
        return Delivery(
            writes=[*assigned, store.open_booking(booking, platform), *entries],
            effects=[reported, *mails(CONFIRMATION_MAILED, booking)],
        )

    def reverse(self, order: Order, reversal: Reversal, loaded: Loaded, platform: Platform) -> Delivery:
        """The sale's reversing line, with the expert's share as sold (B41).

        When all the money has gone back, the sessions go with it, those that are booked when they come free.
        """
        booking = self._bookings.load(loaded, platform.id, order.details["booking_id"])
        if booking.sale is None:
            raise ValueError(f"{booking.id} was delivered without a sale")
        line = reversed_sale(mixed.card_parts(booking.sale), reversal, platform.now())
        money = _money(order, booking.expert_id, -reversal.amount, line.parts[0].share)
        writes, credits_ = self._credits.turn_back(order, booking, reversal, loaded, money, platform)
        if reversal.price.amount in (reversal.before, reversal.before + reversal.amount):
            writes += self._selling.prepare_withdrawn(booking, all_of_them=reversal.amount > 0)
        line = replace(line, parts=[*line.parts, *credits_])
        return Delivery(
            writes=writes, effects=[Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(line))]
        )

    def release(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        """Nobody paid: the time is free again, and so are the credits."""
        pending = self._bookings.load(loaded, platform.id, order.details["booking_id"])
        freed = self._credits.release(order, loaded, platform.now())
        if pending.state is not BookingState.PENDING:
            return Delivery(writes=freed)
        claim, ended = pending.claim, replace(pending, state=BookingState.CANCELLED, closed_at=platform.now())
        released = self._calendars.prepare_release(
            loaded, platform.id, pending.expert_id, claim.starts_at, claim.ends_at, pending.id
        )
        over = self._bookings.prepare_call_over(pending, platform.now())
        return Delivery(writes=[store.closed_booking(ended), *released, *freed, *over])


def _money(order: Order, expert_id: str, amount: int, share: int) -> list[Posting]:
    """The money came from the provider, or went back: the expert's share of it, and the platform's rest."""
    currency = order.price.currency
    amounts = {f"provider:{order.provider}": -amount, f"expert:{expert_id}": share, "revenue": amount - share}
    return [
        Posting(account=account, asset=currency, amount=part) for account, part in amounts.items() if part
    ]


def _for_the_card(package: AppointmentPackage, fee: Money, use_credits: int | None) -> Money:
    if use_credits is None:
        return fee
    if package.credits is None:
        raise NotSoldForCredits(field="use_credits")
    return mixed.card_part(fee, package.credits, use_credits)


def _chosen(request: OrderRequest) -> tuple[str, datetime]:
    if request.expert_id is None or request.starts_at is None:
        raise ChoiceMissing(field="starts_at" if request.expert_id else "expert_id")
    return request.expert_id, request.starts_at


def _pending(order: Order, platform: Platform) -> Booking:
    """As it will be confirmed; nobody is reminded of it before."""
    package = msgspec.convert(order.product, AppointmentPackage)
    starts_at = datetime.fromisoformat(order.details["starts_at"])
    paid = confirmed(platform, order.customer_id, order.details["expert_id"], package, starts_at, Notes())
    return replace(
        paid,
        id=order.details["booking_id"],
        paid_with="mixed" if order.credits else "card",
        state=BookingState.PENDING,
        order_id=order.id,
        remind_at=None,
    )
