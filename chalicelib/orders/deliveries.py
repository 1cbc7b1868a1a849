"""What an order's step brings about for what was ordered: delivered, given back, or taken back in part."""

from collections.abc import Mapping

from msgspec.structs import replace

from chalicelib.core.log import log
from chalicelib.core.payments import Purchase
from chalicelib.orders import returns
from chalicelib.orders.fulfilment import CannotDeliver, Delivery, Fulfilment, together
from chalicelib.orders.model import Order, OrderState, ProductKind
from chalicelib.orders.reversals import Reversal
from chalicelib.platforms.model import LatePayment, Platform
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded


class Deliveries:
    """Every method is pure: the order after the step, and what its transaction must write."""

    def __init__(self, fulfilments: Mapping[str, Fulfilment]) -> None:
        self._fulfilments = fulfilments

    def keys(self, purchase: Purchase) -> list[Key]:
        """What any step of the order reads for what was ordered, or for the credits given instead."""
        wanted = self._fulfilments[purchase.product_kind].keys(purchase)
        if instead := self._fulfilments.get(ProductKind.CREDIT_PACKAGE):
            wanted += instead.keys(purchase)
        return list({(key.pk, key.sk): key for key in wanted}.values())

    def moved(
        self, before: Order, after: Order, loaded: Loaded, platform: Platform
    ) -> tuple[Order, Delivery]:
        """Delivered with the transition to paid, given back with the one from open to expired."""
        if after.state is OrderState.PAID and before.state is not OrderState.PAID:
            return self._paid(before, replace(after, paid_at=platform.now()), loaded, platform)
        if after.state is OrderState.EXPIRED and before.is_open():
            return after, self._fulfilments[after.product_kind].release(after, loaded, platform)
        return after, Delivery()

    def returned(
        self, before: Order, after: Order, loaded: Loaded, platform: Platform
    ) -> tuple[Order, Delivery]:
        """One step for all that went back or came again; nothing is taken back that was never given."""
        already = before.returned.total
        amount = after.returned.total - already
        if amount == 0:
            return after, Delivery()
        after = replace(after, reversals=before.reversals + 1)
        if before.state is OrderState.REVIEW and after.state is OrderState.REFUNDED:
            return after, self._fulfilments[after.product_kind].release(after, loaded, platform)
        if after.state is not OrderState.PAID:
            return after, Delivery()
        step = Reversal(id=f"r{after.reversals}", price=after.price, before=already, amount=amount)
        given = self._fulfilments[after.delivered_as or after.product_kind]
        return after, given.reverse(after, step, loaded, platform)

    def _paid(self, before: Order, paid: Order, loaded: Loaded, platform: Platform) -> tuple[Order, Delivery]:
        """What was ordered; where that is gone, credits or the money, as the platform has decided."""
        ordered = self._fulfilments[paid.product_kind]
        try:
            return paid, ordered.deliver(paid, loaded, platform)
        except CannotDeliver as gone:
            log("order_not_deliverable", platform_id=paid.platform_id, order_id=paid.id, detail=gone.detail)
        if not before.has_reserved():
            return self._instead(paid, loaded, platform)
        released = ordered.release(paid, loaded, platform)
        # The wallet that its held credits go back to is written by that, and once in a transaction.
        holds = paid.credits and released.writes
        instead = self._sent_back(paid, platform) if holds else self._instead(paid, loaded, platform)
        return instead[0], together(released, instead[1])

    def _instead(self, paid: Order, loaded: Loaded, platform: Platform) -> tuple[Order, Delivery]:
        credits_ = self._fulfilments.get(ProductKind.CREDIT_PACKAGE)
        if platform.settings.late_payment is LatePayment.CREDITS and paid.product.get("credits") and credits_:
            paid = replace(paid, delivered_as=ProductKind.CREDIT_PACKAGE)
            return paid, credits_.deliver(paid, loaded, platform)
        return self._sent_back(paid, platform)

    @staticmethod
    def _sent_back(paid: Order, platform: Platform) -> tuple[Order, Delivery]:
        paid, refund = returns.sent_back(paid, CannotDeliver.code, "system", platform.now())
        return paid, Delivery(effects=[returns.to_be_sent(paid, refund)])
