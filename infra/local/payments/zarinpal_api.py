"""ZarinPal's payment gateway, version 4, below `/zarinpal`. It signs nothing and sends no webhooks."""

import json
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from infra.local.payments import hosted
from infra.local.payments.accounts import Account
from infra.local.payments.messages import JsonObject, Request, Response, redirect
from infra.local.payments.sandbox import Sandbox
from infra.local.payments.state import Record
from infra.local.payments.work import Work

LIVES_SECONDS = 1_800
SMALLEST_RIAL = 10_000
NEEDED = ("merchant_id", "amount", "callback_url", "description")
_API, _PAGES = "/zarinpal/pg/v4/payment/", "/zarinpal/pg/StartPay/"


class RefusedError(Exception):
    """An answer whose `errors` is not empty, with ZarinPal's code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def respond(sandbox: Sandbox, request: Request) -> Response:
    """Answer one call of the API, or lead a buyer to the page."""
    if request.path.startswith(_PAGES):
        return redirect(f"/pay/{request.path.removeprefix(_PAGES)}")
    return hosted.disturbed(sandbox, request, lambda: _answer(sandbox, request))


def _answer(sandbox: Sandbox, request: Request) -> JsonObject:
    try:
        with sandbox.work(request.id) as work:
            return {"data": _done(work, request), "errors": []}
    except RefusedError as refused:
        errors = {"code": refused.code, "message": str(refused), "validations": []}
        return {"data": [], "errors": errors}


def _done(work: Work, request: Request) -> JsonObject:
    given = _given(request)
    account = work.state.accounts.get(str(given.get("merchant_id")))
    if account is None or account.protocol != "zarinpal":
        raise RefusedError(-10, "merchant_id is not valid.")
    handler = HANDLERS.get(request.path.removeprefix(_API).removesuffix(".json"))
    if handler is None or request.method != "POST":
        raise RefusedError(-9, "there is no such method.")
    return handler(work, account, given)


def _given(request: Request) -> JsonObject:
    try:
        given = json.loads(request.body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise RefusedError(-9, "the body is not a JSON object.")
    return given


def start(work: Work, account: Account, given: JsonObject) -> JsonObject:
    """request.json: amounts are rial unless toman is named."""
    missing = [name for name in NEEDED if not given.get(name)]
    if missing or not isinstance(given["amount"], int):
        raise RefusedError(-9, f"{(missing or ['amount'])[0]} is not valid.")
    rial = given["amount"] * {"IRR": 1, "IRT": 10}[given.get("currency", "IRR")]
    if rial < SMALLEST_RIAL:
        raise RefusedError(-9, "The amount must be at least 10000.")
    authority = f"A{secrets.randbelow(10**35):035d}"
    page = hosted.NewPage(
        id=authority,
        order=str((given.get("metadata") or {}).get("order_id", "")),
        amount_minor=rial,
        currency="irr",
        description=given["description"],
        success_url=_back(given["callback_url"], authority, "OK"),
        cancel_url=_back(given["callback_url"], authority, "NOK"),
        expires_at=work.now + LIVES_SECONDS,
        email=(given.get("metadata") or {}).get("email"),
    )
    hosted.open_page(work, account, page).private["callback_url"] = given["callback_url"]
    return {"code": 100, "message": "Success", "authority": authority, "fee_type": "Merchant", "fee": 0}


def _back(callback_url: str, authority: str, status: str) -> str:
    return f"{callback_url}?{urlencode({'Authority': authority, 'Status': status})}"


def verify(work: Work, account: Account, given: JsonObject) -> JsonObject:
    """verify.json: 100 takes the money, 101 says that it was taken before."""
    page = _page(work, account, given, unknown=-54)
    if page.object["payment_status"] != "paid":
        raise RefusedError(-51, "Session is not valid, session is not active paid try.")
    if given.get("amount") != page.object["amount_total"]:
        raise RefusedError(-50, "Session is not valid, amounts values is not the same.")
    code = 101 if page.private.get("verified") else 100
    page.private["verified"] = True
    message = "Verified" if code == 101 else "Paid"
    ref_id = int(page.object["id"][1:]) % 10**9
    return {"code": code, "message": message, "ref_id": ref_id, "card_pan": "603799******4242", "fee": 0}


def inquiry(work: Work, account: Account, given: JsonObject) -> JsonObject:
    """inquiry.json: how it stands, which takes nothing."""
    page = _page(work, account, given, unknown=-54)
    return {"code": 100, "message": "Success", "status": _status(work, page)}


def _status(work: Work, page: Record) -> str:
    if page.object["payment_status"] == "paid":
        return "VERIFIED" if page.private.get("verified") else "PAID"
    intent = hosted.intent_of(work, page)
    return "FAILED" if intent and intent.object["last_payment_error"] else "IN_BANK"


def unverified(work: Work, account: Account, _given: JsonObject) -> JsonObject:
    """unVerified.json: paid, and waiting to be verified."""
    waiting = [
        {
            "authority": page.object["id"],
            "amount": page.object["amount_total"],
            "callback_url": page.private["callback_url"],
            "referer": "",
        }
        for page in work.state.tables["checkout.session"].newest_first(account.id)
        if page.object["payment_status"] == "paid" and not page.private.get("verified")
    ]
    return {"code": 100, "message": "Success", "authorities": waiting[:100]}


def _page(work: Work, account: Account, given: Any, unknown: int) -> Record:
    page = work.find("checkout.session", given.get("authority"), account)
    if page is None:
        raise RefusedError(unknown, "Invalid authority.")
    return page


HANDLERS: dict[str, Callable[[Work, Account, JsonObject], JsonObject]] = {
    "request": start,
    "verify": verify,
    "inquiry": inquiry,
    "unVerified": unverified,
}
