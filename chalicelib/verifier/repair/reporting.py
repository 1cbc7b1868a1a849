"""A step that is done again reports its sale again only where nobody has, nor is about to."""

from collections.abc import Iterator, Sequence

from chalicelib.orders.lines import SALE_REPORTED
from chalicelib.orders.model import Order
from chalicelib.table import keys, read
from chalicelib.table.operation import Effect, Receipt


def unreported(order: Order, effects: Sequence[Effect]) -> list[Effect]:
    """The effects without the sales that the report has, or that a receipt has still to bring there."""
    told = set(_told(order))
    return [each for each in effects if each.kind != SALE_REPORTED or each.payload["id"] not in told]


def _told(order: Order) -> Iterator[str]:
    partition = keys.owner_partition(order.platform_id, order.customer_id, "SALE")
    yield from (sale.id for sale in read.query_all(partition, index="GSI1"))
    for shard in keys.work_shards():
        for place in read.query_all(shard, index="GSI3"):
            if place.sk == "RECEIPT":
                yield from _promised(read.get(place, Receipt))


def _promised(receipt: Receipt | None) -> Iterator[str]:
    for effect in receipt.effects if receipt else []:
        if effect.kind == SALE_REPORTED:
            yield effect.payload["id"]
