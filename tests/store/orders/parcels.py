"""A kind of product that is set aside, delivered and given back, with nothing else to it."""

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Refusal
from chalicelib.core.money import Money
from chalicelib.core.payments import Purchase
from chalicelib.orders.fulfilment import CannotDeliver, Delivery, Offer
from chalicelib.orders.model import Order
from chalicelib.orders.reversals import Reversal
from chalicelib.orders.store import PaymentReference, PaymentReferenceItem
from chalicelib.orders.views import OrderRequest
from chalicelib.platforms.model import Platform
from chalicelib.table import keys, transact
from chalicelib.table.keys import Key
from chalicelib.table.operation import Effect
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


class ShelfTaken(Conflict):
    code = "SHELF_TAKEN"


class ParcelFulfilment:
    """Satisfies ``Fulfilment``. A parcel stands on the shelf that the order names in place of an expert."""

    refusals: tuple[type[Refusal], ...] = (ShelfTaken,)

    def wanted_keys(self, actor: Actor, request: OrderRequest) -> list[Key]:
        return [_shelf(actor.platform_id, str(request.expert_id))]

    def offer(self, loaded: Loaded, platform: Platform, actor: Actor, request: OrderRequest) -> Offer:
        shelf = str(request.expert_id)
        if loaded.get(_shelf(platform.id, shelf), PaymentReference):
            raise ShelfTaken
        product = {"id": request.package_id, "credits": 70 if shelf == "top" else None}
        return Offer(product=product, name="Parcel", price=Money(1_000, "TRY"), details={"shelf": shelf})

    def keys(self, purchase: Purchase) -> list[Key]:
        return [_shelf(purchase.platform_id, purchase.details["shelf"])]

    def reserve(self, order: Order, loaded: Loaded, platform: Platform) -> list[Write]:
        taken = PaymentReference(order_id=order.id)
        return [transact.create(PaymentReferenceItem.of(_place(order), taken), ShelfTaken())]

    def deliver(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        """Where it expired the shelf was cleared, and the parcel is gone."""
        if loaded.get(_place(order), PaymentReference) is None:
            raise CannotDeliver
        return Delivery(effects=[Effect(kind="parcel.sent", payload={"order_id": order.id})])

    def release(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        taken = loaded.get(_place(order), PaymentReference)
        assert taken is not None
        return Delivery(writes=[transact.delete(PaymentReferenceItem, _place(order), taken)])

    def reverse(self, order: Order, reversal: Reversal, loaded: Loaded, platform: Platform) -> Delivery:
        back = {"order_id": order.id, "amount": reversal.amount}
        return Delivery(effects=[Effect(kind="parcel.back", payload=back)])


def _place(order: Order) -> Key:
    return _shelf(order.platform_id, order.details["shelf"])


def _shelf(platform_id: str, name: str) -> Key:
    return keys.payment_reference(platform_id, "shelf", name)
