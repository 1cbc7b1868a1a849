"""The strict door, over HTTP: what is wrong gets a 4xx with a code and the field's path, and changes nothing."""

import base64
import hmac
import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from infra.local.api import Api, Reply, send
from infra.local.running import RunningStack
from tests.deployed.tenants import PASSWORD, Tenant, appointment_package, credit_package

PACKAGES, APPOINTMENTS = "/v1/admin/credit-packages", "/v1/admin/appointment-packages"
DEEP = 200_000


@pytest.fixture(scope="module")
def tenant(stack: RunningStack) -> Tenant:
    return Tenant.create(stack, f"door-{uuid4().hex[:8]}")


@pytest.fixture(scope="module")
def package(tenant: Tenant) -> dict[str, Any]:
    made: dict[str, Any] = tenant.admin.api.post(PACKAGES, credit_package())
    return made


@pytest.fixture
def untouched(tenant: Tenant, package: dict[str, Any]) -> Iterator[None]:
    """Nothing of the platform is other after the test than before it, not even a receipt."""
    before = tenant.items()
    yield
    assert tenant.items() == before


def refused(reply: Reply, status: int, code: str, field: str | None = None) -> None:
    """A problem of this kind that names this field, if it is about one."""
    assert (reply.status, reply.code) == (status, code), reply
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.body["type"] == f"urn:seans:error:{code}"
    assert {"title", "detail"} <= reply.body.keys()
    assert [each["field"] for each in reply.body.get("errors", [])] == ([field] if field else []), reply


# ------------------------------------------------------------------------------------ what is no JSON object

PRICE = b'"price":{"amount":14900,"currency":"TRY"}'
MALFORMED = {
    "nothing": b"",
    "no JSON": b"name=100 Kredi",
    "cut off": b'{"name": "100 Kr',
    "an array": b"[]",
    "a text": b'"100 Kredi"',
    "a number": b"100",
    "null": b"null",
    "NaN": b'{"name":"a","credits":NaN,"country":"TR",' + PRICE + b"}",
    "Infinity": b'{"name":"a","credits":-Infinity,"country":"TR",' + PRICE + b"}",
    "out of range": b'{"name":"a","credits":1e999,"country":"TR",' + PRICE + b"}",
    "a number of 5000 digits": b'{"name":"a","credits":' + b"9" * 5000 + b"}",
    "the same key twice": b'{"name":"a","name":"b","credits":1,"country":"TR",' + PRICE + b"}",
    "the same key twice inside": b'{"name":"a","credits":1,"price":{"amount":1,"amount":2,"currency":"TRY"}}',
    "too deep by arrays": b'{"name":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "too deep by objects": b'{"name":' * DEEP + b"1" + b"}" * DEEP,
    "too deep by a little": b'{"name":' + b"[" * 40 + b"]" * 40 + b"}",
    "half a surrogate pair": b'{"name":"\\ud83d","credits":1,"country":"TR",' + PRICE + b"}",
    "half a surrogate pair as a key": b'{"\\udc00":1}',
    "UTF-16": '{"name":"a"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"name":"a"}',
    "a control character": b'{"name":"a\x00b"}',
    "two objects": b"{}{}",
}


@pytest.mark.parametrize("sent", [pytest.param(sent, id=name) for name, sent in MALFORMED.items()])
def test_what_is_no_json_object_is_malformed(tenant: Tenant, untouched: None, sent: bytes) -> None:
    """The deepest is larger than a body may be, and so refused before anybody looks into it."""
    reply = tenant.admin.api.call("POST", PACKAGES, data=sent)
    if len(sent) > 256 * 1024:
        refused(reply, 413, "BODY_TOO_LARGE")
    else:
        refused(reply, 400, "MALFORMED_JSON")


@pytest.mark.parametrize("size", [256 * 1024 + 1, 10 * 1024 * 1024])
def test_a_large_body_is_refused(tenant: Tenant, untouched: None, size: int) -> None:
    frame = b'{"name":""}'
    sent = frame[:-2] + b"a" * (size - len(frame)) + frame[-2:]
    refused(tenant.admin.api.call("POST", PACKAGES, data=sent), 413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ";"]
)
def test_only_json_is_taken(tenant: Tenant, untouched: None, kind: str) -> None:
    reply = tenant.admin.api.call("POST", PACKAGES, credit_package(), headers={"Content-Type": kind})
    refused(reply, 415, "UNSUPPORTED_MEDIA_TYPE")


# ------------------------------------------------------------------------------------ what is no such thing

INVALID = [
    (PACKAGES, credit_package(colour="red"), "UNKNOWN_FIELD", "colour"),
    (PACKAGES, credit_package(id="cpk_1"), "UNKNOWN_FIELD", "id"),
    (PACKAGES, credit_package(platform_id="demo"), "UNKNOWN_FIELD", "platform_id"),
    (
        PACKAGES,
        credit_package(price={"amount": 1, "currency": "TRY", "tax": 0}),
        "UNKNOWN_FIELD",
        "price.tax",
    ),
    (PACKAGES, {"name": "100 Kredi"}, "MISSING_FIELD", "credits"),
    (PACKAGES, credit_package(price={"amount": 1}), "MISSING_FIELD", "price.currency"),
    (PACKAGES, credit_package(credits="100"), "INVALID", "credits"),
    (PACKAGES, credit_package(credits=1.5), "INVALID", "credits"),
    (PACKAGES, credit_package(credits=True), "INVALID", "credits"),
    (PACKAGES, credit_package(credits=0), "INVALID", "credits"),
    (PACKAGES, credit_package(credits=10**30), "INVALID", "credits"),
    (PACKAGES, credit_package(name=None), "INVALID", "name"),
    (PACKAGES, credit_package(name=" \t"), "TEXT_REFUSED", "name"),
    (PACKAGES, credit_package(price={"amount": -1, "currency": "TRY"}), "PRICE_NOT_POSITIVE", "price.amount"),
    (PACKAGES, credit_package(price={"amount": 0, "currency": "TRY"}), "PRICE_NOT_POSITIVE", "price.amount"),
    (PACKAGES, credit_package(price={"amount": 1.0, "currency": "TRY"}), None, "price.amount"),
    (PACKAGES, credit_package(price={"amount": 1, "currency": "XXX"}), "UNKNOWN_CURRENCY", "price.currency"),
    (PACKAGES, credit_package(country="XX"), "UNKNOWN_COUNTRY", "country"),
    (PACKAGES, credit_package(country="tr"), None, "country"),
    (APPOINTMENTS, appointment_package(break_minutes=26), "BREAK_LONGER_THAN_DURATION", "break_minutes"),
    (APPOINTMENTS, appointment_package(duration_minutes=-5), "INVALID", "duration_minutes"),
    (APPOINTMENTS, appointment_package(service="telepathy"), "INVALID", "service"),
    (APPOINTMENTS, appointment_package(expert_ids=["nobody"]), "UNKNOWN_EXPERT", "expert_ids[0]"),
    (APPOINTMENTS, appointment_package(expert_ids=["a#b"]), "INVALID", "expert_ids[0]"),
]


@pytest.mark.parametrize(
    ("path", "body", "code", "field"), [pytest.param(*each, id=f"{each[2]}-{each[3]}") for each in INVALID]
)
def test_what_is_not_acceptable_names_its_field(
    tenant: Tenant, untouched: None, path: str, body: dict[str, Any], code: str | None, field: str
) -> None:
    reply = tenant.admin.api.call("POST", path, body)
    refused(reply, 422, code or str(reply.code), field)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (f"{PACKAGES}?limit=0", "limit"),
        (f"{PACKAGES}?limit=101", "limit"),
        (f"{PACKAGES}?limit=ten", "limit"),
        (f"{PACKAGES}?colour=red", "colour"),
        ("/v1/admin/reports/sales?from=2026-01-01&to=2026-02-01T00:00:00Z", "from"),
        ("/v1/admin/reports/sales?from=2026-01-01T00:00:00Z", "to"),
        ("/v1/bookings?customer_id=a&from=yesterday", "from"),
    ],
)
def test_a_query_is_checked_as_strictly(tenant: Tenant, path: str, field: str) -> None:
    reply = tenant.admin.api.call("GET", path)
    refused(reply, 422, str(reply.code), field)


@pytest.mark.parametrize(
    "cursor", ["nonsense", "!!!", "e30", base64.urlsafe_b64encode(b'{"PK":"A","SK":"B"}').decode()]
)
@pytest.mark.parametrize(
    "path",
    [
        f"{PACKAGES}?",
        "/v1/admin/customers?",
        "/v1/admin/orders?customer_id=somebody&",
        "/v1/bookings?customer_id=somebody&",
        "/v1/admin/reports/sales?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&",
    ],
)
def test_a_made_up_cursor_is_refused(tenant: Tenant, path: str, cursor: str) -> None:
    reply = tenant.admin.api.call("GET", f"{path}cursor={cursor}")
    refused(reply, 422, "CURSOR_INVALID", "cursor")


@pytest.mark.parametrize(
    "path_id", ["a%23b", "a%00b", "%20", "%0A", "..", "%2e%2e", "a%2Fb", "%ff", "%F0%9F%99%82", "a" * 129]
)
def test_a_path_that_can_name_nothing_finds_nothing(tenant: Tenant, path_id: str) -> None:
    """What clients and gateways make of dots and slashes differs; what it comes to is a 4xx."""
    reply = tenant.admin.api.call("GET", f"/v1/orders/{path_id}")
    refused(reply, 404, str(reply.code))
    assert reply.code in {"NOT_FOUND", "ORDER_NOT_FOUND"}


# -------------------------------------------------------------------------------------- headers of a write


@pytest.mark.parametrize("key", ["", " ", "a" * 256, "anahtar-ı".encode().decode("latin-1")])
def test_a_write_needs_an_idempotency_key(tenant: Tenant, untouched: None, key: str) -> None:
    headers = {"Authorization": tenant.admin.api.token or "", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    request = urllib.request.Request(
        tenant.stack.api_url + PACKAGES, json.dumps(credit_package()).encode(), headers, method="POST"
    )
    refused(send(request), 400, "IDEMPOTENCY_KEY_REQUIRED", "header.Idempotency-Key")


def test_a_repeated_request_has_one_effect_and_one_answer(tenant: Tenant) -> None:
    key, api = str(uuid4()), tenant.admin.api
    first = api.call("POST", PACKAGES, credit_package(), key=key)
    before = tenant.items()
    again = api.call("POST", PACKAGES, credit_package(), key=key)
    assert (again.status, again.raw) == (first.status, first.raw)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = api.call("POST", PACKAGES, credit_package(credits=999), key=key)
    refused(other, 409, "IDEMPOTENCY_KEY_REUSED")
    assert tenant.items() == before


@pytest.mark.parametrize(
    ("if_match", "status", "code", "field"),
    [
        (None, 428, "IF_MATCH_REQUIRED", "header.If-Match"),
        ('"7"', 412, "STALE_EDIT", "header.If-Match"),
        ("1", 400, "IF_MATCH_MALFORMED", "header.If-Match"),
        ("*", 400, "IF_MATCH_MALFORMED", "header.If-Match"),
        ('"1", "2"', 400, "IF_MATCH_MALFORMED", "header.If-Match"),
    ],
)
def test_an_edit_names_the_version_that_was_read(
    tenant: Tenant,
    package: dict[str, Any],
    untouched: None,
    if_match: str | None,
    status: int,
    code: str,
    field: str | None,
) -> None:
    path = f"{PACKAGES}/{package['id']}"
    refused(tenant.admin.api.call("PUT", path, credit_package(), if_match=if_match), status, code, field)
    refused(tenant.admin.api.call("DELETE", path, if_match=if_match), status, code, field)


# ------------------------------------------------------------------------------------------------- tokens


@pytest.fixture(scope="module")
def tokens(tenant: Tenant) -> dict[str, str]:
    answer = tenant.stack.client("cognito-idp").initiate_auth(
        ClientId=tenant.stack.outputs["UserPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": f"{tenant.id}:{tenant.admin.email}", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return {"id": answer["IdToken"], "access": answer["AccessToken"], "refresh": answer["RefreshToken"]}


def with_claims(token: str, **claims: Any) -> str:
    """The token with other claims under the old signature."""
    head, body, signature = token.split(".")
    told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))) | claims
    forged = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
    return f"{head}.{forged}.{signature}"


def without_signature(token: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda tokens: "", id="none"),
        pytest.param(lambda tokens: "garbage", id="garbage"),
        pytest.param(lambda tokens: "a.b.c", id="garbage in three parts"),
        pytest.param(lambda tokens: tokens["access"], id="access token"),
        pytest.param(lambda tokens: tokens["refresh"], id="refresh token"),
        pytest.param(lambda tokens: without_signature(tokens["id"]), id="unsigned"),
        pytest.param(lambda tokens: tokens["id"][:-8] + "AAAAAAAA", id="altered signature"),
        pytest.param(lambda tokens: with_claims(tokens["id"], exp=int(time.time()) - 60), id="expired"),
        pytest.param(
            lambda tokens: with_claims(tokens["id"], **{"custom:platform": "demo"}), id="other platform"
        ),
        pytest.param(
            lambda tokens: with_claims(tokens["id"], **{"cognito:groups": ["customer"]}), id="other group"
        ),
    ],
)
def test_only_a_genuine_id_token_is_let_in(tenant: Tenant, tokens: dict[str, str], forge: Any) -> None:
    assert Api(tenant.stack.api_url, tokens["id"]).call("GET", "/v1/me").status == 200
    refused(Api(tenant.stack.api_url, forge(tokens)).call("GET", "/v1/me"), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1"),
        ("GET", "/v1/nothing"),
        ("PATCH", "/v1/orders"),
        ("DELETE", "/v1/me"),
        ("PUT", "/v1/health"),
    ],
)
def test_what_the_api_does_not_have_is_not_found(tenant: Tenant, method: str, path: str) -> None:
    refused(tenant.admin.api.call(method, path), 404, "NOT_FOUND")


# ----------------------------------------------------------------------------------------------- webhooks


def event(**subject: Any) -> dict[str, Any]:
    """As Stripe sends one about a checkout session."""
    session = {"id": f"cs_test_{uuid4().hex}", "object": "checkout.session", "metadata": {}} | subject
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": "checkout.session.completed",
        "created": int(time.time()),
        "data": {"object": session},
    }


def signature(body: bytes, secret: str, age_seconds: int = 0) -> str:
    at = int(time.time()) - age_seconds
    proof = hmac.digest(secret.encode(), f"{at}.".encode() + body, "sha256").hex()
    return f"t={at},v1={proof}"


def deliver(tenant: Tenant, body: bytes, header: str | None) -> Reply:
    headers = {"Content-Type": "application/json"} | ({"Stripe-Signature": header} if header else {})
    return Api(tenant.stack.api_url).call("POST", tenant.webhook_path, data=body, headers=headers)


def delivered(tenant: Tenant, sent: dict[str, Any]) -> Reply:
    body = json.dumps(sent).encode()
    return deliver(tenant, body, signature(body, tenant.webhook_secret))


BODY = json.dumps(event()).encode()
NOT_UTF8 = BODY.replace(b"checkout", b"check\xff\xfe", 1)
HOUR = 3600


@pytest.mark.parametrize(
    ("body", "sign"),
    [
        pytest.param(BODY, lambda secret: None, id="unsigned"),
        pytest.param(BODY, lambda secret: "garbage", id="garbage for a signature"),
        pytest.param(BODY, lambda secret: f"t={int(time.time())},v1=", id="an empty signature"),
        pytest.param(BODY, lambda secret: f"t={'9' * 400},v1=00", id="an endless time"),
        pytest.param(BODY, lambda secret: signature(BODY, "whsec_demo"), id="another platform's secret"),
        pytest.param(BODY + b" ", lambda secret: signature(BODY, secret), id="altered"),
        pytest.param(BODY, lambda secret: signature(BODY, secret, HOUR), id="an hour old"),
        pytest.param(BODY, lambda secret: signature(BODY, secret, -HOUR), id="an hour ahead"),
        pytest.param(NOT_UTF8, lambda secret: signature(NOT_UTF8, secret), id="not UTF-8"),
        pytest.param(b"[]", lambda secret: signature(b"[]", secret), id="no event"),
        pytest.param(b"{}", lambda secret: signature(b"{}", secret), id="an empty event"),
        pytest.param(b"", lambda secret: signature(b"", secret), id="nothing"),
    ],
)
def test_a_webhook_that_is_not_the_provider_s_changes_nothing(
    tenant: Tenant, untouched: None, body: bytes, sign: Any
) -> None:
    refused(deliver(tenant, body, sign(tenant.webhook_secret)), 400, "WEBHOOK_REFUSED")


def test_a_webhook_for_no_platform_is_refused(tenant: Tenant) -> None:
    headers = {"Stripe-Signature": signature(BODY, tenant.webhook_secret)}
    public = Api(tenant.stack.api_url)
    for platform_id in ("no-such-platform", "NO", "%2e"):
        reply = public.call("POST", f"/v1/webhooks/{platform_id}/stripe", data=BODY, headers=headers)
        assert reply.status in {400, 404, 502}, reply
        refused(reply, reply.status, str(reply.code))


def inbox(tenant: Tenant, event_id: str) -> dict[str, Any]:
    key = f"PLATFORM#{tenant.id}#INBOX#stripe#{event_id}", "EVENT"
    record: dict[str, Any] = tenant.items()[key]["record"]["M"]
    return record


@pytest.mark.parametrize(
    ("subject", "kind", "state"),
    [
        ({}, "checkout.session.completed", "quarantined"),
        ({"client_reference_id": "somebody-elses-17"}, "checkout.session.completed", "quarantined"),
        (
            {"metadata": {"order_id": "ord_1", "platform_id": "demo"}},
            "checkout.session.expired",
            "quarantined",
        ),
        ({"object": "dispute", "payment_intent": "pi_unknown"}, "charge.dispute.created", "quarantined"),
        ({"object": "customer"}, "customer.created", "ignored"),
    ],
)
def test_an_event_about_no_order_of_ours_is_kept_and_answered(
    tenant: Tenant, subject: dict[str, Any], kind: str, state: str
) -> None:
    """It is somebody else's, who uses the same account at the provider: told again, it changes nothing more."""
    sent = event(**subject) | {"type": kind}
    reply = delivered(tenant, sent)
    assert (reply.status, reply.body) == (200, {"state": state})
    assert inbox(tenant, sent["id"])["state"]["S"] == state
    before = tenant.items()
    assert delivered(tenant, sent).status == 200
    assert tenant.items() == before


def test_an_event_about_an_order_that_is_not_there_yet_is_asked_for_again(tenant: Tenant) -> None:
    sent = event(client_reference_id="ord_00000000000000000000000000")
    for _ in range(2):
        reply = delivered(tenant, sent)
        refused(reply, 503, "ORDER_UNKNOWN")
        assert reply.headers["retry-after"] == "1"
        assert inbox(tenant, sent["id"])["state"]["S"] == "quarantined"


@pytest.mark.parametrize(
    "subject",
    [
        {"id": None},
        {"id": 7},
        {"metadata": "text"},
        {"metadata": {"order_id": ["ord_1"]}},
        {"metadata": dict.fromkeys(("platform_id", "order_id", "customer_id", "product_kind"), "ord_1")},
        {"client_reference_id": "ord_1", "metadata": {"customer_id": "c" * 3000}},
        {"payment_intent": {"id": 1}},
    ],
)
def test_a_signed_event_that_makes_no_sense_is_no_failure_of_ours(
    tenant: Tenant, subject: dict[str, Any]
) -> None:
    reply = delivered(tenant, event(**subject))
    assert reply.status in {200, 400} or reply.code == "ORDER_UNKNOWN", reply


def test_a_large_event_is_refused(tenant: Tenant, untouched: None) -> None:
    refused(delivered(tenant, event(padding="a" * 256 * 1024)), 413, "BODY_TOO_LARGE")
