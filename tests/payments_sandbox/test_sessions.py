"""Checkout sessions through the SDK: what they hold, what they refuse, and who sees them."""

import base64
from typing import Any

import pytest
import stripe

from infra.local.payments import state
from tests.payments_sandbox.harness import KEY, OTHER_KEY, Shop, client, item


def test_a_new_session_is_open_unpaid_and_without_a_payment_intent(shop: Shop) -> None:
    session = shop.session(customer_email="ayse@example.com")
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency) == (149_000, "try")
    assert session.expires_at - session.created == 86_400
    assert session.url == f"{shop.server.url}/pay/{session.id}"
    assert session.metadata is not None
    assert session.metadata.to_dict()["order_id"] == "ord_1"
    assert shop.stripe.v1.payment_intents.list().data == []


def test_a_session_is_retrieved_with_its_intent_and_charge(shop: Shop) -> None:
    session = shop.session()
    shop.press(session.id, "pay")
    plain = shop.stripe.v1.checkout.sessions.retrieve(session.id)
    full = shop.retrieve(session.id)
    assert plain.payment_intent == full.payment_intent.id
    assert full.payment_intent.metadata.to_dict() == {"order_id": "ord_1", "tenant": "acme"}
    charge = full.payment_intent.latest_charge
    assert (charge.status, charge.amount, charge.metadata["tenant"]) == ("succeeded", 149_000, "acme")
    assert shop.stripe.v1.charges.retrieve(charge.id).payment_intent == full.payment_intent.id
    assert shop.stripe.v1.payment_intents.retrieve(full.payment_intent.id).amount_received == 149_000


def test_line_items_are_expanded_and_listed(shop: Shop) -> None:
    session = shop.session(
        line_items=[item(quantity=3), item(amount_minor=100, name="Ek")], expand=["line_items"]
    )
    assert session.line_items is not None
    assert [line.amount_total for line in session.line_items.data] == [447_000, 100]
    listed = shop.stripe.v1.checkout.sessions.line_items.list(session.id)
    assert [line.description for line in listed.data] == ["500 Kredi", "Ek"]
    assert session.amount_total == 447_100


def test_sessions_are_listed_newest_first_in_pages(shop: Shop) -> None:
    ids = [shop.session().id for _ in range(5)]
    page = shop.stripe.v1.checkout.sessions.list(params={"limit": 2})
    assert [session.id for session in page.data] == [ids[4], ids[3]]
    assert [session.id for session in page.auto_paging_iter()] == ids[::-1]
    before = shop.stripe.v1.checkout.sessions.list(params={"limit": 2, "ending_before": ids[0]})
    assert [session.id for session in before.data] == [ids[2], ids[1]]
    assert before.has_more


def test_sessions_are_filtered_by_intent_status_and_creation(shop: Shop) -> None:
    old = shop.session()
    shop.clock.now += 100
    paid = shop.session()
    shop.press(paid.id, "pay")
    sessions = shop.stripe.v1.checkout.sessions
    intent = shop.stripe.v1.payment_intents.list().data[0]
    assert [s.id for s in sessions.list(params={"payment_intent": intent.id}).data] == [paid.id]
    assert [s.id for s in sessions.list(params={"created": {"gte": paid.created}}).data] == [paid.id]
    assert [s.id for s in sessions.list(params={"created": {"lt": paid.created}}).data] == [old.id]
    assert [s.id for s in sessions.list(params={"status": "open"}).data] == [old.id]


def test_an_open_session_expires_once_and_without_an_intent(shop: Shop) -> None:
    session = shop.session()
    expired = shop.stripe.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.payment_intent, expired.url) == ("expired", None, None)
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        shop.stripe.v1.checkout.sessions.expire(session.id)
    shop.settled()
    assert shop.endpoint.types() == ["checkout.session.expired"]


def test_a_session_expires_by_itself_when_its_time_is_up(shop: Shop) -> None:
    session = shop.session(expires_at=int(shop.clock.now) + 31 * 60)
    shop.clock.now += 31 * 60 - 2
    shop.server.sandbox.expire_due()
    assert shop.retrieve(session.id).status == "open"
    shop.clock.now += 2
    shop.server.sandbox.expire_due()
    assert shop.retrieve(session.id).status == "expired"


REFUSED: list[tuple[str, dict[str, Any], str | None, str | None]] = [
    ("unknown parameter", {"colour": "red"}, "parameter_unknown", "colour"),
    ("removed parameter", {"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
    ("unknown inside", {"payment_intent_data": {"note": "x"}}, "parameter_unknown", "payment_intent_data[note]"),
    ("not modelled", {"allow_promotion_codes": True}, None, "allow_promotion_codes"),
    ("no mode", {"mode": None}, "parameter_missing", "mode"),
    ("subscription", {"mode": "subscription"}, None, "mode"),
    ("invented mode", {"mode": "gift"}, None, "mode"),
    ("no success URL", {"success_url": None}, "parameter_missing", "success_url"),
    ("relative URL", {"success_url": "/done"}, "url_invalid", "success_url"),
    ("script URL", {"cancel_url": "javascript:alert(1)"}, "url_invalid", "cancel_url"),
    ("empty URL", {"cancel_url": ""}, "parameter_invalid_empty", "cancel_url"),
    ("Persian locale", {"locale": "fa"}, None, "locale"),
    ("too soon", {"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
    ("long reference", {"client_reference_id": "r" * 201}, "parameter_invalid_string", "client_reference_id"),
    ("long metadata", {"metadata": {"note": "m" * 501}}, None, "metadata[note]"),
    ("nested metadata", {"metadata": {"a": {"b": "c"}}}, None, "metadata[a]"),
    ("no items", {"line_items": None}, "parameter_missing", "line_items"),
    ("rial", {"line_items": [item("irr")]}, None, "line_items[0][price_data][currency]"),
    ("below zero", {"line_items": [item(amount_minor=-1)]}, "parameter_invalid_integer",
     "line_items[0][price_data][unit_amount]"),
    ("fraction", {"line_items": [item(amount_minor="14.5")]}, "parameter_invalid_integer",
     "line_items[0][price_data][unit_amount]"),
    ("no quantity", {"line_items": [item(quantity=None)]}, "parameter_missing", "line_items[0][quantity]"),
    ("quantity 0", {"line_items": [item(quantity=0)]}, "parameter_invalid_integer", "line_items[0][quantity]"),
    ("dinar step", {"line_items": [item("kwd", 5_124)]}, None, "line_items[0][price_data][unit_amount]"),
    ("two currencies", {"line_items": [item(), item("eur")]}, None, "line_items[1][price_data][currency]"),
    ("too small", {"line_items": [item("eur", 49)]}, "amount_too_small", None),
    ("too large", {"line_items": [item("eur", 100_000_000)]}, "amount_too_large", None),
    ("bad expansion", {"expand": ["customer_name"]}, None, "expand"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code", "param"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_bad_parameter_is_refused_as_stripe_does(
    shop: Shop, changes: dict[str, Any], code: str | None, param: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.session(**changes)
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)
    assert (refused.value.request_id or "").startswith("req_")


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(1_799, False), (1_800, True), (86_400, True), (86_401, False)]
)
def test_expiry_is_between_half_an_hour_and_a_day(shop: Shop, seconds: int, accepted: bool) -> None:
    expires_at = int(shop.clock.now) + seconds
    if accepted:
        assert shop.session(expires_at=expires_at).expires_at == expires_at
    else:
        with pytest.raises(stripe.InvalidRequestError, match="expires_at"):
            shop.session(expires_at=expires_at)


def test_dinars_and_yen_are_taken_in_their_own_units(shop: Shop) -> None:
    assert shop.session(line_items=[item("KWD", 5_120)]).currency == "kwd"
    assert shop.session(line_items=[item("jpy", 500)]).amount_total == 500


BAD_FORMS = [
    [("a[b", "1")],
    [("mode", "payment"), ("mode", "payment")],
    [("metadata", "x"), ("metadata[a]", "y")],
    [("a" + "[b]" * 40, "1")],
    [("line_items[0][price_data]", "x"), ("mode", "payment")],
]


@pytest.mark.parametrize("form", BAD_FORMS)
def test_a_form_that_cannot_be_read_is_a_400(shop: Shop, form: list[tuple[str, str]]) -> None:
    reply = shop.raw(form)
    assert reply.status == 400
    assert reply.json()["error"]["type"] == "invalid_request_error"


def test_arrays_may_be_written_with_empty_brackets(shop: Shop) -> None:
    session = shop.session()
    reply = shop.raw(
        [("expand[]", "payment_intent"), ("expand[]", "line_items")], f"checkout/sessions/{session.id}/expire"
    )
    assert reply.status == 200
    assert len(reply.json()["line_items"]["data"]) == 1


def test_an_account_sees_its_own_objects_only(shop: Shop) -> None:
    shop.control("accounts", {"secret_key": OTHER_KEY})
    session = shop.session()
    shop.press(session.id, "pay")
    intent = shop.retrieve(session.id).payment_intent
    other = client(shop.server.url, OTHER_KEY)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        other.v1.checkout.sessions.retrieve(session.id)
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    for read in (
        lambda: other.v1.payment_intents.retrieve(intent.id),
        lambda: other.v1.charges.retrieve(intent.latest_charge.id),
        lambda: other.v1.refunds.create(params={"payment_intent": intent.id}),
        lambda: other.v1.checkout.sessions.expire(session.id),
    ):
        with pytest.raises(stripe.InvalidRequestError, match="No such"):
            read()
    assert other.v1.events.list().data == []
    assert other.v1.checkout.sessions.list().data == []


def test_a_key_is_needed_and_may_come_as_basic_authentication(shop: Shop) -> None:
    with pytest.raises(stripe.AuthenticationError) as refused:
        client(shop.server.url, "sk_test_nobody_at_all").v1.checkout.sessions.list()
    assert "nobody" not in str(refused.value)
    assert shop.request("GET", "/v1/checkout/sessions").status == 401
    basic = base64.b64encode(f"{KEY}:".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    assert shop.request("GET", "/v1/checkout/sessions", headers=headers).status == 200


def test_unknown_paths_and_versions_are_refused(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.stripe.v1.customers.list()
    assert refused.value.http_status == 404
    old = stripe.StripeClient(KEY, base_addresses={"api": shop.server.url}, stripe_version="2020-08-27")
    with pytest.raises(stripe.InvalidRequestError, match="2020-08-27"):
        old.v1.checkout.sessions.list()


def test_the_oldest_record_is_forgotten_when_a_table_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "TABLE_LIMIT", 2)
    table = state.State().tables["charge"]
    for record_id in ("a", "b", "c"):
        table.put(record_id, state.Record("acct", {"id": record_id}))
    assert [record_id for record_id, _ in table.items()] == ["b", "c"]


def test_the_session_is_as_the_sdk_types_it(shop: Shop) -> None:
    fields = set(stripe.checkout.Session.__annotations__)
    sent = set(shop.session().to_dict())
    assert sent <= fields, sent - fields


def test_metadata_keys_may_be_numbers_and_empty_values_are_left_out(shop: Shop) -> None:
    session = shop.session(metadata={"0": "zero", "1": "one", "2": ""})
    assert session.metadata.to_dict() == {"0": "zero", "1": "one"}


@pytest.mark.parametrize("body", [b"\xff=1", b"mode=%FF", b'{"mode": "payment"}', b"=" * 5_000])
def test_a_body_that_is_no_form_is_a_400(shop: Shop, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    assert shop.request("POST", "/v1/checkout/sessions", body, headers).status == 400
