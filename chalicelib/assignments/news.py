"""What the people of a package of sessions are told of it in their feeds."""

from datetime import datetime

from chalicelib.assignments.model import Assignment
from chalicelib.feed.model import NoticeKind
from chalicelib.feed.service import notice
from chalicelib.table.operation import Effect


def told(assignment: Assignment, kind: NoticeKind, sessions: int, at: datetime) -> list[Effect]:
    """One notice for who has it and for each who may come on it."""
    return [
        notice(person, kind, at, assignment_id=assignment.id, sessions=sessions)
        for person in assignment.people
    ]
