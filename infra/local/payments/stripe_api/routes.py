"""The API's endpoints, and the way of one call: fault, key, parameters, idempotency, handler."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import stripe
from stripe import params as sdk

from infra.local.payments.accounts import Account, masked, presented_key
from infra.local.payments.faults import Fault
from infra.local.payments.messages import JsonObject, Request, Response, json_response
from infra.local.payments.sandbox import Sandbox
from infra.local.payments.stripe_api import (
    disputes,
    events,
    forms,
    idempotency,
    lists,
    params,
    payments,
    sessions,
)
from infra.local.payments.stripe_api.calls import Call
from infra.local.payments.stripe_api.errors import ApiError
from infra.local.payments.work import Work

Handler = Callable[[Call], JsonObject]
NOTHING_BUT_EXPAND = {"": frozenset(["expand"])}


@dataclass(frozen=True)
class Route:
    """`pattern` matches the path after `/v1/`; its group is the object's id."""

    method: str
    pattern: str
    handler: Handler
    schema: type
    modelled: params.Modelled


ROUTES = (
    Route("POST", r"checkout/sessions", sessions.create, sdk.checkout.SessionCreateParams, sessions.MODELLED),
    Route("GET", r"checkout/sessions", sessions.list_all, sdk.checkout.SessionListParams,
          sessions.LIST_MODELLED),
    Route("GET", r"checkout/sessions/(\w+)", sessions.retrieve, sdk.checkout.SessionRetrieveParams, {}),
    Route("GET", r"checkout/sessions/(\w+)/line_items", sessions.list_line_items,
          sdk.checkout.SessionListLineItemsParams, NOTHING_BUT_EXPAND),
    Route("POST", r"checkout/sessions/(\w+)/expire", sessions.expire, sdk.checkout.SessionExpireParams, {}),
    Route("GET", r"payment_intents", payments.list_intents, sdk.PaymentIntentListParams,
          payments.LIST_MODELLED),
    Route("GET", r"payment_intents/(\w+)", payments.retrieve_intent, sdk.PaymentIntentRetrieveParams,
          NOTHING_BUT_EXPAND),
    Route("GET", r"charges", payments.list_charges, sdk.ChargeListParams, payments.CHARGE_LIST_MODELLED),
    Route("GET", r"charges/(\w+)", payments.retrieve_charge, sdk.ChargeRetrieveParams, {}),
    Route("POST", r"refunds", payments.create_refund, sdk.RefundCreateParams, payments.REFUND_MODELLED),
    Route("GET", r"refunds", payments.list_refunds, sdk.RefundListParams, payments.REFUND_LIST_MODELLED),
    Route("GET", r"refunds/(\w+)", payments.retrieve_refund, sdk.RefundRetrieveParams, {}),
    Route("GET", r"disputes", disputes.list_disputes, sdk.DisputeListParams, disputes.LIST_MODELLED),
    Route("GET", r"events", events.list_all, sdk.EventListParams, {}),
    Route("GET", r"events/(\w+)", events.retrieve, sdk.EventRetrieveParams, {}),
)  # fmt: skip


def respond(sandbox: Sandbox, request: Request) -> Response:
    """Answer one call under `/v1`, with the fault that waits for it."""
    fault = sandbox.faults.take(request.method, request.path)
    kind = fault.kind if fault else None
    if fault and kind == "slow":
        time.sleep(fault.seconds)
    if kind == "lost_request":
        return Response(0, disconnect=True)
    if kind == "nonsense":
        return Response(200, b"<html><body>Bad gateway</body></html>", "text/html; charset=utf-8")
    if kind == "error_429":
        return ApiError(429, "Too many requests.", code="rate_limit").response()
    try:
        answer = _answer(sandbox, request, fault)
    except ApiError as error:
        answer = error.response()
    return Response(0, disconnect=True) if kind == "lost_response" else answer


def _answer(sandbox: Sandbox, request: Request, fault: Fault | None) -> Response:
    if fault and fault.kind == "error_500" and not fault.stored:
        raise _server_error(executed=False)
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    with sandbox.work(request.id, key) as work:
        account = _account(work, request)
        _check_version(request)
        route, object_id = _route(request)
        given = forms.decode(_encoded_parameters(request))
        print_ = idempotency.fingerprint(request.method, request.path, given)
        replayed = idempotency.replay(work, account, key, print_)
        if replayed:
            return replayed
        status, body = _execute(work, account, request, route, object_id, given, fault)
        idempotency.store(work, account, key, print_, status, body)
        return json_response(status, body)


def _execute(
    work: Work, account: Account, request: Request, route: Route, object_id: str, given: JsonObject,
    fault: Fault | None,
) -> tuple[int, JsonObject]:  # fmt: skip
    """Status and body to keep under the idempotency key; an ApiError that passes is not to be kept."""
    checked = params.check(given, route.schema, route.modelled)
    try:
        if fault and fault.kind == "error_500":
            raise _server_error(executed=True)
        result = route.handler(Call(work, account, request.path, object_id, checked))
        return 200, lists.expand(work, account, result, checked.get("expand", []))
    except ApiError as error:
        if error.executed:
            return error.status, error.body()
        raise


def _encoded_parameters(request: Request) -> str:
    if request.method != "POST":
        return request.query
    try:
        return request.body.decode("ascii")
    except UnicodeDecodeError as error:
        raise ApiError(400, "The body is not form-encoded.") from error


def _server_error(*, executed: bool) -> ApiError:
    return ApiError(500, "An error of the payment sandbox.", kind="api_error", executed=executed)


def _account(work: Work, request: Request) -> Account:
    key = presented_key(request.headers.get("authorization"))
    if key is None:
        message = "No API key was given: send it as `Authorization: Bearer KEY`."
        raise ApiError(401, message)
    account = work.state.accounts.get(key)
    if account is None:
        raise ApiError(401, f"Invalid API key: {masked(key)}")
    return account


def _check_version(request: Request) -> None:
    version = request.headers.get("stripe-version", stripe.api_version)
    if version != stripe.api_version:
        raise ApiError(
            400, f"The payment sandbox speaks API version {stripe.api_version}, not {version[:40]}."
        )


def _route(request: Request) -> tuple[Route, str]:
    path = request.path.removeprefix("/v1/")
    for route in ROUTES:
        match = re.fullmatch(route.pattern, path)
        if match and route.method == request.method:
            return route, match[1] if match.groups() else ""
    raise ApiError(404, f"Unrecognized request URL ({request.method}: {request.path}).")
