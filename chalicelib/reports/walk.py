"""Walking through a report's strands, one after the other, and going on where a page stopped."""

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from chalicelib.core.clock import stamp
from chalicelib.reports import store
from chalicelib.reports.model import Filters
from chalicelib.reports.store import Strand
from chalicelib.table.read import CursorInvalid

# A page ends after so much reading, also when few of the rows pass the filters.
_MAX_READ_FOR_A_PAGE = 2_000
_STRAND_COSTS = 50
# A small page of a rare filter would take a call for every few rows that it looks through.
_READ_AT_LEAST = 50


class Place(msgspec.Struct, frozen=True):
    """How far was read: on which strand, and where on it. A partition is of one report alone."""

    partition: str
    sort_key: str


class Step(msgspec.Struct, frozen=True):
    """One row, or ``None`` where there was something else to read; ``cost`` counts in rows."""

    place: Place
    row: Any
    cost: int = 1


def walk(
    strands: Sequence[Strand], filters: Filters, read_at_once: int, after: Place | None = None
) -> Iterator[Step]:
    """Every row of the filters' time, strand by strand, newest first. ``CursorInvalid``."""
    earliest, latest = stamp(filters.since), stamp(filters.until)
    left = _from(strands, after, earliest, latest) if after else strands
    for number, strand in enumerate(left):
        if number:
            yield Step(Place(strand.pk, latest), None, _STRAND_COSTS)
        upper = after.sort_key if after and not number else latest
        for row in store.rows(strand, earliest, upper, read_at_once):
            place = Place(strand.pk, store.place_of(row))
            if place != after:
                yield Step(place, row if strand.means(row) else None)


def _from(strands: Sequence[Strand], after: Place, earliest: str, latest: str) -> Sequence[Strand]:
    partitions = [strand.pk for strand in strands]
    if after.partition not in partitions or not earliest <= after.sort_key <= latest:
        raise CursorInvalid(field="cursor")
    return strands[partitions.index(after.partition) :]


def page(
    strands: Sequence[Strand],
    filters: Filters,
    shows: Callable[[Any], bool],
    limit: int,
    cursor: str | None,
) -> tuple[list[Any], str | None]:
    """At most ``limit`` rows that the report shows; perhaps none, where more are to be looked through."""
    found: list[Any] = []
    last, budget = None, _MAX_READ_FOR_A_PAGE
    after = _decoded(cursor) if cursor else None
    for step in walk(strands, filters, max(limit, _READ_AT_LEAST) + 1, after):
        if last and (len(found) == limit or budget <= 0):
            return found, _encoded(last)
        last, budget = step.place, budget - step.cost
        if step.row is not None and shows(step.row):
            found.append(step.row)
    return found, None


def _encoded(place: Place) -> str:
    text = msgspec.json.encode([place.partition, place.sort_key])
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _decoded(cursor: str) -> Place:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        partition, sort_key = msgspec.json.decode(text, type=tuple[str, str])
    except ValueError:
        raise CursorInvalid(field="cursor") from None
    return Place(partition, sort_key)
