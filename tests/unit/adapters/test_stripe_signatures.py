"""Who may tell us that somebody has paid: who signed the very bytes that came, not long ago and not ahead of time."""

import json
from datetime import UTC, datetime

import pytest
from stripe import WebhookSignature

from chalicelib.adapters import stripe_payments, stripe_words
from chalicelib.adapters.stripe_payments import StripePayments
from chalicelib.core.payments import ProviderFailed, ProviderNotConfigured, WebhookRefused

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
OLD, NEW = "whsec_old", "whsec_new"
EVENT = {
    "id": "evt_1",
    "type": "charge.succeeded",
    "created": AT,
    "data": {"object": {"name": "Ayşe · خرید"}},
}
BODY = json.dumps(EVENT, ensure_ascii=False).encode()


class Kept:
    """Parameters in memory."""

    def __init__(self, **values: str) -> None:
        self.values = values

    def find(self, name: str) -> str | None:
        return self.values.get(name.replace("/", "_"))


def payments(value: str | None = None) -> StripePayments:
    account = value or json.dumps({"secret_key": "sk_test_1", "webhook_secrets": [OLD, NEW]})
    return StripePayments(Kept(platforms_acme_stripe=account))  # type: ignore[arg-type] - it is all that is used


def header(body: bytes = BODY, secret: str = NEW, at: int = AT) -> dict[str, str]:
    return {"stripe-signature": WebhookSignature.generate_signature_header(body.decode(), secret, at)}


@pytest.fixture(autouse=True)
def _now(moving_clock) -> None:
    moving_clock.instant = NOW


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_each_living_secret_opens(secret) -> None:
    signal = payments().signal("acme", header(secret=secret), BODY)
    assert (signal.event_id, signal.type, signal.body) == ("evt_1", "charge.succeeded", BODY.decode())


def test_two_signatures_of_which_one_is_good_are_enough() -> None:
    both = header()["stripe-signature"] + "," + header(secret="whsec_gone")["stripe-signature"].split(",")[1]
    assert payments().signal("acme", {"stripe-signature": both}, BODY).event_id == "evt_1"


@pytest.mark.parametrize("away", [0, 299, 300, -299, -300])
def test_a_clock_may_be_five_minutes_off(away) -> None:
    assert payments().signal("acme", header(at=AT + away), BODY).event_id == "evt_1"


@pytest.mark.parametrize("away", [301, 3_600, -301, -3_600])
def test_what_was_signed_long_ago_or_ahead_of_time_is_refused(away) -> None:
    with pytest.raises(WebhookRefused):
        payments().signal("acme", header(at=AT + away), BODY)


@pytest.mark.parametrize("old", ["t=+", "t= ", "t=0_", "v0=x,t=", ",t="])
def test_what_was_signed_long_ago_stays_old_whatever_instant_is_added(old) -> None:
    """The SDK verifies by the first instant, and takes more for one than digits alone."""
    signed = header(at=AT - 86_400)["stripe-signature"].replace("t=", old)
    for forged in (f"{signed},t={AT}", f"t={AT},{signed}"):
        with pytest.raises(WebhookRefused):
            payments().signal("acme", {"stripe-signature": forged}, BODY)


SIGNATURE = header()["stripe-signature"].split("v1=")[1]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"stripe-signature": ""},
        {"stripe-signature": "nonsense"},
        {"stripe-signature": f"t={AT}"},
        {"stripe-signature": f"t={AT},v1="},
        {"stripe-signature": f"t={AT},v1=ş"},
        {"stripe-signature": f"t={AT},v0={SIGNATURE}"},
        {"stripe-signature": f"v1={SIGNATURE}"},
        {"stripe-signature": f"t=x,v1={SIGNATURE}"},
        {"stripe-signature": f"t={AT + 1},v1={SIGNATURE}"},
        {"stripe-signature": f"t=-1,t={AT},v1={SIGNATURE}"},
        {"stripe-signature": f"t={'9' * 400},v1={SIGNATURE}"},
        {"stripe-signature": f"t={'9' * 12},v1={SIGNATURE}"},  # a year that no calendar has
        header(secret="whsec_gone"),
        header(body=BODY + b" "),
    ],
)
def test_an_unsigned_or_altered_event_is_refused(headers) -> None:
    with pytest.raises(WebhookRefused):
        payments().signal("acme", headers, BODY)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"not json",
        b'{"id": 7}',
        b'{"object": "v2.core.event", "id": "evt_1"}',
        b'{"id": NaN}',
    ],
)
def test_what_is_signed_but_is_no_event_is_refused(body) -> None:
    with pytest.raises(WebhookRefused):
        payments().signal("acme", header(body=body), body)


def failed(error: object, created: int = AT) -> bytes:
    intent = {"object": "payment_intent", "id": "pi_1", "last_payment_error": error}
    event = {"id": "evt_1", "type": "payment_intent.payment_failed", "created": created}
    return json.dumps(event | {"data": {"object": intent}}).encode()


@pytest.mark.parametrize(
    "body",
    [
        failed("declined"),
        failed({"payment_method": "pm_1"}),
        failed({"code": "card_declined"}, 10**12),
        failed({"code": "card_declined"}, 10**17),
        failed({"code": "card_declined"}, 10**20),
        b'{"id":' + b"[" * 100_000,
        b'{"id": "e", "type": "t", "created": 1, "data": {"object": {"object": "checkout.session"}}}',
    ],
    ids=lambda body: body[-60:].decode(),
)
def test_a_signed_event_that_makes_no_sense_is_refused(body) -> None:
    with pytest.raises(WebhookRefused):
        payments().signal("acme", header(body=body), body)


@pytest.mark.parametrize("seconds", [10**12, 10**17, 10**20])
def test_an_instant_out_of_this_world_is_stripe_s_failure(seconds) -> None:
    with pytest.raises(ProviderFailed), stripe_payments._failures():
        stripe_words.instant(seconds)


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(WebhookRefused):
        payments().signal("acme", header(), b"\xff\xfe" + BODY)


def test_a_platform_that_is_not_set_up_takes_nothing() -> None:
    with pytest.raises(ProviderNotConfigured):
        payments().signal("other", header(), BODY)


@pytest.mark.parametrize("value", ["", "{}", "not json", '{"secret_key": "sk", "webhook_secrets": "whsec"}'])
def test_a_platform_that_is_set_up_wrongly_takes_nothing(value) -> None:
    with pytest.raises(ProviderNotConfigured):
        payments(value or "null").signal("acme", header(), BODY)


@pytest.mark.parametrize("secrets", [[], [""], [" "]])
def test_without_a_secret_nothing_is_taken(secrets) -> None:
    account = json.dumps({"secret_key": "sk", "webhook_secrets": secrets})
    with pytest.raises(WebhookRefused):
        payments(account).signal("acme", header(secret=secrets[0] if secrets else "x"), BODY)
