"""The audit record of what an admin did to a client's package of sessions."""

from datetime import datetime

from chalicelib.assignments.model import Assignment
from chalicelib.audit.model import AuditRecord
from chalicelib.core.ids import new_id
from chalicelib.table.operation import Operation

GIVEN, CANCELLED, ADJUSTED = "assignment.given", "assignment.cancelled", "assignment.adjusted"
Numbers = dict[str, int | str | None]


def record(
    operation: Operation,
    assignment: Assignment,
    action: str,
    reason: str,
    before: Numbers,
    after: Numbers,
    at: datetime,
) -> AuditRecord:
    """Who changed which numbers, and why."""
    return AuditRecord(
        id=new_id("aud"),
        platform_id=assignment.platform_id,
        actor_id=operation.actor.id,
        at=at,
        action=action,
        subject_id=assignment.customer_id,
        reason=reason,
        reference={"assignment_id": assignment.id},
        before=before,
        after=after,
    )
