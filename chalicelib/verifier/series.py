"""Bookings of one request that credits paid at once: one spend of all their prices (B2, R1)."""

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from chalicelib.booking.model import Booking
from chalicelib.verifier.bookings import Spend
from chalicelib.verifier.model import Difference, Fact, Seen
from chalicelib.wallet.ledger import LedgerTransaction


class OneOf(msgspec.Struct, frozen=True, array_like=True):
    """A booking of the series: its price, the parts of it that it remembers, and the expert's share."""

    customer_id: str
    expert_id: str
    price: int
    spent: int
    share: int


class Series:
    """One series, with its spend."""

    kinds: ClassVar[tuple[type, ...]] = (OneOf, Spend)

    def __init__(self, group: str) -> None:
        self._group = group
        self._bookings: list[OneOf] = []
        self._spends: list[Spend] = []

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, Booking) and record.shares_payment:
            yield Fact(f"{record.platform_id} {record.series_id}", _one_of(record))
        elif isinstance(record, LedgerTransaction) and "series_id" in record.reference:
            yield Fact(f"{record.platform_id} {record.reference['series_id']}", Spend.of(record))

    def see(self, content: OneOf | Spend) -> None:
        if isinstance(content, OneOf):
            self._bookings.append(content)
        else:
            self._spends.append(content)

    def differences(self) -> Iterator[Difference]:
        for rule, name, detail in self._compared():
            yield Difference(rule=rule, name=name, place=self._group, detail=detail)

    def _compared(self) -> Iterator[tuple[str, str, str]]:
        if not self._bookings:
            yield from (("B2", "spend-without-booking", spend.id) for spend in self._spends)
        elif len(self._spends) != 1:
            detail = f"{len(self._bookings)} bookings were paid with {len(self._spends)} spends"
            yield "B2", "series-spend", detail
        else:
            yield from _paid_at_once(self._bookings, self._spends[0])


def _one_of(booking: Booking) -> OneOf:
    parts = booking.sale.parts if booking.sale else []
    return OneOf(
        booking.customer_id,
        booking.expert_id,
        booking.package.credits or 0,
        sum(part.amount for part in booking.spent),
        sum(part.share for part in parts),
    )


def _paid_at_once(bookings: list[OneOf], spend: Spend) -> Iterator[tuple[str, str, str]]:
    """One spend of all prices, of which each booking has its own part and share (R1)."""
    if spend.owner_id != bookings[0].customer_id:
        yield "B2", "spend-of-another", f"{spend.id} is of {spend.owner_id}"
    price = sum(each.price for each in bookings)
    if -spend.amount != price:
        yield "B2", "spend-other-price", f"{spend.id} takes {-spend.amount}, the price was {price}"
    posted = spend.posted.get(bookings[0].expert_id, 0)
    shares, spent = sum(each.share for each in bookings), sum(each.spent for each in bookings)
    if posted != shares or spent != price:
        detail = f"{spend.id} posts {posted} of {price}, the bookings have {shares} of {spent}"
        yield "R1", "expert-share", detail
