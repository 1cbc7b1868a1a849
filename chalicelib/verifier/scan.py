"""The whole table, page by page; never more than one page in memory."""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from pynamodb.constants import ITEMS, LAST_EVALUATED_KEY

import chalicelib
from chalicelib.table.base import Item, connection
from chalicelib.table.keys import Key
from chalicelib.verifier.model import Seen

PAGE = 500


def every_item() -> Iterator[Seen]:
    """Each item of the table. A page is read consistently, the whole is not one instant: verify at rest."""
    _know_all_records()
    linked, start = connection(), None
    while True:
        page = linked.scan(Item.Meta.table_name, limit=PAGE, exclusive_start_key=start, consistent_read=True)
        for raw in page[ITEMS]:
            yield seen(raw)
        start = page.get(LAST_EVALUATED_KEY)
        if not start:
            return


def seen(raw: dict[str, Any]) -> Seen:
    """The item with its record, or with the reason why the product cannot read it."""
    key = Key(raw["PK"]["S"], raw["SK"]["S"])
    entity = raw.get("entity", {}).get("S", "")
    try:
        return Seen(key=key, entity=entity, raw=raw, record=Item.from_raw_data(raw).loaded())
    except Exception as error:
        return Seen(key=key, entity=entity, raw=raw, unreadable=repr(error))


@cache
def _know_all_records() -> None:
    """A feature's records are known to the one model as soon as its store is imported."""
    for feature in pkgutil.iter_modules(chalicelib.__path__):
        store = f"chalicelib.{feature.name}.store"
        if feature.ispkg and find_spec(store):
            import_module(store)
