"""iyzico as the payment provider: the Checkout Form, over its HTTP API.

https://docs.iyzico.com/en/getting-started/preliminaries/authentication/hmacsha256-auth
"""

import base64
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from chalicelib.adapters import iyzico_words as words
from chalicelib.adapters.https import call_json, expecting_sense
from chalicelib.adapters.parameters import Parameters
from chalicelib.adapters.payment_accounts import account_of, order_id_of, return_address
from chalicelib.core import clock
from chalicelib.core.ids import new_id
from chalicelib.core.log import log
from chalicelib.core.money import Money
from chalicelib.core.payments import (
    ListedPayment,
    Payment,
    PaymentPage,
    PaymentRequest,
    PaymentState,
    ProviderFailed,
    Refunded,
    RefundRefused,
    RefundState,
    Signal,
    Started,
    WebhookRefused,
)
from chalicelib.settings import settings

_START = "/payment/iyzipos/checkoutform/initialize/ecom"
_DETAIL = "/payment/iyzipos/checkoutform/auth/ecom/detail"
_REFUND = "/v2/payment/refund"
_REPORT = "/v2/reporting/payment/details"
_TRANSACTIONS = "/v2/reporting/payment/transactions"
_MAX_PAGES = 500
_PAYMENT_LINE, _REFUND_LINE = "PAYMENT", "REFUND"
_LOCALES = {"tr": "tr", "en": "en"}
# iyzico wants these of each buyer; what we do not ask people for stands here as its guide advises.
_UNKNOWN_IDENTITY, _UNKNOWN_PLACE, _NO_ADDRESS = "11111111111", "-", "127.0.0.1"


class _Account(msgspec.Struct, frozen=True):
    """A platform's own account. While the secret that signs webhooks is rotated, both are alive."""

    api_key: str
    secret_key: str
    webhook_secrets: list[str]


class IyzicoPayments:
    """Satisfies ``core.payments.PaymentProvider``."""

    name = "iyzico"
    closes_pages = False
    tells_refunds = True
    takes_when_asked = False

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    def check_payable(self, price: Money) -> None:
        words.check_payable(price)

    def start(self, request: PaymentRequest) -> Started:
        """A hosted form. iyzico knows no idempotency: a second form may come of it, which is never shown."""
        account = self._account(request.purchase.platform_id)
        answer = self._post(account, _START, self._form(request))
        _demand_success(answer)
        with expecting_sense():
            _demand_signature(answer, words.STARTED_FIELDS, account)
            lives_seconds = int(answer["tokenExpireTime"])
            return Started(
                reference=_text(answer["token"]),
                url=_text(answer["paymentPageUrl"]),
                expires_at=min(request.expires_at, clock.now() + timedelta(seconds=lives_seconds)),
            )

    def _form(self, request: PaymentRequest) -> dict[str, Any]:
        purchase, price = request.purchase, words.price_text(request.price)
        item = {
            "id": purchase.order_id,
            "name": request.description,
            "category1": purchase.product_kind,
            "itemType": "VIRTUAL",
            "price": price,
        }
        return {
            "locale": _LOCALES.get(request.locale, "en"),
            "conversationId": purchase.order_id,
            "price": price,
            "paidPrice": price,
            "currency": request.price.currency,
            "basketId": purchase.order_id,
            "paymentGroup": "PRODUCT",
            "callbackUrl": return_address(self._parameters, purchase),
            "enabledInstallments": [1],
            "buyer": _buyer(request),
            "billingAddress": _address(request),
            "basketItems": [item],
        }

    def signal(self, platform_id: str, headers: Mapping[str, str], body: bytes) -> Signal:
        """The event, if one of the platform's secrets signed it. Its age is not signed; the truth decides."""
        try:
            text = body.decode()
            event = json.loads(text)
            given = headers["x-iyz-signature-v3"].lower()
            signed = any(
                secret and hmac.compare_digest(words.webhook_signature(event, secret), given)
                for secret in self._account(platform_id).webhook_secrets
            )
            signal = words.signal_of(event, given, text) if signed else None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise WebhookRefused from None
        if signal is None:
            raise WebhookRefused
        return signal

    def fetch(self, page: PaymentPage) -> Payment:
        """What was paid is signed; what has been refunded since stands in the report of the payment."""
        account = self._account(page.platform_id)
        asked = {"locale": "en", "conversationId": page.order_id, "token": page.reference}
        detail = self._post(account, _DETAIL, asked)
        if not words.is_about_payment(detail):
            log("provider_failed", code=detail.get("errorCode"))
            raise ProviderFailed
        with expecting_sense():
            refunded = self._refunded(account, page, detail)
            payment = words.payment_of(detail, page, refunded, clock.now())
            if payment.state is PaymentState.PAID:
                _demand_signature(detail, words.DETAIL_FIELDS, account)
            return payment

    def _refunded(self, account: _Account, page: PaymentPage, detail: Mapping[str, Any]) -> int:
        """In minor units. Nothing is asked before we know of a payment, nor of an attempt that failed.

        Its report knows payments alone, and answers of a failed one that there is none.
        """
        if page.payment_id is None or detail.get("paymentStatus") != words.MADE:
            return 0
        report = self._report(account, str(detail["paymentId"]))
        return words.refunded_of(report, page.price.currency)

    def refund(self, platform_id: str, payment_id: str, money: Money, key: str) -> Refunded:
        """With iyzico: keeps no keys, so what was given back under this one is looked up first."""
        account = self._account(platform_id)
        if known := self.refunded(platform_id, payment_id, key):
            return known
        asked = {
            "locale": "en",
            "conversationId": key,
            "paymentId": payment_id,
            "price": words.price_text(money),
            "currency": money.currency,
            "ip": _NO_ADDRESS,
        }
        answer = self._post(account, _REFUND, asked)
        if words.is_refused(answer):
            log("refund_refused", platform_id=platform_id, code=answer.get("errorCode"))
            raise RefundRefused
        _demand_success(answer)
        return Refunded(reference=key, state=RefundState.DONE)

    def refunded(self, platform_id: str, payment_id: str, key: str) -> Refunded | None:
        refunds = self._refunds(self._account(platform_id), payment_id)
        with expecting_sense():
            is_there = any(each.get("refundConversationId") == key for each in refunds)
        return Refunded(reference=key, state=RefundState.DONE) if is_there else None

    def _refunds(self, account: _Account, payment_id: str) -> list[Mapping[str, Any]]:
        return words.refunds_of(self._report(account, payment_id))

    def _report(self, account: _Account, payment_id: str) -> dict[str, Any]:
        report = self._call(account, "GET", f"{_REPORT}?paymentId={payment_id}")
        _demand_success(report)
        return report

    def cancel(self, platform_id: str, reference: str) -> None:
        """Nothing: a form is closed by iyzico alone, when its time is up."""

    def pending(self, platform_id: str, since: datetime) -> Sequence[Signal]:
        """Nothing: it lists no event that was lost. The sweeper asks about each open order."""
        return []

    def listed(self, platform_id: str, day: date) -> Iterable[ListedPayment]:
        """The day's payments and refunds, a page at a time."""
        account = self._account(platform_id)
        for page in range(1, _MAX_PAGES + 1):
            target = f"{_TRANSACTIONS}?transactionDate={day.isoformat()}&page={page}"
            answer = self._call(account, "GET", target)
            _demand_success(answer)
            with expecting_sense():
                for transaction in answer["transactions"]:
                    if _may_be_ours(transaction) and (listed := self._listed(account, transaction)):
                        yield listed
                if page >= int(answer["totalPageCount"]):
                    return
        raise ProviderFailed

    def _listed(self, account: _Account, transaction: Mapping[str, Any]) -> ListedPayment | None:
        """As the report of the payment says: a refund's own line names no order and its own price."""
        payment_id, currency = str(transaction["paymentId"]), str(transaction["transactionCurrency"])
        report = self._report(account, payment_id)
        is_refund = transaction["transactionType"] == _REFUND_LINE
        paid = report["payments"][0] if is_refund else transaction
        order_id = order_id_of(paid.get("paymentConversationId" if is_refund else "conversationId"))
        if order_id is None:
            return None
        return ListedPayment(
            order_id=order_id,
            reference=None,
            payment_id=payment_id,
            amount=words.minor_units(paid["price"], currency),
            currency=currency,
            refunded=words.refunded_of(report, currency),
        )

    def _post(self, account: _Account, path: str, content: Mapping[str, Any]) -> dict[str, Any]:
        return self._call(account, "POST", path, json.dumps(content).encode())

    def _call(self, account: _Account, method: str, target: str, body: bytes = b"") -> dict[str, Any]:
        """Signed by IYZWSv2: over a random word, the path and the body."""
        word = new_id("rnd")
        signature = words.mac(account.secret_key, word + urlsplit(target).path + body.decode())
        told = f"apiKey:{account.api_key}&randomKey:{word}&signature:{signature}"
        headers = {
            "Authorization": f"IYZWSv2 {base64.b64encode(told.encode()).decode()}",
            "x-iyzi-rnd": word,
        }
        url = settings().iyzico_api_base.rstrip("/") + target
        return call_json(method, url, body=body or None, headers=headers)

    def _account(self, platform_id: str) -> _Account:
        return account_of(self._parameters, platform_id, self.name, _Account)


def _may_be_ours(transaction: Mapping[str, Any]) -> bool:
    """A payment says whose it is; of a refund only the report of its payment does, which costs a call."""
    kind, is_done = transaction["transactionType"], str(transaction["transactionStatus"]) == "1"
    is_ours = order_id_of(transaction.get("conversationId")) is not None
    return is_done and (kind == _REFUND_LINE or (kind == _PAYMENT_LINE and is_ours))


def _buyer(request: PaymentRequest) -> dict[str, str]:
    buyer = request.buyer
    name, _, surname = buyer.name.strip().rpartition(" ")
    return {
        "id": request.purchase.customer_id,
        "name": name or surname,
        "surname": surname,
        "email": buyer.email,
        "identityNumber": _UNKNOWN_IDENTITY,
        "registrationAddress": _UNKNOWN_PLACE,
        "city": _UNKNOWN_PLACE,
        "country": buyer.country,
        "ip": _NO_ADDRESS,
    }


def _address(request: PaymentRequest) -> dict[str, str]:
    return {
        "contactName": request.buyer.name,
        "city": _UNKNOWN_PLACE,
        "country": request.buyer.country,
        "address": _UNKNOWN_PLACE,
    }


def _demand_success(answer: Mapping[str, Any]) -> None:
    if answer.get("status") != "success":
        log("provider_failed", code=answer.get("errorCode"))
        raise ProviderFailed


def _demand_signature(answer: Mapping[str, Any], fields: Iterable[str], account: _Account) -> None:
    if not words.answer_is_signed(answer, fields, account.secret_key):
        raise ValueError("an answer that iyzico did not sign")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a payment page without an address")
    return value
