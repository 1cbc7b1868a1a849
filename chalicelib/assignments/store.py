"""Where assignments stand. Nothing here commits."""

from typing import Any

from chalicelib.assignments.model import Assignment, AssignmentNotFound
from chalicelib.core.ids import is_id
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.read import Page
from chalicelib.table.transact import Write

ASSIGNMENT = "ASSIGNMENT"


class AssignmentItem(Item, discriminator="assignment"):
    record = RecordAttribute(Assignment)


def saved(assignment: Assignment) -> Write:
    key = keys.assignment(assignment.platform_id, assignment.id)
    owner = keys.of_owner(
        assignment.platform_id, assignment.customer_id, ASSIGNMENT, assignment.created_at, assignment.id
    )
    return transact.save(AssignmentItem.of(key, assignment, owner=owner))


def find(platform_id: str, assignment_id: str) -> Assignment:
    """One consistent get. ``AssignmentNotFound``."""
    found = (
        read.get(keys.assignment(platform_id, assignment_id), Assignment)
        if is_id(assignment_id, "asg")
        else None
    )
    if found is None:
        raise AssignmentNotFound
    return found


def of_customer(platform_id: str, customer_id: str, **page: Any) -> Page:
    """A customer's packages of sessions, oldest first."""
    return read.query(keys.owner_partition(platform_id, customer_id, ASSIGNMENT), index="GSI1", **page)
