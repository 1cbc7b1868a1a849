"""Stripe as the payment provider. The only place that knows its SDK, its words and its units.

The SDK is imported inside functions, because it is slow to import and most calls of the API need none of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.adapters.https import NONSENSE, expecting_sense
from chalicelib.adapters.parameters import Parameters
from chalicelib.adapters.payment_accounts import account_of, return_address
from chalicelib.adapters.stripe_words import (
    CHECKOUT_LOCALES,
    SIGNAL_TYPES,
    StripeEvent,
    check_payable,
    instant,
    latest_charge,
    listed_of,
    listed_of_intent,
    metadata_for,
    metadata_of,
    payment_of,
    refunded_of,
    signal_of,
)
from chalicelib.core import clock
from chalicelib.core.log import log
from chalicelib.core.money import Money
from chalicelib.core.payments import (
    AttemptSpent,
    ListedPayment,
    Payment,
    PaymentPage,
    PaymentRequest,
    PriceNotPayable,
    ProviderFailed,
    ProviderTimeout,
    Refunded,
    RefundRefused,
    Signal,
    Started,
    WebhookRefused,
)
from chalicelib.settings import settings

if TYPE_CHECKING:
    from stripe import StripeClient

# Two tries of 3 + 8 seconds end before API Gateway's 29 seconds do.
_CONNECT_SECONDS, _READ_SECONDS, _RETRIES = 3.0, 8.0, 1
_SIGNED_WITHIN_SECONDS = 300
# The header's first instant, by which the SDK verifies, too: what is added behind it says nothing.
_SIGNED_AT = re.compile(r"t=(\d{1,12}),")
_MAX_KEYS = 8  # that a refund is asked for under, one after the other
_MAX_UNDELIVERED = 500
_MAX_LISTED = 20_000  # of each list; who compares them breaks off sooner, and says so
_PAGE = 100
_EXPANDED = ["payment_intent.latest_charge"]


class _Account(msgspec.Struct, frozen=True):
    """A platform's own account at Stripe. While a webhook secret is rotated, both are alive."""

    secret_key: str
    webhook_secrets: list[str]


class StripePayments:
    """Satisfies ``core.payments.PaymentProvider``."""

    name = "stripe"
    closes_pages = True
    tells_refunds = True
    takes_when_asked = False

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._clients: dict[str, StripeClient] = {}

    def check_payable(self, price: Money) -> None:
        check_payable(price)

    def start(self, request: PaymentRequest) -> Started:
        """A hosted Checkout session. Its metadata is on the payment too, or no decline could be traced."""
        purchase = request.purchase
        client = self._client(purchase.platform_id)
        key = f"start-{purchase.order_id}-{request.attempt_number}"
        with _failures():
            session = client.v1.checkout.sessions.create(
                params=self._session(request), options={"idempotency_key": key}
            )
            return Started(
                reference=session.id, url=_text(session.url), expires_at=instant(session.expires_at)
            )

    def _session(self, request: PaymentRequest) -> Any:
        purchase = request.purchase
        metadata = metadata_for(purchase)
        back = return_address(self._parameters, purchase)
        price = {
            "currency": request.price.currency.lower(),
            "unit_amount": request.price.amount,
            "product_data": {"name": request.description},
        }
        return {
            "mode": "payment",
            "client_reference_id": purchase.order_id,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata},
            "line_items": [{"quantity": 1, "price_data": price}],
            "locale": CHECKOUT_LOCALES.get(request.locale, "auto"),
            "expires_at": clock.epoch_seconds(request.expires_at),
            "success_url": f"{back}?session_id={{CHECKOUT_SESSION_ID}}",
            "cancel_url": back,
        }

    def signal(self, platform_id: str, headers: Mapping[str, str], body: bytes) -> Signal:
        """The event, if one of the platform's secrets signed it, at most five minutes off our clock."""
        header = headers.get("stripe-signature", "")
        signed_at = _SIGNED_AT.match(header)
        if signed_at is None or not header.isascii():
            raise WebhookRefused
        if abs(clock.now().timestamp() - int(signed_at[1])) > _SIGNED_WITHIN_SECONDS:
            raise WebhookRefused
        return _signal(platform_id, _verified(header, body, self._account(platform_id).webhook_secrets))

    def fetch(self, page: PaymentPage) -> Payment:
        client = self._client(page.platform_id)
        with _failures():
            session = client.v1.checkout.sessions.retrieve(page.reference, params={"expand": _EXPANDED})
            found = session.to_dict()
            return payment_of(found, clock.now(), _disputes(client, found))

    def refund(self, platform_id: str, payment_id: str, money: Money, key: str) -> Refunded:
        """Stripe forgets a key after a day, so what was asked for before is looked up first.

        A 500 it keeps under its key. A further one is used only where that was told to who asked before, and
        the list still shows no such refund.
        """
        client = self._client(platform_id)
        asked: Any = {"payment_intent": payment_id, "amount": money.amount, "metadata": {"key": key}}
        for sent_under in (key, *(f"{key}-{number}" for number in range(2, _MAX_KEYS + 1))):
            if known := self.refunded(platform_id, payment_id, key):
                return known
            with _failures():
                if made := _refund_made(client, asked, sent_under):
                    return refunded_of(made)
        raise ProviderFailed

    def refunded(self, platform_id: str, payment_id: str, key: str) -> Refunded | None:
        client = self._client(platform_id)
        with _failures():
            known = client.v1.refunds.list(params={"payment_intent": payment_id, "limit": _PAGE})
            found = [each for each in map(_plain, known.data) if metadata_of(each).get("key") == key]
            return refunded_of(found[0]) if found else None

    def cancel(self, platform_id: str, reference: str) -> None:
        import stripe

        client = self._client(platform_id)
        with _failures():
            try:
                client.v1.checkout.sessions.expire(reference)
            except stripe.InvalidRequestError:
                log("page_closed_already", platform_id=platform_id, reference=reference)

    def pending(self, platform_id: str, since: datetime) -> Sequence[Signal]:
        client = self._client(platform_id)
        with _failures():
            found = client.v1.events.list(
                params={
                    "delivery_success": False,
                    "types": list(SIGNAL_TYPES),
                    "created": {"gte": clock.epoch_seconds(since)},
                    "limit": _PAGE,
                }
            )
            newest_first = list(islice(found.auto_paging_iter(), _MAX_UNDELIVERED))
            events = [_plain(event) for event in reversed(newest_first)]
        return list(_undelivered(platform_id, events))

    def listed(self, platform_id: str, day: date) -> Iterable[ListedPayment]:
        """The sessions opened on that day that were paid, and whose refunds and disputes began on it."""
        client, since = self._client(platform_id), datetime.combine(day, time(), UTC)
        until = since + timedelta(days=1)
        asked: Any = {
            "created": {"gte": clock.epoch_seconds(since), "lt": clock.epoch_seconds(until)},
            "limit": _PAGE,
            "expand": [f"data.{field}" for field in _EXPANDED],
        }
        with _failures():
            found: Any = client.v1.checkout.sessions.list(params=asked | {"status": "complete"})
            for session in islice(found.auto_paging_iter(), _MAX_LISTED):
                if listed := listed_of(platform_id, _plain(session), clock.now()):
                    yield listed
            for went_back in (client.v1.refunds, client.v1.disputes):
                found = went_back.list(params=asked)
                for each in islice(found.auto_paging_iter(), _MAX_LISTED):
                    if listed := listed_of_intent(platform_id, _plain(each)):
                        yield listed

    def _client(self, platform_id: str) -> "StripeClient":
        import stripe

        secret = self._account(platform_id).secret_key
        if secret not in self._clients:
            self._clients[secret] = stripe.StripeClient(
                secret,
                base_addresses={"api": settings().stripe_api_base},
                max_network_retries=_RETRIES,
                http_client=stripe.RequestsClient(timeout=(_CONNECT_SECONDS, _READ_SECONDS)),
            )
        return self._clients[secret]

    def _account(self, platform_id: str) -> _Account:
        return account_of(self._parameters, platform_id, self.name, _Account)


def _verified(header: str, body: bytes, secrets: Sequence[str]) -> str:
    """The body as text, if one of the secrets signed it: by the SDK's own rule, on the bytes as they came."""
    import stripe

    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body, header, secret)
            return body.decode()
        except (stripe.SignatureVerificationError, ValueError):
            continue
    raise WebhookRefused


@contextmanager
def _failures() -> Iterator[None]:
    """The SDK's errors, and answers that are none, in the port's words."""
    import stripe

    try:
        with expecting_sense():
            yield
    except stripe.APIConnectionError as error:
        raise _unreachable(error) from error
    except stripe.StripeError as error:
        named = {"code": error.code, "provider_request_id": error.request_id}
        log("provider_failed", status=error.http_status, **named)
        raise _refusal(error) from error


def _unreachable(error: Exception) -> ProviderFailed | ProviderTimeout:
    import requests

    return ProviderTimeout() if isinstance(error.__cause__, requests.Timeout) else ProviderFailed()


def _refusal(error: Any) -> ProviderFailed | PriceNotPayable:
    """Stripe keeps a 5xx, like any answer of a call that it began, as the answer of the key for a day."""
    import stripe

    if error.code in ("amount_too_small", "amount_too_large"):
        return PriceNotPayable(field="package_id")
    if isinstance(error, stripe.IdempotencyError) or (error.http_status or 0) >= 500:
        return AttemptSpent()
    return ProviderFailed()


def _refund_made(client: "StripeClient", asked: Any, key: str) -> dict[str, Any] | None:
    """``None`` where a failure is kept under the key. The SDK is to try once, or it would meet its own."""
    import stripe

    try:
        return _plain(
            client.v1.refunds.create(params=asked, options={"idempotency_key": key, "max_network_retries": 0})
        )
    except stripe.InvalidRequestError as error:
        raise RefundRefused from error
    except stripe.APIError as error:
        if (error.headers or {}).get("Idempotent-Replayed") != "true":
            raise
        return None


def _disputes(client: "StripeClient", session: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All disputes of the payment; nothing is asked where there is none."""
    charge = latest_charge(session)
    if charge is None or not charge.get("disputed"):
        return []
    found = client.v1.disputes.list(params={"charge": charge["id"], "limit": _PAGE})
    return [_plain(dispute) for dispute in found.data]


def _plain(found: Any) -> dict[str, Any]:
    plain: dict[str, Any] = found.to_dict()
    return plain


def _signal(platform_id: str, body: str) -> Signal:
    """``WebhookRefused`` for what is no event, or makes no sense."""
    try:
        return signal_of(platform_id, msgspec.json.decode(body, type=StripeEvent), body)
    except (*NONSENSE, msgspec.MsgspecError, RecursionError):
        raise WebhookRefused("This is not an event.") from None


def _undelivered(platform_id: str, events: Iterable[dict[str, Any]]) -> Iterator[Signal]:
    """What makes no sense is passed over: it stays undelivered, and would be in the way of all others."""
    for event in events:
        try:
            yield _signal(platform_id, msgspec.json.encode(event).decode())
        except WebhookRefused:
            log("event_makes_no_sense", platform_id=platform_id, event_id=event.get("id"))


def _text(value: str | None) -> str:
    if not value:
        raise ValueError("a payment page without an address")
    return value
