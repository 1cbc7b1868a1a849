"""What bookings were paid with: one spend or one session of a package (B2), shared out whole (R1)."""

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

import msgspec

from chalicelib.assignments.model import Assignment
from chalicelib.booking.model import Booking, BookingState
from chalicelib.core.money import share_of
from chalicelib.orders.lines import Sale
from chalicelib.verifier.model import Difference, Fact, Seen
from chalicelib.wallet.ledger import LedgerTransaction

Finding = tuple[str, str]  # name, detail


_EXPERT = "expert:"


class Spend(msgspec.Struct, frozen=True, array_like=True):
    """What a ledger transaction took for a booking (below zero) or gave back, and posted to experts."""

    id: str
    owner_id: str
    amount: int
    net_amount: int
    posted: dict[str, int]

    @classmethod
    def of(cls, record: LedgerTransaction) -> "Spend":
        """What a line took or gave, and what its step posted to experts."""
        posted: Counter[str] = Counter()
        for posting in record.postings:
            if posting.account.startswith(_EXPERT):
                posted[posting.account.removeprefix(_EXPERT)] += posting.amount
        line = record.line
        return cls(record.id, line.owner_id, line.amount, line.net_amount, dict(posted))


class Drawn(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A session of a package that an assignment has as ``held`` or ``used`` for a booking."""

    assignment_id: str
    state: str
    package_id: str
    ordinal: int | None


class Bookings:
    """One booking, with its spends and what was drawn of packages for it."""

    kinds: ClassVar[tuple[type, ...]] = (Booking, Spend, Drawn)

    def __init__(self, group: str) -> None:
        self._group = group
        self._booking: Booking | None = None
        self._spends: list[Spend] = []
        self._returns: list[Spend] = []
        self._drawn: list[Drawn] = []

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, Booking):
            yield Fact(f"{record.platform_id} {record.id}", record)
        elif isinstance(record, Assignment):
            for state, draws in (("held", record.held), ("used", record.used)):
                for draw in draws:
                    drawn = Drawn(record.id, state, draw.package_id, draw.ordinal)
                    yield Fact(f"{record.platform_id} {draw.booking_id}", drawn)
        elif isinstance(record, LedgerTransaction) and "booking_id" in record.reference:
            yield Fact(f"{record.platform_id} {record.reference['booking_id']}", Spend.of(record))

    def see(self, content: Booking | Spend | Drawn) -> None:
        match content:
            case Booking():
                self._booking = content
            case Spend():
                (self._spends if content.net_amount < 0 else self._returns).append(content)
            case Drawn():
                self._drawn.append(content)

    def differences(self) -> Iterator[Difference]:
        if self._booking is None:
            yield from self._without_booking()
            return
        subject, drawn = self._booking.customer_id, self._package_session(self._booking)
        found = [("B2", *finding, subject) for finding in self._compared(self._booking)]
        found += [("B2", *finding, self._drawn_from(self._booking)) for finding in drawn]
        found += [("R1", *finding, subject) for finding in self._shared(self._booking)]
        for rule, name, detail, whose in found:
            yield Difference(rule=rule, name=name, place=self._group, detail=detail, subject=whose)

    def _drawn_from(self, booking: Booking) -> str:
        """The package of which something is to be drawn, or is drawn though it should not be."""
        others = [
            drawn.assignment_id for drawn in self._drawn if drawn.assignment_id != booking.assignment_id
        ]
        return [*others, booking.assignment_id or ""][0]

    def _without_booking(self) -> Iterator[Difference]:
        """A booking that a restore has lost may have been paid back."""
        moved = [*self._spends, *self._returns]
        if sum(spend.net_amount for spend in moved) or any(_posted(moved).values()):
            for spend in moved:
                yield self._lost("spend-without-booking", spend.id, spend.owner_id)
        for drawn in self._drawn:
            detail = f"{drawn.assignment_id} has it as {drawn.state}"
            yield self._lost("session-without-booking", detail, drawn.assignment_id)

    def _lost(self, name: str, detail: str, subject: str) -> Difference:
        return Difference(rule="B2", name=name, place=self._group, detail=detail, subject=subject)

    def _compared(self, booking: Booking) -> Iterator[Finding]:
        wanted = 1 if booking.paid_with == "credits" and not booking.shares_payment else 0
        if len(self._spends) != wanted:
            name = "booking-without-spend" if len(self._spends) < wanted else "booking-spent-twice"
            yield name, f"paid with {booking.paid_with}, and the ledger has {len(self._spends)} spends"
        for spend in self._spends:
            yield from _as_sold(booking, spend)
        yield from _as_returned(booking, self._returns)

    def _shared(self, booking: Booking) -> Iterator[Finding]:
        if booking.sale:
            for spend in self._spends:
                yield from _as_shared(booking, booking.sale, spend)
            if self._returns:
                yield from _as_returned_share(booking, booking.sale, self._returns)

    def _package_session(self, booking: Booking) -> Iterator[Finding]:
        state = drawn_as(booking)
        wanted = []
        if booking.assignment_id and state:
            wanted = [Drawn(booking.assignment_id, state, booking.package.id, booking.ordinal)]
        if sorted(self._drawn) != wanted:
            yield "package-session", f"drawn as {self._drawn}, and should be {wanted}"


class Packages:
    """Every package of sessions by itself: no more drawn than there is, and each under its own number."""

    def __init__(self) -> None:
        self._found: list[Difference] = []

    def see(self, item: Seen) -> None:
        if isinstance(item.record, Assignment):
            place = f"{item.record.platform_id} {item.record.id}"
            self._found += [
                Difference(rule="B2", name=name, place=place, detail=detail)
                for name, detail in _counted(item.record)
            ]

    def differences(self) -> Iterator[Difference]:
        yield from self._found


def drawn_as(booking: Booking) -> str | None:
    """Where a booking's session of a package must stand."""
    if booking.state in (BookingState.PENDING, BookingState.CONFIRMED):
        return "held"
    return None if booking.returned and booking.returned.session else "used"


def _counted(assignment: Assignment) -> Iterator[tuple[str, str]]:
    """No more drawn than there is, of all and of each service, and every session under its own number."""
    draws = [*assignment.held, *assignment.used]
    if len(draws) > assignment.total:
        detail = f"{assignment.total} sessions, {len(assignment.held)} held, {len(assignment.used)} used"
        yield "package-overdrawn", detail
    by_service = Counter(draw.package_id for draw in draws)
    for cover in assignment.covers:
        drawn = by_service.pop(cover.package.id, 0)
        if cover.count is not None and drawn > cover.count:
            yield "service-overdrawn", f"{drawn} of {cover.package.id}, whose count is {cover.count}"
    for package_id in by_service:
        yield "service-not-covered", f"{package_id} was drawn"
    if len({draw.ordinal for draw in draws}) < len(draws):
        yield "session-number-double", f"the numbers are {sorted(draw.ordinal for draw in draws)}"


def _posted(spends: list[Spend]) -> Counter[str]:
    """What all of them together posted to each expert."""
    together: Counter[str] = Counter()
    for spend in spends:
        together.update(spend.posted)
    return together


def _as_sold(booking: Booking, spend: Spend) -> Iterator[Finding]:
    price = booking.package.credits or 0
    if spend.owner_id != booking.customer_id:
        yield "spend-of-another", f"{spend.id} is of {spend.owner_id}"
    if -spend.amount != price:
        yield "spend-other-price", f"{spend.id} takes {-spend.amount}, the price was {price}"
    if booking.sale is None:
        yield "spend-without-sale", f"{spend.id} stands beside a booking without a sale"


def _as_shared(booking: Booking, sale: Sale, spend: Spend) -> Iterator[Finding]:
    price = booking.package.credits or 0
    share = share_of(price, sale.share_basis_points)
    posted = spend.posted.get(booking.expert_id, 0)
    if posted != share or sum(part.share for part in sale.parts) != share:
        yield "expert-share", f"{spend.id} posts {posted}, the share of {price} is {share}"
    if sum(part.amount for part in sale.parts) != price:
        yield "sale-parts", f"the parts of {sale.id} are not {price} together"


def _as_returned(booking: Booking, returns: list[Spend]) -> Iterator[Finding]:
    """What came back did so once."""
    wanted = booking.returned.credits if booking.returned else 0
    came = sum(back.net_amount for back in returns)
    if came != wanted or len(returns) > 1:
        yield "booking-return", f"{came} came back in {len(returns)} steps, and should be {wanted}"


def _as_returned_share(booking: Booking, sale: Sale, returns: list[Spend]) -> Iterator[Finding]:
    """The expert keeps his share of what was kept (R1)."""
    wanted, share = booking.returned.credits if booking.returned else 0, sale.share_basis_points
    posted = sum(back.posted.get(booking.expert_id, 0) for back in returns)
    if -posted != share_of(sale.amount, share) - share_of(sale.amount - wanted, share):
        detail = f"{returns[0].id} posts {posted} for {wanted} of {sale.amount}"
        yield "expert-share-returned", detail
