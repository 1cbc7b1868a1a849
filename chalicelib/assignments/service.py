"""What a package of several sessions gives, and what is drawn of it: held, then captured or released."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.assignments import rules, store
from chalicelib.assignments.model import Assignment, AssignmentNotFound, Draw, Participant, Wanted
from chalicelib.assignments.views import AssignmentsQuery, AssignmentsView, AssignmentView
from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.core.actor import Actor, system
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.operation import Decision, by_system, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions set aside: of which service, as number ``ordinal`` of ``assignment.total`` each, for whom."""

    assignment: Assignment
    package: AppointmentPackage
    draws: list[Draw]
    participant: Participant | None
    writes: list[Write]

    @property
    def comes(self) -> str | None:
        """The account of a participant who has one: the appointment is his."""
        return self.participant.account_id if self.participant else None


class Assignments:
    def __init__(self, platforms: Platforms, accounts: Accounts) -> None:
        self._platforms = platforms
        self._accounts = accounts

    def key(self, platform_id: str, assignment_id: str) -> Key:
        """What to read to load an assignment."""
        return keys.assignment(platform_id, assignment_id)

    def keys_among(self, actor: Actor, named: Assignment | None) -> list[Key]:
        """What to read to ``choose``: the one that is named, or all of his by one consistent query."""
        if named:
            return [self.key(actor.platform_id, named.id)]
        return store.newest_keys(actor.platform_id, actor.id)

    def find(self, platform_id: str, assignment_id: str) -> Assignment:
        """One consistent get. ``AssignmentNotFound``."""
        return store.find(platform_id, assignment_id)

    def find_owned(self, actor: Actor, assignment_id: str) -> Assignment:
        """The same, if it concerns the actor. ``AssignmentNotFound``."""
        return _own(store.find(actor.platform_id, assignment_id), actor)

    def choose(
        self,
        loaded: Loaded,
        actor: Actor,
        named: Assignment | None,
        among: list[Key],
        wanted: Wanted,
        now: datetime,
    ) -> Assignment:
        """The named one as it stands now, or the client's that fits, without anybody choosing (D25).

        ``AssignmentNotFound``, ``NoPackageFits``.
        """
        if named:
            return _own(loaded.get(self.key(actor.platform_id, named.id), Assignment), actor)
        found = [loaded.get(key, Assignment) for key in among]
        return rules.chosen([each for each in found if each], wanted, actor.id, now)

    def load_visible(self, loaded: Loaded, actor: Actor, assignment_id: str) -> Assignment:
        """One that concerns the actor, or any for an admin. ``AssignmentNotFound``."""
        assignment = loaded.get(self.key(actor.platform_id, assignment_id), Assignment)
        if assignment is None or not (actor.is_admin() or assignment.concerns(actor.id)):
            raise AssignmentNotFound
        return assignment

    def bookable(
        self, assignment: Assignment, package_id: str, expert_id: str, now: datetime
    ) -> AppointmentPackage:
        """The service as it was sold, of which a session may still be booked; else as ``prepare_draw``."""
        wanted = Wanted(package_id=package_id, expert_id=expert_id, starts_at=now)
        package = rules.covered(assignment, wanted, now)
        assignment.check_left(package.id)
        return package

    def prepare_draw(
        self,
        assignment: Assignment,
        wanted: Wanted,
        booking_ids: Sequence[str],
        account_id: str,
        now: datetime,
    ) -> Drawing:
        """A session of a service is set aside for each booking (D10, D19).

        ``ServiceNotInPackage``, ``AssignmentClosed``, ``AssignmentEmpty``, ``ServiceUsedUp``,
        ``ParticipantUnknown``.
        """
        package = rules.covered(assignment, wanted, now)
        participant = rules.who_comes(assignment, account_id, wanted.participant)
        after = assignment
        for booking_id in booking_ids:
            after = after.holding(booking_id, package.id)
        return Drawing(
            assignment=after,
            package=package,
            draws=after.held[-len(booking_ids) :],
            participant=participant,
            writes=[store.saved(after)],
        )

    def prepare_bought(self, assignment: Assignment, booking_id: str) -> list[Write]:
        """A new assignment, whose first session the booking takes that bought it (E13)."""
        return store.created(assignment.holding(booking_id, assignment.product_id))

    def prepare_given(self, assignment: Assignment) -> list[Write]:
        """A new assignment of which nothing is booked yet."""
        return store.created(assignment)

    def prepare_withdraw(self, assignment: Assignment, withdrawn: int) -> list[Write]:
        """The money of so many of its sessions, in all, has gone back."""
        return [store.saved(replace(assignment, withdrawn=withdrawn))]

    def prepare_capture(self, assignment: Assignment, booking_id: str) -> list[Write]:
        """The booking's session was held, or missed: it is used (D12, E13). ``SessionNotHeld``."""
        return [store.saved(assignment.capturing(booking_id))]

    def prepare_release(self, assignment: Assignment, booking_id: str) -> list[Write]:
        """The booking was cancelled: its session is free again (D20). ``SessionNotHeld``."""
        return [store.saved(assignment.releasing(booking_id))]

    def sweep(self, platform_id: str, assignment_id: str) -> None:
        """The clock closes what has expired; sessions that are booked already are still held."""
        key = self.key(platform_id, assignment_id)

        def decide(loaded: Loaded) -> Decision:
            now = self._platforms.load(loaded, platform_id).now()
            assignment = loaded.get(key, Assignment)
            if assignment is None or assignment.expires is None or assignment.expires > now:
                return Decision(answer=None)
            expired = msgspec.structs.replace(assignment, expired_at=assignment.expires)
            return Decision(answer=None, writes=[store.saved(expired)])

        assignment = store.find(platform_id, assignment_id)
        if assignment.expires is not None and assignment.expires <= self._platforms.get(platform_id).now():
            operation = by_system(system(platform_id), "assignments.expire", assignment_id)
            perform(operation, [self._platforms.key(platform_id), key], decide)

    def view(self, actor: Actor, assignment_id: str) -> AssignmentView:
        """How many sessions of a package are left (D15, E13). ``AssignmentNotFound``."""
        key = self.key(actor.platform_id, assignment_id)
        loaded = read.batch([self._platforms.key(actor.platform_id), key])
        assignment = self.load_visible(loaded, actor, assignment_id)
        return AssignmentView.of(assignment, self._platforms.load(loaded, actor.platform_id).now())

    def list_of(self, actor: Actor, account_id: str, asked: AssignmentsQuery) -> AssignmentsView:
        """A client's packages tab (D14 to D16, D18): his own, and those that he may come on.

        ``AccountNotFound`` where there is no such person on the platform.
        """
        page = store.of_person(actor.platform_id, account_id, asked.limit, asked.cursor)
        wanted = [self.key(actor.platform_id, each.assignment_id) for each in page.records]
        account = self._accounts.key(actor.platform_id, account_id)
        loaded = read.batch([self._platforms.key(actor.platform_id), account, *wanted])
        self._accounts.load(loaded, actor.platform_id, account_id)
        now = self._platforms.load(loaded, actor.platform_id).now()
        found = [loaded.get(key, Assignment) for key in wanted]
        items = [AssignmentView.of(each, now) for each in found if each]
        return AssignmentsView(items=items, cursor=page.cursor)


def _own(assignment: Assignment | None, actor: Actor) -> Assignment:
    if assignment is None or not assignment.concerns(actor.id):
        raise AssignmentNotFound
    return assignment
