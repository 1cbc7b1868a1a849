"""Lists with Stripe's filters and cursors, and expanded fields."""

from collections.abc import Iterable
from typing import Any

from infra.local.payments.accounts import Account
from infra.local.payments.messages import JsonObject
from infra.local.payments.state import Record
from infra.local.payments.stripe_api.errors import ApiError, no_such
from infra.local.payments.work import Work, copied

DEFAULT_LIMIT = 10
LIMIT = 100
EXPAND_DEPTH = 4
PAGING = frozenset(["created", "ending_before", "expand", "limit", "starting_after"])
# (object, field) -> the table that an id in this field points into.
REFERENCES = {
    ("checkout.session", "payment_intent"): "payment_intent",
    ("payment_intent", "latest_charge"): "charge",
    ("charge", "payment_intent"): "payment_intent",
    ("refund", "charge"): "charge",
    ("refund", "payment_intent"): "payment_intent",
    ("dispute", "payment_intent"): "payment_intent",
}
COMPARISONS = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}


def page(records: Iterable[Record], params: JsonObject, url: str) -> JsonObject:
    """One page of the records (newest first), as the list object that the SDK pages through."""
    limit = params.get("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= LIMIT:
        raise ApiError(400, f"Invalid limit: must be from 1 to {LIMIT}", param="limit")
    found = [r.object for r in records if _created_matches(r.object["created"], params.get("created"))]
    if "ending_before" in params:
        before = found[: _position(found, params["ending_before"], "ending_before")]
        return _list(before[-limit:], url, has_more=len(before) > limit)
    start = 0
    if "starting_after" in params:
        start = _position(found, params["starting_after"], "starting_after") + 1
    return _list(found[start : start + limit], url, has_more=len(found) > start + limit)


def _list(rows: list[JsonObject], url: str, *, has_more: bool) -> JsonObject:
    return {"object": "list", "data": [copied(row) for row in rows], "has_more": has_more, "url": url}


def _position(rows: list[JsonObject], object_id: str, param: str) -> int:
    for index, row in enumerate(rows):
        if row["id"] == object_id:
            return index
    raise no_such("object", object_id, param)


def _created_matches(created: int, wanted: Any) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, int):
        return created == wanted
    return all(COMPARISONS[name](created, bound) for name, bound in wanted.items())


def expand(work: Work, account: Account, obj: JsonObject, paths: list[str]) -> JsonObject:
    """A copy of the object with the fields of `paths` (e.g. `payment_intent.latest_charge`) in full."""
    expanded: JsonObject = copied(obj)
    for path in paths:
        parts = path.split(".")
        if len(parts) > EXPAND_DEPTH:
            raise ApiError(
                400, f"{path} is nested deeper than {EXPAND_DEPTH} levels", param="expand", executed=True
            )
        _expand(work, account, expanded, parts, path)
    return expanded


def _expand(work: Work, account: Account, obj: JsonObject, parts: list[str], path: str) -> None:
    if not parts:
        return
    if obj["object"] == "list" and parts[0] == "data":
        for row in obj["data"]:
            _expand(work, account, row, parts[1:], path)
        return
    field = parts[0]
    if field not in obj or obj[field] is None or isinstance(obj[field], str):
        obj[field] = _expanded_field(work, account, obj, field, path)
    if isinstance(obj[field], dict):
        _expand(work, account, obj[field], parts[1:], path)


def _expanded_field(work: Work, account: Account, obj: JsonObject, field: str, path: str) -> Any:
    kind = obj["object"]
    if (kind, field) == ("checkout.session", "line_items"):
        return line_items(work, account, obj["id"])
    if (kind, field) == ("charge", "refunds"):
        refunds = work.state.tables["refund"].newest_first(account.id)
        mine = (refund for refund in refunds if refund.object["charge"] == obj["id"])
        return page(mine, {}, f"/v1/charges/{obj['id']}/refunds")
    table = REFERENCES.get((kind, field))
    if table is None:
        raise ApiError(400, f"This property cannot be expanded ({path}).", param="expand", executed=True)
    record = work.find(table, obj[field], account) if obj[field] else None
    return copied(record.object) if record else obj[field]


def line_items(work: Work, account: Account, session_id: str) -> JsonObject:
    """The list of a session's line items."""
    session = work.find("checkout.session", session_id, account)
    if session is None:
        raise no_such("checkout.session", session_id, "session")
    return _list(
        session.private["line_items"], f"/v1/checkout/sessions/{session_id}/line_items", has_more=False
    )
