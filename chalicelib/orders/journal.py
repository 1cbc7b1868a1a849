"""What an order's money did where no wallet moves with it: postings that stand in the order's own journal."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from chalicelib.core.ids import new_id
from chalicelib.orders.model import Order
from chalicelib.table import keys, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.transact import Write
from chalicelib.wallet.ledger import Posting
from chalicelib.wallet.postings import check_balanced, check_counter_accounts


class OrderEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One step with its postings, which sum to zero; ``operation`` names it, once and for ever."""

    id: str
    platform_id: str
    order_id: str
    operation: str
    kind: str
    at: datetime
    postings: list[Posting]
    version: int = 0


class OrderEntryItem(Item, discriminator="order-entry"):
    record = RecordAttribute(OrderEntry)


def posted(order: Order, operation: str, kind: str, postings: Sequence[Posting], at: datetime) -> Write:
    """The step, where none of its name stands; ``Unbalanced`` for a mistake of ours."""
    check_counter_accounts(postings)
    check_balanced(postings)
    entry = OrderEntry(
        id=new_id("ltx"),
        platform_id=order.platform_id,
        order_id=order.id,
        operation=operation,
        kind=kind,
        at=at,
        postings=list(postings),
    )
    return transact.create(OrderEntryItem.of(keys.order_entry(order.platform_id, order.id, operation), entry))
