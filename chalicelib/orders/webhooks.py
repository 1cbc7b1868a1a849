"""The provider's events: authenticated, kept, and done once.

An event is put into the inbox before anything else. Then one read and one transaction bring about what it
says and close it, together; so a duplicate is dropped because the first was *done*, never because it came.
"""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from chalicelib.core import clock
from chalicelib.core.actor import system
from chalicelib.core.errors import Busy, TooLarge
from chalicelib.core.log import log
from chalicelib.core.payments import Payment, Purchase, Refunded, Signal, SignalKind
from chalicelib.orders import rules, store
from chalicelib.orders.inbox import InboxEvent, InboxState
from chalicelib.orders.model import Order
from chalicelib.orders.providers import PaymentProviders
from chalicelib.orders.settlement import Settlements
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, transact
from chalicelib.table.keys import Key
from chalicelib.table.operation import Decision, Operation, by_system, perform
from chalicelib.table.read import Loaded, get

MISSED_SINCE = timedelta(days=1)
MAX_BODY_BYTES = 256 * 1024


class OrderUnknown(Busy):
    code = "ORDER_UNKNOWN"
    message = "This event names an order that is not there yet. Send it again."


class _AlreadyClosed(Exception):
    """The event was done before; there is nothing left to do."""


class _SecondPayment(Exception):
    """Money for an order that is paid, by another of its pages."""


class Handled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an event."""

    state: InboxState


class Webhooks:
    def __init__(self, platforms: Platforms, providers: PaymentProviders, settlements: Settlements) -> None:
        self._platforms = platforms
        self._providers = providers
        self._settlements = settlements

    def receive(self, platform_id: str, provider: str, headers: Mapping[str, str], body: bytes) -> Handled:
        """One delivery. After any refusal the provider sends the event again.

        ``ProviderUnknown``, ``WebhookRefused``, ``TooLarge``, ``OrderUnknown``, and the provider's failures.
        """
        self._platforms.key(platform_id)
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"An event holds at most {MAX_BODY_BYTES} bytes.")
        signal = self._providers.of(provider).signal(platform_id, headers, body)
        return self._take(platform_id, provider, signal)

    def catch_up(self, platform_id: str) -> None:
        """Take what providers could not deliver, for the sweeper; one failure does not stop the rest."""
        for provider in self._providers.configured(platform_id):
            try:
                self._catch_up_with(platform_id, provider)
            except Exception as error:
                log("catch_up_failed", platform_id=platform_id, provider=provider, error=repr(error))

    def _catch_up_with(self, platform_id: str, provider: str) -> None:
        for signal in self._providers.of(provider).pending(platform_id, clock.now() - MISSED_SINCE):
            try:
                self._take(platform_id, provider, signal)
            except Exception as error:
                log("event_not_taken", platform_id=platform_id, event_id=signal.event_id, error=repr(error))

    def _take(self, platform_id: str, provider: str, signal: Signal) -> Handled:
        event = self._event(platform_id, provider, signal)
        store.put_into_inbox(event)
        if event.state is InboxState.QUARANTINED:
            _log("event_names_no_order", event)
        if event.state is not InboxState.RECEIVED:
            return Handled(state=event.state)
        try:
            self._settle(event, signal)
        except _AlreadyClosed:
            return Handled(state=InboxState.DONE)
        except OrderUnknown:
            return self._quarantined(event)
        except _SecondPayment:
            self._quarantine(event)
            _log("payment_second", event)
            return Handled(state=InboxState.QUARANTINED)
        return Handled(state=InboxState.DONE)

    def _event(self, platform_id: str, provider: str, signal: Signal) -> InboxEvent:
        order_id = signal.order_id or _referred_order(platform_id, provider, signal)
        return InboxEvent(
            platform_id=platform_id,
            provider=provider,
            event_id=signal.event_id,
            type=signal.type,
            body=signal.body,
            state=_first_state(signal, order_id),
            order_id=order_id,
            received_at=clock.now(),
        )

    def _settle(self, event: InboxEvent, signal: Signal) -> None:
        """One read and one transaction: what the event brings about, and that it is done."""
        purchase = signal.purchase or _purchase_of(event)

        def decide(loaded: Loaded) -> Decision:
            kept = loaded.get(store.inbox_key(event), InboxEvent) or event
            if kept.is_closed():
                raise _AlreadyClosed
            order = _order_of(loaded, purchase)
            if self._settlements.takes_when_asked(order) and not order.is_open():
                return _left_to_the_sweeper(order, kept)
            payment, told = self._looked(order, signal)
            seen = [signal.failure] if signal.failure else []
            settlement = self._settlements.prepare(loaded, order, payment, seen, told)
            return Decision(
                answer={"state": settlement.order.state},
                writes=[*settlement.writes, store.saved_event(kept.moved(InboxState.DONE))],
                effects=settlement.effects,
            )

        perform(_operation(event), [store.inbox_key(event), *self._keys(event, purchase)], decide)

    def _keys(self, event: InboxEvent, purchase: Purchase) -> list[Key]:
        """``OrderUnknown`` where what came back with the event is not what we had given along."""
        try:
            return self._settlements.keys(purchase)
        except (LookupError, ValueError, ArithmeticError):
            if purchase == _purchase_of(event):
                raise
            raise OrderUnknown from None

    def _looked(self, order: Order, signal: Signal) -> tuple[Payment | None, dict[str, Refunded]]:
        """Nothing is asked where the provider's word can change nothing any more.

        A page that the buyer left is asked first where the event is about it: by it money may have come, and
        once more than was owed. All of them are asked where the present one brings none, as by the sweeper.
        """
        if signal.reference and signal.reference in order.earlier_pages:
            left = self._settlements.truth(order, signal.reference)
            if left.holds_money() and order.is_final():
                raise _SecondPayment
            if left.brings_money() and not order.is_final():
                return left, {}
        if order.is_final() and signal.kind is not SignalKind.CONCERNS:
            return None, {}
        payment = self._settlements.truth(order, _reference(order, signal))
        told = self._settlements.told(order, payment)
        return self._settlements.anywhere(order, payment), told

    def _quarantined(self, event: InboxEvent) -> Handled:
        """Ask to be told again for an hour since the first time, then keep it for a person."""
        kept = self._quarantine(event)
        if kept.may_still_be_early(clock.now()):
            raise OrderUnknown
        _log("payment_order_unknown", event)
        return Handled(state=InboxState.QUARANTINED)

    def _quarantine(self, event: InboxEvent) -> InboxEvent:
        kept = get(store.inbox_key(event), InboxEvent) or event
        if kept.state is InboxState.RECEIVED:
            kept = kept.moved(InboxState.QUARANTINED)
            transact.commit([store.saved_event(kept)], f"quarantine{store.inbox_key(event)}{kept.version}")
        return kept


def _first_state(signal: Signal, order_id: str | None) -> InboxState:
    if signal.kind is SignalKind.IRRELEVANT:
        return InboxState.IGNORED
    if order_id is None:
        return InboxState.QUARANTINED
    return InboxState.RECEIVED


def _referred_order(platform_id: str, provider: str, signal: Signal) -> str | None:
    """What carries nothing of ours names the payment, or the page where it is not a provider's own event."""
    known_by = signal.payment_id if signal.kind is SignalKind.CONCERNS else signal.reference
    if known_by is None or signal.kind is SignalKind.IRRELEVANT:
        return None
    return store.find_referred(platform_id, provider, known_by)


def _purchase_of(event: InboxEvent) -> Purchase:
    order = store.find(event.platform_id, event.order_id) if event.order_id else None
    if order is None:
        raise OrderUnknown
    return order.purchase


def _order_of(loaded: Loaded, purchase: Purchase) -> Order:
    order = loaded.get(keys.order(purchase.platform_id, purchase.order_id), Order)
    if order is None or order.purchase != purchase:
        raise OrderUnknown
    return order


def _left_to_the_sweeper(order: Order, event: InboxEvent) -> Decision:
    """Asking takes the money, and then we may die or not hear the answer: the sweeper asks again."""
    writes = [store.saved(rules.due(order, clock.now())), store.saved_event(event.moved(InboxState.DONE))]
    return Decision(answer={"state": order.state}, writes=writes)


def _reference(order: Order, signal: Signal) -> str:
    """The page that the buyer is sent to; where there is none, the event's own, or the last that he left."""
    reference = order.payment_reference or signal.reference or order.last_page
    if reference is None:
        raise OrderUnknown
    return reference


def _operation(event: InboxEvent) -> Operation:
    return by_system(system(event.platform_id), "orders.settle", f"{event.provider}:{event.event_id}")


def _log(what: str, event: InboxEvent) -> None:
    log(what, platform_id=event.platform_id, event_id=event.event_id, order_id=event.order_id)
