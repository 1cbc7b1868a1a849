"""Payment intents, charges and refunds."""

from infra.local.payments import money
from infra.local.payments.messages import JsonObject
from infra.local.payments.state import Record
from infra.local.payments.stripe_api import lists, objects
from infra.local.payments.stripe_api.calls import Call
from infra.local.payments.stripe_api.errors import ApiError

LIST_MODELLED = {"": lists.PAGING}
CHARGE_LIST_MODELLED = {"": lists.PAGING | {"payment_intent"}}
REFUND_LIST_MODELLED = {"": lists.PAGING | {"charge", "payment_intent"}}
REFUND_MODELLED = {"": frozenset(["amount", "charge", "expand", "metadata", "payment_intent", "reason"])}


def retrieve_intent(call: Call) -> JsonObject:
    """GET /v1/payment_intents/{id}"""
    return call.own("payment_intent", "intent").object


def retrieve_charge(call: Call) -> JsonObject:
    """GET /v1/charges/{id}"""
    return call.own("charge", "id").object


def retrieve_refund(call: Call) -> JsonObject:
    """GET /v1/refunds/{id}"""
    return call.own("refund", "id").object


def list_intents(call: Call) -> JsonObject:
    """GET /v1/payment_intents"""
    return _list(call, "payment_intent")


def list_charges(call: Call) -> JsonObject:
    """GET /v1/charges, filtered by payment_intent"""
    return _list(call, "charge", "payment_intent")


def list_refunds(call: Call) -> JsonObject:
    """GET /v1/refunds, filtered by charge and payment_intent"""
    return _list(call, "refund", "charge", "payment_intent")


def create_refund(call: Call) -> JsonObject:
    """POST /v1/refunds: of the whole rest when no amount is given."""
    charge = _refundable_charge(call)
    amount_minor = _refund_amount(call.params.get("amount"), charge.object)
    obj = objects.refund(charge.object, amount_minor, call.params, call.work.now)
    refund = call.work.add("refund", call.account.id, obj)
    refunded = charge.object["amount_refunded"]
    previous = {"amount_refunded": refunded, "refunded": charge.object["refunded"]}
    charge.object["amount_refunded"] = refunded + amount_minor
    charge.object["refunded"] = refunded + amount_minor == charge.object["amount"]
    call.work.emit("refund.created", refund)
    call.work.emit("charge.refunded", charge, previous)
    return obj


def _list(call: Call, table: str, *filters: str) -> JsonObject:
    wanted = {name: call.params[name] for name in filters if name in call.params}
    records = call.work.state.tables[table].newest_first(call.account.id)
    matching = (r for r in records if all(r.object[name] == value for name, value in wanted.items()))
    return lists.page(matching, call.params, call.path)


def _refundable_charge(call: Call) -> Record:
    named = [name for name in ("charge", "payment_intent") if name in call.params]
    if len(named) != 1:
        raise ApiError(400, "Name either charge or payment_intent.", code="parameter_missing", param="charge")
    if named == ["charge"]:
        charge = call.own("charge", "charge", call.params["charge"])
    else:
        intent = call.own("payment_intent", "payment_intent", call.params["payment_intent"])
        charge_id = intent.object["latest_charge"]
        if intent.object["status"] != "succeeded":
            raise _nothing_to_refund(intent.object["id"])
        charge = call.own("charge", "charge", charge_id)
    if charge.object["status"] != "succeeded":
        raise _nothing_to_refund(charge.object["id"])
    return charge


def _nothing_to_refund(object_id: str) -> ApiError:
    return ApiError(400, f"{object_id} has no successful charge to refund.", executed=True)


def _refund_amount(given: int | None, charge: JsonObject) -> int:
    left: int = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise ApiError(400, message, code="charge_already_refunded", executed=True)
    amount_minor = left if given is None else given
    if amount_minor < 1 or amount_minor % money.minor_unit_step(charge["currency"]):
        message = f"Invalid amount: {amount_minor}"
        raise ApiError(400, message, code="parameter_invalid_integer", param="amount")
    if amount_minor > left:
        message = f"Refund amount ({amount_minor}) is greater than the unrefunded amount ({left})"
        raise ApiError(400, message, param="amount", executed=True)
    return amount_minor
