"""Use cases of orders that there are: read them, look after a payment that nobody told us of."""

from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.core import clock
from chalicelib.core.actor import Actor, system
from chalicelib.core.errors import UpstreamFailed, UpstreamTimeout
from chalicelib.core.log import log
from chalicelib.core.payments import Payment, PaymentState, ProviderTimeout
from chalicelib.orders import rules, store
from chalicelib.orders.inbox import of_second_payment
from chalicelib.orders.model import Order, OrderNotFound, OrderState
from chalicelib.orders.settlement import Settlements
from chalicelib.orders.views import OrderList, OrderView
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Decision, by_system, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import StaleDecision

# All that is left of a sweeper's run: what is due behind a silent provider's orders is come to in it.
SILENT_FOR = timedelta(seconds=30)
# What an order in this state has been waiting with.
_WAITING = {
    OrderState.PENDING: (PaymentState.PENDING,),
    OrderState.PROCESSING: (PaymentState.PENDING, PaymentState.PROCESSING),
}


class _NothingNew(Exception):
    """The provider says what we know already; there is nothing to commit."""


class Orders:
    def __init__(self, platforms: Platforms, settlements: Settlements) -> None:
        self._platforms = platforms
        self._settlements = settlements
        self._silent_until: dict[str, datetime] = {}

    def find(self, actor: Actor, order_id: str) -> OrderView:
        """A customer finds his own, an admin any of his platform. ``OrderNotFound``."""
        order = store.present(store.find(actor.platform_id, order_id))
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
        order = store.present(loaded.get(wanted[1], Order))
        if reference is None or not _may_tell(order, reference):
            return order, platform
        try:
            if not order.is_final():
                self._settle(order, "orders.return", reference)
            elif self._settlements.takes_when_asked(order):
                self._owe_a_look(order)
            else:
                self._keep_second_payment(order, reference)
        except _NothingNew:
            return order, platform
        except Exception as error:
            log("return_not_settled", platform_id=platform_id, order_id=order_id, error=repr(error))
        return store.find(platform_id, order_id) or order, platform

    def _keep_second_payment(self, order: Order, reference: str) -> None:
        """The buyer paid on two pages of one order: a person gives the second payment back."""
        payment = self._settlements.truth(order, reference)
        if payment.holds_money():
            event = of_second_payment(order.platform_id, order.provider, payment, clock.now())
            store.put_into_inbox(event)
            log("payment_second", platform_id=order.platform_id, order_id=order.id, reference=reference)

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
        known = order.payment_reference or reference or order.last_page
        if known is None:
            return order
        try:
            self._settle(order, "orders.look_again", known, even_if_final=True)
        except _NothingNew:
            return order
        return store.present(store.find(order.platform_id, order.id))

    def _owe_a_look(self, order: Order) -> None:
        """Kept before we ask where that takes the money: then we may die, or not hear the answer."""
        if order.check_at is None:
            _make_due(order)

    def _settle(self, order: Order, name: str, reference: str, *, even_if_final: bool = False) -> None:
        if not order.is_final() and self._settlements.takes_when_asked(order):
            self._owe_a_look(order)

        def decide(loaded: Loaded) -> Decision:
            fresh = store.present(loaded.get(keys.order(order.platform_id, order.id), Order))
            is_asked = even_if_final or not fresh.is_final()
            payment = self._settlements.truth(fresh, reference) if is_asked else None
            payment = self._settlements.anywhere(fresh, payment) if is_asked else None
            told = self._settlements.told(fresh, payment) if payment else {}
            settlement = self._settlements.prepare(loaded, fresh, payment, told=told)
            if not settlement.is_news:
                raise _NothingNew
            return Decision(answer=None, writes=settlement.writes, effects=settlement.effects)

        operation = by_system(system(order.platform_id), name, f"{order.id}:{order.version}")
        perform(operation, self._settlements.keys(order.purchase), decide)

    def sweep(self, platform_id: str, order_id: str) -> None:
        """Settle what no event told us of, for the sweeper, who finds the order among what is due.

        A provider that does not answer is not waited for again at once, for this order or another; and who is
        asked first next time is another.
        """
        order = store.find(platform_id, order_id)
        if order is None or order.check_at is None or clock.now() < order.check_at:
            return
        if clock.now() < self._silent_until.get(order.provider, clock.now()):
            raise ProviderTimeout
        try:
            self._sweep(order)
        except ProviderTimeout:
            self._silent_until[order.provider] = clock.now() + SILENT_FOR
            with suppress(StaleDecision):
                _make_due(order)
            raise

    def _sweep(self, order: Order) -> None:
        def decide(loaded: Loaded) -> Decision:
            fresh = store.present(loaded.get(keys.order(order.platform_id, order.id), Order))
            if fresh.check_at is None:
                return Decision(answer=None)
            if fresh.is_final() and self._settlements.takes_when_asked(fresh):
                return self._second_looked_for(fresh)
            payment = self._last_truth(fresh)
            if payment is None:
                ended = self._settlements.given_up(loaded, fresh)
                return Decision(answer=None, writes=ended.writes, effects=ended.effects)
            looked_at = rules.checked_later(fresh, clock.now())
            told = self._settlements.told(fresh, payment)
            settlement = self._settlements.prepare(loaded, looked_at, payment, told=told)
            writes = settlement.writes if settlement.is_news else [store.saved(looked_at)]
            return Decision(answer=None, writes=writes, effects=settlement.effects)

        operation = by_system(system(order.platform_id), "orders.sweep", f"{order.id}:{order.version}")
        perform(operation, self._settlements.keys(order.purchase), decide)

    def _second_looked_for(self, order: Order) -> Decision:
        """By all pages that the buyer left, since it is not told by which one money waits."""
        try:
            for page in order.earlier_pages:
                self._keep_second_payment(order, page)
        except (UpstreamFailed, UpstreamTimeout):
            if not rules.is_overdue(order, clock.now()):
                raise
            log("order_given_up", platform_id=order.platform_id, order_id=order.id)
        return Decision(answer=None, writes=[store.saved(rules.checked_later(order, clock.now()))])

    def _last_truth(self, order: Order) -> Payment | None:
        """``None`` for an order to be given up: no provider's silence keeps what is set aside for ever."""
        is_overdue = not order.is_final() and rules.is_overdue(order, clock.now())
        try:
            payment = self._settlements.last_truth(order)
        except (UpstreamFailed, UpstreamTimeout):
            if not is_overdue:
                raise
            payment = None
        if order.payment_reference is None and not (payment and payment.brings_money()):
            return None
        if is_overdue and (payment is None or payment.state in _WAITING.get(order.state, ())):
            log("order_given_up", platform_id=order.platform_id, order_id=order.id)
            return None
        return payment


def _make_due(order: Order) -> None:
    """Behind all that is due by now."""
    transact.commit([store.saved(rules.due(order, clock.now()))], f"due{order.id}{order.version}")


def _may_tell(order: Order, reference: str) -> bool:
    """Whether that page may say something new: of a paid order those that were left, of another each.

    An expired one may have been paid late.
    """
    if order.is_final():
        return reference in order.earlier_pages
    return reference == order.payment_reference or reference in order.pages
