"""Where orders, their payments and the inbox stand. Nothing here commits but the inbox's own first put."""

from typing import Any

import msgspec

from chalicelib.orders.inbox import InboxEvent
from chalicelib.orders.model import Order, OrderNotFound, OrderState
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.transact import Write


class PaymentReference(msgspec.Struct, frozen=True, kw_only=True):
    """Which order a provider's page or payment belongs to."""

    order_id: str
    version: int = 0


class OrderItem(Item, discriminator="order"):
    record = RecordAttribute(Order)


class PaymentReferenceItem(Item, discriminator="payment-reference"):
    record = RecordAttribute(PaymentReference)


class InboxItem(Item, discriminator="inbox-event"):
    record = RecordAttribute(InboxEvent)


def present(order: Order | None) -> Order:
    """``OrderNotFound`` where none was found."""
    if order is None:
        raise OrderNotFound
    return order


def saved(order: Order) -> Write:
    """The order, and while it is open its place among the work that is due, by real time.

    What waits for a person, to be decided on or to be sent back once more, stands in a list of its own.
    """
    return transact.save(
        OrderItem.of(
            keys.order(order.platform_id, order.id),
            order,
            owner=keys.of_owner(order.platform_id, order.customer_id, "ORDER", order.created_at, order.id),
            expert=_waiting(order),
            work=keys.work(order.id, order.check_at) if order.check_at else None,
        )
    )


def _waiting(order: Order) -> Key | None:
    if order.state is not OrderState.REVIEW and not order.is_unreturned():
        return None
    return keys.order_in_review(order.platform_id, order.created_at, order.id)


def referred(order: Order, reference: str) -> Write:
    """That ``reference`` of the provider's is this order's; it can never be another's too."""
    key = keys.payment_reference(order.platform_id, order.provider, reference)
    return transact.create(PaymentReferenceItem.of(key, PaymentReference(order_id=order.id)))


def find(platform_id: str, order_id: str) -> Order | None:
    return read.get(keys.order(platform_id, order_id), Order)


def entries(order: Order) -> list[Any]:
    """The order's own journal."""
    return list(read.query_all(keys.order(order.platform_id, order.id).pk, prefix="ENTRY#"))


def find_referred(platform_id: str, provider: str, reference: str) -> str | None:
    """The id of the order that a page or a payment of the provider's belongs to."""
    found = read.get(keys.payment_reference(platform_id, provider, reference), PaymentReference)
    return found.order_id if found else None


def of_customer(platform_id: str, customer_id: str, limit: int, cursor: str | None) -> read.Page:
    """A person's orders, newest first."""
    partition = keys.owner_partition(platform_id, customer_id, "ORDER")
    return read.query(partition, index="GSI1", limit=limit, cursor=cursor, newest_first=True)


def in_review(platform_id: str, limit: int, cursor: str | None) -> read.Page:
    """The orders that wait for a person, the oldest first."""
    return read.query(keys.orders_in_review(platform_id), index="GSI2", limit=limit, cursor=cursor)


def inbox_key(event: InboxEvent) -> Key:
    return keys.inbox(event.platform_id, event.provider, event.event_id)


def put_into_inbox(event: InboxEvent) -> None:
    """Keep an event as it came; one that stands there already stays as it is."""
    transact.put_if_absent(InboxItem.of(inbox_key(event), event, expires_at=event.expires_at))


def saved_event(event: InboxEvent) -> Write:
    return transact.save(InboxItem.of(inbox_key(event), event, expires_at=event.expires_at))
