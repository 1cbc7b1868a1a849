"""How charges and payment intents go from one status to the next."""

from dataclasses import dataclass

from infra.local.payments.messages import JsonObject
from infra.local.payments.state import Record, new_id
from infra.local.payments.stripe_api import objects
from infra.local.payments.work import Work, copied


@dataclass(frozen=True)
class Failure:
    """Why a payment attempt fails. `charged`: the attempt got as far as the card's issuer."""

    code: str
    message: str
    decline_code: str | None = None
    type: str = "card_error"
    charged: bool = True


def new_charge(work: Work, intent: Record, status: str) -> Record:
    """A charge of the intent: `pending` or `failed`."""
    return work.add("charge", intent.account, objects.charge(intent.object, work.now, status))


def charge_succeeds(work: Work, charge: Record) -> None:
    """The money has come."""
    charge.object |= {
        "status": "succeeded",
        "paid": True,
        "captured": True,
        "amount_captured": charge.object["amount"],
        "outcome": {
            "network_status": "approved_by_network",
            "reason": None,
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
    }
    work.emit("charge.succeeded", charge)


def charge_fails(work: Work, charge: Record, failure: Failure) -> None:
    """The issuer, or the delayed method, refuses."""
    charge.object |= {
        "status": "failed",
        "failure_code": failure.code,
        "failure_message": failure.message,
        "outcome": {
            "network_status": "declined_by_network",
            "reason": failure.decline_code,
            "seller_message": failure.message,
            "type": "issuer_declined",
        },
    }
    work.emit("charge.failed", charge)


def intent_succeeds(work: Work, intent: Record, charge: Record) -> None:
    """The intent is paid by the charge."""
    intent.object |= {
        "status": "succeeded",
        "amount_received": intent.object["amount"],
        "last_payment_error": None,
        "latest_charge": charge.object["id"],
        "payment_method": charge.object["payment_method"],
    }
    work.emit("payment_intent.succeeded", intent)


def intent_fails(work: Work, intent: Record, failure: Failure, charge: Record | None) -> None:
    """The attempt failed; `charge` is None when it never reached the issuer."""
    intent.object |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": _last_error(failure, charge),
    }
    if charge:
        intent.object["latest_charge"] = charge.object["id"]
    work.emit("payment_intent.payment_failed", intent)


def _last_error(failure: Failure, charge: Record | None) -> JsonObject:
    error: JsonObject = {"code": failure.code, "message": failure.message, "type": failure.type}
    if failure.decline_code:
        error["decline_code"] = failure.decline_code
    if charge:
        error["charge"] = charge.object["id"]
    method = charge.object["payment_method"] if charge else new_id("pm")
    error["payment_method"] = {
        "id": method,
        "object": "payment_method",
        "card": copied(objects.CARD),
        "type": "card",
    }
    return error
