"""Disputes: what a payer's bank does to a payment, the events that follow, and the list of them."""

from infra.local.payments.messages import JsonObject
from infra.local.payments.state import Record, new_id
from infra.local.payments.stripe_api import lists
from infra.local.payments.stripe_api.calls import Call
from infra.local.payments.stripe_api.outcomes import OutcomeRefusedError
from infra.local.payments.work import Work

LIST_MODELLED = {"": lists.PAGING | {"charge", "payment_intent"}}


def list_disputes(call: Call) -> JsonObject:
    """GET /v1/disputes, filtered by charge and payment_intent"""
    wanted = {name: call.params[name] for name in ("charge", "payment_intent") if name in call.params}
    records = call.work.state.tables["dispute"].newest_first(call.account.id)
    matching = (r for r in records if all(r.object[name] == value for name, value in wanted.items()))
    return lists.page(matching, call.params, call.path)


def dispute(work: Work, session: Record) -> None:
    """The payer disputes the whole payment, and the money is withdrawn."""
    charge = _paid_charge(work, session)
    if charge.object["disputed"]:
        raise OutcomeRefusedError("the payment is disputed already")
    charge.object["disputed"] = True
    opened = work.add("dispute", session.account, _dispute(charge.object, work.now))
    work.emit("charge.dispute.created", opened)
    work.emit("charge.dispute.funds_withdrawn", opened)


def win_dispute(work: Work, session: Record) -> None:
    """The bank gives the money back to the merchant."""
    won = _open_dispute(work, session)
    won.object["status"] = "won"
    work.emit("charge.dispute.closed", won)
    work.emit("charge.dispute.funds_reinstated", won)


def lose_dispute(work: Work, session: Record) -> None:
    """The payer keeps the money."""
    lost = _open_dispute(work, session)
    lost.object["status"] = "lost"
    work.emit("charge.dispute.closed", lost)


OUTCOMES = {"dispute": dispute, "win-dispute": win_dispute, "lose-dispute": lose_dispute}


def _paid_charge(work: Work, session: Record) -> Record:
    intent = work.state.tables["payment_intent"].get(session.object["payment_intent"] or "")
    charge = work.state.tables["charge"].get(intent.object["latest_charge"] or "") if intent else None
    if charge is None or charge.object["status"] != "succeeded":
        raise OutcomeRefusedError("nothing was paid that could be disputed")
    return charge


def _open_dispute(work: Work, session: Record) -> Record:
    charge = _paid_charge(work, session)
    for record in work.state.tables["dispute"].newest_first(session.account):
        if record.object["charge"] == charge.object["id"] and record.object["status"] == "needs_response":
            return record
    raise OutcomeRefusedError("the payment has no open dispute")


def _dispute(charge: JsonObject, now: int) -> JsonObject:
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {"due_by": None, "has_evidence": False, "past_due": False, "submission_count": 0},
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": "fraudulent",
        "status": "needs_response",
    }
