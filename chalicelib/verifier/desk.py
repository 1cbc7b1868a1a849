"""Packages of sessions that were paid at the desk: their price stands in the books, once (P1, P3)."""

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

import msgspec

from chalicelib.assignments.model import Assignment, AssignmentEntry
from chalicelib.verifier.model import Difference, Fact, Seen


class Posted(msgspec.Struct, frozen=True, array_like=True):
    """What the books say came over the desk."""

    currency: str
    amount: int


class SoldFor(msgspec.Struct, frozen=True, array_like=True):
    """The price of the package, less what was paid back."""

    currency: str
    amount: int


class Desk:
    """One package of sessions."""

    kinds: ClassVar[tuple[type, ...]] = (Posted, SoldFor)

    def __init__(self, group: str) -> None:
        self._group = group
        self._sold: Counter[str] = Counter()
        self._posted: Counter[str] = Counter()

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, AssignmentEntry):
            for posting in record.postings:
                if posting.account == "desk":
                    group = f"{record.platform_id} {record.assignment_id}"
                    yield Fact(group, Posted(posting.asset, -posting.amount))
        elif isinstance(record, Assignment) and record.price and record.order_id is None:
            back = record.paid_back.amount if record.paid_back else 0
            sold_for = SoldFor(record.price.currency, record.price.amount - back)
            yield Fact(f"{record.platform_id} {record.id}", sold_for)

    def see(self, content: Posted | SoldFor) -> None:
        amounts = self._posted if isinstance(content, Posted) else self._sold
        amounts[content.currency] += content.amount

    def differences(self) -> Iterator[Difference]:
        for currency in sorted(self._sold.keys() | self._posted.keys()):
            sold, posted = self._sold[currency], self._posted[currency]
            if sold != posted:
                detail = f"it was sold for {sold} {currency}, the books have {posted}"
                yield Difference(rule="P1", name="desk-sale-not-booked", place=self._group, detail=detail)
