"""Every item alike: it can be read, its numbers are integers (L4), and nothing of it waits for a person."""

from collections.abc import Iterator
from typing import Any

from chalicelib.table.operation import Receipt
from chalicelib.verifier.model import Difference, Seen


class Items:
    """L4, readability, and receipts whose effects were given up."""

    def __init__(self) -> None:
        self._found: list[Difference] = []

    def see(self, item: Seen) -> None:
        place = f"{item.key.pk} {item.key.sk}"
        if item.unreadable:
            self._found.append(
                Difference(rule="L4", name="unreadable-item", place=place, detail=item.unreadable)
            )
        for path, number in _broken_numbers(item.raw):
            self._found.append(
                Difference(rule="L4", name="not-an-integer", place=place, detail=f"{path} is {number}")
            )
        if isinstance(item.record, Receipt):
            self._found += _parked(item.record, place)

    def differences(self) -> Iterator[Difference]:
        yield from self._found


def _broken_numbers(raw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each number that is not whole, and where it stands."""
    left = list(raw.items())
    while left:
        path, value = left.pop()
        for kind, content in value.items():
            if kind == "N" and not content.removeprefix("-").isdigit():
                yield path, content
            elif kind == "M":
                left += [(f"{path}.{name}", part) for name, part in content.items()]
            elif kind == "L":
                left += [(f"{path}.{place}", part) for place, part in enumerate(content)]


def _parked(receipt: Receipt, place: str) -> Iterator[Difference]:
    for effect in receipt.effects:
        if effect.state == "parked":
            detail = f"{effect.kind} was given up after {effect.tries} tries"
            yield Difference(rule="OUTBOX", name="parked-effect", place=place, detail=detail, warning=True)
