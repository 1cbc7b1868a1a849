"""Events: retrieve and list."""

from fnmatch import fnmatchcase

from infra.local.payments.messages import JsonObject
from infra.local.payments.state import Record
from infra.local.payments.stripe_api import lists
from infra.local.payments.stripe_api.calls import Call
from infra.local.payments.stripe_api.errors import ApiError

TYPES_LIMIT = 20
DELIVERED = ("delivered", "unwanted")


def retrieve(call: Call) -> JsonObject:
    """GET /v1/events/{id}"""
    return call.own("event", "id").object


def list_all(call: Call) -> JsonObject:
    """GET /v1/events, filtered by type or types, created and delivery_success."""
    if "type" in call.params and "types" in call.params:
        raise ApiError(400, "Pass either type or types, not both.", param="types")
    if len(call.params.get("types", [])) > TYPES_LIMIT:
        raise ApiError(400, f"At most {TYPES_LIMIT} types can be asked for.", param="types")
    records = call.work.state.tables["event"].newest_first(call.account.id)
    return lists.page((r for r in records if _matches(call, r)), call.params, call.path)


def _matches(call: Call, record: Record) -> bool:
    event_type: str = record.object["type"]
    if "type" in call.params and not fnmatchcase(event_type, call.params["type"]):
        return False
    if "types" in call.params and event_type not in call.params["types"]:
        return False
    if "delivery_success" not in call.params:
        return True
    delivery = call.work.state.tables["delivery"].get(record.object["id"])
    delivered = delivery is not None and delivery.object["state"] in DELIVERED
    return delivered is call.params["delivery_success"]
