"""Use cases of orders: start one, read them, look after a payment that nobody told us of."""

from collections.abc import Mapping

from msgspec.structs import replace

from chalicelib.accounts.model import Account
from chalicelib.accounts.service import Accounts
from chalicelib.core import clock
from chalicelib.core.actor import Actor, system
from chalicelib.core.errors import Refusal, Unauthenticated
from chalicelib.core.ids import new_id
from chalicelib.core.log import log
from chalicelib.core.payments import AttemptSpent, Buyer, Payment, PaymentState
from chalicelib.orders import rules, store
from chalicelib.orders.fulfilment import Fulfilment, KindUnknown, Offer, kind_of
from chalicelib.orders.model import Order, OrderClosed, OrderNotFound, OrderState, ProductKind
from chalicelib.orders.providers import PaymentProviders
from chalicelib.orders.settlement import Settlements
from chalicelib.orders.views import OrderList, OrderRequest, OrderView
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read
from chalicelib.table.operation import Answer, Decision, Operation, by_system, perform
from chalicelib.table.read import Loaded


class CountryChanged(Unauthenticated):
    code = "COUNTRY_CHANGED"
    message = "Your country has changed since you signed in. Sign in again."


class _NothingNew(Exception):
    """The provider says what we know already; there is nothing to commit."""


class _AttemptTooOld(Exception):
    """The page of this attempt can no longer be opened; another attempt's can."""


class Orders:
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
        attempt. ``OrderNotFound``, ``OrderClosed``, and the provider's failures.
        """
        order = _present(store.find(operation.platform_id, order_id))
        if order.customer_id != operation.actor.id:
            raise OrderNotFound
        self._leave_closed_page(operation, order)
        return self._begin(operation, order_id)

    def _begin(self, operation: Operation, order_id: str) -> Answer:
        try:
            return self._open_page(operation, order_id)
        except _AttemptTooOld:
            self._begin_next_attempt(operation, order_id)
            return self._open_page(operation, order_id)
        except AttemptSpent:
            self._begin_next_attempt(operation, order_id)
            raise

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
            order = _present(loaded.get(order_key, Order))
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
        order = _present(store.find(operation.platform_id, order_id))

        def decide(loaded: Loaded) -> Decision:
            fresh = _present(loaded.get(keys.order(operation.platform_id, order_id), Order))
            if fresh.attempt_number != order.attempt_number or fresh.payment_reference:
                return Decision(answer=None)
            return Decision(answer=None, writes=[store.saved(rules.next_attempt(fresh, clock.now()))])

        step = operation.step(f"attempt-{order.attempt_number + 1}")
        perform(step, [keys.order(operation.platform_id, order_id)], decide)

    def _leave_closed_page(self, operation: Operation, order: Order) -> None:
        """A page on which nobody can pay any more gives way to a fresh attempt; what failed on it is kept.

        It is closed at the provider first, so that no money can come by it.
        """

        def decide(loaded: Loaded) -> Decision:
            fresh = _present(loaded.get(keys.order(order.platform_id, order.id), Order))
            now = clock.now()
            if fresh.state is not OrderState.PENDING or fresh.payment_reference is None:
                return Decision(answer=None)
            payment = self._settlements.truth(fresh, fresh.payment_reference)
            if payment.state is PaymentState.PENDING and not fresh.payment_url_at(now):
                payment = self._final_truth(fresh, fresh.payment_reference)
            has_closed = payment.state is PaymentState.EXPIRED
            prepare = self._settlements.prepare_left_page if has_closed else self._settlements.prepare
            settlement = prepare(loaded, fresh, payment)
            return Decision(answer=None, writes=settlement.writes, effects=settlement.effects)

        perform(operation.step("page"), self._settlements.keys(order.purchase), decide)

    def find(self, actor: Actor, order_id: str) -> OrderView:
        """A customer finds his own, an admin any of his platform. ``OrderNotFound``."""
        order = _present(store.find(actor.platform_id, order_id))
        if order.customer_id != actor.id and not actor.is_admin():
            raise OrderNotFound
        return OrderView.of(order, clock.now(), for_admin=actor.is_admin())

    def list_of(self, actor: Actor, customer_id: str, limit: int, cursor: str | None) -> OrderList:
        """A person's orders, newest first; the caller is that person or an admin of the platform."""
        page = store.of_customer(actor.platform_id, customer_id, limit, cursor)
        now = clock.now()
        views = [OrderView.of(order, now, for_admin=actor.is_admin()) for order in page.records]
        return OrderList(items=views, cursor=page.cursor)

    def after_payment(self, platform_id: str, order_id: str, reference: str | None) -> tuple[Order, Platform]:
        """The order of a buyer who comes back from the page that ``reference`` names. ``OrderNotFound``.

        It grants nothing by itself: it looks where the webhook looks, and takes no harm from what it sees.
        """
        wanted = [self._platforms.key(platform_id), keys.order(platform_id, order_id)]
        loaded = read.batch(wanted)
        platform = self._platforms.load(loaded, platform_id)
        order = _present(loaded.get(wanted[1], Order))
        if not order.is_open() or reference is None or reference != order.payment_reference:
            return order, platform
        try:
            self._settle(order, "orders.return", reference)
        except _NothingNew:
            return order, platform
        except Exception as error:
            log("return_not_settled", platform_id=platform_id, order_id=order_id, error=repr(error))
        return store.find(platform_id, order_id) or order, platform

    def known(self, platform_id: str, order_id: str) -> Order | None:
        return store.find(platform_id, order_id)

    def of_reference(self, platform_id: str, provider: str, reference: str) -> Order | None:
        """The order that a page or a payment of the provider's belongs to."""
        order_id = store.find_referred(platform_id, provider, reference)
        return store.find(platform_id, order_id) if order_id else None

    def truth(self, order: Order) -> Payment | None:
        """What the provider says of the order's page now; ``None`` where it never had one."""
        return self._settlements.truth(order, order.payment_reference) if order.payment_reference else None

    def look_again(self, order: Order, reference: str | None) -> Order:
        """The order after the provider's truth was brought about once more, whatever its state."""
        known = order.payment_reference or reference
        if known is None:
            return order
        try:
            self._settle(order, "orders.look_again", known, even_if_final=True)
        except _NothingNew:
            return order
        return _present(store.find(order.platform_id, order.id))

    def _settle(self, order: Order, name: str, reference: str, *, even_if_final: bool = False) -> None:
        def decide(loaded: Loaded) -> Decision:
            fresh = _present(loaded.get(keys.order(order.platform_id, order.id), Order))
            is_asked = even_if_final or not fresh.is_final()
            payment = self._settlements.truth(fresh, reference) if is_asked else None
            told = self._settlements.told(fresh, payment) if payment else {}
            settlement = self._settlements.prepare(loaded, fresh, payment, told=told)
            if not settlement.is_news:
                raise _NothingNew
            return Decision(answer=None, writes=settlement.writes, effects=settlement.effects)

        operation = by_system(system(order.platform_id), name, f"{order.id}:{order.version}")
        perform(operation, self._settlements.keys(order.purchase), decide)

    def sweep(self, platform_id: str, order_id: str) -> None:
        """Settle what no event told us of, for the sweeper, who finds the order among what is due."""
        order = store.find(platform_id, order_id)
        if order is None or order.check_at is None or clock.now() < order.check_at:
            return

        def decide(loaded: Loaded) -> Decision:
            fresh = _present(loaded.get(keys.order(platform_id, order_id), Order))
            if fresh.check_at is None:
                return Decision(answer=None)
            if fresh.payment_reference is None:
                ended = self._settlements.given_up(loaded, fresh)
                return Decision(answer=None, writes=ended.writes, effects=ended.effects)
            payment = self._final_truth(fresh, fresh.payment_reference)
            looked_at = rules.checked_later(fresh, clock.now())
            told = self._settlements.told(fresh, payment)
            settlement = self._settlements.prepare(loaded, looked_at, payment, told=told)
            writes = settlement.writes if settlement.is_news else [store.saved(looked_at)]
            return Decision(answer=None, writes=writes, effects=settlement.effects)

        operation = by_system(system(platform_id), "orders.sweep", f"{order_id}:{order.version}")
        perform(operation, self._settlements.keys(order.purchase), decide)

    def _final_truth(self, order: Order, reference: str) -> Payment:
        """A page whose time is up is closed first, so that nobody pays for what we take to be over."""
        payment = self._settlements.truth(order, reference)
        if payment.state is PaymentState.PENDING:
            self._providers.of(order.provider).cancel(order.platform_id, reference)
            payment = self._settlements.truth(order, reference)
        return payment


def _buyer(account: Account) -> Buyer:
    return Buyer(name=account.name, email=account.email, country=account.country)


def _present(order: Order | None) -> Order:
    if order is None:
        raise OrderNotFound
    return order
