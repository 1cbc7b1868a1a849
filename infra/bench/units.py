"""What a write costs in DynamoDB's write units: by its rules, from the items as they are sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
"""An item as DynamoDB's JSON has it, such as ``{"PK": {"S": "a"}}``."""

_UNIT_BYTES = 1024
_TABLE_KEYS = ("PK", "SK")


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index: its two keys, and whether it holds the keys alone."""

    keys: tuple[str, str]
    keys_only: bool = False


INDEXES = (
    Index(("GSI1PK", "GSI1SK")),
    Index(("GSI2PK", "GSI2SK")),
    Index(("GSI3PK", "GSI3SK"), keys_only=True),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One write: the item that stood there, and the item that stands there now; ``None`` where none does.

    Each KB costs ``units_per_kb``: 2 in a transaction, 1 alone; in one, a check that changes nothing too.
    """

    before: Item | None
    after: Item | None
    units_per_kb: int = 2

    @property
    def table_units(self) -> int:
        """What the table takes: of the two items, the larger counts."""
        return self.units_per_kb * max(_units(self.before), _units(self.after), 1)

    @property
    def index_units(self) -> int:
        """What the indexes take; they follow by plain writes, after the transaction."""
        return sum(_entry_units(index, self.before, self.after) for index in INDEXES)

    @property
    def entries(self) -> int:
        """How many index entries are put, changed or removed, whatever their size."""
        return sum(_entry(index, self.before) != _entry(index, self.after) for index in INDEXES)


def item_bytes(item: Item) -> int:
    """The size of an item, by which DynamoDB counts: names and values, without its JSON."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            digits: str = content.lstrip("-").replace(".", "").strip("0")
            return (len(digits) + 1) // 2 + 1 + int(content.startswith("-"))
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + _value_bytes(each) for each in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_bytes(each) for name, each in content.items())
    raise TypeError(f"a DynamoDB {kind} is not kept in the table")


def _units(item: Item | None) -> int:
    return -(-item_bytes(item) // _UNIT_BYTES) if item else 0


def _entry(index: Index, item: Item | None) -> Item | None:
    """What the index holds of an item; nothing where the item lacks a key of it."""
    if item is None or not all(key in item for key in index.keys):
        return None
    return {key: item[key] for key in (*_TABLE_KEYS, *index.keys)} if index.keys_only else item


def _entry_units(index: Index, before: Item | None, after: Item | None) -> int:
    """A new key is a removal and a put; the same key with other content is one write."""
    old, new = _entry(index, before), _entry(index, after)
    if old == new:
        return 0
    if old and new and all(old[key] == new[key] for key in index.keys):
        return max(_units(old), _units(new))
    return _units(old) + _units(new)
