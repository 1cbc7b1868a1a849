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
        for path, number in _broken_numbers({"M": item.raw}, ""):
            self._found.append(
                Difference(rule="L4", name="not-an-integer", place=place, detail=f"{path} is {number}")
            )
        if isinstance(item.record, Receipt):
            self._found += _parked(item.record, place)

    def differences(self) -> Iterator[Difference]:
        yield from self._found


def _broken_numbers(value: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    ((kind, content),) = value.items()
    if kind == "N" and not content.removeprefix("-").isdigit():
        yield path, content
    elif kind in ("M", "L"):
        parts = content.items() if kind == "M" else enumerate(content)
        for name, part in parts:
            yield from _broken_numbers(part, f"{path}.{name}".lstrip("."))


def _parked(receipt: Receipt, place: str) -> Iterator[Difference]:
    for effect in receipt.effects:
        if effect.state == "parked":
            detail = f"{effect.kind} was given up after {effect.tries} tries"
            yield Difference(rule="OUTBOX", name="parked-effect", place=place, detail=detail, warning=True)
