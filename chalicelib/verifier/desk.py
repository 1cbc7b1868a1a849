"""Packages of sessions that were paid at the desk: their price stands in the books, once (P1, P3)."""

from collections import Counter
from collections.abc import Iterator

from chalicelib.assignments.model import Assignment, AssignmentEntry
from chalicelib.verifier.model import Difference, Seen

Place = tuple[str, str]  # platform and assignment
Received = tuple[Place, str]  # and currency


class Desk:
    """Keeps what each such package was sold for, and what the books say came over the desk for it."""

    def __init__(self) -> None:
        self._sold: Counter[Received] = Counter()
        self._posted: Counter[Received] = Counter()

    def see(self, item: Seen) -> None:
        record = item.record
        if isinstance(record, AssignmentEntry):
            place = record.platform_id, record.assignment_id
            for posting in record.postings:
                if posting.account == "desk":
                    self._posted[place, posting.asset] -= posting.amount
        elif isinstance(record, Assignment) and record.price and record.order_id is None:
            back = record.paid_back.amount if record.paid_back else 0
            place = record.platform_id, record.id
            self._sold[place, record.price.currency] = record.price.amount - back

    def differences(self) -> Iterator[Difference]:
        for where in sorted(self._sold.keys() | self._posted.keys()):
            sold, posted = self._sold[where], self._posted[where]
            if sold != posted:
                place, currency = where
                detail = f"it was sold for {sold} {currency}, the books have {posted}"
                yield Difference(rule="P1", name="desk-sale-not-booked", place=" ".join(place), detail=detail)
