"""The routes of orders: who may call them, and what they answer."""

import json
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from chalice.app import Response

from chalicelib.adapters.parameters import Parameters
from chalicelib.adapters.stripe_payments import StripePayments
from chalicelib.orders.model import OrderState
from chalicelib.orders.routes import blueprint
from chalicelib.web.blueprint import answer
from tests.store.orders.shop import ADMIN, CUSTOMER, PLATFORM, SIGNED, Shop


class Api:
    """Calls a route by its declaration, as the gateway would."""

    def __init__(self, shop: Shop) -> None:
        self._routes = {
            route.name: route
            for route in blueprint(shop.checkout, shop.orders, shop.refunds, shop.webhooks).routes
        }

    def call(
        self,
        name: str,
        *,
        actor: Any = None,
        body: Any = None,
        raw: bytes = b"",
        query: Any = None,
        headers: Any = None,
        **path: str,
    ) -> Response:
        groups = ",".join(actor.roles) if actor else ""
        claims = (
            {
                "sub": actor.id,
                "custom:platform": actor.platform_id,
                "token_use": "id",
                "cognito:groups": groups,
            }
            if actor
            else None
        )
        request = SimpleNamespace(
            uri_params=path,
            headers={"content-type": "application/json", "idempotency-key": "k1"} | (headers or {}),
            query_params=query,
            raw_body=raw if body is None else json.dumps(body).encode(),
            context={"authorizer": {"claims": claims}},
        )
        return answer(self._routes[name], request)


WEBHOOK = "POST /v1/webhooks/{platform_id}/{provider}"


@pytest.fixture
def api(shop) -> Api:
    return Api(shop)


def content(response: Response) -> Any:
    return json.loads(response.body)


def test_a_customer_orders_and_reads_his_order(api) -> None:
    ordered = api.call("POST /v1/orders", actor=CUSTOMER, body={"package_id": "cpk_500"})
    assert (ordered.status_code, content(ordered)["state"]) == (201, "pending")
    read = api.call("GET /v1/orders/{order_id}", actor=CUSTOMER, order_id=content(ordered)["id"])
    assert content(read) == content(ordered)
    assert content(api.call("GET /v1/orders", actor=CUSTOMER)) == {
        "items": [content(ordered)],
        "cursor": None,
    }


@pytest.mark.parametrize(
    "body", [{}, {"package_id": ""}, {"package_id": 7}, {"package_id": "cpk_500", "price": 1}]
)
def test_an_order_is_of_one_package_and_nothing_else(api, body) -> None:
    refused = api.call("POST /v1/orders", actor=CUSTOMER, body=body)
    assert refused.status_code == 422
    assert content(refused)["errors"][0]["field"] in ("package_id", "price")


def test_an_admin_lists_a_customer_s_orders_and_a_customer_does_not(api, shop) -> None:
    order = shop.ordered()
    listed = api.call("GET /v1/admin/orders", actor=ADMIN, query={"customer_id": CUSTOMER.id})
    assert [item["id"] for item in content(listed)["items"]] == [order.id]
    refused = api.call("GET /v1/admin/orders", actor=CUSTOMER, query={"customer_id": CUSTOMER.id})
    assert refused.status_code == 403
    assert api.call("POST /v1/orders", actor=ADMIN, body={"package_id": "cpk_500"}).status_code == 403


def test_a_webhook_says_what_became_of_the_event(api, shop, provider) -> None:
    shop.ordered()
    provider.pay("cs_1")
    raw = msgspec.json.encode(provider.event("cs_1", "checkout.session.completed"))
    done = api.call(WEBHOOK, raw=raw, headers=SIGNED, platform_id=PLATFORM, provider="stripe")
    assert (done.status_code, content(done)) == (200, {"state": "done"})
    refused = api.call(WEBHOOK, raw=raw, platform_id=PLATFORM, provider="stripe")
    assert (refused.status_code, content(refused)["code"]) == (400, "WEBHOOK_REFUSED")


def test_an_event_signed_in_a_year_that_no_calendar_has_is_refused(table) -> None:
    api = Api(Shop(provider=StripePayments(Parameters())))
    forged = {"stripe-signature": "t=999999999999,v1=00"}
    refused = api.call(WEBHOOK, raw=b"{}", headers=forged, platform_id=PLATFORM, provider="stripe")
    assert (refused.status_code, content(refused)["code"]) == (400, "WEBHOOK_REFUSED")


def test_an_event_that_comes_before_its_order_is_asked_for_again(api, shop, provider) -> None:
    shop.ordered()
    event = provider.event("cs_1", "checkout.session.completed", order_id="ord_none", purchase=None)
    early = api.call(
        WEBHOOK,
        raw=msgspec.json.encode(event),
        headers=SIGNED,
        platform_id=PLATFORM,
        provider="stripe",
    )
    assert (early.status_code, content(early)["code"]) == (503, "ORDER_UNKNOWN")


def test_a_webhook_of_nobody_s_is_not_found(api, shop) -> None:
    lost = api.call(WEBHOOK, raw=b"{}", headers=SIGNED, platform_id=PLATFORM, provider="paypal")
    assert (lost.status_code, content(lost)["code"]) == (404, "PROVIDER_UNKNOWN")


RETURN = "GET /v1/public/{platform_id}/orders/{order_id}/return"


def test_a_buyer_who_comes_back_is_told_in_his_language(api, shop, provider) -> None:
    order = shop.ordered()
    provider.pay("cs_1")
    page = api.call(RETURN, query={"session_id": "cs_1"}, platform_id=PLATFORM, order_id=order.id)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert 'lang="tr"' in page.body
    assert "Ödemeniz alındı" in page.body
    assert shop.kept(order.id).state is OrderState.PAID


def test_a_buyer_who_comes_back_is_led_to_the_platform_s_own_page(table, moving_clock) -> None:
    shop = Shop(return_url="https://acme.test/thanks?a=1").open()
    order = shop.ordered()
    away = Api(shop).call(RETURN, platform_id=PLATFORM, order_id=order.id)
    assert (away.status_code, away.headers["Location"]) == (
        303,
        f"https://acme.test/thanks?a=1&order_id={order.id}",
    )


@pytest.mark.parametrize(
    ("platform_id", "order_id"), [(PLATFORM, "ord_none"), ("nobody", "ord_1"), ("No.body", "ord_1")]
)
def test_a_return_to_nothing_is_a_plain_404(api, platform_id, order_id) -> None:
    page = api.call(RETURN, query={"session_id": "<script>"}, platform_id=platform_id, order_id=order_id)
    assert page.status_code == 404
    assert "<script>" not in str(page.body)


def test_a_return_never_fails_whatever_breaks_behind_it(api, shop, provider) -> None:
    order = shop.ordered()
    provider.fetch = lambda platform_id, reference: 1 / 0
    page = api.call(RETURN, query={"session_id": "cs_1"}, platform_id=PLATFORM, order_id=order.id)
    assert (page.status_code, "henüz" in page.body) == (200, True)
    shop.orders.after_payment = lambda *_: 1 / 0
    page = api.call(RETURN, platform_id=PLATFORM, order_id=order.id)
    assert (page.status_code, "a little later" in page.body) == (200, True)
