"""Webhooks as the merchant gets them: signed, retried, dropped, repeated, reordered, held."""

from typing import Any

import pytest
import stripe

from infra.local.payments import state
from tests.payments_sandbox.harness import OTHER_KEY, PAID, WEBHOOK_SECRET, Shop


def _pay(shop: Shop) -> Any:
    session = shop.session()
    shop.press(session.id, "pay")
    return session.id


def _states(shop: Shop) -> list[str]:
    return [row["state"] for row in reversed(shop.control("deliveries")["deliveries"])]


def test_events_are_signed_and_of_the_sdks_version(shop: Shop) -> None:
    session_id = _pay(shop)
    shop.settled()
    event = shop.endpoint.events()[-1]
    assert (event.api_version, event.livemode, event.type) == (stripe.api_version, False, PAID[-1])
    assert event.data.object["id"] == session_id
    assert event.data.object["payment_status"] == "paid"
    body, signature = shop.endpoint.received[-1]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body.replace(b"149000", b"149001"), signature, WEBHOOK_SECRET)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, "whsec_of_another")


def test_an_event_shows_the_object_as_it_was(shop: Shop) -> None:
    shop.control("webhooks", {"hold": True})
    session_id = _pay(shop)
    shop.control("webhooks/flush", {})
    shop.settled()
    created = shop.endpoint.events()[0]
    assert created.data.object["status"] == "requires_payment_method"
    assert shop.retrieve(session_id).payment_intent.status == "succeeded"


def test_the_endpoint_may_call_the_api_while_it_receives(shop: Shop) -> None:
    seen: list[str] = []
    shop.endpoint.on_event = lambda event: seen.append(shop.stripe.v1.events.retrieve(event.id).type)
    _pay(shop)
    shop.settled()
    assert seen == PAID


def test_a_failed_delivery_is_tried_again(shop: Shop) -> None:
    shop.endpoint.answers = [500, 302]
    _pay(shop)
    shop.settled()
    assert _states(shop) == ["delivered"] * 4
    first = shop.control("deliveries?type=payment_intent.created")["deliveries"][0]
    second = shop.control("deliveries?type=charge.succeeded")["deliveries"][0]
    assert [attempt["status"] for attempt in first["attempts"]] == [500, 200]
    assert [attempt["status"] for attempt in second["attempts"]] == [302, 200]


def test_a_delivery_is_given_up_and_can_be_found_and_sent_again(shop: Shop) -> None:
    shop.endpoint.answers = [500] * 12
    _pay(shop)
    shop.settled()
    assert _states(shop) == ["failed"] * 4
    assert len(shop.endpoint.received) == 12
    missed = shop.stripe.v1.events.list(params={"delivery_success": False, "types": [PAID[-1]]}).data
    assert [(event.type, event.pending_webhooks) for event in missed] == [(PAID[-1], 1)]
    shop.control("webhooks/resend", {"event_id": missed[0].id})
    shop.settled()
    assert shop.endpoint.events()[-1].id == missed[0].id
    assert shop.stripe.v1.events.retrieve(missed[0].id).pending_webhooks == 0
    assert len(shop.stripe.v1.events.list(params={"delivery_success": False}).data) == 3


def test_nobody_listening_is_an_attempt_without_a_status(shop: Shop) -> None:
    account = {"secret_key": "sk_test_deaf_000000", "webhook_secret": "whsec_deaf"}
    shop.control("accounts", {**account, "webhook_url": "http://127.0.0.1:1/hook"})
    shop.stripe = stripe.StripeClient("sk_test_deaf_000000", base_addresses={"api": shop.server.url})
    _pay(shop)
    shop.settled()
    row = shop.control("deliveries?type=charge.succeeded")["deliveries"][0]
    assert row["state"] == "failed"
    assert len(row["attempts"]) == 3
    assert row["attempts"][0]["status"] is None
    assert "refused" in row["attempts"][0]["error"]


def test_the_next_n_events_are_dropped(shop: Shop) -> None:
    shop.control("webhooks", {"drop": 3})
    _pay(shop)
    shop.settled()
    assert shop.endpoint.types() == PAID[3:]
    assert _states(shop) == ["dropped"] * 3 + ["delivered"]
    missed = shop.stripe.v1.events.list(params={"delivery_success": False}).data
    assert [event.type for event in reversed(missed)] == PAID[:3]


def test_a_share_of_the_events_is_dropped_the_same_way_for_the_same_seed(shop: Shop) -> None:
    kept = []
    for _ in range(2):
        shop.control("webhooks", {"drop": 0.5, "seed": 7})
        shop.endpoint.received.clear()
        for _ in range(5):
            _pay(shop)
        shop.settled()
        kept.append(sorted(shop.endpoint.types()))
    assert kept[0] == kept[1]
    assert 0 < len(kept[0]) < 20


def test_each_event_is_repeated(shop: Shop) -> None:
    shop.control("webhooks", {"repeat": 2})
    _pay(shop)
    shop.settled()
    assert shop.endpoint.types() == [name for name in PAID for _ in range(2)]
    assert len({event.id for event in shop.endpoint.events()}) == 4


def test_held_events_wait_for_the_flush_and_keep_their_order(shop: Shop) -> None:
    shop.control("webhooks", {"hold": True})
    _pay(shop)
    shop.settled()
    assert shop.endpoint.received == []
    assert _states(shop) == ["held"] * 4
    flushed = shop.control("webhooks/flush", {})["events"]
    shop.settled()
    assert shop.endpoint.types() == PAID
    assert [event.id for event in shop.endpoint.events()] == flushed
    assert shop.control("webhooks/flush", {})["events"] == []


def test_a_seed_shuffles_what_is_flushed(shop: Shop) -> None:
    orders = []
    for seed in (5, 5, 6):
        shop.control("webhooks", {"hold": True, "repeat": 2})
        shop.endpoint.received.clear()
        _pay(shop)
        shop.control("webhooks/flush", {"seed": seed})
        shop.settled()
        orders.append(shop.endpoint.types())
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(PAID * 2)
    assert orders[0] != [n for n in PAID for _ in range(2)]


def test_reordered_events_come_by_themselves_in_another_order(shop: Shop) -> None:
    shop.control("webhooks", {"reorder": True, "window_seconds": 0.05})
    _pay(shop)
    shop.settled()
    assert sorted(shop.endpoint.types()) == sorted(PAID)
    assert shop.endpoint.types() != PAID


def test_events_come_late_or_all_at_once(shop: Shop) -> None:
    shop.control("webhooks", {"delay_seconds": 0.3, "concurrent": True})
    _pay(shop)
    assert shop.control("webhooks/wait", {"timeout_seconds": 0.05}) == {"idle": False}
    assert shop.endpoint.received == []
    shop.settled()
    assert sorted(shop.endpoint.types()) == sorted(PAID)


def test_only_the_enabled_events_are_sent(shop: Shop) -> None:
    only = ["checkout.session.completed"]
    hook = {"webhook_url": shop.endpoint.url, "webhook_secret": WEBHOOK_SECRET, "enabled_events": only}
    shop.control("accounts", {"secret_key": OTHER_KEY, **hook})
    shop.stripe = stripe.StripeClient(OTHER_KEY, base_addresses={"api": shop.server.url})
    _pay(shop)
    shop.settled()
    assert shop.endpoint.types() == only
    assert len(shop.stripe.v1.events.list(params={"delivery_success": True}).data) == 4


def test_events_are_listed_by_type_and_in_pages(shop: Shop) -> None:
    _pay(shop)
    events = shop.stripe.v1.events
    assert [e.type for e in events.list(params={"type": "charge.*"}).data] == ["charge.succeeded"]
    page = events.list(params={"limit": 3})
    assert page.has_more
    assert [e.type for e in page.auto_paging_iter()] == PAID[::-1]
    newest = page.data[0]
    assert events.list(params={"ending_before": newest.id}).data == []
    assert events.retrieve(newest.id).request is not None
    with pytest.raises(stripe.InvalidRequestError):
        events.list(params={"type": "charge.succeeded", "types": ["charge.failed"]})


def test_a_unit_of_work_larger_than_the_table_sends_what_is_still_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "TABLE_LIMIT", 2)
    _pay(shop)
    shop.settled()
    assert shop.endpoint.types() == PAID[2:]
