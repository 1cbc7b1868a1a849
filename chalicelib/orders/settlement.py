"""The one path from the provider's truth to what it brings about: webhook's, return page's and sweeper's."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from chalicelib.core import clock
from chalicelib.core.log import log
from chalicelib.core.payments import FailedAttempt, Payment, PaymentPage, ProviderFailed, Purchase
from chalicelib.orders import rules, store
from chalicelib.orders.fulfilment import Delivery, Fulfilment
from chalicelib.orders.model import FAILED_PAYMENT_REPORTED, Order, OrderState
from chalicelib.orders.providers import PaymentProviders
from chalicelib.orders.rules import Settled
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
    """Every method but ``truth`` is pure; nothing here commits."""

    def __init__(
        self, platforms: Platforms, providers: PaymentProviders, fulfilments: Mapping[str, Fulfilment]
    ) -> None:
        self._platforms = platforms
        self._providers = providers
        self._fulfilments = fulfilments

    def keys(self, purchase: Purchase) -> list[Key]:
        """All that a settlement reads: the platform, the order, and what its fulfilment needs."""
        return [
            self._platforms.key(purchase.platform_id),
            keys.order(purchase.platform_id, purchase.order_id),
            *self._fulfilments[purchase.product_kind].keys(purchase),
        ]

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

    def prepare(
        self, loaded: Loaded, order: Order, payment: Payment | None, seen: Sequence[FailedAttempt] = ()
    ) -> Settlement:
        """Writes and effects; what was bought is among them only where the order becomes paid by them."""
        platform = self._platforms.load(loaded, order.platform_id)
        settled = rules.settle(order, payment, seen, clock.now())
        effects = [_reported(order, failure, platform) for failure in settled.failures]
        writes: list[Write] = []
        after = settled.order
        if settled.newly_paid:
            after = replace(after, paid_at=platform.now())
        delivery = self._delivery(order, after, loaded, platform)
        writes += delivery.writes
        effects += delivery.effects
        if after.payment_id and order.payment_id is None:
            writes.append(store.referred(after, after.payment_id))
        if is_news := after != order:
            writes.append(store.saved(after))
        _log(order, settled, payment)
        return Settlement(order=after, is_news=is_news, writes=writes, effects=effects)

    def _delivery(self, before: Order, after: Order, loaded: Loaded, platform: Platform) -> Delivery:
        """Delivered with the transition to paid, given back with the one from open to expired."""
        fulfilment = self._fulfilments[after.product_kind]
        if after.state is OrderState.PAID and before.state is not OrderState.PAID:
            return fulfilment.deliver(after, loaded, platform)
        if after.state is OrderState.EXPIRED and before.is_open():
            return fulfilment.release(after, loaded, platform)
        return Delivery()

    def given_up(self, loaded: Loaded, order: Order) -> Settlement:
        """An order for which no page was ever opened."""
        platform = self._platforms.load(loaded, order.platform_id)
        after = rules.given_up(order)
        released = self._delivery(order, after, loaded, platform)
        writes = [*released.writes, store.saved(after)]
        return Settlement(order=after, is_news=True, writes=writes, effects=list(released.effects))


def _reported(order: Order, failure: FailedAttempt, platform: Platform) -> Effect:
    line = rules.failed_payment(order, failure, _by_clock_of(platform, failure.at))
    return Effect(kind=FAILED_PAYMENT_REPORTED, payload=msgspec.to_builtins(line))


def _by_clock_of(platform: Platform, real: datetime) -> datetime:
    """What the platform's clock shows at a real instant."""
    ahead: timedelta = platform.now() - clock.now()
    return clock.to_millisecond(real + ahead)


def _log(before: Order, settled: Settled, payment: Payment | None) -> None:
    order = settled.order
    if order.state is before.state:
        return
    facts = {"platform_id": order.platform_id, "order_id": order.id, "state": order.state}
    if order.state is OrderState.REVIEW and payment:
        log("payment_review", **facts, paid_amount=payment.amount, paid_currency=payment.currency)
    else:
        log("order_settled", **facts)
