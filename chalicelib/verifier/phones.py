"""The balance for calls: the fold of its journal (L2, L3), topped up by paid orders alone (P1).

What is held of it is held by bookings by phone that stand (L7, B2).
"""

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

import msgspec

from chalicelib.booking.model import Booking, BookingState
from chalicelib.orders.model import Order, OrderState, ProductKind
from chalicelib.orders.reversals import Reversal
from chalicelib.telephony.model import FREE, HELD, OWED, Balance, PhoneEntry, Reservation
from chalicelib.verifier.model import Difference, Fact, Seen

_STANDING = (BookingState.PENDING, BookingState.CONFIRMED)
_LAST = "~"  # behind every number of the journal

Finding = tuple[str, str, str]  # rule, name, detail


class Posted(msgspec.Struct, frozen=True, array_like=True):
    """What an entry of the journal says that it posted to the balance's own accounts."""

    sequence: int
    amounts: dict[str, int]


class SetAside(msgspec.Struct, frozen=True, array_like=True):
    """What a reservation that is open holds."""

    amount: int


class PhoneBalances:
    """One platform's balance for calls."""

    kinds: ClassVar[tuple[type, ...]] = (Posted, SetAside, Balance)

    def __init__(self, group: str) -> None:
        self._group = group
        self._balance = Balance(platform_id=group)
        self._sums: Counter[str] = Counter()
        self._held = 0
        self._last = 0
        self._gaps: list[int] = []

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        match record:
            case Balance():
                yield Fact(record.platform_id, record, _LAST)
            case PhoneEntry():
                amounts: Counter[str] = Counter()
                for posting in record.postings:
                    amounts[posting.account] += posting.amount
                yield Fact(
                    record.platform_id, Posted(record.sequence, dict(amounts)), f"{record.sequence:012d}"
                )
            case Reservation() if record.state.is_open:
                yield Fact(record.platform_id, SetAside(record.amount))

    def see(self, content: Posted | SetAside | Balance) -> None:
        match content:
            case Balance():
                self._balance = content
            case SetAside():
                self._held += content.amount
            case Posted():
                self._sums.update(content.amounts)
                if content.sequence != self._last + 1 and not self._gaps:
                    self._gaps.append(content.sequence)
                self._last = content.sequence

    def differences(self) -> Iterator[Difference]:
        for rule, name, detail in self._compared(self._balance):
            yield Difference(rule=rule, name=name, place=f"{self._group} phone", detail=detail)

    def _compared(self, balance: Balance) -> Iterator[Finding]:
        folded = self._sums[FREE], self._sums[HELD], -self._sums[OWED]
        stored = balance.free, balance.held, balance.owed
        if folded != stored:
            yield "L2", "phone-balance-not-fold", f"free, held, owed are {stored}, the journal says {folded}"
        if min(stored) < 0:
            yield "L2", "phone-balance-negative", f"free, held, owed are {stored}"
        if self._gaps or self._last != balance.entries:
            detail = f"the last entry is {self._last} of {balance.entries}, out of order {self._gaps}"
            yield "L3", "phone-journal-gap", detail
        if self._held != balance.held:
            yield "L7", "phone-held-not-reserved", f"{balance.held} is held, {self._held} is set aside"


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """How a booking by phone stands."""

    state: BookingState


class Calls:
    """One booking by phone: it holds its call's price while it stands, and nothing afterwards."""

    kinds: ClassVar[tuple[type, ...]] = (Standing, Reservation)

    def __init__(self, group: str) -> None:
        self._group = group
        self._booking: BookingState | None = None
        self._reservation: Reservation | None = None

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, Booking) and record.by_phone:
            yield Fact(f"{record.platform_id} {record.id}", Standing(record.state))
        elif isinstance(record, Reservation):
            yield Fact(f"{record.platform_id} {record.booking_id}", record)

    def see(self, content: Standing | Reservation) -> None:
        if isinstance(content, Standing):
            self._booking = content.state
        else:
            self._reservation = content

    def differences(self) -> Iterator[Difference]:
        booking, reservation = self._booking, self._reservation
        is_open = reservation is not None and reservation.state.is_open
        if booking is None or reservation is None or (booking in _STANDING) != is_open:
            detail = f"the booking is {booking}, what is set aside {reservation and reservation.state}"
            yield Difference(rule="B2", name="call-not-as-booking", place=self._group, detail=detail)


class Due(msgspec.Struct, frozen=True, array_like=True):
    """What a paid order of the balance must have brought, less what went back of it, in micro-dollars."""

    amount: int


class Came(msgspec.Struct, frozen=True, array_like=True):
    """What one entry says that an order brought; below zero where it was taken back."""

    amount: int


class TopUps:
    """One order of the balance: exactly what was paid came in, once."""

    kinds: ClassVar[tuple[type, ...]] = (Due, Came)

    def __init__(self, group: str) -> None:
        self._group = group
        self._due = 0
        self._came = 0

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, Order) and record.product_kind is ProductKind.PHONE_BALANCE:
            if record.state is OrderState.PAID:
                yield Fact(f"{record.platform_id} {record.id}", Due(_left_of(record)))
        elif isinstance(record, PhoneEntry) and record.kind in ("top_up", "top_up_reversed"):
            outside = ("issued:", "refunded:")
            came = -sum(each.amount for each in record.postings if each.account.startswith(outside))
            yield Fact(f"{record.platform_id} {record.reference['order_id']}", Came(came))

    def see(self, content: Due | Came) -> None:
        if isinstance(content, Due):
            self._due += content.amount
        else:
            self._came += content.amount

    def differences(self) -> Iterator[Difference]:
        if self._due != self._came:
            detail = f"{self._due} micro-dollars were paid, {self._came} were given"
            yield Difference(rule="P1", name="top-up-not-as-paid", place=self._group, detail=detail)


def _left_of(order: Order) -> int:
    whole = Reversal(id="", price=order.price, before=0, amount=order.returned.total)
    micros: int = order.product["micros"]
    return micros - whole.part_of(micros)
