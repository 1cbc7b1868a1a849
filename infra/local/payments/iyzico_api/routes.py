"""The endpoints. iyzico answers 200 to nearly everything; `status` says whether it worked."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs

from infra.local.payments import hosted, money
from infra.local.payments.accounts import Account
from infra.local.payments.iyzico_api import signing
from infra.local.payments.iyzico_api.events import payment_id
from infra.local.payments.messages import JsonObject, Request, Response
from infra.local.payments.sandbox import Sandbox
from infra.local.payments.state import Record
from infra.local.payments.stripe_api import objects
from infra.local.payments.work import Work

CURRENCIES = ("TRY", "EUR", "USD", "GBP")
LIVES_SECONDS = 1_800
PAGE_SIZE = 10
NEEDED = (
    "conversationId", "price", "paidPrice", "currency", "basketId", "callbackUrl", "buyer",
    "billingAddress", "basketItems",
)  # fmt: skip
NEEDED_OF_BUYER = (
    "id", "name", "surname", "email", "identityNumber", "registrationAddress", "city", "country", "ip",
)  # fmt: skip
STARTED = ("conversationId", "token")
DETAIL = (
    "paymentStatus", "paymentId", "currency", "basketId", "conversationId", "paidPrice", "price", "token",
)  # fmt: skip
# By the sandbox's own reason: iyzico's code and group.
FAILURES = {
    "generic_decline": ("10005", "DO_NOT_HONOUR"),
    "insufficient_funds": ("10051", "NOT_SUFFICIENT_FUNDS"),
}


class RefusedError(Exception):
    """An answer whose `status` is `failure`, with iyzico's code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def respond(sandbox: Sandbox, request: Request) -> Response:
    """Answer one call below `/iyzico`."""
    return hosted.disturbed(sandbox, request, lambda: _plain(_answer(sandbox, request)))


def _answer(sandbox: Sandbox, request: Request) -> JsonObject:
    try:
        with sandbox.work(request.id) as work:
            return {"status": "success", "locale": "tr", "systemTime": work.now * 1000} | _done(work, request)
    except RefusedError as refused:
        return {"status": "failure", "errorCode": refused.code, "errorMessage": str(refused), "locale": "tr"}


def _done(work: Work, request: Request) -> JsonObject:
    account = signing.caller(work.state, request)
    if account is None:
        raise RefusedError("1000", "Geçersiz imza")
    handler = HANDLERS.get((request.method, request.path.removeprefix("/iyzico")))
    if handler is None:
        raise RefusedError("10", "Geçersiz adres")
    return handler(work, account, _given(request))


def _given(request: Request) -> JsonObject:
    if request.method == "GET":
        return {name: values[0] for name, values in parse_qs(request.query).items()}
    try:
        given = json.loads(request.body, parse_float=Decimal)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise RefusedError("11", "Geçersiz istek")
    return given


def _plain(answer: JsonObject) -> JsonObject:
    """Amounts as iyzico writes them: JSON numbers."""
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in answer.items()}


def start(work: Work, account: Account, given: JsonObject) -> JsonObject:
    """POST /payment/iyzipos/checkoutform/initialize/ecom"""
    _check(given)
    token = secrets.token_hex(18)
    page = hosted.NewPage(
        id=token,
        order=given["conversationId"],
        amount_minor=_minor(given["price"], given["currency"]),
        currency=given["currency"].lower(),
        description=given["basketItems"][0]["name"],
        success_url=given["callbackUrl"],
        cancel_url=None,
        expires_at=work.now + LIVES_SECONDS,
        email=given["buyer"]["email"],
        locale=given.get("locale"),
        metadata={"token": token, "order": given["conversationId"], "basket": given["basketId"]},
    )
    opened = hosted.open_page(work, account, page)
    answer = {
        "conversationId": given["conversationId"],
        "token": token,
        "tokenExpireTime": LIVES_SECONDS,
        "checkoutFormContent": "",
        "paymentPageUrl": opened.object["url"],
    }
    return signing.sign(answer, STARTED, account)


def _check(given: JsonObject) -> None:
    missing = [name for name in NEEDED if not given.get(name)]
    missing += [f"buyer.{name}" for name in NEEDED_OF_BUYER if not given.get("buyer", {}).get(name)]
    if missing:
        raise RefusedError("5001", f"{missing[0]} gönderilmesi zorunludur")
    if given["currency"] not in CURRENCIES:
        raise RefusedError("5062", "Para birimi geçersiz")
    items = sum(_minor(item["price"], given["currency"]) for item in given["basketItems"])
    if items != _minor(given["price"], given["currency"]):
        raise RefusedError("5009", "Sepet toplamı fiyata eşit değil")


def _minor(amount: Any, currency: str) -> int:
    try:
        scaled = Decimal(str(amount)).scaleb(money.exponent(currency.lower()))
    except InvalidOperation:
        raise RefusedError("5004", "price geçersiz") from None
    if scaled != int(scaled) or scaled <= 0:
        raise RefusedError("5004", "price geçersiz")
    return int(scaled)


def detail(work: Work, account: Account, given: JsonObject) -> JsonObject:
    """POST /payment/iyzipos/checkoutform/auth/ecom/detail"""
    page = work.find("checkout.session", given.get("token"), account)
    if page is None:
        raise RefusedError("5115", "Token bulunamadı")
    intent = hosted.intent_of(work, page)
    if intent is None:
        raise RefusedError("5095", "Ödeme henüz tamamlanmadı")
    price = Decimal(page.object["amount_total"]).scaleb(-money.exponent(page.object["currency"]))
    answer = {
        "paymentStatus": STATUSES.get(intent.object["status"], "FAILURE"),
        "paymentId": payment_id(intent.object),
        "currency": page.object["currency"].upper(),
        "basketId": intent.object["metadata"]["basket"],
        "conversationId": page.object["client_reference_id"],
        "paidPrice": price,
        "price": price,
        "token": page.object["id"],
        "fraudStatus": 1,
        **_failure(intent),
    }
    return signing.sign(answer, DETAIL, account)


STATUSES = {"succeeded": "SUCCESS", "processing": "INIT_BANK_TRANSFER"}


def _failure(intent: Record) -> JsonObject:
    """Where the last attempt failed. 3-D Secure's failure has no code of its own: `mdStatus` is not 1."""
    error = intent.object["last_payment_error"]
    if not error:
        return {}
    if error["code"] == "payment_intent_authentication_failure":
        return {"status": "failure", "mdStatus": 0, "errorMessage": "3-D Secure doğrulanamadı"}
    code, group = FAILURES.get(error.get("decline_code") or "", ("10005", "DO_NOT_HONOUR"))
    return {"status": "failure", "errorCode": code, "errorGroup": group, "errorMessage": "Ödeme alınamadı"}


def refund(work: Work, account: Account, given: JsonObject) -> JsonObject:
    """POST /v2/payment/refund: it knows no idempotency, so what is asked twice is done twice."""
    intent = _paid(work, account, given)
    charge = work.state.tables["charge"].get(intent.object["latest_charge"]) if intent else None
    if intent is None or charge is None or not given.get("conversationId"):
        raise RefusedError("5093", "Ödeme bulunamadı")
    amount_minor = _minor(given.get("price"), str(given.get("currency", "")))
    left = charge.object["amount"] - charge.object["amount_refunded"]
    if amount_minor > left:
        raise RefusedError("5092", "İade tutarı kalan tutardan büyük")
    obj = objects.refund(charge.object, amount_minor, {}, work.now)
    work.add("refund", account.id, obj, {"conversation": given["conversationId"]})
    charge.object["amount_refunded"] += amount_minor
    charge.object["refunded"] = amount_minor == left
    return {
        "conversationId": given["conversationId"],
        "paymentId": given["paymentId"],
        "price": Decimal(str(given["price"])),
        "currency": given["currency"],
    }


def report(work: Work, account: Account, given: JsonObject) -> JsonObject:
    """GET /v2/reporting/payment/details?paymentId="""
    intent = _paid(work, account, given)
    if intent is None:
        raise RefusedError("5093", "Ödeme bulunamadı")
    exponent = money.exponent(intent.object["currency"])
    found = work.state.tables["refund"].newest_first(account.id)
    refunds = [
        {
            "refundConversationId": each.private["conversation"],
            "refundPrice": float(Decimal(each.object["amount"]).scaleb(-exponent)),
            "currencyCode": intent.object["currency"].upper(),
            "refundStatus": 1,
        }
        for each in found
        if each.object["payment_intent"] == intent.object["id"]
    ]
    payment = {
        "paymentId": given["paymentId"],
        "paymentConversationId": intent.object["metadata"]["order"],
        "paymentStatus": 1,
        "price": float(Decimal(intent.object["amount"]).scaleb(-exponent)),
        "currency": intent.object["currency"].upper(),
        "itemTransactions": [{"refunds": refunds}],
    }
    return {"payments": [payment]}


def transactions(work: Work, account: Account, given: JsonObject) -> JsonObject:
    """GET /v2/reporting/payment/transactions?transactionDate=&page="""
    page, day = int(given.get("page", 1)), given.get("transactionDate")
    intents = list(work.state.tables["payment_intent"].newest_first(account.id))
    paid = {each.object["id"]: each for each in intents if each.object["status"] == "succeeded"}
    refunds = work.state.tables["refund"].newest_first(account.id)
    found = [_transaction(each) for each in paid.values() if _made_on(each) == day]
    found += [
        _refund_transaction(paid[each.object["payment_intent"]], each)
        for each in refunds
        if _made_on(each) == day
    ]
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    pages = max(1, -(-len(found) // PAGE_SIZE))
    return {"transactions": shown, "currentPage": page, "totalPageCount": pages}


def _transaction(intent: Record) -> JsonObject:
    exponent = money.exponent(intent.object["currency"])
    return {
        "transactionType": "PAYMENT",
        "transactionStatus": 1,
        "paymentId": int(payment_id(intent.object)),
        "conversationId": intent.object["metadata"]["order"],
        "price": float(Decimal(intent.object["amount"]).scaleb(-exponent)),
        "transactionCurrency": intent.object["currency"].upper(),
    }


def _refund_transaction(intent: Record, refund: Record) -> JsonObject:
    exponent = money.exponent(intent.object["currency"])
    return _transaction(intent) | {
        "transactionType": "REFUND",
        "conversationId": refund.private["conversation"],
        "price": float(Decimal(refund.object["amount"]).scaleb(-exponent)),
    }


def _made_on(record: Record) -> str:
    return datetime.fromtimestamp(record.object["created"], UTC).date().isoformat()


def _paid(work: Work, account: Account, given: JsonObject) -> Record | None:
    intents = work.state.tables["payment_intent"].newest_first(account.id)
    return next(
        (
            each
            for each in intents
            if each.object["status"] == "succeeded" and payment_id(each.object) == str(given.get("paymentId"))
        ),
        None,
    )


HANDLERS: dict[tuple[str, str], Callable[[Work, Account, JsonObject], JsonObject]] = {
    ("POST", "/payment/iyzipos/checkoutform/initialize/ecom"): start,
    ("POST", "/payment/iyzipos/checkoutform/auth/ecom/detail"): detail,
    ("POST", "/v2/payment/refund"): refund,
    ("GET", "/v2/reporting/payment/details"): report,
    ("GET", "/v2/reporting/payment/transactions"): transactions,
}
