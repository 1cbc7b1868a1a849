"""Where an order and the provider's word of it differ. Pure."""

from chalicelib.core.payments import ListedPayment
from chalicelib.orders.model import Order, OrderState
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


def told(
    kind: DifferenceKind, before: Order | None, after: Order | None, listed: ListedPayment
) -> ProviderDifference:
    """The difference as it was found; ``after`` is the order once the one path has looked at it again."""
    theirs = f"paid {listed.amount} {listed.currency}, refunded {listed.refunded}"
    return ProviderDifference(
        kind=kind,
        order_id=before.id if before else listed.order_id,
        reference=listed.reference or listed.payment_id,
        ours=_shown(before),
        theirs=theirs,
        mended=after is not None and differing(after, listed) is None,
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
    price = f"{order.price.amount} {order.price.currency}"
    return f"{order.state} {price}"
