"""Twilio's calls, below `/twilio`: to make one, to list them, to hang up. Nothing rings.

Numbers that Twilio refuses for its test credentials are refused here in the same way.
"""

import base64
from email.utils import formatdate
from urllib.parse import parse_qs

from infra.local.payments import hosted
from infra.local.payments.accounts import Account
from infra.local.payments.messages import JsonObject, Request, Response, json_response
from infra.local.payments.sandbox import Sandbox
from infra.local.payments.state import Record, new_id
from infra.local.payments.work import Work

_API = "/twilio/2010-04-01/Accounts/"
REFUSED = {
    "+15005550001": (21217, "Phone number does not appear to be valid"),
    "+15005550002": (21214, "'To' phone number cannot be reached"),
    "+15005550003": (21215, "Account not authorized to call this country"),
    "+15005550004": (21216, "This number is blocked"),
}
NEEDED = {"To": 21201, "From": 21213, "Twiml": 21205}
OVER = ("completed", "canceled", "failed", "busy", "no-answer")


class RefusedError(Exception):
    """An error as Twilio tells it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def respond(sandbox: Sandbox, request: Request) -> Response:
    """Answer one call of the API."""
    return hosted.disturbed(sandbox, request, lambda: _answer(sandbox, request))


def _answer(sandbox: Sandbox, request: Request) -> Response:
    try:
        with sandbox.work(request.id) as work:
            return _done(work, request)
    except RefusedError as refused:
        more = f"https://www.twilio.com/docs/errors/{refused.code}"
        told = {"code": refused.code, "message": str(refused), "more_info": more, "status": refused.status}
        return json_response(refused.status, told)


def _done(work: Work, request: Request) -> Response:
    sid, _, target = request.path.removeprefix(_API).partition("/")
    account = _account(work, request, sid)
    if target == "Calls.json":
        if request.method == "POST":
            return json_response(201, start(work, account, _form(request.body.decode())))
        return json_response(200, listed(work, account, _form(request.query)))
    call = work.find("call", target.removeprefix("Calls/").removesuffix(".json"), account)
    if call is None or request.method != "POST":
        raise RefusedError(404, 20404, "The requested resource was not found")
    return json_response(200, changed(call, _form(request.body.decode())))


def _account(work: Work, request: Request, sid: str) -> Account:
    for account in work.state.accounts.values():
        told = base64.b64encode(f"{account.api_key}:{account.secret_key}".encode()).decode()
        is_his = account.protocol == "twilio" and account.api_key == sid
        if is_his and request.headers.get("authorization") == f"Basic {told}":
            return account
    raise RefusedError(401, 20003, "Authenticate")


def _form(text: str) -> JsonObject:
    return {name: values[-1] for name, values in parse_qs(text).items()}


def start(work: Work, account: Account, given: JsonObject) -> JsonObject:
    """POST Calls.json"""
    for name, code in NEEDED.items():
        if name not in given:
            raise RefusedError(400, code, f"No '{name}' is specified")
    if given["To"] in REFUSED:
        raise RefusedError(400, *REFUSED[given["To"]])
    made_at = formatdate(work.now)
    call = {
        "sid": new_id("CA", 32).replace("_", ""),
        "account_sid": account.api_key,
        "to": given["To"],
        "from": given["From"],
        "status": "queued",
        "direction": "outbound-api",
        "date_created": made_at,
        "date_updated": made_at,
        "start_time": None,
        "end_time": None,
    }
    private = {"twiml": given["Twiml"], "time_limit_seconds": int(given.get("TimeLimit", "14400"))}
    work.state.tables["call"].put(call["sid"], Record(account.id, call, private))
    return call


def listed(work: Work, account: Account, given: JsonObject) -> JsonObject:
    """GET Calls.json?To=&From=&PageSize=, newest first."""
    calls = [
        call.object
        for call in work.state.tables["call"].newest_first(account.id)
        if call.object["to"] == given.get("To", call.object["to"])
        and call.object["from"] == given.get("From", call.object["from"])
    ]
    return {"calls": calls[: int(given.get("PageSize", "50"))], "page": 0}


def changed(call: Record, given: JsonObject) -> JsonObject:
    """POST Calls/{sid}.json: hang up."""
    if call.object["status"] in OVER:
        raise RefusedError(400, 21220, "Call is not in-progress. Cannot redirect.")
    call.object["status"] = given["Status"]
    return call.object
