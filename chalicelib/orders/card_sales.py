"""What a sale by card does to the books: the money that came, the expert's share of it, and both back."""

from datetime import datetime

import msgspec

from chalicelib.orders import journal
from chalicelib.orders.fulfilment import Delivery
from chalicelib.orders.model import SALE_REPORTED, Order, Sale
from chalicelib.orders.reversals import Reversal, reversed_sale
from chalicelib.table.operation import Effect
from chalicelib.wallet.model import Posting


def sold(order: Order, sale: Sale, at: datetime) -> Delivery:
    """The sale's line, and where its money goes: to the expert his share, the rest to the platform (R1)."""
    write = journal.posted(order, f"fulfil:{order.id}", "card_sale", _postings(order, sale), at)
    return Delivery(writes=[write], effects=[_reported(sale)])


def taken_back(order: Order, sale: Sale, reversal: Reversal, at: datetime) -> Delivery:
    """The line that reverses a part of the sale, and the same part of the money and the shares, as sold."""
    line = reversed_sale(sale, reversal, at)
    operation = f"reverse:{order.id}:{reversal.id}"
    write = journal.posted(order, operation, "refund", _postings(order, line), at)
    return Delivery(writes=[write], effects=[_reported(line)])


def _postings(order: Order, sale: Sale) -> list[Posting]:
    """Of the sale's parts in money; a line that reverses has them below zero."""
    postings = []
    for part in sale.parts:
        amounts = {
            f"provider:{order.provider}": -part.amount,
            f"expert:{sale.expert_id}": part.share,
            "revenue": part.amount - part.share,
        }
        postings += [
            Posting(account=account, asset=part.unit, amount=amount)
            for account, amount in amounts.items()
            if amount
        ]
    return postings


def _reported(sale: Sale) -> Effect:
    return Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(sale))
