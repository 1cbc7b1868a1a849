"""What buyers do to checkout sessions, done by a script."""

from infra.local.payments import page
from infra.local.payments.control.fields import ControlError, Fields
from infra.local.payments.messages import JsonObject, Request
from infra.local.payments.sandbox import Sandbox
from infra.local.payments.state import Record
from infra.local.payments.stripe_api import disputes, outcomes
from infra.local.payments.work import Work, copied

SESSIONS_SHOWN = 1_000


def list_sessions(sandbox: Sandbox, _request: Request) -> JsonObject:
    """GET sessions, newest first."""
    with sandbox.work() as work:
        records = list(work.state.tables["checkout.session"].newest_first())[:SESSIONS_SHOWN]
        return {"sessions": [copied(record.object) for record in records]}


def show_session(sandbox: Sandbox, request: Request) -> JsonObject:
    """GET sessions/{id}"""
    with sandbox.work() as work:
        return _with_intent(work, _find_session(work, request.path.split("/")[3]))


def act(sandbox: Sandbox, request: Request) -> JsonObject:
    """POST sessions/{id}/{outcome}"""
    session_id, action = request.path.split("/")[3:5]
    Fields(request).done()
    known = outcomes.ALL | disputes.OUTCOMES
    outcome = known.get(action)
    if outcome is None:
        raise ControlError(404, "NO_SUCH_OUTCOME", f"{action}: expected one of {', '.join(known)}")
    with sandbox.work(request.id) as work:
        session = _find_session(work, session_id)
        try:
            outcome(work, session)
        except outcomes.OutcomeRefusedError as error:
            raise ControlError(409, "OUTCOME_REFUSED", str(error)) from error
        return {**_with_intent(work, session), "events": list(work.event_ids)}


def _find_session(work: Work, session_id: str) -> Record:
    session = work.state.tables["checkout.session"].get(session_id)
    if session is None:
        raise ControlError(404, "NO_SUCH_SESSION", f"no session {session_id}")
    return session


def _with_intent(work: Work, session: Record) -> JsonObject:
    intent = work.state.tables["payment_intent"].get(session.object["payment_intent"] or "")
    return {
        "session": copied(session.object),
        "payment_intent": copied(intent.object) if intent else None,
        "success_location": page.success_location(session.object),
    }
