"""How an order learns that money went back: asked for here, made at the provider's, or disputed."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.core.ids import new_id
from chalicelib.core.payments import Payment, PaymentState, Refunded
from chalicelib.orders.model import Order, OrderInReview, OrderNotPaid, OrderState
from chalicelib.orders.refunds import REFUND_SENT, Refund, RefundState, Returned
from chalicelib.table.operation import Effect

# How soon we look again at a refund that is on its way (real time).
LOOKED_AT_AFTER = timedelta(days=1)
MADE_AT_THE_PROVIDER = "made at the provider's"


def asked_for(order: Order, amount: int | None, reason: str, by: str, at: datetime) -> tuple[Order, Refund]:
    """The order with a refund of ``amount``, or of all that is left.

    ``OrderNotPaid``, ``OrderInReview``, ``RefundTooLarge`` with what is ``left``, ``RefundsTooMany``.
    """
    if order.state is OrderState.REVIEW:
        raise OrderInReview
    if not order.is_final():
        raise OrderNotPaid
    returned = order.returned
    refund = Refund(
        id=new_id("rfd"),
        amount=returned.left if amount is None else amount,
        reason=reason,
        requested_by=by,
        state=RefundState.REQUESTED,
        at=at,
    )
    return _knowing(order, returned.with_refund(refund)), refund


def sent_back(order: Order, reason: str, by: str, at: datetime) -> tuple[Order, Refund]:
    """The order for which nothing is delivered, with a refund of all that came. ``RefundTooLarge``."""
    return asked_for(replace(order, state=OrderState.REFUNDED), None, reason, by, at)


def reconciled(order: Order, payment: Payment, told: Mapping[str, Refunded], at: datetime) -> Order:
    """The order as the provider has it: its refunds in all, those of ours in doubt, and its disputes.

    Of the total and the disputes only an answer that the money came knows: a page that is forgotten says 0.
    """
    if payment.state is not PaymentState.PAID:
        return _knowing(order, order.returned.with_states(told))
    made_there = Refund(
        id=new_id("rfd"),
        amount=0,
        reason=MADE_AT_THE_PROVIDER,
        requested_by=None,
        state=RefundState.SUCCEEDED,
        at=at,
    )
    returned = order.returned.with_states(told).with_total_of_provider(payment.refunded, made_there)
    for dispute in payment.disputes:
        returned = returned.with_dispute(dispute)
    return _knowing(order, returned)


def with_refund_at(order: Order, refund_id: str, state: RefundState, reference: str | None) -> Order:
    """The order after its refund was sent, could not be, or was refused."""
    refunds = [
        replace(refund, state=state, reference=reference, asking=None) if refund.id == refund_id else refund
        for refund in order.refunds
    ]
    return replace(order, refunds=refunds)


def next_look(order: Order, was_due_at: datetime | None, now: datetime) -> datetime | None:
    """When to look again at an order whose money came: while a refund is on its way. Real time."""
    if any(refund.state is RefundState.SENT for refund in order.refunds):
        return was_due_at or now + LOOKED_AT_AFTER
    return None


def is_behind(order: Order, payment: Payment) -> bool:
    """True where the provider says more of refunds and disputes than the order knows."""
    return order.is_final() and reconciled(order, payment, {}, order.created_at).returned.total != (
        order.returned.total
    )


def to_be_sent(order: Order, refund: Refund) -> Effect:
    return Effect(kind=REFUND_SENT, payload={"order_id": order.id, "refund_id": refund.id})


def _knowing(order: Order, returned: Returned) -> Order:
    """A review is over when all of its money went back."""
    is_over = order.state is OrderState.REVIEW and returned.left <= 0
    state = OrderState.REFUNDED if is_over else order.state
    return replace(order, state=state, refunds=returned.refunds, disputes=returned.disputes)
