"""ZarinPal as the payment provider, version 4 of its API. Amounts are rial, always: ``currency`` is ``IRR``.

What a browser brings back is never believed. ``verify`` is the truth, and it must be asked in time: money
that nobody verifies goes back to the payer. https://www.zarinpal.com/docs/paymentGateway/
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from chalicelib.adapters.https import call_json, expecting_sense
from chalicelib.adapters.parameters import Parameters
from chalicelib.adapters.payment_accounts import account_of, return_address
from chalicelib.core import clock
from chalicelib.core.log import log
from chalicelib.core.money import Money
from chalicelib.core.payments import (
    CurrencyNotPayable,
    FailedAttempt,
    FailureReason,
    ListedPayment,
    Payment,
    PaymentPage,
    PaymentRequest,
    PaymentState,
    PriceNotPayable,
    ProviderFailed,
    Refunded,
    RefundNotSupported,
    Signal,
    SignalKind,
    Started,
    WebhookRefused,
)
from chalicelib.settings import settings

CURRENCY = "IRR"
SMALLEST_AMOUNT, LARGEST_AMOUNT = 10_000, 2_000_000_000
_DONE, _VERIFIED_BEFORE = 100, 101
# Another amount was paid than ours; the payment page is not paid, or is unknown.
_OTHER_AMOUNT, _NOT_PAID = -50, (-51, -55)


class _Account(msgspec.Struct, frozen=True):
    """A platform's own account. ZarinPal signs nothing, so there is no other secret."""

    merchant_id: str


class ZarinpalPayments:
    """Satisfies ``core.payments.PaymentProvider``."""

    name = "zarinpal"
    closes_pages = False
    tells_refunds = False
    takes_when_asked = True

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    def check_payable(self, price: Money) -> None:
        if price.currency != CURRENCY:
            raise CurrencyNotPayable(f"ZarinPal does not take {price.currency}.", field="package_id")
        if not SMALLEST_AMOUNT <= price.amount <= LARGEST_AMOUNT:
            raise PriceNotPayable(field="package_id")

    def start(self, request: PaymentRequest) -> Started:
        """A payment page. There is no idempotency: a second one may come of it, which is never shown."""
        purchase = request.purchase
        asked = {
            "amount": request.price.amount,
            "currency": CURRENCY,
            "description": request.description,
            "callback_url": return_address(self._parameters, purchase),
            "metadata": {"order_id": purchase.order_id, "email": request.buyer.email},
        }
        code, data = self._call(purchase.platform_id, "request", asked)
        authority = data.get("authority")
        if code != _DONE or not isinstance(authority, str) or not authority:
            raise _failed("request", code)
        url = f"{_base()}/pg/StartPay/{authority}"
        return Started(reference=authority, url=url, expires_at=request.expires_at)

    def signal(self, platform_id: str, headers: Mapping[str, str], body: bytes) -> Signal:
        """ZarinPal sends no webhooks."""
        raise WebhookRefused

    def fetch(self, page: PaymentPage) -> Payment:
        """Verifying takes the money; doing it again only says so. Why nothing came, the inquiry tells."""
        asked = {"amount": page.price.amount, "authority": page.reference}
        code, data = self._call(page.platform_id, "verify", asked)
        if code in (_DONE, _VERIFIED_BEFORE):
            return _payment(page, PaymentState.PAID, payment_id=_payment_id(page, data.get("ref_id")))
        if code == _OTHER_AMOUNT:
            return _payment(page, PaymentState.EXPIRED, failed_as=str(code))
        if code not in _NOT_PAID:
            raise _failed("verify", code)
        return self._unpaid(page)

    def _unpaid(self, page: PaymentPage) -> Payment:
        """By the inquiry. What it says of the call, or of money that came in between, closes nothing."""
        code, data = self._call(page.platform_id, "inquiry", {"authority": page.reference})
        match data.get("status") if code == _DONE else None:
            case "FAILED" | "REVERSED" as status:
                return _payment(page, PaymentState.DECLINED, failed_as=str(status))
            case "IN_BANK":
                state = PaymentState.EXPIRED if page.is_over(clock.now()) else PaymentState.PENDING
                return _payment(page, state)
            case status:
                raise _failed("inquiry", status or code)

    def refund(self, platform_id: str, payment_id: str, money: Money, key: str) -> Refunded:
        raise RefundNotSupported

    def refunded(self, platform_id: str, payment_id: str, key: str) -> Refunded | None:
        return None

    def cancel(self, platform_id: str, reference: str) -> None:
        """ZarinPal closes no page on demand; money that comes late is found among the unverified."""

    def pending(self, platform_id: str, since: datetime) -> Sequence[Signal]:
        """Payments that wait to be verified: whoever paid and never came back is among them."""
        return [_unverified(str(each["authority"])) for each in self._waiting(platform_id)]

    def listed(self, platform_id: str, day: date) -> Iterable[ListedPayment]:
        """What waits to be verified, of whatever day: there is no other list."""
        with expecting_sense():
            return [_listed(each) for each in self._waiting(platform_id)]

    def _waiting(self, platform_id: str) -> list[dict[str, Any]]:
        code, data = self._call(platform_id, "unVerified", {})
        waiting = data.get("authorities")
        if code != _DONE or not isinstance(waiting, list):
            raise _failed("unVerified", code)
        return [each for each in waiting if isinstance(each, dict) and each.get("authority")]

    def _call(self, platform_id: str, name: str, content: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The answer's code and data; errors come as an object, or as an empty list where there are none."""
        account = account_of(self._parameters, platform_id, self.name, _Account)
        body = json.dumps({"merchant_id": account.merchant_id, **content}).encode()
        answer = call_json("POST", f"{_base()}/pg/v4/payment/{name}.json", body=body)
        data, errors = answer.get("data"), answer.get("errors")
        if isinstance(errors, dict) and errors:
            return errors.get("code"), {}
        if not isinstance(data, dict):
            raise _failed(name, None)
        return data.get("code"), data


def _base() -> str:
    return settings().zarinpal_api_base.rstrip("/")


def _failed(name: str, code: Any) -> ProviderFailed:
    log("provider_failed", operation=name, code=code)
    return ProviderFailed()


def _payment(
    page: PaymentPage, state: PaymentState, *, payment_id: str | None = None, failed_as: str | None = None
) -> Payment:
    """ZarinPal never says why a payment failed: only that it did."""
    failure = None
    if failed_as:
        failure = FailedAttempt(
            attempt_id=f"{page.reference}-failed",
            reason=FailureReason.OTHER,
            raw_code=failed_as,
            at=clock.now(),
        )
    return Payment(
        order_id=page.order_id,
        reference=page.reference,
        state=state,
        payment_id=payment_id,
        amount=page.price.amount,
        currency=page.price.currency,
        failure=failure,
    )


def _payment_id(page: PaymentPage, ref_id: Any) -> str:
    """The payer's receipt shows the ``ref_id``, which may be missing; with its page it is met only once."""
    return f"{page.reference}-{ref_id or 'paid'}"


def _listed(waiting: Mapping[str, Any]) -> ListedPayment:
    authority = str(waiting["authority"])
    return ListedPayment(
        order_id=None,
        reference=authority,
        payment_id=authority,
        amount=int(waiting["amount"]),
        currency=CURRENCY,
        refunded=0,
    )


def _unverified(authority: str) -> Signal:
    return Signal(
        event_id=f"unverified-{authority}",
        type="payment.unverified",
        kind=SignalKind.SETTLES,
        body=json.dumps({"authority": authority}),
        order_id=None,
        purchase=None,
        reference=authority,
        payment_id=None,
    )
