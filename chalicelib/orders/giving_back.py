"""Use cases of money that goes back: an admin asks for it, the outbox sends it, a review is decided."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from chalicelib.core import clock
from chalicelib.core.actor import Actor, system
from chalicelib.core.ids import new_id
from chalicelib.core.log import log
from chalicelib.core.money import Money, UnknownCurrency
from chalicelib.core.payments import RefundNotSupported, RefundRefused
from chalicelib.orders import asking, returns, store
from chalicelib.orders.model import (
    Captured,
    Order,
    OrderNotFound,
    OrderNotInReview,
    OrderState,
    OtherCurrencyPaid,
    PartlyReturned,
    Reviewed,
)
from chalicelib.orders.providers import PaymentProviders
from chalicelib.orders.refunds import (
    Asking,
    Refund,
    RefundNotByHand,
    RefundNotFound,
    RefundState,
)
from chalicelib.orders.settlement import Settlement, Settlements, refund_request
from chalicelib.orders.views import OrderList, OrderView, RefundOutcomeRequest, RefundRequest, ReviewRequest
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys
from chalicelib.table.operation import Answer, Decision, Operation, by_system, perform
from chalicelib.table.read import Loaded


class Refunds:
    """What is given for money goes back when the refund is asked for, and comes again if it fails."""

    def __init__(self, platforms: Platforms, providers: PaymentProviders, settlements: Settlements) -> None:
        self._platforms = platforms
        self._providers = providers
        self._settlements = settlements

    def request(self, operation: Operation, order_id: str, asked: RefundRequest) -> Answer:
        """An admin gives money back; answers with the ``OrderView``.

        ``OrderNotFound``, ``OrderNotPaid``, ``OrderInReview``, ``RefundTooLarge``, ``RefundsTooMany``.
        """

        def refunded(order: Order, loaded: Loaded) -> Decision:
            at = self._platforms.load(loaded, order.platform_id).now()
            after, refund = returns.asked_for(order, asked.amount, asked.reason, operation.actor.id, at)
            settlement = self._settlements.prepare_returned(loaded, order, after)
            return _decided(settlement, refund)

        return self._perform(operation, order_id, refunded)

    def record(
        self, operation: Operation, order_id: str, refund_id: str, asked: RefundOutcomeRequest
    ) -> Answer:
        """An admin says how a refund went that was his to send; answers with the ``OrderView``.

        ``OrderNotFound``, ``RefundNotFound``, ``RefundNotByHand``.
        """

        def recorded(order: Order, loaded: Loaded) -> Decision:
            refund = _refund(order, refund_id)
            if refund is None:
                raise RefundNotFound
            if refund.state is not RefundState.BY_HAND:
                raise RefundNotByHand
            state = RefundState(asked.outcome)
            after = returns.with_refund_at(order, refund_id, state, asked.reference)
            return _decided(self._settlements.prepare_returned(loaded, order, after))

        return self._perform(operation, order_id, recorded)

    def decide_review(self, operation: Operation, order_id: str, asked: ReviewRequest) -> Answer:
        """An admin settles an order that was paid otherwise than ordered; answers with the ``OrderView``.

        ``OrderNotFound``, ``OrderNotInReview``, ``OtherCurrencyPaid``, ``PartlyReturned``; what the
        fulfilment may refuse.
        """

        def settled(order: Order, loaded: Loaded) -> Decision:
            captured = order.captured
            if order.state is not OrderState.REVIEW or captured is None:
                raise OrderNotInReview
            platform = self._platforms.load(loaded, order.platform_id)
            by, at = operation.actor.id, platform.now()
            order_reviewed = replace(
                order, reviewed=Reviewed(decided_by=by, reason=asked.reason, price=order.price, at=at)
            )
            if asked.decision == "grant":
                granted = _standing_for_the_price(order_reviewed, captured)
                return _decided(self._settlements.prepare_moved(loaded, order, granted))
            after, refund = returns.sent_back(order_reviewed, asked.reason, by, at)
            return _decided(self._settlements.prepare_returned(loaded, order, after), refund)

        return self._perform(operation, order_id, settled)

    def reviews(self, actor: Actor, limit: int, cursor: str | None) -> OrderList:
        """The platform's orders that wait for a person, the oldest first."""
        page = store.in_review(actor.platform_id, limit, cursor)
        now = clock.now()
        return OrderList(
            items=[OrderView.of(order, now, for_admin=True) for order in page.records], cursor=page.cursor
        )

    def send(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Ask the provider for a refund, for the outbox; the provider's failures are for its next try.

        A provider that failed or took too long may be at it still, so that who tries next waits for this one.
        """
        order = store.find(platform_id, payload["order_id"])
        refund = _refund(order, payload["refund_id"]) if order else None
        if order is None or refund is None or not refund.is_to_send():
            return
        if not asking.begin(order, refund.id, Asking(id=new_id("ask"), since=clock.now())):
            return
        state, reference = self._asked(order, refund)

        def decide(loaded: Loaded) -> Decision:
            fresh = loaded.get(keys.order(platform_id, order.id), Order) or order
            known = _refund(fresh, refund.id)
            if known is None or not known.is_to_send():
                return Decision(answer=None)
            after = returns.with_refund_at(fresh, refund.id, state, reference)
            if state is RefundState.FAILED:  # the money may have gone another way; nobody tells of it again
                after = replace(after, check_at=clock.now())
            settlement = self._settlements.prepare_returned(loaded, fresh, after)
            return Decision(answer=None, writes=settlement.writes, effects=settlement.effects)

        operation = by_system(system(platform_id), "orders.refund", f"{refund.id}:{state}")
        perform(operation, self._settlements.keys(order.purchase), decide)

    def _asked(self, order: Order, refund: Refund) -> tuple[RefundState, str | None]:
        facts = {"platform_id": order.platform_id, "order_id": order.id, "refund_id": refund.id}
        try:
            refunded = self._providers.of(order.provider).refund(*refund_request(order, refund))
        except (RefundNotSupported, UnknownCurrency):  # of money that we know nothing of we ask for none
            log("refund_by_hand", **facts)
            return RefundState.BY_HAND, None
        except RefundRefused as refused:
            log("refund_refused", **facts, detail=refused.detail)
            return RefundState.FAILED, None
        told = refund.told(refunded)
        log("refund_asked_for", **facts, state=told.state)
        return told.state, told.reference

    def _perform(
        self, operation: Operation, order_id: str, decided: Callable[[Order, Loaded], Decision]
    ) -> Answer:
        """Read the order once to know what it needs, then decide on it as it stands in the transaction."""
        known = store.find(operation.platform_id, order_id)
        if known is None:
            raise OrderNotFound
        order_key = keys.order(known.platform_id, known.id)

        def decide(loaded: Loaded) -> Decision:
            return decided(loaded.get(order_key, Order) or known, loaded)

        return perform(operation, self._settlements.keys(known.purchase), decide)


def _standing_for_the_price(order: Order, captured: Captured) -> Order:
    if captured.currency != order.price.currency or captured.amount <= 0:
        raise OtherCurrencyPaid
    if order.returned.total > 0:
        raise PartlyReturned
    price = Money(captured.amount, captured.currency)
    return replace(order, state=OrderState.PAID, price=price, captured=None)


def _refund(order: Order, refund_id: str) -> Refund | None:
    return next((refund for refund in order.refunds if refund.id == refund_id), None)


def _decided(settlement: Settlement, refund: Refund | None = None) -> Decision:
    order = settlement.order
    return Decision(
        answer=OrderView.of(order, clock.now(), for_admin=True),
        writes=settlement.writes,
        effects=[*settlement.effects, *([returns.to_be_sent(order, refund)] if refund else [])],
    )
