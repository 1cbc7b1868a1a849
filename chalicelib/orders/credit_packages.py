"""Credit packages: a card payment gives credits, as one lot that knows what it cost (A10, A22, A24)."""

from datetime import datetime

import msgspec

from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.catalogue.model import CreditPackage
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Refusal
from chalicelib.core.payments import Purchase
from chalicelib.orders.fulfilment import Delivery, NotForThisProduct, Offer
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
from chalicelib.orders.views import OrderRequest
from chalicelib.platforms.model import Platform
from chalicelib.table.keys import Key
from chalicelib.table.operation import Effect
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.wallet.model import Grant, Journal, Origin, Posting
from chalicelib.wallet.service import Wallets


class CreditFulfilment:
    """Satisfies ``Fulfilment``. Nothing is set aside for credits, so nothing is released."""

    refusals: tuple[type[Refusal], ...] = (PackageNotOnSale,)

    def __init__(self, catalogue: Catalogue, wallets: Wallets) -> None:
        self._catalogue = catalogue
        self._wallets = wallets

    def wanted_keys(self, actor: Actor, request: OrderRequest) -> list[Key]:
        return [self._catalogue.key(actor.platform_id, actor.country or "")]

    def offer(self, loaded: Loaded, platform: Platform, actor: Actor, request: OrderRequest) -> Offer:
        """``PackageNotOnSale``, ``NotForThisProduct``."""
        for choice in ("expert_id", "starts_at"):
            if getattr(request, choice) is not None:
                raise NotForThisProduct(field=choice)
        country = actor.country or ""
        package = self._catalogue.credit_package(loaded, platform.id, country, request.package_id)
        return Offer(product=msgspec.to_builtins(package), name=package.name, price=package.price)

    def keys(self, purchase: Purchase) -> list[Key]:
        return [self._wallets.key(purchase.platform_id, purchase.customer_id)]

    def reserve(self, order: Order, loaded: Loaded, platform: Platform) -> list[Write]:
        return []

    def deliver(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        """Exactly the package's credits."""
        package = msgspec.convert(order.product, CreditPackage)
        reference = {"order_id": order.id, "package_id": package.id}
        movement = self._wallets.prepare_grant(
            self._wallets.load(loaded, order.platform_id, order.customer_id),
            Grant(
                origin=Origin.PURCHASE,
                amount=package.credits,
                cost=order.price,
                reference=reference,
                expires_at=package.expiry(platform.now()),
            ),
            Journal(
                operation=f"fulfil:{order.id}",
                kind="credit_purchase",
                at=platform.now(),
                reference=reference | ({"payment_id": order.payment_id} if order.payment_id else {}),
                memo=package.name,
            ),
            also=_money_received(order),
        )
        sale = Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(_sale(order, package, platform.now())))
        mail = Effect(kind=PURCHASE_MAILED, payload={"order_id": order.id})
        return Delivery(writes=movement.writes, effects=[sale, mail])

    def release(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        return Delivery()


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
