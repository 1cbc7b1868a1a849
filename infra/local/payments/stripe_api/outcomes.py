"""What a buyer, or time, does to a checkout session, and the events that follow."""

from collections.abc import Callable

from infra.local.payments.state import Record
from infra.local.payments.stripe_api import moves, objects
from infra.local.payments.work import Work


class OutcomeRefusedError(Exception):
    """The session's state does not allow this outcome."""


DECLINED = moves.Failure("card_declined", "The card was declined.", "generic_decline")
INSUFFICIENT = moves.Failure("card_declined", "The card does not have the funds.", "insufficient_funds")
UNAUTHENTICATED = moves.Failure(
    "payment_intent_authentication_failure",
    "The buyer did not pass the issuer's authentication.",
    type="invalid_request_error",
    charged=False,
)
LATE_FAILURE = moves.Failure(
    "payment_intent_payment_attempt_failed", "The delayed payment did not go through."
)


def pay(work: Work, session: Record) -> None:
    """The buyer pays: the session is complete and paid."""
    _require_open(session)
    if session.object["amount_total"] > 0:
        intent = _confirmed_intent(work, session)
        charge = moves.new_charge(work, intent, status="pending")
        moves.charge_succeeds(work, charge)
        moves.intent_succeeds(work, intent, charge)
        session.object["payment_status"] = "paid"
    _complete(work, session)


def decline(work: Work, session: Record) -> None:
    """The issuer declines without a reason; the session stays open."""
    _fail_attempt(work, session, DECLINED)


def insufficient(work: Work, session: Record) -> None:
    """The issuer declines for want of funds; the session stays open."""
    _fail_attempt(work, session, INSUFFICIENT)


def fail_3ds(work: Work, session: Record) -> None:
    """The buyer fails 3-D Secure, so nothing is charged; the session stays open."""
    _fail_attempt(work, session, UNAUTHENTICATED)


def pay_later(work: Work, session: Record) -> None:
    """The buyer takes a delayed method: the session completes unpaid, the payment is processing."""
    _require_open(session)
    _require_amount(session)
    intent = _confirmed_intent(work, session)
    charge = moves.new_charge(work, intent, status="pending")
    intent.object |= {"status": "processing", "latest_charge": charge.object["id"]}
    intent.object["last_payment_error"] = None
    work.emit("charge.pending", charge)
    work.emit("payment_intent.processing", intent)
    _complete(work, session)


def settle(work: Work, session: Record) -> None:
    """The delayed payment arrives."""
    intent, charge = _processing(work, session)
    moves.charge_succeeds(work, charge)
    moves.intent_succeeds(work, intent, charge)
    session.object["payment_status"] = "paid"
    work.emit("checkout.session.async_payment_succeeded", session)


def fail_later(work: Work, session: Record) -> None:
    """The delayed payment does not arrive; the session stays complete and unpaid."""
    intent, charge = _processing(work, session)
    moves.charge_fails(work, charge, LATE_FAILURE)
    moves.intent_fails(work, intent, LATE_FAILURE, charge)
    work.emit("checkout.session.async_payment_failed", session)


def expire(work: Work, session: Record) -> None:
    """Nobody paid in time, or the merchant ends the session. A failed attempt's intent is canceled."""
    _require_open(session)
    session.object |= {"status": "expired", "url": None}
    intent = _intent(work, session)
    if intent:
        canceled = {"status": "canceled", "canceled_at": work.now, "cancellation_reason": "expired"}
        intent.object |= canceled
        work.emit("payment_intent.canceled", intent)
    work.emit("checkout.session.expired", session)


def expire_due(work: Work) -> None:
    """Expire every open session whose `expires_at` has come."""
    for session in list(work.state.tables["checkout.session"].newest_first()):
        if session.object["status"] == "open" and session.object["expires_at"] <= work.now:
            expire(work, session)


Outcome = Callable[[Work, Record], None]
BUYERS: dict[str, Outcome] = {
    "pay": pay,
    "decline": decline,
    "insufficient": insufficient,
    "fail-3ds": fail_3ds,
    "pay-later": pay_later,
}
ALL: dict[str, Outcome] = {**BUYERS, "settle": settle, "fail-later": fail_later, "expire": expire}


def _require_open(session: Record) -> None:
    if session.object["status"] != "open":
        raise OutcomeRefusedError(f"the session is {session.object['status']}, not open")


def _require_amount(session: Record) -> None:
    if session.object["amount_total"] == 0:
        raise OutcomeRefusedError("there is nothing to pay in this session")


def _intent(work: Work, session: Record) -> Record | None:
    return work.state.tables["payment_intent"].get(session.object["payment_intent"] or "", session.account)


def _confirmed_intent(work: Work, session: Record) -> Record:
    """The session's payment intent, which the first confirmation creates."""
    intent = _intent(work, session)
    if intent is None:
        data = session.private["payment_intent_data"]
        obj = objects.payment_intent(session.object, data, work.now)
        intent = work.add("payment_intent", session.account, obj)
        session.object["payment_intent"] = obj["id"]
        work.emit("payment_intent.created", intent)
    return intent


def _processing(work: Work, session: Record) -> tuple[Record, Record]:
    intent = _intent(work, session)
    if intent is None or intent.object["status"] != "processing":
        raise OutcomeRefusedError("the session has no delayed payment that is processing")
    charge = work.state.tables["charge"].get(intent.object["latest_charge"], session.account)
    if charge is None:
        raise OutcomeRefusedError("the delayed payment's charge is no longer kept")
    return intent, charge


def _fail_attempt(work: Work, session: Record, failure: moves.Failure) -> None:
    _require_open(session)
    _require_amount(session)
    intent = _confirmed_intent(work, session)
    charge = moves.new_charge(work, intent, status="failed") if failure.charged else None
    if charge:
        moves.charge_fails(work, charge, failure)
    moves.intent_fails(work, intent, failure, charge)


def _complete(work: Work, session: Record) -> None:
    session.object |= {"status": "complete", "url": None}
    details = {**objects.NO_DETAILS, "email": session.object["customer_email"]}
    session.object["customer_details"] = details
    work.emit("checkout.session.completed", session)
