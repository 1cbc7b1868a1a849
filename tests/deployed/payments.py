"""Orders and their webhooks: the steps that are raced and crashed, and how they stand in the table."""

import json
from dataclasses import dataclass
from typing import Any

import stripe

from chalicelib import wiring
from chalicelib.orders.model import Order, OrderState
from chalicelib.orders.views import OrderRequest, OrderView
from chalicelib.table import keys, read
from chalicelib.table.operation import Operation
from chalicelib.table.read import query_all
from chalicelib.wallet.ledger import LedgerTransaction
from tests.deployed.world import ARENA, CREDITS, STRIPE_SECRET, Arena, Customer, wallet_of


@dataclass(frozen=True)
class Ordered:
    """An order, what happened on its page, and what its buyer had before."""

    order: OrderView
    event: dict[str, Any]
    balance: int


def order(arena: Arena, customer: Customer, operation: Operation) -> bytes:
    return wiring.checkout().start(operation, OrderRequest(package_id=arena.credit_package_id)).body


def journal(customer: Customer) -> list[LedgerTransaction]:
    return list(query_all(wiring.wallets().key(ARENA, customer.id).pk, prefix="ENTRY#"))


@dataclass(frozen=True)
class Webhook:
    """An event of an order is delivered."""

    arena: Arena
    customer: Customer
    press: str
    event: str

    def prepare(self) -> Ordered:
        operation = self.customer.operation("POST /v1/orders")
        view = json.loads(order(self.arena, self.customer, operation))
        page_id = kept(view["id"]).payment_reference
        assert page_id is not None
        events = self.arena.outcome(page_id, self.press)
        (event,) = [event for event in events if event["type"] == self.event]
        return Ordered(kept(view["id"]), event, wallet_of(self.customer).balance)

    def act(self, subject: Ordered) -> Any:
        headers, body = signed(subject.event)
        return wiring.webhooks().receive(ARENA, "stripe", headers, body)


@dataclass(frozen=True)
class Payment(Webhook):
    """The event of a payment: the order is paid, and its credits are there, once."""

    def check(self, subject: Ordered) -> None:
        assert kept(subject.order.id).state is OrderState.PAID
        assert wallet_of(self.customer).balance == subject.balance + CREDITS
        entries = [e for e in journal(self.customer) if e.reference.get("order_id") == subject.order.id]
        assert [entry.line.amount for entry in entries] == [CREDITS]


@dataclass(frozen=True)
class Decline(Webhook):
    """The event of a card that was declined: the order stays open, and remembers it once."""

    def check(self, subject: Ordered) -> None:
        after = kept(subject.order.id)
        assert (after.state, len(after.failures)) == (OrderState.PENDING, 1)
        assert wallet_of(self.customer).balance == subject.balance


@dataclass(frozen=True)
class Start:
    """A customer orders: one order, one page."""

    arena: Arena
    customer: Customer

    def prepare(self) -> tuple[Operation, int]:
        return self.customer.operation("POST /v1/orders"), len(self._orders())

    def act(self, subject: tuple[Operation, int]) -> bytes:
        return order(self.arena, self.customer, subject[0])

    def check(self, subject: tuple[Operation, int]) -> None:
        made = self._orders()
        assert len(made) == subject[1] + 1
        pages = self.arena.stripe.v1.checkout.sessions.list(params={"limit": 100}).data
        newest = [page.id for page in pages if page.client_reference_id == made[0].id]
        assert newest == [kept(made[0].id).payment_reference]

    def _orders(self) -> list[OrderView]:
        return wiring.orders().list_of(self.customer.actor, self.customer.id, 100, None).items


def kept(order_id: str) -> Order:
    found = read.get(keys.order(ARENA, order_id), Order)
    assert found is not None
    return found


def signed(event: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a delivery, signed at this moment."""
    body = json.dumps(event, ensure_ascii=False)
    header = stripe.WebhookSignature.generate_signature_header(body, STRIPE_SECRET)
    return {"stripe-signature": header}, body.encode()
