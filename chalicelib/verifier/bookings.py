"""What bookings were paid with: one spend or one session of a package (B2), shared out whole (R1)."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from chalicelib.assignments.model import Assignment
from chalicelib.booking.model import Booking, BookingState
from chalicelib.core.money import share_of
from chalicelib.verifier.model import Difference, Seen
from chalicelib.wallet.model import LedgerTransaction

Place = tuple[str, str]  # platform and booking
Finding = tuple[str, str, str]  # rule, name, detail
Session = tuple[str, str, str, int]  # assignment, held or used, service, number


class Bookings:
    """Keeps the bookings, their spends, and which sessions of which packages were drawn."""

    def __init__(self) -> None:
        self._bookings: dict[Place, Booking] = {}
        self._spends: dict[Place, list[LedgerTransaction]] = defaultdict(list)
        self._series: dict[Place, list[Booking]] = defaultdict(list)
        self._returns: dict[Place, list[LedgerTransaction]] = defaultdict(list)
        self._drawn: dict[Place, Counter[Session]] = defaultdict(Counter)
        self._found: list[Difference] = []

    def see(self, item: Seen) -> None:
        record = item.record
        if isinstance(record, Booking):
            self._bookings[record.platform_id, record.id] = record
            if record.series_id and record.paid_with == "credits":
                self._series[record.platform_id, record.series_id].append(record)
        elif isinstance(record, Assignment):
            self._see_assignment(record)
        elif isinstance(record, LedgerTransaction) and (paid_for := _paid_for(record)):
            place = record.platform_id, paid_for
            (self._spends if record.line.amount < 0 else self._returns)[place].append(record)

    def differences(self) -> Iterator[Difference]:
        yield from self._found
        paid = self._spends.keys() | self._returns.keys()
        for place in sorted(self._bookings.keys() | self._series.keys() | paid | self._drawn.keys()):
            booking = self._bookings.get(place)
            if place in self._series:
                findings = _paid_at_once(self._series[place], self._spends[place])
            else:
                findings = self._compared(place, booking) if booking else self._without_booking(place)
            for rule, name, detail in findings:
                yield Difference(rule=rule, name=name, place=" ".join(place), detail=detail)

    def _see_assignment(self, assignment: Assignment) -> None:
        for state, draws in (("held", assignment.held), ("used", assignment.used)):
            for draw in draws:
                drawn = self._drawn[assignment.platform_id, draw.booking_id]
                drawn[assignment.id, state, draw.package_id, draw.ordinal] += 1
        place = f"{assignment.platform_id} {assignment.id}"
        self._found += [
            Difference(rule="B2", name=name, place=place, detail=detail)
            for name, detail in _counted(assignment)
        ]

    def _without_booking(self, place: Place) -> Iterator[Finding]:
        for spend in [*self._spends[place], *self._returns[place]]:
            yield "B2", "spend-without-booking", spend.id
        for assignment_id, state, _, _ in self._drawn[place]:
            yield "B2", "session-without-booking", f"{assignment_id} has it as {state}"

    def _compared(self, place: Place, booking: Booking) -> Iterator[Finding]:
        spends = self._spends[place]
        wanted = 1 if booking.paid_with == "credits" and booking.series_id is None else 0
        if len(spends) != wanted:
            name = "booking-without-spend" if len(spends) < wanted else "booking-spent-twice"
            yield "B2", name, f"paid with {booking.paid_with}, and the ledger has {len(spends)} spends"
        for spend in spends:
            yield from _as_sold(booking, spend)
        yield from _as_returned(booking, self._returns[place])
        yield from self._package_session(place, booking)

    def _package_session(self, place: Place, booking: Booking) -> Iterator[Finding]:
        drawn, state = dict(self._drawn[place]), _drawn_as(booking)
        session = booking.assignment_id, state, booking.package.id, booking.ordinal
        wanted = {session: 1} if booking.assignment_id and state else {}
        if drawn != wanted:
            yield "B2", "package-session", f"drawn as {drawn}, and should be {wanted}"


def _paid_for(entry: LedgerTransaction) -> str | None:
    """The booking, or the series of them."""
    return entry.reference.get("booking_id") or entry.reference.get("series_id")


def _paid_at_once(series: list[Booking], spends: list[LedgerTransaction]) -> Iterator[Finding]:
    """One spend of all prices, of which each booking has its own part and share (R1)."""
    if len(spends) != 1:
        yield "B2", "series-spend", f"{len(series)} bookings were paid with {len(spends)} spends"
        return
    if spends[0].line.owner_id != series[0].customer_id:
        yield "B2", "spend-of-another", f"{spends[0].id} is of {spends[0].line.owner_id}"
    price = sum(booking.package.credits or 0 for booking in series)
    if -spends[0].line.amount != price:
        yield (
            "B2",
            "spend-other-price",
            f"{spends[0].id} takes {-spends[0].line.amount}, the price was {price}",
        )
    posted = sum(p.amount for p in spends[0].postings if p.account == f"expert:{series[0].expert_id}")
    shares = sum(part.share for booking in series if booking.sale for part in booking.sale.parts)
    spent = sum(part.amount for booking in series for part in booking.spent)
    if posted != shares or spent != price:
        yield (
            "R1",
            "expert-share",
            f"{spends[0].id} posts {posted} of {price}, the bookings have {shares} of {spent}",
        )


def _drawn_as(booking: Booking) -> str | None:
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


def _as_sold(booking: Booking, spend: LedgerTransaction) -> Iterator[Finding]:
    price = booking.package.credits or 0
    if spend.line.owner_id != booking.customer_id:
        yield "B2", "spend-of-another", f"{spend.id} is of {spend.line.owner_id}"
    if -spend.line.amount != price:
        yield "B2", "spend-other-price", f"{spend.id} takes {-spend.line.amount}, the price was {price}"
    if booking.sale is None:
        yield "B2", "spend-without-sale", f"{spend.id} stands beside a booking without a sale"
        return
    share = share_of(price, booking.sale.share_basis_points)
    posted = sum(p.amount for p in spend.postings if p.account == f"expert:{booking.expert_id}")
    parts = booking.sale.parts
    if posted != share or sum(part.share for part in parts) != share:
        yield "R1", "expert-share", f"{spend.id} posts {posted}, the share of {price} is {share}"
    if sum(part.amount for part in parts) != price:
        yield "R1", "sale-parts", f"the parts of {booking.sale.id} are not {price} together"


def _as_returned(booking: Booking, returns: list[LedgerTransaction]) -> Iterator[Finding]:
    """What came back did so once, and the expert keeps his share of what was kept (R1)."""
    wanted = booking.returned.credits if booking.returned else 0
    came = sum(back.line.amount - back.line.owed_amount for back in returns)
    if came != wanted or len(returns) > 1:
        yield "B2", "booking-return", f"{came} came back in {len(returns)} steps, and should be {wanted}"
    if booking.sale is None or not returns:
        return
    share = booking.sale.share_basis_points
    posted = sum(
        posting.amount
        for back in returns
        for posting in back.postings
        if posting.account == f"expert:{booking.expert_id}"
    )
    kept = booking.sale.amount - wanted
    if -posted != share_of(booking.sale.amount, share) - share_of(kept, share):
        yield (
            "R1",
            "expert-share-returned",
            f"{returns[0].id} posts {posted} for {wanted} of {booking.sale.amount}",
        )
