"""The whole table, page by page; never more than one page in memory."""

from collections.abc import Iterator
from typing import Any

from pynamodb.constants import ITEMS, LAST_EVALUATED_KEY

from chalicelib.table.base import Item, connection
from chalicelib.table.keys import Key
from chalicelib.verifier.model import Seen

PAGE = 500


def every_item() -> Iterator[Seen]:
    """Each item of the table. A page is read consistently, the whole is not one instant: verify at rest."""
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
