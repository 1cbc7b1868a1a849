"""The one path from the provider's truth to what it brings about: webhook's, return page's and sweeper's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from chalicelib.core import clock
from chalicelib.core.log import log
from chalicelib.core.money import Money
from chalicelib.core.payments import (
    FailedAttempt,
    Payment,
    PaymentPage,
    PaymentState,
    ProviderFailed,
    Purchase,
    Refunded,
)
from chalicelib.orders import returns, rules, store
from chalicelib.orders.deliveries import Deliveries
from chalicelib.orders.fulfilment import Delivery, Fulfilment, together
from chalicelib.orders.lines import FAILED_PAYMENT_REPORTED
from chalicelib.orders.model import Order, OrderState
from chalicelib.orders.providers import PaymentProviders
from chalicelib.orders.refunds import Refund
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys
from chalicelib.table.keys import Key
from chalicelib.table.operation import Effect
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """The order as it will be, and what one transaction must write for it."""

    order: Order
    is_news: bool
    writes: list[Write]
    effects: list[Effect]


class Settlements:
    """``truth`` and ``told`` ask the provider, all else is pure; nothing here commits."""

    def __init__(
        self, platforms: Platforms, providers: PaymentProviders, fulfilments: Mapping[str, Fulfilment]
    ) -> None:
        self._platforms = platforms
        self._providers = providers
        self._deliveries = Deliveries(fulfilments)

    def keys(self, purchase: Purchase) -> list[Key]:
        """All that a settlement reads: the platform, the order, and what its fulfilment needs."""
        return [
            self._platforms.key(purchase.platform_id),
            keys.order(purchase.platform_id, purchase.order_id),
            *self._deliveries.keys(purchase),
        ]

    def takes_when_asked(self, order: Order) -> bool:
        """True where the provider's truth must not be asked for before the sweeper is sure to ask again."""
        return self._providers.of(order.provider).takes_when_asked

    def truth(self, order: Order, reference: str) -> Payment:
        """What the provider says of the order's payment now. ``ProviderFailed`` for what is not about it."""
        page = PaymentPage(
            platform_id=order.platform_id,
            order_id=order.id,
            reference=reference,
            price=order.price,
            payment_id=order.payment_id,
            expires_at=order.expires_at,
        )
        payment = self._providers.of(order.provider).fetch(page)
        if payment.order_id != order.id:
            log("payment_of_another_order", order_id=order.id, reference=reference)
            raise ProviderFailed
        return payment

    def final_truth(self, order: Order, reference: str) -> Payment:
        """A page whose time is up is closed first, so that nobody pays for what we take to be over."""
        payment = self.truth(order, reference)
        if payment.state is PaymentState.PENDING:
            self._providers.of(order.provider).cancel(order.platform_id, reference)
            payment = self.truth(order, reference)
        return payment

    def last_truth(self, order: Order) -> Payment | None:
        """Of the page, closed first, and of those that the buyer left; ``None`` where he has none."""
        reference = order.payment_reference
        return self.anywhere(order, self.final_truth(order, reference) if reference else None)

    def anywhere(self, order: Order, payment: Payment | None) -> Payment | None:
        """``payment``, or where no money comes by it, one that the buyer left and that money comes by."""
        if order.is_final() or (payment and payment.brings_money()):
            return payment
        earlier = (self.truth(order, page) for page in order.earlier_pages)
        return next((each for each in earlier if each.brings_money()), payment)

    def told(self, order: Order, payment: Payment) -> dict[str, Refunded]:
        """How those refunds of ours stand which the provider's total leaves in doubt, by their ids.

        It looks, and sends nothing: a provider's report may lag behind what it has done.
        """
        provider = self._providers.of(order.provider)
        doubtful = order.returned.to_ask_about(payment.refunded) if order.is_final() else []
        paid = order.platform_id, str(order.payment_id)
        looked_at = {refund.id: provider.refunded(*paid, refund.id) for refund in doubtful}
        return {refund_id: found for refund_id, found in looked_at.items() if found}

    def prepare(
        self,
        loaded: Loaded,
        order: Order,
        payment: Payment | None,
        seen: Sequence[FailedAttempt] = (),
        told: Mapping[str, Refunded] = MappingProxyType({}),
    ) -> Settlement:
        """What the provider's truth changes, and its word on refunds of ours (``told``).

        A wallet moves once in a transaction: where money came and went back before we looked, the order is
        delivered now and is due at once, for the sweeper to look again. So it is where more may have come.
        """
        platform = self._platforms.load(loaded, order.platform_id)
        settled = rules.settle(order, payment, seen, clock.now())
        after, delivery = self._deliveries.moved(order, settled.order, loaded, platform)
        if payment and order.is_final():
            after = returns.reconciled(order, payment, told, platform.now())
            after, delivery = self._deliveries.returned(order, after, loaded, platform)
            _log_disputes(order, after)
        if payment and after.is_final():
            behind = after is not order and returns.is_behind(after, payment)
            is_due = behind or self._may_hold_more(after)
            due = clock.now() if is_due else returns.next_look(after, order.check_at, clock.now())
            after = replace(after, check_at=due)
        failures = _reported(order, settled.failures, platform)
        _log(order, after, payment)
        return _settlement(order, after, together(Delivery(effects=failures), delivery))

    def _may_hold_more(self, order: Order) -> bool:
        """Money by a page that was left may be taken already, and then nobody tells of it any more."""
        return bool(order.earlier_pages) and self.takes_when_asked(order)

    def prepare_left_page(self, loaded: Loaded, order: Order, payment: Payment) -> Settlement:
        """The buyer goes on after his page has closed: what failed there is kept, a fresh attempt begins."""
        platform, now = self._platforms.load(loaded, order.platform_id), clock.now()
        left = rules.abandoned(order, payment, now)
        settled = rules.settle(order, replace(payment, state=PaymentState.PENDING), left, now)
        failures = _reported(order, settled.failures, platform)
        return _settlement(order, rules.left_page(settled.order, now), Delivery(effects=failures))

    def given_up(self, loaded: Loaded, order: Order) -> Settlement:
        """An order for which no page was ever opened, or of which the provider does not say how it stands."""
        return self.prepare_moved(loaded, order, rules.given_up(order))

    def prepare_moved(self, loaded: Loaded, before: Order, after: Order) -> Settlement:
        """The order was moved by something else than the provider's truth."""
        platform = self._platforms.load(loaded, before.platform_id)
        after, delivery = self._deliveries.moved(before, after, loaded, platform)
        return _settlement(before, after, delivery)

    def prepare_returned(self, loaded: Loaded, before: Order, after: Order) -> Settlement:
        """``after`` knows of refunds that ``before`` does not; a look that it owes stays owed."""
        platform = self._platforms.load(loaded, before.platform_id)
        after, delivery = self._deliveries.returned(before, after, loaded, platform)
        due = after.check_at or returns.next_look(after, None, clock.now())
        return _settlement(before, replace(after, check_at=due), delivery)


def refund_request(order: Order, refund: Refund) -> tuple[str, str, Money, str]:
    """What the provider is asked for; by the refund's id it is looked up before it is sent."""
    money = Money(refund.amount, order.paid_money.currency)
    return order.platform_id, str(order.payment_id), money, refund.id


def _settlement(before: Order, after: Order, delivery: Delivery) -> Settlement:
    writes, is_news = list(delivery.writes), after != before
    if after.payment_id and after.payment_id != before.payment_id:
        writes.append(store.referred(after, after.payment_id))
    if is_news:
        writes.append(store.saved(after))
    if after.is_unreturned() and not before.is_unreturned():
        log("payment_not_returned", platform_id=after.platform_id, order_id=after.id)
    return Settlement(order=after, is_news=is_news, writes=writes, effects=list(delivery.effects))


def _reported(order: Order, failures: Sequence[FailedAttempt], platform: Platform) -> list[Effect]:
    """The lines of the report; none for what the platform buys for itself."""
    if order.product_kind not in rules.PRODUCT_TYPES:
        return []
    lines = [rules.failed_payment(order, failure, _by_clock_of(platform, failure.at)) for failure in failures]
    return [Effect(kind=FAILED_PAYMENT_REPORTED, payload=msgspec.to_builtins(line)) for line in lines]


def _by_clock_of(platform: Platform, real: datetime) -> datetime:
    """What the platform's clock shows at a real instant."""
    return clock.to_millisecond(real + platform.ahead())


def _log_disputes(before: Order, order: Order) -> None:
    known = {dispute.id for dispute in before.disputes}
    for dispute in order.disputes:
        if dispute.id not in known:
            facts = {"platform_id": order.platform_id, "order_id": order.id, "dispute_id": dispute.id}
            log("payment_disputed", **facts)


def _log(before: Order, order: Order, payment: Payment | None) -> None:
    if order.state is before.state:
        return
    facts = {"platform_id": order.platform_id, "order_id": order.id, "state": order.state}
    if order.state is OrderState.REVIEW and payment:
        log("payment_review", **facts, paid_amount=payment.amount, paid_currency=payment.currency)
    else:
        log("order_settled", **facts)
