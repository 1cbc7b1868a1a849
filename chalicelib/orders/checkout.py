"""An order on its way to being paid: it is kept, its page is opened, and another where one has closed."""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from chalicelib.accounts.model import Account
from chalicelib.accounts.service import Accounts
from chalicelib.core import clock
from chalicelib.core.errors import Refusal, Unauthenticated
from chalicelib.core.ids import new_id
from chalicelib.core.payments import AttemptSpent, Buyer, Payment, PaymentState, PriceNotPayable
from chalicelib.orders import rules, store
from chalicelib.orders.fulfilment import Fulfilment, KindUnknown, Offer, kind_of
from chalicelib.orders.model import (
    MAX_PAGES,
    Order,
    OrderClosed,
    OrderNotFound,
    OrderState,
    PageClosing,
    ProductKind,
)
from chalicelib.orders.providers import PaymentProviders
from chalicelib.orders.settlement import Settlements
from chalicelib.orders.views import OrderRequest, OrderView
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.table.read import Loaded


class CountryChanged(Unauthenticated):
    code = "COUNTRY_CHANGED"
    message = "Your country has changed since you signed in. Sign in again."


class _AttemptTooOld(Exception):
    """The page of this attempt can no longer be opened; another attempt's can."""


class Checkout:
    """From the choice of a product to the page on which it is paid."""

    def __init__(
        self,
        platforms: Platforms,
        accounts: Accounts,
        providers: PaymentProviders,
        settlements: Settlements,
        fulfilments: Mapping[str, Fulfilment],
    ) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._providers = providers
        self._settlements = settlements
        self._fulfilments = fulfilments

    @property
    def refusals(self) -> tuple[type[Refusal], ...]:
        """What the fulfilments may raise when something is ordered."""
        return tuple(refusal for fulfilment in self._fulfilments.values() for refusal in fulfilment.refusals)

    def start(self, operation: Operation, request: OrderRequest) -> Answer:
        """An order, and the page on which it is paid; answers with an ``OrderView``.

        The order is kept before the provider hears of it, and the page's address before the buyer does. So
        whatever fails or dies on the way, the same request goes on where it stopped. ``KindUnknown``, the
        fulfilment's refusals, ``CurrencyNotPayable``, ``PriceNotPayable``, ``OrderClosed``, and the
        provider's failures.
        """
        order_id: str = self._keep_order(operation, request).read_as(dict[str, str])["order_id"]
        return self._begin(operation, order_id)

    def resume(self, operation: Operation, order_id: str) -> Answer:
        """Go on paying an order after a decline or an absence; answers with an ``OrderView``.

        The same page while it takes money; where it has closed and the order has not, a page of a fresh
        attempt. ``OrderNotFound``, ``OrderClosed``, ``PageClosing``, and the provider's failures.
        """
        order = store.present(store.find(operation.platform_id, order_id))
        if order.customer_id != operation.actor.id:
            raise OrderNotFound
        self._leave_closed_page(operation, order)
        return self._begin(operation, order_id)

    def _begin(self, operation: Operation, order_id: str) -> Answer:
        try:
            return self._open_some_page(operation, order_id)
        except PriceNotPayable:
            self._let_go(operation, order_id)
            raise

    def _open_some_page(self, operation: Operation, order_id: str) -> Answer:
        """The page of the present attempt, or of the next where that one's can no longer be opened."""
        try:
            return self._open_page(operation, order_id)
        except _AttemptTooOld:
            self._begin_next_attempt(operation, order_id)
            return self._open_page(operation, order_id)
        except AttemptSpent:
            self._begin_next_attempt(operation, order_id)
            raise

    def _let_go(self, operation: Operation, order_id: str) -> None:
        """What was set aside is free at once, unless the buyer was shown a page: money may come by it."""
        order = store.present(store.find(operation.platform_id, order_id))

        def decide(loaded: Loaded) -> Decision:
            fresh = store.present(loaded.get(keys.order(order.platform_id, order.id), Order))
            if fresh.state is not OrderState.PENDING or fresh.pages:
                return Decision(answer=None)
            ended = self._settlements.given_up(loaded, fresh)
            return Decision(answer=None, writes=ended.writes, effects=ended.effects)

        perform(operation.step("let-go"), self._settlements.keys(order.purchase), decide)

    def _keep_order(self, operation: Operation, request: OrderRequest) -> Answer:
        platform_id, actor = operation.platform_id, operation.actor
        kind = kind_of(request.package_id)
        fulfilment = self._fulfilment(kind)
        country = actor.country or self._accounts.get(platform_id, actor.id).country
        buyer = replace(actor, country=country)

        def decide(loaded: Loaded) -> Decision:
            account = self._accounts.load(loaded, platform_id, actor.id)
            if account.country != country:
                raise CountryChanged
            platform = self._platforms.load(loaded, platform_id)
            offer = fulfilment.offer(loaded, platform, buyer, request)
            order = self._new_order(platform, account, kind, offer)
            self._providers.of(order.provider).check_payable(order.price)
            writes = [*fulfilment.reserve(order, loaded, platform), store.saved(order)]
            return Decision(answer={"order_id": order.id}, writes=writes)

        reads = [
            self._platforms.key(platform_id),
            self._accounts.key(platform_id, actor.id),
            *fulfilment.wanted_keys(buyer, request),
        ]
        return perform(operation.step("order"), reads, decide)

    def _fulfilment(self, kind: str) -> Fulfilment:
        if kind not in self._fulfilments:
            raise KindUnknown(field="package_id")
        return self._fulfilments[kind]

    def _new_order(self, platform: Platform, account: Account, kind: ProductKind, offer: Offer) -> Order:
        now = clock.now()
        return Order(
            id=new_id("ord"),
            platform_id=platform.id,
            customer_id=account.id,
            locale=account.locale,
            state=OrderState.PENDING,
            product_kind=kind,
            product=offer.product | {"name": offer.name},
            price=offer.price,
            credits=offer.credits,
            country=account.country,
            details=offer.details,
            provider=self._providers.choose(platform, account.country, offer.price.currency),
            expires_at=now + rules.PAYABLE_FOR,
            check_at=now + rules.UNSTARTED_FOR,
            created_at=platform.now(),
        )

    def _open_page(self, operation: Operation, order_id: str) -> Answer:
        order_key = keys.order(operation.platform_id, order_id)

        def decide(loaded: Loaded) -> Decision:
            order = store.present(loaded.get(order_key, Order))
            now = clock.now()
            if order.state is not OrderState.PENDING:
                raise OrderClosed
            if order.payment_reference:
                return Decision(answer=OrderView.of(order, now))
            if order.expires_at is None or not rules.can_open_page(order.expires_at, now):
                raise _AttemptTooOld
            account = self._accounts.load(loaded, operation.platform_id, order.customer_id)
            request = rules.payment_request(order, _buyer(account), order.expires_at)
            started = self._providers.of(order.provider).start(request)
            payable = rules.begun(order, started)
            writes = [store.saved(payable), store.referred(payable, started.reference)]
            return Decision(answer=OrderView.of(payable, now), writes=writes)

        account_key = self._accounts.key(operation.platform_id, operation.actor.id)
        return perform(operation, [order_key, account_key], decide)

    def _begin_next_attempt(self, operation: Operation, order_id: str) -> None:
        """So that what the provider kept under the spent attempt's key is not what it says for ever."""
        order = store.present(store.find(operation.platform_id, order_id))

        def decide(loaded: Loaded) -> Decision:
            fresh = store.present(loaded.get(keys.order(operation.platform_id, order_id), Order))
            if fresh.attempt_number != order.attempt_number or fresh.payment_reference:
                return Decision(answer=None)
            return Decision(answer=None, writes=[store.saved(rules.next_attempt(fresh, clock.now()))])

        step = operation.step(f"attempt-{order.attempt_number + 1}")
        perform(step, [keys.order(operation.platform_id, order_id)], decide)

    def _leave_closed_page(self, operation: Operation, order: Order) -> None:
        """A page on which nobody can pay any more gives way to a fresh attempt; what failed on it is kept.

        It is closed at the provider first, so that no money can come by it. Where the provider closes none, a
        payment that is on its way is waited for, and the page stays known: ``PageClosing``.
        """

        def decide(loaded: Loaded) -> Decision:
            fresh = store.present(loaded.get(keys.order(order.platform_id, order.id), Order))
            now = clock.now()
            if fresh.state is not OrderState.PENDING or fresh.payment_reference is None:
                return Decision(answer=None)
            payment = self._settlements.truth(fresh, fresh.payment_reference)
            if payment.state is PaymentState.PENDING and not fresh.payment_url_at(now):
                payment = self._settlements.final_truth(fresh, fresh.payment_reference)
            has_closed = payment.state in rules.CLOSED
            if has_closed:
                self._check_may_leave(fresh, payment, now)
            prepare = self._settlements.prepare_left_page if has_closed else self._settlements.prepare
            settlement = prepare(loaded, fresh, payment)
            return Decision(answer=None, writes=settlement.writes, effects=settlement.effects)

        perform(operation.step("page"), self._settlements.keys(order.purchase), decide)

    def _check_may_leave(self, order: Order, payment: Payment, now: datetime) -> None:
        if len(order.pages) >= MAX_PAGES:
            raise OrderClosed
        can_close = self._providers.of(order.provider).closes_pages
        if not can_close and rules.is_still_closing(order, payment, now):
            raise PageClosing


def _buyer(account: Account) -> Buyer:
    return Buyer(name=account.name, email=account.email, country=account.country)
