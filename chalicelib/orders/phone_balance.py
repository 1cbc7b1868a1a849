"""Top-ups of the platform's balance for calls: an admin's own order, by card (E8)."""

from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Refusal
from chalicelib.core.money import Money, major_units
from chalicelib.core.payments import Purchase
from chalicelib.orders import journal
from chalicelib.orders.fulfilment import Delivery, NotForThisProduct, Offer
from chalicelib.orders.model import Order
from chalicelib.orders.reversals import Reversal
from chalicelib.orders.views import OrderRequest
from chalicelib.platforms.model import Platform
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.telephony.model import MICROS_PER_CENT, TOP_UPS_CENTS
from chalicelib.telephony.service import Phones
from chalicelib.wallet.ledger import Posting

_PREFIX = "pbl_"


def top_up(amount_cents: int) -> OrderRequest:
    """The order of one of the server's own amounts."""
    return OrderRequest(package_id=f"{_PREFIX}{amount_cents}")


class PhoneBalanceFulfilment:
    """Satisfies ``Fulfilment``. It is no sale of the platform's, so no line of the report is made of it."""

    refusals: tuple[type[Refusal], ...] = (PackageNotOnSale,)

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    def wanted_keys(self, actor: Actor, request: OrderRequest) -> list[Key]:
        return []

    def offer(self, loaded: Loaded, platform: Platform, actor: Actor, request: OrderRequest) -> Offer:
        """For the platform's admins alone; to anybody else there is no such thing. ``PackageNotOnSale``."""
        for choice in ("expert_id", "starts_at"):
            if getattr(request, choice) is not None:
                raise NotForThisProduct(field=choice)
        amounts = {f"{_PREFIX}{cents}": cents for cents in TOP_UPS_CENTS}
        cents = amounts.get(request.package_id)
        if cents is None or not actor.is_admin():
            raise PackageNotOnSale(field="package_id")
        price = Money(cents, "USD")
        product = {"id": request.package_id, "micros": cents * MICROS_PER_CENT}
        return Offer(product=product, name=f"Phone balance {major_units(price)} USD", price=price)

    def keys(self, purchase: Purchase) -> list[Key]:
        return [self._phones.key(purchase.platform_id)]

    def reserve(self, order: Order, loaded: Loaded, platform: Platform) -> list[Write]:
        return []

    def deliver(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        """Exactly what was paid for."""
        topped_up = self._phones.prepare_top_up(loaded, platform, order.product["micros"], order.id)
        money = _money(order, order.price.amount)
        entry = journal.posted(order, f"fulfil:{order.id}", "phone_top_up", money, platform.now())
        return Delivery(writes=[*topped_up, entry])

    def release(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        return Delivery()

    def reverse(self, order: Order, reversal: Reversal, loaded: Loaded, platform: Platform) -> Delivery:
        """What went back of the money is taken back of the balance; what is not free any more it owes."""
        operation = f"reverse:{order.id}:{reversal.id}"
        money = _money(order, -reversal.amount)
        entry = journal.posted(order, operation, "refund", money, platform.now())
        amount = reversal.part_of(order.product["micros"])
        if amount == 0:
            return Delivery(writes=[entry])
        taken = self._phones.prepare_reversal(loaded, platform, amount, operation, order.id)
        return Delivery(writes=[*taken, entry])


def _money(order: Order, amount: int) -> list[Posting]:
    currency = order.price.currency
    return [
        Posting(account=f"provider:{order.provider}", asset=currency, amount=-amount),
        Posting(account="sold:phone_balance", asset=currency, amount=amount),
    ]
