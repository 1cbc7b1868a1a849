"""The control API's endpoints.

It needs no key, since it answers on the loopback only; a browser's call from another site is refused.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import stripe

from infra.local.payments.control import buyers, merchants
from infra.local.payments.control.fields import ControlError, Fields
from infra.local.payments.control.index import index_page
from infra.local.payments.faults import KINDS, Fault
from infra.local.payments.messages import JsonObject, Request, Response, json_response
from infra.local.payments.sandbox import Sandbox

LOOPBACK = re.compile(r"localhost|[\w.-]+\.localhost|127\.\d+\.\d+\.\d+|::1")
Handler = Callable[[Sandbox, Request], JsonObject]


def respond(sandbox: Sandbox, request: Request) -> Response:
    """Answer one control call: 200 with JSON, or `{"error": {code, message}}`."""
    try:
        _require_this_machine(request)
        if (request.method, request.path) in (("GET", "/_sandbox"), ("GET", "/_sandbox/")):
            return index_page(sandbox)
        return json_response(200, _handler(request)(sandbox, request))
    except ControlError as error:
        return json_response(error.status, {"error": {"code": error.code, "message": str(error)}})


def _require_this_machine(request: Request) -> None:
    origins = [f"//{request.headers.get('host', '')}"]
    if "origin" in request.headers:
        origins.append(request.headers["origin"])
    if not all(_is_this_machine(origin) for origin in origins):
        raise ControlError(403, "NOT_LOOPBACK", "the control API serves this machine only")


def _is_this_machine(origin: str) -> bool:
    try:
        host = urlsplit(origin).hostname
    except ValueError:
        return False
    return host is not None and LOOPBACK.fullmatch(host) is not None


def _handler(request: Request) -> Handler:
    for method, pattern, handler in HANDLERS:
        if method == request.method and re.fullmatch(pattern, request.path.removeprefix("/_sandbox/")):
            return handler
    raise ControlError(404, "NO_SUCH_CONTROL", f"{request.method} {request.path}")


def _health(sandbox: Sandbox, _request: Request) -> JsonObject:
    with sandbox.work() as work:
        accounts = len(work.state.accounts)
    return {"status": "ok", "api_version": stripe.api_version, "url": sandbox.base_url, "accounts": accounts}


def _add_fault(sandbox: Sandbox, request: Request) -> JsonObject:
    fields = Fields(request)
    fault = Fault(
        kind=fields.choice("kind", KINDS),
        count=fields.integer("count", 1, 1, 10_000),
        seconds=fields.number("seconds", 0.0, 0, 300),
        method=fields.text("method"),
        path=fields.text("path"),
        stored=fields.flag("stored"),
    )
    fields.done()
    try:
        sandbox.faults.add(fault)
    except ValueError as error:
        raise ControlError(409, "TOO_MANY_FAULTS", str(error)) from error
    return {"faults": sandbox.faults.waiting()}


def _faults(sandbox: Sandbox, _request: Request) -> JsonObject:
    return {"faults": sandbox.faults.waiting()}


def _clear_faults(sandbox: Sandbox, _request: Request) -> JsonObject:
    sandbox.faults.clear()
    return {"faults": []}


HANDLERS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", r"health", _health),
    ("GET", r"accounts", merchants.list_accounts),
    ("POST", r"accounts", merchants.put_account),
    ("POST", r"webhooks", merchants.set_switches),
    ("POST", r"webhooks/flush", merchants.flush),
    ("POST", r"webhooks/resend", merchants.resend),
    ("POST", r"webhooks/wait", merchants.wait),
    ("GET", r"deliveries", merchants.list_deliveries),
    ("GET", r"calls", merchants.list_calls),
    ("GET", r"sessions", buyers.list_sessions),
    ("GET", r"sessions/\w+", buyers.show_session),
    ("POST", r"sessions/\w+/[\w-]+", buyers.act),
    ("POST", r"faults", _add_fault),
    ("GET", r"faults", _faults),
    ("DELETE", r"faults", _clear_faults),
)
