"""Where an order and the provider's word of it differ. Pure."""

from chalicelib.core.payments import ListedPayment, Payment
from chalicelib.orders.model import Order, OrderState
from chalicelib.orders.refunds import RefundState
from chalicelib.reconciliation.model import DifferenceKind, ProviderDifference


def differing(order: Order, listed: ListedPayment) -> DifferenceKind | None:
    """The first difference, the gravest first; an order in review waits for a person already."""
    if order.state is OrderState.REVIEW:
        return None
    if order.state is OrderState.REFUNDED and order.returned.left <= 0:
        return None  # what came was never delivered, and all of it goes back
    if order.state is not OrderState.PAID:
        return DifferenceKind.NOT_SETTLED
    if (listed.amount, listed.currency) != (order.price.amount, order.price.currency):
        return DifferenceKind.AMOUNT
    return None


def knows(order: Order, listed: ListedPayment) -> bool:
    """Whether it is the very payment that the order was paid by; without a match the provider must say."""
    if listed.payment_id == order.payment_id:
        return True
    return listed.reference is not None and listed.reference == order.payment_reference


def may_have_gone_back(order: Order, listed: ListedPayment) -> bool:
    """Whether either side knows of a refund or a dispute."""
    return bool(order.refunds or order.disputes or listed.refunded or listed.disputed)


def gone_back(order: Order, payment: Payment, *, tells_refunds: bool) -> DifferenceKind | None:
    """What the two sides say went back, and differ on though the order has looked again.

    A refund on its way may be there or not. A provider that tells of none denies none.
    """
    done = [refund.amount for refund in order.refunds if refund.state is RefundState.SUCCEEDED]
    at_least = sum(done) if tells_refunds else 0
    if not at_least <= payment.refunded <= order.returned.refunded:
        return DifferenceKind.REFUNDED
    ours = {dispute.id: dispute.state for dispute in order.disputes}
    if ours != {dispute.id: dispute.state for dispute in payment.disputes}:
        return DifferenceKind.DISPUTED
    return None


def learned(before: Order, after: Order) -> DifferenceKind | None:
    """What the order has taken over of refunds and disputes by looking again."""
    if after.disputes != before.disputes:
        return DifferenceKind.DISPUTED
    return DifferenceKind.REFUNDED if after.refunds != before.refunds else None


def told(
    kind: DifferenceKind, before: Order | None, listed: ListedPayment, *, mended: bool
) -> ProviderDifference:
    """The difference as it was found."""
    theirs = f"paid {listed.amount} {listed.currency}, refunded {listed.refunded}"
    return ProviderDifference(
        kind=kind,
        order_id=before.id if before else listed.order_id,
        reference=listed.reference or listed.payment_id,
        ours=_shown(before),
        theirs=f"{theirs}, disputed" if listed.disputed else theirs,
        mended=mended,
    )


def not_paid(order: Order) -> ProviderDifference:
    """Paid here, and the provider knows of no such money."""
    return ProviderDifference(
        kind=DifferenceKind.NOT_PAID,
        order_id=order.id,
        reference=order.payment_reference,
        ours=_shown(order),
        theirs="not paid",
        mended=False,
    )


def _shown(order: Order | None) -> str:
    if order is None:
        return "none"
    shown = f"{order.state} {order.price.amount} {order.price.currency}, refunded {order.returned.refunded}"
    return f"{shown}, disputed" if order.disputes else shown
