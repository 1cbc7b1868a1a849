"""The verifier: it folds the whole table again and names each difference from what must hold."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

import msgspec

from chalicelib.verifier.agendas import Agendas
from chalicelib.verifier.bookings import Bookings, Packages
from chalicelib.verifier.desk import Desk
from chalicelib.verifier.items import Items
from chalicelib.verifier.journals import Holds, Journals
from chalicelib.verifier.listings import Listings
from chalicelib.verifier.mixed import Mixed
from chalicelib.verifier.model import Checker, Difference, Family, Seen
from chalicelib.verifier.payments import Payments
from chalicelib.verifier.phones import Calls, PhoneBalances, TopUps
from chalicelib.verifier.postings import Operations, Postings
from chalicelib.verifier.series import Series
from chalicelib.verifier.sessions import Overdue, Sessions
from chalicelib.verifier.spill import Row, Spill

CHECKERS: tuple[Callable[[], Checker], ...] = (Items, Postings, Packages)
FAMILIES: tuple[type[Family], ...] = (
    Operations,
    Journals,
    Holds,
    Payments,
    Mixed,
    Desk,
    Agendas,
    Bookings,
    Listings,
    Series,
    Sessions,
    Overdue,
    PhoneBalances,
    Calls,
    TopUps,
)
_DECODERS: list[list[Callable[[bytes], Any]]] = [
    [msgspec.msgpack.Decoder(kind).decode for kind in family.kinds] for family in FAMILIES
]
_SEPARATOR = "\x00"


def verify(items: Iterable[Seen], go_on: Callable[[], None] = lambda: None) -> Iterator[Difference]:
    """Every difference, warnings among them; none for a table that is as it must be.

    Memory is bounded however many items there are. ``go_on`` is called for each item and each group of
    them, and ends the verification by raising.
    """
    checkers = [make() for make in CHECKERS]
    with Spill() as spill:
        for item in items:
            go_on()
            for checker in checkers:
                checker.see(item)
            for row in _rows(item):
                spill.add(row)
        for checker in checkers:
            yield from checker.differences()
        for group, rows in groupby(spill.sorted(), key=_group):
            go_on()
            yield from _folded(group, rows)


def _rows(item: Seen) -> Iterator[Row]:
    for number, family in enumerate(FAMILIES):
        for fact in family.facts(item):
            key = f"{number:02}{fact.group}{_SEPARATOR}{fact.order}"
            kind = family.kinds.index(type(fact.content))
            yield key, kind, msgspec.msgpack.encode(fact.content)


def _group(row: Row) -> str:
    return row[0].split(_SEPARATOR, 1)[0]


def _folded(group: str, rows: Iterable[Row]) -> Iterator[Difference]:
    number = int(group[:2])
    family, decoders = FAMILIES[number](group[2:]), _DECODERS[number]
    for _, kind, content in rows:
        family.see(decoders[kind](content))
    yield from family.differences()
