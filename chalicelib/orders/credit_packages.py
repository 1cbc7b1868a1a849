"""Credit packages: a card payment gives credits, as one lot that knows what it cost (A10, A22, A24)."""

from datetime import datetime

import msgspec

from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.catalogue.model import CreditPackage
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Refusal
from chalicelib.core.money import Money
from chalicelib.core.payments import Purchase
from chalicelib.orders import journal
from chalicelib.orders.fulfilment import Delivery, Offer, check_choices
from chalicelib.orders.lines import SALE_REPORTED, PaymentType, ProductType, Sale, SalePart, SaleType
from chalicelib.orders.model import PURCHASE_MAILED, Order
from chalicelib.orders.reversals import Reversal, reversed_sale
from chalicelib.orders.views import OrderRequest
from chalicelib.platforms.model import Platform
from chalicelib.table.keys import Key
from chalicelib.table.operation import Effect
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.wallet.ledger import Journal, Posting
from chalicelib.wallet.model import CREDIT, Grant, Origin, Wallet
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
        check_choices(request)
        country = actor.country or ""
        package = self._catalogue.credit_package(loaded, platform.id, country, request.package_id)
        return Offer(product=msgspec.to_builtins(package), name=package.name, price=package.price)

    def keys(self, purchase: Purchase) -> list[Key]:
        return [self._wallets.key(purchase.platform_id, purchase.customer_id)]

    def reserve(self, order: Order, loaded: Loaded, platform: Platform) -> list[Write]:
        return []

    def deliver(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        """Exactly the package's credits; or those that something else would have cost, given in its place."""
        grant = Grant(
            origin=Origin.PURCHASE,
            amount=order.credits_for_price,
            cost=order.price,
            reference=_reference(order),
            expires_at=_expiry(order, platform.now()),
        )
        step = _journal(order, _delivery(order), "credit_purchase", platform.now())
        movement = self._wallets.prepare_grant(
            self._wallet(loaded, order), grant, step, also=_money(order, order.price.amount)
        )
        mail = Effect(kind=PURCHASE_MAILED, payload={"order_id": order.id})
        return Delivery(writes=movement.writes, effects=[_reported(_sale(order, platform.now())), mail])

    def release(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        return Delivery()

    def reverse(self, order: Order, reversal: Reversal, loaded: Loaded, platform: Platform) -> Delivery:
        """Take the credits back of the lot that they made, or give them again (P3); what is spent is owed.

        What has expired is not: it is taken of breakage, and goes back there.
        """
        sold = _sale(order, order.paid_at or platform.now())
        line = reversed_sale(sold, reversal, platform.now())
        writes = self._reversing(order, reversal, self._wallet(loaded, order), platform.now())
        return Delivery(writes=writes, effects=[_reported(line)])

    def _reversing(self, order: Order, reversal: Reversal, wallet: Wallet, at: datetime) -> list[Write]:
        amount, money = reversal.part_of(order.credits_for_price), _money(order, -reversal.amount)
        operation = f"reverse:{order.id}:{reversal.id}"
        if amount == 0:
            return [journal.posted(order, operation, "refund", money, at)]
        if amount > 0:
            taken = [Posting(account="refunded:credits", asset=CREDIT, amount=amount)]
            step = _journal(order, operation, "refund", at)
            return self._wallets.prepare_clawback(
                wallet, amount, {"order_id": order.id}, taken, step, money, since=_since(order, at)
            ).writes
        cost = Money(-reversal.amount, order.price.currency)
        grant = Grant(
            origin=Origin.REFUND,
            amount=-amount,
            cost=cost,
            reference=_reference(order),
            expires_at=_expiry_again(order, at),
        )
        step = _journal(order, operation, "refund_failed", at)
        return self._wallets.prepare_again(wallet, grant, step, money, since=_since(order, at)).writes

    def _wallet(self, loaded: Loaded, order: Order) -> Wallet:
        return self._wallets.load(loaded, order.platform_id, order.customer_id)


def _reference(order: Order) -> dict[str, str]:
    return {"order_id": order.id, "package_id": order.product_id}


def _expiry(order: Order, at: datetime) -> datetime | None:
    """When the package's credits expire; those that are given for something else do not."""
    return None if order.delivered_as else msgspec.convert(order.product, CreditPackage).expiry(at)


def _expiry_again(order: Order, at: datetime) -> datetime | None:
    """As sold; where that has passed while they were gone, the credits have the package's days once more."""
    sold = _expiry(order, order.paid_at or at)
    return sold if sold is None or sold > at else _expiry(order, at)


def _since(order: Order, at: datetime) -> str | None:
    """The step that gave the credits, where they may have expired by now."""
    sold = _expiry(order, order.paid_at or at)
    return _delivery(order) if sold is not None and sold <= at else None


def _delivery(order: Order) -> str:
    return f"fulfil:{order.id}"


def _journal(order: Order, operation: str, kind: str, at: datetime) -> Journal:
    paid = {"payment_id": order.payment_id} if order.payment_id else {}
    return Journal(
        operation=operation, kind=kind, at=at, reference=_reference(order) | paid, memo=order.product_name
    )


def _reported(sale: Sale) -> Effect:
    return Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(sale))


def _money(order: Order, amount: int) -> list[Posting]:
    """The money came from the provider and is owed in credits until they are spent."""
    currency = order.price.currency
    return [
        Posting(account=f"provider:{order.provider}", asset=currency, amount=-amount),
        Posting(account="sold:credits", asset=currency, amount=amount),
    ]


def _sale(order: Order, at: datetime) -> Sale:
    return Sale(
        id=f"sal_{order.id.removeprefix('ord_')}",
        platform_id=order.platform_id,
        sold_at=at,
        product_type=ProductType.CREDIT,
        product_id=order.product_id,
        product_name=order.product_name,
        quantity=1,
        customer_id=order.customer_id,
        expert_id=None,
        sale_type=SaleType.CARD,
        parts=[SalePart(payment_type=PaymentType.CARD, amount=order.price.amount, unit=order.price.currency)],
        share_basis_points=0,
        country=order.country,
    )
