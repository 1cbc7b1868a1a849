"""A provider that is down, slow or answers nonsense, on the running stack: a code, and never half an order."""

import urllib.parse
import urllib.request
from typing import Any
from uuid import uuid4

import pytest

from infra.local.api import Api, send
from infra.local.people import PaymentPage, Person
from infra.local.running import RunningStack
from tests.deployed.tenants import Tenant, operate

START, DETAIL = "/iyzico/payment/iyzipos/checkoutform/initialize", "/iyzico/payment/iyzipos/checkoutform/auth"


@pytest.fixture(scope="module")
def tenant(stack: RunningStack) -> Tenant:
    """A platform whose lira are taken by iyzico, since it has an account there."""
    tenant = Tenant.create(stack, f"iyzico-{uuid4().hex[:8]}")
    keys = {"api_key": f"api-{tenant.id}", "secret_key": f"secret-{tenant.id}"}
    operate(stack, "set-iyzico-keys", tenant.id, typed="\n".join([*keys.values(), "whsec-1", "whsec-2"]))
    url = f"{stack.api_url}/v1/webhooks/{tenant.id}/iyzico"
    told = keys | {"webhook_url": url, "webhook_secret": "whsec-2", "protocol": "iyzico"}
    PaymentPage(stack.payments_url).tell("accounts", **told)
    return tenant


@pytest.fixture(scope="module")
def buyer(tenant: Tenant) -> Person:
    return tenant.add("customer", "Can")


@pytest.fixture(scope="module")
def package_id(tenant: Tenant) -> str:
    return tenant.publish()[0]


@pytest.fixture
def page(stack: RunningStack) -> PaymentPage:
    return PaymentPage(stack.payments_url)


def play(page: PaymentPage, **fault: Any) -> None:
    """Let the next calls of iyzico's API meet a fault."""
    Api(f"{page.url}/_sandbox").post("/faults", fault)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"kind": "error_500"}, 502, "PROVIDER_FAILED"),
        ({"kind": "nonsense"}, 502, "PROVIDER_FAILED"),
        ({"kind": "lost_response"}, 502, "PROVIDER_FAILED"),
        ({"kind": "slow", "seconds": 9}, 504, "PROVIDER_TIMEOUT"),
    ],
    ids=["down", "nonsense", "lost", "slow"],
)
def test_a_failing_provider_is_named_and_the_same_key_goes_on(
    buyer: Person, package_id: str, page: PaymentPage, fault, status, code
) -> None:
    before, key = len(buyer.api.get("/v1/orders")["items"]), str(uuid4())
    play(page, path=START, **fault)
    failed = buyer.api.call("POST", "/v1/orders", {"package_id": package_id}, key=key)
    assert (failed.status, failed.code) == (status, code)
    [order, *older] = buyer.api.get("/v1/orders")["items"]
    assert (order["state"], order["payment_url"], len(older)) == ("pending", None, before)
    gone_on = buyer.api.call("POST", "/v1/orders", {"package_id": package_id}, key=key)
    assert (gone_on.status, gone_on.body["id"]) == (201, order["id"])
    assert gone_on.body["payment_url"]


def test_what_was_paid_while_the_provider_was_down_is_delivered_once(
    tenant: Tenant, buyer: Person, package_id: str, page: PaymentPage
) -> None:
    balance = buyer.api.get("/v1/me/wallets/credit")["balance"]
    order = buyer.api.post("/v1/orders", {"package_id": package_id})
    page.press(order["payment_url"], "insufficient")
    page.settle()
    [failure] = buyer.api.get(f"/v1/orders/{order['id']}")["failures"]
    assert failure["reason"] == "insufficient_funds"
    play(page, kind="error_500", path=DETAIL, count=2)
    page.press(order["payment_url"], "pay")
    page.settle()
    assert buyer.api.get(f"/v1/orders/{order['id']}")["state"] == "paid"
    assert buyer.api.get("/v1/me/wallets/credit")["balance"] == balance + 100
    back = f"{tenant.stack.api_url}/v1/public/{tenant.id}/orders/{order['id']}/return"
    form = urllib.parse.urlencode({"token": order["payment_url"].rsplit("/", 1)[-1]}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://sandbox.iyzipay.com"}
    page_of_return = send(urllib.request.Request(back, form, headers, method="POST"))
    assert page_of_return.status == 200
    assert buyer.api.get("/v1/me/wallets/credit")["balance"] == balance + 100


def test_the_reports_of_reconciliations_are_the_admin_s(tenant: Tenant, buyer: Person) -> None:
    assert tenant.admin.api.get("/v1/admin/reconciliations") == {"items": [], "cursor": None}
    assert buyer.api.call("GET", "/v1/admin/reconciliations").status == 403
