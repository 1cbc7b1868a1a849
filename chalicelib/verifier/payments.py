"""Payments: a paid order has exactly one fulfilment, and a fulfilment its paid order (P1).

No more goes back than came in, and what the books say went back is what the order says (P3).
"""

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from chalicelib.assignments.model import Assignment
from chalicelib.booking.model import Booking, BookingState
from chalicelib.core.money import Money
from chalicelib.orders.journal import OrderEntry
from chalicelib.orders.model import Order, OrderState, ProductKind
from chalicelib.verifier.model import Difference, Fact, Seen
from chalicelib.wallet.ledger import LedgerTransaction

PURCHASED = "issued:purchase"
PROVIDER = "provider:"
FULFILLED = "fulfil"
REVERSED = "reverse"

Finding = tuple[str, str]  # name, detail


class Delivered(msgspec.Struct, frozen=True, array_like=True):
    """What one purchase of credits gave, to whom, and what money it says came for it."""

    transaction_id: str
    owner_id: str
    amount: int
    costs: list[Money | None]
    received: dict[str, int]


class Received(msgspec.Struct, frozen=True, array_like=True):
    """What the books say came for a package of sessions."""

    transaction_id: str
    amount: int


class Sessions(msgspec.Struct, frozen=True, array_like=True):
    """A package of sessions that a sale gave."""

    id: str
    customer_id: str
    total: int
    adjusted: int
    withdrawn: int


class Ordered(msgspec.Struct, frozen=True, array_like=True):
    """The booking that an order pays for."""

    id: str
    customer_id: str
    state: BookingState


class Back(msgspec.Struct, frozen=True, array_like=True):
    """What went back to the provider by one step; below zero where it came again."""

    amount: int


class Payments:
    """One order, with what was given for it and what the books say went back."""

    kinds: ClassVar[tuple[type, ...]] = (Order, Delivered, Received, Sessions, Ordered, Back)

    def __init__(self, group: str) -> None:
        self._group = group
        self._order: Order | None = None
        self._delivered: list[Delivered] = []
        self._received: list[Received] = []
        self._sessions: list[Sessions] = []
        self._bookings: list[Ordered] = []
        self._booked_back = 0

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        match record:
            case Order():
                yield Fact(f"{record.platform_id} {record.id}", record)
            case Assignment() if record.order_id:
                given = Sessions(
                    record.id, record.customer_id, record.total, record.adjusted, record.withdrawn
                )
                yield Fact(f"{record.platform_id} {record.order_id}", given)
            case Booking() if record.order_id:
                ordered = Ordered(record.id, record.customer_id, record.state)
                yield Fact(f"{record.platform_id} {record.order_id}", ordered)
            case LedgerTransaction() | OrderEntry():
                for order_id, content in _in_the_books(record):
                    yield Fact(f"{record.platform_id} {order_id}", content)

    def see(self, content: Order | Delivered | Received | Sessions | Ordered | Back) -> None:
        match content:
            case Order():
                self._order = content
            case Delivered():
                self._delivered.append(content)
            case Received():
                self._received.append(content)
            case Sessions():
                self._sessions.append(content)
            case Ordered():
                self._bookings.append(content)
            case Back():
                self._booked_back += content.amount

    def differences(self) -> Iterator[Difference]:
        for name, detail in self._returned():
            yield Difference(rule="P3", name=name, place=self._group, detail=detail)
        for name, detail in [*self._fulfilled(), *self._booked()]:
            yield Difference(rule="P1", name=name, place=self._group, detail=detail)

    def _returned(self) -> Iterator[Finding]:
        """Books are kept of what was given for the money: where nothing was, only the bound is held."""
        said = 0
        if order := self._order:
            returned = order.returned
            if not 0 <= returned.total <= returned.captured:
                yield "more-back-than-captured", f"{returned.total} of {returned.captured} went back"
            said = returned.total if order.state is OrderState.PAID else 0
        if said != self._booked_back:
            detail = f"the order says {said} went back, the books {self._booked_back}"
            yield "refund-not-booked", detail

    def _fulfilled(self) -> Iterator[Finding]:
        order, delivered, sessions = self._order, self._delivered, self._sessions
        given_by = [
            *(each.transaction_id for each in delivered),
            *(each.transaction_id for each in self._received),
            *(each.id for each in sessions),
        ]
        if order is None or order.state is not OrderState.PAID:
            if given_by:
                yield "fulfilment-without-payment", f"{given_by[0]} gives for no order that is paid"
        elif order.product_kind is ProductKind.PHONE_BALANCE:
            yield from _as_received(order, sum(each.amount for each in self._received))
        elif _gives_credits(order):
            yield from _as_credits(order, delivered, sessions)
        else:
            received = sum(each.amount for each in self._received)
            yield from _as_sessions(order, sessions, delivered, received)

    def _booked(self) -> Iterator[Finding]:
        """An appointment's booking waits while the order is open or in review, and stands once it is paid."""
        order = self._order
        if order is None:
            for booking in self._bookings:
                yield "booking-without-order", booking.id
        elif order.product_kind is ProductKind.APPOINTMENT_PACKAGE:
            if len(self._bookings) != 1:
                yield "order-without-booking", f"the order is {order.state} and has {len(self._bookings)}"
            for booking in self._bookings:
                yield from _as_booked(order, booking)


def _gives_credits(order: Order) -> bool:
    return (order.delivered_as or order.product_kind) is ProductKind.CREDIT_PACKAGE


def _in_the_books(
    record: LedgerTransaction | OrderEntry,
) -> Iterator[tuple[str, Delivered | Received | Back]]:
    """Of which order a step tells, and what."""
    verb, _, rest = record.operation.partition(":")
    if verb == REVERSED:
        yield rest.split(":")[0], Back(_money_back(record))
    elif isinstance(record, LedgerTransaction) and _is_purchase(record):
        yield record.reference.get("order_id", record.id), _delivered(record)
    elif verb == FULFILLED:
        yield rest, Received(record.id, -_money_back(record))


def _as_booked(order: Order, booking: Ordered) -> Iterator[Finding]:
    if booking.customer_id != order.customer_id:
        yield "booking-of-another", f"{booking.id} is of {booking.customer_id}"
    is_sold = order.state is OrderState.PAID and order.delivered_as is None
    may_wait = order.is_open() or order.state is OrderState.REVIEW
    waits = booking.state is BookingState.PENDING
    if (waits and not may_wait) or (_is_settled(booking) and not is_sold):
        yield "booking-not-as-order", f"the order is {order.state}, {booking.id} {booking.state}"


def _is_settled(booking: Ordered) -> bool:
    return booking.state not in (BookingState.PENDING, BookingState.CANCELLED)


def _as_credits(order: Order, delivered: list[Delivered], sessions: list[Sessions]) -> Iterator[Finding]:
    """A credit package gives its credits, once, and no sessions."""
    given_by = [*(given.transaction_id for given in delivered), *(each.id for each in sessions)]
    if not given_by:
        yield "payment-without-fulfilment", f"{order.price} was paid and nothing was given"
    if len(given_by) > 1:
        yield "fulfilled-twice", ", ".join(given_by)
    for given in delivered:
        yield from _as_ordered(order, given)


def _as_sessions(
    order: Order, given: list[Sessions], delivered: list[Delivered], received: int
) -> Iterator[Finding]:
    """A package of sessions gives them, once, for its price; they go back with their money."""
    given_by = [*(each.id for each in given), *(each.transaction_id for each in delivered)]
    if not given:
        yield "payment-without-fulfilment", f"{order.price} was paid and nothing was given"
    if len(given_by) > 1:
        yield "fulfilled-twice", ", ".join(given_by)
    if received != order.price.amount:
        yield "fulfilment-other-price", f"the books have {received}, the price is {order.price}"
    for each in given:
        yield from _as_sold(order, each)


def _as_received(order: Order, received: int) -> Iterator[Finding]:
    """What it gives stands in a journal of its own (``phones.py``); here, that its price came."""
    if received != order.price.amount:
        yield "fulfilment-other-price", f"the books have {received}, the price is {order.price}"


def _as_sold(order: Order, given: Sessions) -> Iterator[Finding]:
    if given.customer_id != order.customer_id:
        yield "fulfilment-of-another", f"{given.id} gives to {given.customer_id}"
    is_clinics = order.product_kind is ProductKind.SESSION_PACKAGE
    sold = order.product["total_sessions" if is_clinics else "sessions"]
    if given.total - given.adjusted != sold:
        detail = f"{given.id} gives {given.total}, {given.adjusted} of them by hand; {sold} were sold"
        yield "fulfilment-other-amount", detail
    returned, price = order.returned.total, order.price.amount
    gone = sold * returned // price if is_clinics else sold * (returned // price)
    if given.withdrawn != gone:
        detail = f"{given.id} has {given.withdrawn} withdrawn, with {returned} of {price} back it is {gone}"
        yield "sessions-not-withdrawn", detail


def _as_ordered(order: Order, given: Delivered) -> Iterator[Finding]:
    if given.owner_id != order.customer_id:
        yield "fulfilment-of-another", f"{given.transaction_id} gives to {given.owner_id}"
    if given.amount != order.credits_for_price:
        detail = f"{given.transaction_id} gives {given.amount}, {order.credits_for_price} were sold"
        yield "fulfilment-other-amount", detail
    price = {order.price.currency: order.price.amount}
    if given.costs != [order.price] or given.received != price:
        detail = f"{given.transaction_id} has {given.costs} and {given.received}, the price is {price}"
        yield "fulfilment-other-price", detail


def _money_back(entry: LedgerTransaction | OrderEntry) -> int:
    """What went back to the provider by this step; below zero where it came again."""
    return sum(posting.amount for posting in entry.postings if posting.account.startswith(PROVIDER))


def _is_purchase(transaction: LedgerTransaction) -> bool:
    return any(posting.account == PURCHASED for posting in transaction.postings)


def _delivered(transaction: LedgerTransaction) -> Delivered:
    return Delivered(
        transaction.id,
        transaction.line.owner_id,
        -sum(posting.amount for posting in transaction.postings if posting.account == PURCHASED),
        [move.cost for move in transaction.line.lots if move.amount > 0],
        {
            posting.asset: -posting.amount
            for posting in transaction.postings
            if posting.account.startswith(PROVIDER)
        },
    )
