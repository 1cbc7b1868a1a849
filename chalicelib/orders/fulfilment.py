"""What a payment brings about. Orders come before the features that deliver: each satisfies this protocol."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from chalicelib.catalogue.model import CreditPackage
from chalicelib.core.payments import Purchase
from chalicelib.orders.model import (
    PURCHASE_MAILED,
    SALE_REPORTED,
    Order,
    PaymentType,
    ProductType,
    Sale,
    SalePart,
    SaleType,
)
from chalicelib.table.keys import Key
from chalicelib.table.operation import Effect
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.wallet.model import Grant, Journal, Origin, Posting
from chalicelib.wallet.service import Wallets


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What one transaction must write for the buyer to have what he paid for, and what leaves the table."""

    writes: Sequence[Write]
    effects: Sequence[Effect]


class Fulfilment(Protocol):
    """Delivers one kind of product."""

    def keys(self, purchase: Purchase) -> list[Key]:
        """What to read along with the order."""

    def deliver(self, order: Order, loaded: Loaded, at: datetime) -> Delivery:
        """Writes for the order's transaction, at an instant of the platform; commits nothing."""


class CreditFulfilment:
    """Gives exactly the package's credits, as one lot that knows what it cost (A10, A22, A24)."""

    def __init__(self, wallets: Wallets) -> None:
        self._wallets = wallets

    def keys(self, purchase: Purchase) -> list[Key]:
        return [self._wallets.key(purchase.platform_id, purchase.customer_id)]

    def deliver(self, order: Order, loaded: Loaded, at: datetime) -> Delivery:
        package = msgspec.convert(order.product, CreditPackage)
        reference = {"order_id": order.id, "package_id": package.id}
        movement = self._wallets.prepare_grant(
            self._wallets.load(loaded, order.platform_id, order.customer_id),
            Grant(origin=Origin.PURCHASE, amount=package.credits, cost=order.price, reference=reference),
            Journal(
                operation=f"fulfil:{order.id}",
                kind="credit_purchase",
                at=at,
                reference=reference,
                memo=package.name,
            ),
            also=_money_received(order),
        )
        sale = Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(_sale(order, package, at)))
        mail = Effect(kind=PURCHASE_MAILED, payload={"order_id": order.id})
        return Delivery(writes=movement.writes, effects=[sale, mail])


def _money_received(order: Order) -> list[Posting]:
    """The money came from the provider and is owed in credits until they are spent."""
    amount, currency = order.price.amount, order.price.currency
    return [
        Posting(account=f"provider:{order.provider}", asset=currency, amount=-amount),
        Posting(account="sold:credits", asset=currency, amount=amount),
    ]


def _sale(order: Order, package: CreditPackage, at: datetime) -> Sale:
    return Sale(
        id=f"sal_{order.id.removeprefix('ord_')}",
        platform_id=order.platform_id,
        sold_at=at,
        product_type=ProductType.CREDIT,
        product_id=package.id,
        product_name=package.name,
        quantity=1,
        customer_id=order.customer_id,
        expert_id=None,
        sale_type=SaleType.CARD,
        parts=[SalePart(payment_type=PaymentType.CARD, amount=order.price.amount, unit=order.price.currency)],
        share_basis_points=0,
        country=order.country,
    )
