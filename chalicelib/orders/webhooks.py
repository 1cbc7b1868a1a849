"""The provider's events: authenticated, kept, and done once.

An event is put into the inbox before anything else. Then one read and one transaction bring about what it
says and close it, together; so a duplicate is dropped because the first was *done*, never because it came.
"""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from chalicelib.core import clock
from chalicelib.core.actor import system
from chalicelib.core.errors import Busy, Refusal, TooLarge
from chalicelib.core.log import log
from chalicelib.core.payments import PaymentProvider, Purchase, Signal, SignalKind
from chalicelib.orders import store
from chalicelib.orders.inbox import InboxEvent, InboxState
from chalicelib.orders.model import Order
from chalicelib.orders.settlement import Settlements
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, transact
from chalicelib.table.operation import Decision, Operation, by_system, perform
from chalicelib.table.read import Loaded, get

MISSED_SINCE = timedelta(days=1)
MAX_BODY_BYTES = 256 * 1024


class OrderUnknown(Busy):
    code = "ORDER_UNKNOWN"
    message = "This event names an order that is not there yet. Send it again."


class _AlreadyClosed(Exception):
    """The event was done before; there is nothing left to do."""


class Handled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an event."""

    state: InboxState


class Webhooks:
    def __init__(self, platforms: Platforms, provider: PaymentProvider, settlements: Settlements) -> None:
        self._platforms = platforms
        self._provider = provider
        self._settlements = settlements

    def receive(self, platform_id: str, headers: Mapping[str, str], body: bytes) -> Handled:
        """One delivery. After any refusal the provider sends the event again.

        ``WebhookRefused``, ``TooLarge``, ``OrderUnknown``, and the provider's failures.
        """
        self._platforms.key(platform_id)
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"An event holds at most {MAX_BODY_BYTES} bytes.")
        return self._take(platform_id, self._provider.signal(platform_id, headers, body))

    def catch_up(self, platform_id: str) -> None:
        """Take what the provider could not deliver, for the sweeper; one failure does not stop the rest."""
        for signal in self._provider.undelivered(platform_id, clock.now() - MISSED_SINCE):
            try:
                self._take(platform_id, signal)
            except Refusal as refusal:
                log("event_not_taken", platform_id=platform_id, event_id=signal.event_id, code=refusal.code)

    def _take(self, platform_id: str, signal: Signal) -> Handled:
        event = self._event(platform_id, signal)
        store.put_into_inbox(event)
        if event.state is InboxState.ATTENTION:
            _log("payment_needs_attention", event)
        if event.state is not InboxState.RECEIVED:
            return Handled(state=event.state)
        try:
            self._settle(event, signal)
        except _AlreadyClosed:
            return Handled(state=InboxState.DONE)
        except OrderUnknown:
            return self._quarantined(event)
        return Handled(state=InboxState.DONE)

    def _event(self, platform_id: str, signal: Signal) -> InboxEvent:
        order_id = signal.order_id or self._referred_order(platform_id, signal)
        return InboxEvent(
            platform_id=platform_id,
            provider=self._provider.name,
            event_id=signal.event_id,
            type=signal.type,
            body=signal.body,
            state=_first_state(signal, order_id),
            order_id=order_id,
            received_at=clock.now(),
        )

    def _referred_order(self, platform_id: str, signal: Signal) -> str | None:
        """An event about a dispute carries nothing of ours, but names the payment."""
        if signal.kind is not SignalKind.CONCERNS or signal.payment_id is None:
            return None
        return store.find_referred(platform_id, self._provider.name, signal.payment_id)

    def _settle(self, event: InboxEvent, signal: Signal) -> None:
        """One read and one transaction: what the event brings about, and that it is done."""
        purchase = signal.purchase or _purchase_of(event)

        def decide(loaded: Loaded) -> Decision:
            kept = loaded.get(store.inbox_key(event), InboxEvent) or event
            if kept.is_closed():
                raise _AlreadyClosed
            order = _order_of(loaded, purchase)
            payment = None if order.is_final() else self._settlements.truth(order, _reference(order, signal))
            seen = [signal.failure] if signal.failure else []
            settlement = self._settlements.prepare(loaded, order, payment, seen)
            return Decision(
                answer={"state": settlement.order.state},
                writes=[*settlement.writes, store.saved_event(kept.moved(InboxState.DONE))],
                effects=settlement.effects,
            )

        perform(_operation(event), [store.inbox_key(event), *self._settlements.keys(purchase)], decide)

    def _quarantined(self, event: InboxEvent) -> Handled:
        """Ask to be told again for an hour since the first time, then keep it for a person."""
        kept = get(store.inbox_key(event), InboxEvent) or event
        if kept.state is InboxState.RECEIVED:
            kept = kept.moved(InboxState.QUARANTINED)
            transact.commit([store.saved_event(kept)], f"quarantine{store.inbox_key(event)}{kept.version}")
        if kept.may_still_be_early(clock.now()):
            raise OrderUnknown
        _log("payment_order_unknown", event)
        return Handled(state=InboxState.QUARANTINED)


def _first_state(signal: Signal, order_id: str | None) -> InboxState:
    if signal.kind is SignalKind.IRRELEVANT:
        return InboxState.IGNORED
    if order_id is None:
        return InboxState.QUARANTINED
    return InboxState.RECEIVED if signal.kind is SignalKind.SETTLES else InboxState.ATTENTION


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


def _reference(order: Order, signal: Signal) -> str:
    """The page that the buyer was sent to; until we know of one, the page that the event is about."""
    reference = order.payment_reference or signal.reference
    if reference is None:
        raise OrderUnknown
    return reference


def _operation(event: InboxEvent) -> Operation:
    return by_system(system(event.platform_id), "orders.settle", f"{event.provider}:{event.event_id}")


def _log(what: str, event: InboxEvent) -> None:
    log(what, platform_id=event.platform_id, event_id=event.event_id, order_id=event.order_id)
