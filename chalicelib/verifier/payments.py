"""Payments: a paid order has exactly one fulfilment, and a fulfilment its paid order (P1).

No more goes back than came in, and what the books say went back is what the order says (P3).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from chalicelib.assignments.model import Assignment
from chalicelib.core.money import Money
from chalicelib.orders.journal import OrderEntry
from chalicelib.orders.model import Order, OrderState, ProductKind
from chalicelib.verifier.model import Difference, Seen
from chalicelib.wallet.model import LedgerTransaction

Place = tuple[str, str]  # platform and order
PURCHASED = "issued:purchase"
FULFILLED, REVERSED = "fulfil:", "reverse:"


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """What one fulfilment gave, to whom, and what money it says came for it."""

    transaction_id: str
    owner_id: str
    amount: int
    costs: list[Money | None]
    received: dict[str, int]


class Payments:
    """Keeps one small record per order that was paid and one per purchase in the ledger."""

    def __init__(self) -> None:
        self._went_back: dict[Place, int] = {}
        self._booked_back: Counter[Place] = Counter()
        self._found: list[Difference] = []
        self._paid: dict[Place, Order] = {}
        self._delivered: dict[Place, list[Delivered]] = defaultdict(list)
        self._sessions: dict[Place, list[Assignment]] = defaultdict(list)
        self._received: Counter[Place] = Counter()

    def see(self, item: Seen) -> None:
        record = item.record
        if isinstance(record, Order):
            self._see_returned(record)
        if isinstance(record, LedgerTransaction | OrderEntry) and record.operation.startswith(REVERSED):
            self._booked_back[record.platform_id, record.operation.split(":")[1]] += _money_back(record)
        if isinstance(record, Order) and record.state is OrderState.PAID:
            self._paid[record.platform_id, record.id] = record
        elif isinstance(record, Assignment) and record.order_id:
            self._sessions[record.platform_id, record.order_id].append(record)
        elif isinstance(record, LedgerTransaction) and _is_purchase(record):
            order_id = record.reference.get("order_id", record.id)
            self._delivered[record.platform_id, order_id].append(_delivered(record))
        elif isinstance(record, LedgerTransaction | OrderEntry) and record.operation.startswith(FULFILLED):
            order_id = record.operation.removeprefix(FULFILLED)
            self._received[record.platform_id, order_id] += -_money_back(record)

    def _see_returned(self, order: Order) -> None:
        """Books are kept of what was given for the money: where nothing was, only the bound is held."""
        place, returned = (order.platform_id, order.id), order.returned
        if not 0 <= returned.total <= returned.captured:
            detail = f"{returned.total} of {returned.captured} went back"
            self._found.append(_difference("P3", "more-back-than-captured", place, detail))
        if order.state is OrderState.PAID and returned.total:
            self._went_back[place] = returned.total

    def _returns(self) -> Iterator[Difference]:
        for place in sorted(self._went_back.keys() | self._booked_back.keys()):
            said, booked = self._went_back.get(place, 0), self._booked_back[place]
            if said != booked:
                detail = f"the order says {said} went back, the books {booked}"
                yield _difference("P3", "refund-not-booked", place, detail)

    def differences(self) -> Iterator[Difference]:
        yield from self._found
        yield from self._returns()
        for place in sorted(self._paid.keys() | self._delivered.keys() | self._sessions.keys()):
            order, delivered = self._paid.get(place), self._delivered[place]
            sessions = self._sessions[place]
            if order and not _gives_credits(order):
                found = _as_sessions(order, sessions, delivered, self._received[place])
            else:
                found = _compared(order, delivered, sessions)
            for name, detail in found:
                yield _difference("P1", name, place, detail)


def _compared(
    order: Order | None, delivered: list[Delivered], sessions: list[Assignment]
) -> Iterator[tuple[str, str]]:
    """A credit package gives its credits, once, and no sessions."""
    given_by = [*(given.transaction_id for given in delivered), *(each.id for each in sessions)]
    if order is None:
        yield "fulfilment-without-payment", f"{given_by[0]} gives for no order that is paid"
        return
    if not given_by:
        yield "payment-without-fulfilment", f"{order.price} was paid and nothing was given"
    if len(given_by) > 1:
        yield "fulfilled-twice", ", ".join(given_by)
    for given in delivered:
        yield from _as_ordered(order, given)


def _as_sessions(
    order: Order, given: list[Assignment], delivered: list[Delivered], received: int
) -> Iterator[tuple[str, str]]:
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


def _as_sold(order: Order, given: Assignment) -> Iterator[tuple[str, str]]:
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


def _as_ordered(order: Order, given: Delivered) -> Iterator[tuple[str, str]]:
    if given.owner_id != order.customer_id:
        yield "fulfilment-of-another", f"{given.transaction_id} gives to {given.owner_id}"
    if given.amount != order.credits_for_price:
        detail = f"{given.transaction_id} gives {given.amount}, {order.credits_for_price} were sold"
        yield "fulfilment-other-amount", detail
    price = {order.price.currency: order.price.amount}
    if given.costs != [order.price] or given.received != price:
        detail = f"{given.transaction_id} has {given.costs} and {given.received}, the price is {price}"
        yield "fulfilment-other-price", detail


def _difference(rule: str, name: str, place: Place, detail: str) -> Difference:
    return Difference(rule=rule, name=name, place=" ".join(place), detail=detail)


def _money_back(entry: LedgerTransaction | OrderEntry) -> int:
    """What went back to the provider by this step; below zero where it came again."""
    return sum(posting.amount for posting in entry.postings if posting.account.startswith("provider:"))


def _gives_credits(order: Order) -> bool:
    return (order.delivered_as or order.product_kind) is ProductKind.CREDIT_PACKAGE


def _is_purchase(transaction: LedgerTransaction) -> bool:
    return any(posting.account == PURCHASED for posting in transaction.postings)


def _delivered(transaction: LedgerTransaction) -> Delivered:
    return Delivered(
        transaction_id=transaction.id,
        owner_id=transaction.line.owner_id,
        amount=-sum(posting.amount for posting in transaction.postings if posting.account == PURCHASED),
        costs=[move.cost for move in transaction.line.lots if move.amount > 0],
        received={
            posting.asset: -posting.amount
            for posting in transaction.postings
            if posting.account.startswith("provider:")
        },
    )
