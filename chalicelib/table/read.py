"""Reads. Every decision reads base keys, consistently; an index serves lists only."""

import base64
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec
from pynamodb.attributes import UnicodeAttribute
from pynamodb.constants import ITEMS, LAST_EVALUATED_KEY, RESPONSES, UNPROCESSED_KEYS
from pynamodb.exceptions import QueryError

from chalicelib.core.errors import Busy, Invalid
from chalicelib.table.base import Item, connection, failure_code
from chalicelib.table.keys import Key

T = TypeVar("T")
_BATCH = 100
_BATCH_TRIES = 4
_INDEX_KEYS = {"GSI1": ("GSI1PK", "GSI1SK"), "GSI2": ("GSI2PK", "GSI2SK"), "GSI3": ("GSI3PK", "GSI3SK")}


class CursorInvalid(Invalid):
    code = "CURSOR_INVALID"
    message = "This cursor was not given by the list that it is used on."


class Loaded:
    """What one batch read found."""

    def __init__(self, records: dict[Key, Any]) -> None:
        self._records = records

    def get(self, key: Key, record_type: type[T]) -> T | None:
        """The record under ``key``, or ``None`` where the table holds none."""
        found = self._records.get(key)
        if found is not None and not isinstance(found, record_type):
            raise TypeError(f"{key} holds a {type(found).__name__}, not a {record_type.__name__}")
        return found


class Due(NamedTuple):
    """Work; its place in the index begins with the instant at which it is due."""

    place: str
    key: Key

    @property
    def order(self) -> tuple[str, str]:
        return self.place, self.key.sk

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.place.partition("#")[0])


class Page(msgspec.Struct, frozen=True):
    """A bounded part of a list; ``cursor`` leads to the next part and is ``None`` on the last."""

    records: list[Any]
    cursor: str | None


def get(key: Key, record_type: type[T]) -> T | None:
    """One record by its key, consistently."""
    linked = connection()
    raw = linked.get_item(Item.Meta.table_name, key.pk, key.sk, consistent_read=True).get("Item")
    return Loaded({key: _record(raw)} if raw else {}).get(key, record_type)


def batch(keys: Iterable[Key]) -> Loaded:
    """Many records by their keys in one consistent call (at most 100 keys a call)."""
    wanted = list(dict.fromkeys(keys))
    found: dict[Key, Any] = {}
    for start in range(0, len(wanted), _BATCH):
        for raw in _batch_items(wanted[start : start + _BATCH]):
            found[Key(raw["PK"]["S"], raw["SK"]["S"])] = _record(raw)
    return Loaded(found)


def _batch_items(keys: list[Key]) -> Iterator[dict[str, Any]]:
    pending: Any = [{"PK": key.pk, "SK": key.sk} for key in keys]
    linked, table = connection(), Item.Meta.table_name
    for _ in range(_BATCH_TRIES):
        answer = linked.batch_get_item(table, keys=pending, consistent_read=True)
        yield from answer[RESPONSES].get(table, [])
        left = answer.get(UNPROCESSED_KEYS, {}).get(table, {}).get("Keys", [])
        if not left:
            return
        pending = [{"PK": key["PK"]["S"], "SK": key["SK"]["S"]} for key in left]
    raise Busy


def query(
    pk: str,
    *,
    index: str | None = None,
    prefix: str | None = None,
    between: tuple[str, str] | None = None,
    limit: int = 100,
    cursor: str | None = None,
    newest_first: bool = False,
) -> Page:
    """One page of a partition, in the order of its sort key; consistent where it is not an index.

    ``between`` bounds the sort key, both ends included. ``CursorInvalid`` for a cursor that is not ours.
    """
    hash_name, range_name = _INDEX_KEYS[index] if index else ("PK", "SK")
    linked = connection()
    try:
        answer = linked.query(
            Item.Meta.table_name,
            pk,
            range_key_condition=_range_condition(range_name, prefix, between),
            consistent_read=index is None,
            exclusive_start_key=_start_key(cursor, pk, hash_name, range_name) if cursor else None,
            index_name=index,
            limit=limit,
            scan_index_forward=not newest_first,
        )
    except QueryError as error:
        if cursor and failure_code(error) == "ValidationException":  # it stands outside of this list
            raise CursorInvalid(field="cursor") from None
        raise
    last = answer.get(LAST_EVALUATED_KEY)
    records = [_record(raw) if "record" in raw else _key_of(raw) for raw in answer[ITEMS]]
    return Page(records, _cursor(last, hash_name) if last else None)


def query_all(pk: str, **options: Any) -> Iterator[Any]:
    """Every record of a partition, page by page, never more than one page in memory."""
    cursor = None
    while True:
        page = query(pk, cursor=cursor, **options)
        yield from page.records
        if page.cursor is None:
            return
        cursor = page.cursor


def due(pk: str, *, index: str, between: tuple[str, str], limit: int) -> Iterator[Due]:
    """The work that an index has of a partition ``between`` two places, first due first, page by page."""
    _, range_name = _INDEX_KEYS[index]
    start = None
    while True:
        answer = connection().query(
            Item.Meta.table_name,
            pk,
            range_key_condition=_range_condition(range_name, None, between),
            exclusive_start_key=start,
            index_name=index,
            limit=limit,
            scan_index_forward=True,
        )
        yield from (Due(raw[range_name]["S"], _key_of(raw)) for raw in answer[ITEMS])
        start = answer.get(LAST_EVALUATED_KEY)
        if start is None:
            return


def place_of(key: Key, index: str) -> Key | None:
    """Where an item stands in an index, by the item itself, consistently: the index may lag behind."""
    hash_name, range_name = _INDEX_KEYS[index]
    linked = connection()
    raw = linked.get_item(Item.Meta.table_name, key.pk, key.sk, consistent_read=True).get("Item", {})
    return Key(raw[hash_name]["S"], raw[range_name]["S"]) if hash_name in raw else None


def _range_condition(name: str, prefix: str | None, between: tuple[str, str] | None) -> Any:
    attribute: UnicodeAttribute = UnicodeAttribute(attr_name=name)
    attribute.attr_path = [name]
    if prefix is not None:
        return attribute.startswith(prefix)
    return attribute.between(*between) if between else None


def _record(raw: dict[str, Any]) -> Any:
    return Item.from_raw_data(raw).loaded()


def _key_of(raw: dict[str, Any]) -> Key:
    """What a keys-only index gives: where the item stands."""
    return Key(raw["PK"]["S"], raw["SK"]["S"])


def _cursor(last: dict[str, Any], hash_name: str) -> str:
    rest = {name: value["S"] for name, value in last.items() if name != hash_name}
    return base64.urlsafe_b64encode(msgspec.json.encode(rest)).decode().rstrip("=")


def _start_key(cursor: str, pk: str, hash_name: str, range_name: str) -> dict[str, Any]:
    """The partition is put in by us, so that no cursor leads to another tenant's partition."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        rest = msgspec.json.decode(text, type=dict[str, str])
    except ValueError:
        raise CursorInvalid(field="cursor") from None
    if set(rest) != {"PK", "SK", range_name} - {hash_name} or not all(rest.values()):
        raise CursorInvalid(field="cursor")
    return {hash_name: {"S": pk}} | {name: {"S": value} for name, value in rest.items()}
