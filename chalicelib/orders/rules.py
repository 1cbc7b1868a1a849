"""How an order moves: pure decisions on what the provider says of its payment."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from chalicelib.core.payments import (
    Buyer,
    FailedAttempt,
    FailureReason,
    Payment,
    PaymentRequest,
    PaymentState,
    Started,
)
from chalicelib.orders.lines import FailedPayment, ProductType, Rail
from chalicelib.orders.model import MAX_FAILURES, Captured, Order, OrderState, ProductKind

# Nobody can pay on such a page any more.
CLOSED = (PaymentState.DECLINED, PaymentState.EXPIRED)
# Real time. Stripe takes 30 minutes at the least; the rest is for clocks that differ and calls that last.
PAYABLE_FOR = timedelta(minutes=31)
SHORTEST_PAYABLE = timedelta(minutes=30, seconds=5)
# Where no page could be opened for so long, nobody is waiting for it any more.
UNSTARTED_FOR = timedelta(hours=1)
EXPIRY_GRACE = timedelta(minutes=5)
# So long after its page's end is an order kept open for a provider that does not say how its payment stands.
# A delayed method may take days. Money that comes later is money all the same.
GIVEN_UP_AFTER = {OrderState.PENDING: timedelta(days=1), OrderState.PROCESSING: timedelta(days=30)}
RECHECK_AFTER = {OrderState.PENDING: timedelta(minutes=5), OrderState.PROCESSING: timedelta(hours=1)}

PRODUCT_TYPES = {
    ProductKind.CREDIT_PACKAGE: ProductType.CREDIT,
    ProductKind.APPOINTMENT_PACKAGE: ProductType.APPOINTMENT,
    ProductKind.SESSION_PACKAGE: ProductType.SESSION_PACKAGE,
}


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """The order after it was compared with the provider's truth, and what that brought to light."""

    order: Order
    failures: list[FailedAttempt]
    newly_paid: bool


def settle(order: Order, payment: Payment | None, seen: Iterable[FailedAttempt], now: datetime) -> Settled:
    """``payment`` is ``None`` where the truth can change nothing any more; ``now`` is real time.

    The state never goes back, whatever order events arrive in: paid and review stay, and expired gives way
    to money alone. A failed attempt is known by its id, so it counts once. A look that is owed stays owed.
    """
    failures = _unknown(order, [*seen, *([payment.failure] if payment and payment.failure else [])])
    state = _next_state(order, payment, now) if payment else order.state
    if state is OrderState.EXPIRED and order.is_open() and payment and not failures:
        failures = _unknown(order, abandoned(order, payment, now))
    moved = replace(
        order,
        state=state,
        failures=[*order.failures, *failures],
        payment_reference=_payment_reference(order, state, payment),
        payment_id=_payment_id(order, state, payment),
        check_at=order.check_at if order.is_final() else _next_check(order, state, now),
        captured=_captured(order, state, payment),
    )
    newly_paid = state is OrderState.PAID and order.state is not OrderState.PAID
    return Settled(order=moved, failures=failures, newly_paid=newly_paid)


def _next_state(order: Order, payment: Payment, now: datetime) -> OrderState:
    if order.is_final():
        return order.state
    if payment.state is PaymentState.PAID:
        as_ordered = payment.amount == order.price.amount and payment.currency == order.price.currency
        return OrderState.PAID if as_ordered else OrderState.REVIEW
    if order.state is OrderState.EXPIRED:
        return order.state
    # A page that the buyer left or was never shown says nothing about the order but that money comes.
    if payment.reference != order.payment_reference:
        is_coming = payment.state is PaymentState.PROCESSING and payment.reference in order.pages
        return OrderState.PROCESSING if is_coming else order.state
    if payment.state is PaymentState.DECLINED and _can_try_again(order, now):
        return order.state
    if payment.state in CLOSED:
        return OrderState.EXPIRED
    return OrderState.PROCESSING if payment.state is PaymentState.PROCESSING else order.state


def _can_try_again(order: Order, now: datetime) -> bool:
    """A page that closes with a decline does not close the order while its time runs."""
    return order.state is OrderState.PENDING and order.expires_at is not None and now < order.expires_at


def _captured(order: Order, state: OrderState, payment: Payment | None) -> Captured | None:
    """What was paid is remembered where it is not the price."""
    if payment is None or state is not OrderState.REVIEW or order.state is OrderState.REVIEW:
        return order.captured
    return Captured(amount=payment.amount, currency=payment.currency)


def _unknown(order: Order, reported: Iterable[FailedAttempt]) -> list[FailedAttempt]:
    known = {failure.attempt_id for failure in order.failures}
    fresh = {failure.attempt_id: failure for failure in reported if failure.attempt_id not in known}
    return list(fresh.values())[: max(0, MAX_FAILURES - len(order.failures))]


def abandoned(order: Order, payment: Payment, now: datetime) -> list[FailedAttempt]:
    """What is told of a page that has closed: that nobody tried to pay on it, if so (B43)."""
    was_tried = payment.payment_id or payment.failure or len(order.failures) > order.failed_before
    return [] if was_tried else [_pay_not_pressed(order, now)]


def _pay_not_pressed(order: Order, now: datetime) -> FailedAttempt:
    return FailedAttempt(
        attempt_id=f"{order.payment_reference}-left",
        reason=FailureReason.PAY_NOT_PRESSED,
        raw_code="expired",
        at=now,
    )


def _payment_reference(order: Order, state: OrderState, payment: Payment | None) -> str | None:
    """The page that the money came by, which may be one that the buyer left; until then the present one."""
    has_come = state in (OrderState.PAID, OrderState.REVIEW) and not order.is_final()
    return payment.reference if payment and has_come else order.payment_reference


def _payment_id(order: Order, state: OrderState, payment: Payment | None) -> str | None:
    """The payment that the money came by; until then the first that was tried, which may have failed."""
    if payment is None or order.is_final():
        return order.payment_id
    if state in (OrderState.PAID, OrderState.REVIEW):
        return payment.payment_id
    return order.payment_id or payment.payment_id


def _next_check(order: Order, state: OrderState, now: datetime) -> datetime | None:
    if state not in RECHECK_AFTER:
        return None
    return order.check_at if state is order.state else now + RECHECK_AFTER[state]


def payment_request(order: Order, buyer: Buyer, expires_at: datetime) -> PaymentRequest:
    """What the buyer is asked for in the order's present attempt."""
    return PaymentRequest(
        purchase=order.purchase,
        buyer=buyer,
        attempt_number=order.attempt_number,
        price=order.price,
        description=order.product_name,
        locale=order.locale,
        expires_at=expires_at,
    )


def begun(order: Order, started: Started) -> Order:
    """The order with the page on which it can be paid."""
    return replace(
        order,
        payment_reference=started.reference,
        pages=[*order.pages, started.reference],
        payment_url=started.url,
        expires_at=started.expires_at,
        check_at=started.expires_at + EXPIRY_GRACE,
    )


def next_attempt(order: Order, now: datetime) -> Order:
    """The order with a fresh attempt, which the provider knows nothing of; ``now`` is real time."""
    return replace(order, attempt_number=order.attempt_number + 1, expires_at=now + PAYABLE_FOR)


def left_page(order: Order, now: datetime) -> Order:
    """The order with a fresh attempt in the place of a page that has closed; ``now`` is real time.

    The payment that was tried there stays known: money may still come by it.
    """
    return replace(
        next_attempt(order, now),
        payment_reference=None,
        payment_url=None,
        failed_before=len(order.failures),
        check_at=now + UNSTARTED_FOR,
    )


def is_still_closing(order: Order, payment: Payment, now: datetime) -> bool:
    """A page that its time alone has closed may still bring money for a while: 3-D Secure takes minutes."""
    if payment.state is not PaymentState.EXPIRED or order.expires_at is None:
        return False
    return now < order.expires_at + EXPIRY_GRACE


def can_open_page(expires_at: datetime, now: datetime) -> bool:
    """False where the attempt is so old that no page with its expiry can be opened any more."""
    return expires_at - now >= SHORTEST_PAYABLE


def checked_later(order: Order, now: datetime) -> Order:
    """An order that is still open after the sweeper's look is looked at again."""
    return replace(order, check_at=now + RECHECK_AFTER[order.state] if order.is_open() else None)


def due(order: Order, now: datetime) -> Order:
    """The order, for the sweeper to look at behind all that is due by ``now``."""
    return replace(order, check_at=now)


def is_overdue(order: Order, now: datetime) -> bool:
    """True for an open order that was waited for long enough, whatever the provider says or fails to say.

    Of another, where that long ago a look was owed.
    """
    if not order.is_open():
        return order.check_at is not None and now >= order.check_at + GIVEN_UP_AFTER[OrderState.PENDING]
    return order.expires_at is not None and now >= order.expires_at + GIVEN_UP_AFTER[order.state]


def given_up(order: Order) -> Order:
    """An order of whose payment nothing is known: no page was ever opened, or nobody says how it stands."""
    return replace(order, state=OrderState.EXPIRED, check_at=None)


def failed_payment(order: Order, failure: FailedAttempt, failed_at: datetime) -> FailedPayment:
    """The line of the failed payments report; ``failed_at`` is the platform's time."""
    return FailedPayment(
        id=f"{order.id}-{failure.attempt_id}",
        platform_id=order.platform_id,
        failed_at=failed_at,
        customer_id=order.customer_id,
        reason=failure.reason,
        raw_code=failure.raw_code,
        rail=Rail.CARD,
        product_type=PRODUCT_TYPES[order.product_kind],
        product_id=order.product_id,
        product_name=order.product_name,
        amount=order.price.amount,
        unit=order.price.currency,
        country=order.country,
        order_id=order.id,
    )
