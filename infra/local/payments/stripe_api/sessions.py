"""Checkout sessions: create, retrieve, list, expire."""

from typing import Any
from urllib.parse import urlsplit

from infra.local.payments import money
from infra.local.payments.messages import JsonObject
from infra.local.payments.stripe_api import lists, objects, outcomes
from infra.local.payments.stripe_api.calls import Call
from infra.local.payments.stripe_api.errors import ApiError, missing

MODELLED = {
    "": frozenset({
        "cancel_url", "client_reference_id", "currency", "customer_email", "expand", "expires_at",
        "line_items", "locale", "metadata", "mode", "payment_intent_data", "submit_type", "success_url",
        "ui_mode",
    }),
    "line_items[]": frozenset({"metadata", "price_data", "quantity"}),
    "line_items[].price_data": frozenset({"currency", "product_data", "unit_amount"}),
    "line_items[].price_data.product_data": frozenset({"description", "images", "metadata", "name"}),
    "payment_intent_data": frozenset({"description", "metadata", "receipt_email"}),
}  # fmt: skip
LIST_MODELLED = {"": lists.PAGING | {"payment_intent", "status"}}
SHORTEST_SECONDS = 30 * 60
LONGEST_SECONDS = 24 * 60 * 60
LINE_ITEMS_LIMIT = 100
REFERENCE_LENGTH = 200


def create(call: Call) -> JsonObject:
    """POST /v1/checkout/sessions"""
    params = call.params
    for name in ("mode", "line_items", "success_url"):
        if name not in params:
            raise missing(name)
    _check_modes(params)
    for name in ("success_url", "cancel_url"):
        _check_url(params.get(name), name)
    if len(params.get("client_reference_id", "")) > REFERENCE_LENGTH:
        message = f"client_reference_id has more than {REFERENCE_LENGTH} characters"
        raise ApiError(400, message, code="parameter_invalid_string", param="client_reference_id")
    expires_at = _expires_at(params.get("expires_at"), call.work.now)
    items = [objects.line_item(item) for item in _line_items(params)]
    session = objects.session({**params, "expires_at": expires_at}, items, call.work.now, call.work.base_url)
    _check_total(session)
    private = {"line_items": items, "payment_intent_data": params.get("payment_intent_data", {})}
    call.work.add("checkout.session", call.account.id, session, private)
    return session


def retrieve(call: Call) -> JsonObject:
    """GET /v1/checkout/sessions/{id}"""
    return call.own("checkout.session", "session").object


def list_line_items(call: Call) -> JsonObject:
    """GET /v1/checkout/sessions/{id}/line_items"""
    return lists.line_items(call.work, call.account, call.object_id)


def list_all(call: Call) -> JsonObject:
    """GET /v1/checkout/sessions, filtered by payment_intent, status and created."""
    filters = {name: call.params[name] for name in ("payment_intent", "status") if name in call.params}
    records = call.work.state.tables["checkout.session"].newest_first(call.account.id)
    matching = (r for r in records if all(r.object[name] == value for name, value in filters.items()))
    return lists.page(matching, call.params, call.path)


def expire(call: Call) -> JsonObject:
    """POST /v1/checkout/sessions/{id}/expire"""
    session = call.own("checkout.session", "session")
    try:
        outcomes.expire(call.work, session)
    except outcomes.OutcomeRefusedError as error:
        raise ApiError(400, f"Only an open session can be expired: {error}", executed=True) from error
    return session.object


def _check_modes(params: JsonObject) -> None:
    for name, only in (("mode", "payment"), ("ui_mode", "hosted_page")):
        if params.get(name, only) != only:
            raise ApiError(400, f"The payment sandbox models {name} `{only}` only.", param=name)


def _check_url(value: str | None, name: str) -> None:
    if value is None:
        return
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and value.isprintable()
    except ValueError:
        valid = False
    if not valid or " " in value:
        raise ApiError(400, f"{name} is not a valid URL", code="url_invalid", param=name)


def _expires_at(given: int | None, now: int) -> int:
    if given is None:
        return now + LONGEST_SECONDS
    if given < now + SHORTEST_SECONDS:
        message = "expires_at must be at least 30 minutes after the session's creation."
    elif given > now + LONGEST_SECONDS:
        message = "expires_at must be at most 24 hours after the session's creation."
    else:
        return given
    raise ApiError(400, message, param="expires_at")


def _line_items(params: JsonObject) -> list[JsonObject]:
    items: list[JsonObject] = params["line_items"]
    if not 1 <= len(items) <= LINE_ITEMS_LIMIT:
        raise ApiError(400, f"From 1 to {LINE_ITEMS_LIMIT} line items are needed", param="line_items")
    for index, item in enumerate(items):
        path = f"line_items[{index}]"
        _check_item(item, path)
        expected = params.get("currency", items[0]["price_data"]["currency"]).lower()
        if item["price_data"]["currency"] != expected:
            message = "All line items must have the session's currency."
            raise ApiError(400, message, param=f"{path}[price_data][currency]")
    return items


def _check_item(item: JsonObject, path: str) -> None:
    for name in ("price_data", "quantity"):
        _present(item, name, path)
    _at_least(item["quantity"], 1, f"{path}[quantity]")
    price, path = item["price_data"], f"{path}[price_data]"
    for name in ("currency", "unit_amount", "product_data"):
        _present(price, name, path)
    price["currency"] = _currency(price["currency"], f"{path}[currency]")
    _at_least(price["unit_amount"], 0, f"{path}[unit_amount]")
    step = money.minor_unit_step(price["currency"])
    if price["unit_amount"] % step:
        message = f"Amounts in {price['currency']} must be a multiple of {step}."
        raise ApiError(400, message, param=f"{path}[unit_amount]")


def _present(params: JsonObject, name: str, path: str) -> None:
    if name not in params:
        raise missing(f"{path}[{name}]")


def _at_least(value: Any, lowest: int, param: str) -> None:
    if value < lowest:
        message = f"Invalid integer: must be at least {lowest}"
        raise ApiError(400, message, code="parameter_invalid_integer", param=param)


def _currency(given: str, param: str) -> str:
    currency = given.lower()
    if currency not in money.SUPPORTED:
        names = ", ".join(sorted(money.SUPPORTED))
        raise ApiError(400, f"Invalid currency: {given[:10]}. These are supported: {names}", param=param)
    return currency


def _check_total(session: JsonObject) -> None:
    total, currency = session["amount_total"], session["currency"]
    if 0 < total < money.MINIMUM_CHARGE.get(currency, 0):
        message = f"The total must be at least {money.MINIMUM_CHARGE[currency]} {currency} (minor units)."
        raise ApiError(400, message, code="amount_too_small")
    if total > money.MAXIMUM_CHARGE:
        message = f"The total must be at most {money.MAXIMUM_CHARGE} (minor units)."
        raise ApiError(400, message, code="amount_too_large")
