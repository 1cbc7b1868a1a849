"""Where assignments stand, and which of them concern a person. Nothing here commits."""

import msgspec

from chalicelib.assignments.model import Assignment, AssignmentEntry, AssignmentNotFound
from chalicelib.core.ids import is_id
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.read import Page
from chalicelib.table.transact import Write
from chalicelib.wallet.postings import check_balanced, check_counter_accounts

# Packages of one person that are looked through for one that fits.
MAX_LOOKED_AT = 90


class Assigned(msgspec.Struct, frozen=True, kw_only=True):
    """That an assignment concerns a person: he bought it, or may come on it."""

    assignment_id: str
    version: int = 0


class AssignmentItem(Item, discriminator="assignment"):
    record = RecordAttribute(Assignment)


class AssignedItem(Item, discriminator="assigned"):
    record = RecordAttribute(Assigned)


class AssignmentEntryItem(Item, discriminator="assignment-entry"):
    record = RecordAttribute(AssignmentEntry)


def created(assignment: Assignment) -> list[Write]:
    """A new assignment, found by each whom it concerns with a consistent read."""
    return [saved(assignment), *(listed(assignment, person) for person in assignment.people)]


def listed(assignment: Assignment, person: str) -> Write:
    """That the assignment concerns a person."""
    place = keys.assigned(assignment.platform_id, person, assignment.id)
    return transact.create(AssignedItem.of(place, Assigned(assignment_id=assignment.id)))


def unlisted(place: Key, listed: Assigned) -> Write:
    """That what stands there leads to nothing."""
    return transact.delete(AssignedItem, place, listed)


def saved(assignment: Assignment) -> Write:
    """The assignment; the sweeper looks at it when it expires."""
    key = keys.assignment(assignment.platform_id, assignment.id)
    return transact.save(AssignmentItem.of(key, assignment, work=_work(assignment)))


def posted(entry: AssignmentEntry) -> Write:
    """A step of its money, where none of its name stands; ``Unbalanced`` for a mistake of ours."""
    check_counter_accounts(entry.postings)
    check_balanced(entry.postings)
    key = keys.assignment_entry(entry.platform_id, entry.assignment_id, entry.operation)
    return transact.create(AssignmentEntryItem.of(key, entry))


def _work(assignment: Assignment) -> Key | None:
    due_at = assignment.expires
    if due_at is None:
        return None
    if assignment.sandbox:
        return keys.sandbox_work(assignment.platform_id, assignment.id, due_at)
    return keys.work(assignment.id, due_at)


def find(platform_id: str, assignment_id: str) -> Assignment:
    """One consistent get. ``AssignmentNotFound``."""
    key = keys.assignment(platform_id, assignment_id)
    found = read.get(key, Assignment) if is_id(assignment_id, "asg") else None
    if found is None:
        raise AssignmentNotFound
    return found


def of_person(platform_id: str, account_id: str, limit: int, cursor: str | None = None) -> Page:
    """Which assignments concern a person, oldest first; a consistent query."""
    partition = keys.assigned(platform_id, account_id, "").pk
    return read.query(partition, limit=limit, cursor=cursor)


def newest_keys(platform_id: str, account_id: str) -> list[Key]:
    """What to read for the newest ``MAX_LOOKED_AT`` of them; closed ones are among them."""
    partition = keys.assigned(platform_id, account_id, "").pk
    page = read.query(partition, limit=MAX_LOOKED_AT, newest_first=True)
    return [keys.assignment(platform_id, each.assignment_id) for each in page.records]
