"""Idempotency keys and faults: what a caller sees when calls repeat, fail or vanish."""

import time

import pytest
import stripe

from tests.payments_sandbox.harness import KEY, OTHER_KEY, Shop, client, order


def test_the_same_key_and_parameters_get_the_first_answer(shop: Shop) -> None:
    first, second = shop.session(key="k1"), shop.session(key="k1")
    assert second.id == first.id
    assert second.last_response.body == first.last_response.body
    assert first.last_response.headers.get("Idempotent-Replayed") is None
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.headers["Original-Request"] == first.last_response.request_id
    assert len(shop.stripe.v1.checkout.sessions.list().data) == 1


def test_a_key_with_other_parameters_is_refused(shop: Shop) -> None:
    session = shop.session(key="k1")
    with pytest.raises(stripe.IdempotencyError) as refused:
        shop.session(key="k1", client_reference_id="ord_2")
    assert refused.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError):
        shop.stripe.v1.checkout.sessions.expire(session.id, options={"idempotency_key": "k1"})


def test_a_key_is_forgotten_after_a_day(shop: Shop) -> None:
    first = shop.session(key="k1")
    shop.clock.now += 86_399
    assert shop.session(key="k1").id == first.id
    shop.clock.now += 2
    assert shop.session(key="k1").id != first.id


def test_keys_belong_to_their_account(shop: Shop) -> None:
    shop.control("accounts", {"secret_key": OTHER_KEY})
    first = shop.session(key="k1")
    shop.stripe = client(shop.server.url, OTHER_KEY)
    assert shop.session(key="k1").id != first.id


def test_a_refused_parameter_does_not_use_up_the_key_but_a_refused_act_does(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        shop.session(key="k1", mode="gift")
    session = shop.session(key="k1")
    shop.press(session.id, "pay")
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.stripe.v1.checkout.sessions.expire(session.id, options={"idempotency_key": "k2"})
    assert refused.value.headers is not None
    assert refused.value.headers["Idempotent-Replayed"] == "true"


def test_a_lost_response_is_made_good_by_the_sdks_retry(shop: Shop) -> None:
    shop.control("faults", {"kind": "lost_response", "method": "POST"})
    shop.stripe = client(shop.server.url, retries=2)
    session = shop.session(key="k1")
    assert session.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(shop.stripe.v1.checkout.sessions.list().data) == 1


def test_a_lost_response_without_retries_still_happened_and_a_lost_request_did_not(shop: Shop) -> None:
    for kind, sessions in (("lost_request", 0), ("lost_response", 1)):
        shop.control("faults", {"kind": kind})
        with pytest.raises(stripe.APIConnectionError):
            shop.session(key="k1")
        assert len(shop.stripe.v1.checkout.sessions.list().data) == sessions


def test_the_next_calls_fail_as_told_and_the_later_ones_do_not(shop: Shop) -> None:
    shop.control("faults", {"kind": "error_500", "count": 2, "path": "/v1/checkout"})
    assert shop.stripe.v1.events.list().data == []
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            shop.session()
    shop.control("faults", {"kind": "error_429"})
    with pytest.raises(stripe.RateLimitError):
        shop.session()
    shop.control("faults", {"kind": "nonsense"})
    with pytest.raises(stripe.APIError, match="Invalid response body"):
        shop.session()
    assert shop.session().status == "open"


def test_a_stored_500_is_the_lasting_answer_of_its_key(shop: Shop) -> None:
    shop.control("faults", {"kind": "error_500", "stored": True})
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            shop.session(key="k1")
    assert failed.value.headers is not None
    assert failed.value.headers["Stripe-Should-Retry"] == "false"
    assert shop.session(key="k2").status == "open"


def test_a_slow_call_waits_without_holding_up_the_others(shop: Shop) -> None:
    shop.control("faults", {"kind": "slow", "seconds": 5, "method": "POST"})
    impatient = stripe.StripeClient(
        KEY, base_addresses={"api": shop.server.url}, http_client=stripe.RequestsClient(timeout=0.1)
    )
    with pytest.raises(stripe.APIConnectionError):
        impatient.v1.checkout.sessions.create(params=order())  # type: ignore[arg-type]  # built as a dict
    began = time.monotonic()
    shop.stripe.v1.checkout.sessions.list()
    assert time.monotonic() - began < 2


def test_faults_are_listed_and_cleared(shop: Shop) -> None:
    shop.control("faults", {"kind": "error_500", "count": 3})
    assert shop.control("faults")["faults"][0]["count"] == 3
    assert shop.request("DELETE", "/_sandbox/faults").json() == {"faults": []}
    assert shop.session().status == "open"
