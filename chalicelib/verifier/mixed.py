"""Orders that credits pay a part of: one hold each, which stands or ends as the order does (L7, P1, P3)."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from chalicelib.orders.model import Order, OrderState, ProductKind
from chalicelib.verifier.model import Difference, Seen
from chalicelib.wallet.model import HoldStep, LedgerTransaction

Place = tuple[str, str]  # platform and order
_OPEN = (OrderState.PENDING, OrderState.PROCESSING)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What an order's state and its money ask of its hold."""

    owner_id: str
    credits: int
    state: OrderState
    was_delivered: bool
    returned: int


class Mixed:
    """Keeps a few numbers for each mixed order, and for each hold in a journal."""

    def __init__(self) -> None:
        self._orders: dict[Place, Held] = {}
        self._steps: dict[Place, Counter[str]] = defaultdict(Counter)
        self._amounts: dict[Place, set[tuple[str, int]]] = defaultdict(set)
        self._came_back: Counter[Place] = Counter()

    def see(self, item: Seen) -> None:
        record = item.record
        if isinstance(record, Order) and record.credits:
            self._orders[record.platform_id, record.id] = _held(record)
        elif isinstance(record, LedgerTransaction) and (order_id := record.reference.get("order_id")):
            self._see_step((record.platform_id, order_id), record)

    def differences(self) -> Iterator[Difference]:
        for place in sorted(self._orders.keys() | self._steps.keys()):
            order = self._orders.get(place)
            findings = self._compared(place, order) if order else [("L7", "hold-without-order", place[1])]
            for rule, name, detail in findings:
                yield Difference(rule=rule, name=name, place=" ".join(place), detail=detail)

    def _see_step(self, place: Place, step: LedgerTransaction) -> None:
        line = step.line
        if line.hold:
            self._steps[place][line.hold.step] += 1
            amount = sum(part.amount for part in line.hold.parts)
            self._amounts[place].add((line.owner_id, amount))
        elif step.operation.startswith("reverse:"):
            self._came_back[place] += line.amount - line.owed_amount

    def _compared(self, place: Place, order: Held) -> Iterator[tuple[str, str, str]]:
        said = self._steps[place]
        if not _as_the_state(order, said):
            yield "P1", "credits-not-as-order", f"the order is {order.state}, its hold {dict(said)}"
        if self._amounts[place] - {(order.owner_id, order.credits)}:
            detail = f"{order.credits} of {order.owner_id} are in the order, {self._amounts[place]} were held"
            yield "P1", "credits-other-than-ordered", detail
        if order.was_delivered and self._came_back[place] != order.returned:
            detail = f"{self._came_back[place]} credits came back, and should be {order.returned}"
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
