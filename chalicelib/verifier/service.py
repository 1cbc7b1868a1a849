"""The verifier: it folds the whole table again and names each difference from what must hold."""

from collections.abc import Callable, Iterable, Iterator

from chalicelib.verifier.agendas import Agendas
from chalicelib.verifier.bookings import Bookings
from chalicelib.verifier.desk import Desk
from chalicelib.verifier.items import Items
from chalicelib.verifier.journals import Journals
from chalicelib.verifier.mixed import Mixed
from chalicelib.verifier.model import Checker, Difference, Seen
from chalicelib.verifier.payments import Payments
from chalicelib.verifier.postings import Postings
from chalicelib.verifier.sessions import Sessions

CHECKERS: tuple[Callable[[], Checker], ...] = (
    Items,
    Postings,
    Journals,
    Payments,
    Mixed,
    Desk,
    Agendas,
    Bookings,
    Sessions,
)


def verify(items: Iterable[Seen]) -> Iterator[Difference]:
    """Every difference, warnings among them; none for a table that is as it must be."""
    checkers = [make() for make in CHECKERS]
    for item in items:
        for checker in checkers:
            checker.see(item)
    for checker in checkers:
        yield from checker.differences()
