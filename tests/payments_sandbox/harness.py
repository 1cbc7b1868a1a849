"""A merchant who drives the payment sandbox with the real SDK over HTTP, and his endpoint for webhooks."""

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import stripe

from infra.local.payments.server import Server

KEY = "sk_test_shop_one_0001"
OTHER_KEY = "sk_test_shop_two_0002"
WEBHOOK_SECRET = "whsec_shop_one"
# The events of a payment, in the order in which they happen.
PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


class Clock:
    """The time of the sandbox, moved by hand."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@dataclass
class Endpoint:
    """A merchant's webhook endpoint; `answers` are its next statuses, 200 when there is none left."""

    url: str
    received: list[tuple[bytes, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    on_event: Callable[[stripe.Event], None] | None = None

    def events(self) -> list[stripe.Event]:
        """What came, each verified by the SDK."""
        return [
            stripe.Webhook.construct_event(body, sig, WEBHOOK_SECRET) for body, sig in list(self.received)
        ]

    def types(self) -> list[str]:
        return [event.type for event in self.events()]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Shop:
    """The sandbox seen by one merchant."""

    server: Server
    clock: Clock
    endpoint: Endpoint
    stripe: stripe.StripeClient

    def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            lower = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, lower, response.read())
        finally:
            connection.close()

    def control(self, path: str, body: dict[str, Any] | None = None, status: int = 200) -> Any:
        """POST with a body (GET without) to the control API."""
        content = b"" if body is None else json.dumps(body).encode()
        reply = self.request("GET" if body is None else "POST", f"/_sandbox/{path}", content)
        assert reply.status == status, reply.body
        return reply.json()

    def raw(self, params: list[tuple[str, str]], path: str = "checkout/sessions", **headers: str) -> Reply:
        """POST form parameters to the API, as no SDK would write them."""
        auth = {"Authorization": f"Bearer {KEY}", **headers}
        return self.request("POST", f"/v1/{path}", urlencode(params).encode(), auth)

    def session(self, *, key: str | None = None, **changes: Any) -> Any:
        """A new session of 1,490.00 TRY; a change of None leaves the parameter out."""
        params: Any = {name: value for name, value in {**order(), **changes}.items() if value is not None}
        options: Any = {"idempotency_key": key} if key else {}
        return self.stripe.v1.checkout.sessions.create(params=params, options=options)

    def press(self, session_id: str, action: str) -> Reply:
        """Press a button of the payment page."""
        return self.request("POST", f"/pay/{session_id}/{action}")

    def page(self, session_id: str, language: str = "") -> Reply:
        return self.request("GET", f"/pay/{session_id}", headers={"Accept-Language": language})

    def retrieve(self, session_id: str) -> Any:
        params: Any = {"expand": ["payment_intent.latest_charge"]}
        return self.stripe.v1.checkout.sessions.retrieve(session_id, params=params)

    def settled(self) -> None:
        """Wait until every webhook is delivered or given up."""
        assert self.control("webhooks/wait", {"timeout_seconds": 5}) == {"idle": True}


def order() -> dict[str, Any]:
    """The parameters of a session as the application sends them."""
    metadata = {"order_id": "ord_1", "tenant": "acme"}
    return {
        "mode": "payment",
        "client_reference_id": "ord_1",
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        "line_items": [item()],
        "success_url": "http://shop.localhost/done?sid={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.localhost/basket",
    }


def item(
    currency: str = "try", amount_minor: Any = 149_000, quantity: Any = 1, name: str = "500 Kredi"
) -> Any:
    price = {"currency": currency, "unit_amount": amount_minor, "product_data": {"name": name}}
    return {"price_data": price, "quantity": quantity}


def client(url: str, key: str = KEY, retries: int = 0) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": url}, max_network_retries=retries)
