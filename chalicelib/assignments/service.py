"""What a package of several sessions gives, and what is drawn of it: held, then captured or released."""

from chalicelib.assignments import store
from chalicelib.assignments.model import Assignment, AssignmentNotFound
from chalicelib.assignments.views import AssignmentsQuery, AssignmentsView, AssignmentView
from chalicelib.core.actor import Actor
from chalicelib.table import keys
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


class Assignments:
    def key(self, platform_id: str, assignment_id: str) -> Key:
        """What to read to load an assignment."""
        return keys.assignment(platform_id, assignment_id)

    def find(self, platform_id: str, assignment_id: str) -> Assignment:
        """One consistent get. ``AssignmentNotFound``."""
        return store.find(platform_id, assignment_id)

    def find_owned(self, actor: Actor, assignment_id: str) -> Assignment:
        """The same, if it is the actor's. ``AssignmentNotFound``."""
        return _own(store.find(actor.platform_id, assignment_id), actor)

    def load_owned(self, loaded: Loaded, actor: Actor, assignment_id: str) -> Assignment:
        """The actor's assignment among what a use case read. ``AssignmentNotFound``."""
        return _own(loaded.get(self.key(actor.platform_id, assignment_id), Assignment), actor)

    def prepare_hold(self, assignment: Assignment, booking_id: str) -> list[Write]:
        """One session is set aside for a booking. ``AssignmentEmpty``."""
        return [store.saved(assignment.holding(booking_id))]

    def prepare_given(self, assignment: Assignment) -> list[Write]:
        """A new assignment of which nothing is booked yet."""
        return [store.saved(assignment)]

    def prepare_capture(self, assignment: Assignment, booking_id: str) -> list[Write]:
        """The booking's session was held, or missed: it is used (E13). ``SessionNotHeld``."""
        return [store.saved(assignment.capturing(booking_id))]

    def prepare_release(self, assignment: Assignment, booking_id: str) -> list[Write]:
        """The booking was cancelled: its session is free again. ``SessionNotHeld``."""
        return [store.saved(assignment.releasing(booking_id))]

    def view(self, actor: Actor, assignment_id: str) -> AssignmentView:
        """How many sessions of a package are left (E13). ``AssignmentNotFound``."""
        return AssignmentView.of(self.find_owned(actor, assignment_id))

    def list_own(self, actor: Actor, asked: AssignmentsQuery) -> AssignmentsView:
        """The packages of several sessions that the customer bought."""
        page = store.of_customer(actor.platform_id, actor.id, limit=asked.limit, cursor=asked.cursor)
        return AssignmentsView(items=[AssignmentView.of(one) for one in page.records], cursor=page.cursor)


def _own(assignment: Assignment | None, actor: Actor) -> Assignment:
    if assignment is None or assignment.customer_id != actor.id:
        raise AssignmentNotFound
    return assignment
