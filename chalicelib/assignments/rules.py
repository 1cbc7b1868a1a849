"""Which package a booking is made on, and whether it may be (D10, D11, D21, D25). Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime

from chalicelib.assignments.model import (
    Assignment,
    AssignmentClosed,
    AssignmentState,
    NoPackageFits,
    Participant,
    ParticipantUnknown,
    ServiceNotInPackage,
    Wanted,
)
from chalicelib.catalogue.model import AppointmentPackage

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def covered(assignment: Assignment, wanted: Wanted, now: datetime) -> AppointmentPackage:
    """The service as it was sold. ``AssignmentClosed``, ``ServiceNotInPackage``.

    One that is used up is left to ``Assignment.holding``, which knows it better.
    """
    cover = assignment.cover(wanted.package_id)
    is_his = assignment.expert_id in (None, wanted.expert_id)
    if cover is None or not is_his or not cover.package.held_by(wanted.expert_id):
        raise ServiceNotInPackage(field="package_id")
    state = assignment.state_at(now)
    ends = assignment.expires_at or _NEVER
    if state in (AssignmentState.EXPIRED, AssignmentState.CANCELLED) or wanted.starts_at >= ends:
        raise AssignmentClosed(field="starts_at")
    return cover.package


def chosen(assignments: Iterable[Assignment], wanted: Wanted, account_id: str, now: datetime) -> Assignment:
    """The one that fits: the soonest to expire, then the oldest (D25). ``NoPackageFits``."""
    fitting = [each for each in assignments if _fits(each, wanted, account_id, now)]
    if not fitting:
        raise NoPackageFits(field="package_id")
    return min(fitting, key=lambda each: (each.expires_at or _NEVER, each.created_at, each.id))


def _fits(assignment: Assignment, wanted: Wanted, account_id: str, now: datetime) -> bool:
    try:
        covered(assignment, wanted, now)
        who_comes(assignment, account_id, wanted.participant)
    except (AssignmentClosed, ServiceNotInPackage, ParticipantUnknown):
        return False
    return assignment.left_of(wanted.package_id) > 0


def who_comes(assignment: Assignment, account_id: str, name: str | None) -> Participant | None:
    """Whom the booking is for; ``None`` is the one who bought. ``ParticipantUnknown``.

    A participant with an account books for himself alone; the owner for anybody on the list.
    """
    himself = assignment.participant_with(account_id)
    if account_id != assignment.customer_id:
        if name is not None and (himself is None or himself.name != name):
            raise ParticipantUnknown(field="participant")
        return himself
    if name is None:
        return None
    found = next((each for each in assignment.participants if each.name == name), None)
    if found is None:
        raise ParticipantUnknown(field="participant")
    return found
