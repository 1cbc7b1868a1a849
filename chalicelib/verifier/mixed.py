"""Orders that credits pay a part of: one hold each, which stands or ends as the order does (L7, P1, P3)."""

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

import msgspec

from chalicelib.orders.model import Order, OrderState, ProductKind
from chalicelib.verifier.model import Difference, Fact, Seen
from chalicelib.wallet.ledger import HoldStep, LedgerTransaction

_OPEN = (OrderState.PENDING, OrderState.PROCESSING)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What an order's state and its money ask of its hold."""

    owner_id: str
    credits: int
    state: OrderState
    was_delivered: bool
    returned: int


class Step(msgspec.Struct, frozen=True, array_like=True):
    """What a line did to the order's hold."""

    step: HoldStep
    owner_id: str
    amount: int


class CameBack(msgspec.Struct, frozen=True, array_like=True):
    """Credits that came back with the money."""

    amount: int


class Mixed:
    """One order, with the steps of its hold."""

    kinds: ClassVar[tuple[type, ...]] = (Held, Step, CameBack)

    def __init__(self, group: str) -> None:
        self._group = group
        self._order: Held | None = None
        self._steps: Counter[str] = Counter()
        self._amounts: set[tuple[str, int]] = set()
        self._came_back = 0

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, Order) and record.credits:
            yield Fact(f"{record.platform_id} {record.id}", _held(record))
        elif isinstance(record, LedgerTransaction) and (order_id := record.reference.get("order_id")):
            group, line = f"{record.platform_id} {order_id}", record.line
            if line.hold:
                amount = sum(part.amount for part in line.hold.parts)
                yield Fact(group, Step(line.hold.step, line.owner_id, amount))
            elif record.operation.startswith("reverse:"):
                yield Fact(group, CameBack(line.net_amount + _expired(record)))

    def see(self, content: Held | Step | CameBack) -> None:
        match content:
            case Held():
                self._order = content
            case Step():
                self._steps[content.step] += 1
                self._amounts.add((content.owner_id, content.amount))
            case CameBack():
                self._came_back += content.amount

    def differences(self) -> Iterator[Difference]:
        for rule, name, detail in self._compared():
            yield Difference(rule=rule, name=name, place=self._group, detail=detail)

    def _compared(self) -> Iterator[tuple[str, str, str]]:
        order = self._order
        if order is None:
            if self._steps:
                yield "L7", "hold-without-order", self._group
            return
        if not _as_the_state(order, self._steps):
            yield "P1", "credits-not-as-order", f"the order is {order.state}, its hold {dict(self._steps)}"
        if self._amounts - {(order.owner_id, order.credits)}:
            detail = f"{order.credits} of {order.owner_id} are in the order, {self._amounts} were held"
            yield "P1", "credits-other-than-ordered", detail
        if order.was_delivered and self._came_back != order.returned:
            detail = f"{self._came_back} credits came back, and should be {order.returned}"
            yield "P3", "credits-returned", detail


def _held(order: Order) -> Held:
    was_delivered = order.state is OrderState.PAID and order.delivered_as is not ProductKind.CREDIT_PACKAGE
    return Held(
        owner_id=order.customer_id,
        credits=order.credits,
        state=order.state,
        was_delivered=was_delivered,
        returned=order.credits_returned,
    )


def _expired(record: LedgerTransaction) -> int:
    """Below zero where what was taken again had expired."""
    return sum(posting.amount for posting in record.postings if posting.account == "breakage")


def _as_the_state(order: Held, steps: Counter[str]) -> bool:
    """Opened once; spent where it was delivered, given back where the order is over, and else still open.

    A review may come before the order is over, or after.
    """
    still = Counter({HoldStep.OPENED.value: 1})
    spent, freed = still + Counter([HoldStep.CAPTURED.value]), still + Counter([HoldStep.RELEASED.value])
    if order.was_delivered:
        return steps == spent
    if order.state in _OPEN:
        return steps == still
    return steps == freed or (order.state is OrderState.REVIEW and steps == still)
