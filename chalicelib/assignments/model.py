"""Assignments: what a client has left of a package of several sessions."""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.core.errors import Conflict, Invalid, NotFound
from chalicelib.core.money import Money
from chalicelib.wallet.ledger import Posting


class AssignmentNotFound(NotFound):
    code = "ASSIGNMENT_NOT_FOUND"
    message = "There is no such package of sessions."


class AssignmentEmpty(Conflict):
    code = "ASSIGNMENT_EMPTY"
    message = "All sessions of this package are booked or used."


class AssignmentClosed(Conflict):
    code = "ASSIGNMENT_CLOSED"
    message = "This package has expired by then, or was cancelled."


class ServiceNotInPackage(Conflict):
    code = "SERVICE_NOT_IN_PACKAGE"
    message = "This package does not cover the service, or not with this expert."


class ServiceUsedUp(Conflict):
    code = "SERVICE_USED_UP"
    message = "The package's sessions of this service are booked or used."


class NoPackageFits(Conflict):
    code = "NO_PACKAGE_FITS"
    message = "The client has no active package with a session left for this service."


class SessionsTaken(Conflict):
    code = "SESSIONS_TAKEN"
    message = "More sessions than that are booked, used or withdrawn."


class NotPaidAtDesk(Conflict):
    code = "NOT_PAID_AT_DESK"
    message = "Nothing was paid for it at the desk that could be given back there."


class SessionNotHeld(Conflict):
    code = "SESSION_NOT_HELD"
    message = "No session of this package is set aside for this booking."


class ParticipantUnknown(Invalid):
    code = "PARTICIPANT_UNKNOWN"
    message = "Nobody of this name may come on this package."


class ParticipantRepeated(Invalid):
    code = "PARTICIPANT_REPEATED"
    message = "A participant is named twice."


class PaymentNotTold(Invalid):
    code = "PAYMENT_NOT_TOLD"
    message = "Say what was paid, or that the package is on the house."


class Source(StrEnum):
    """Which kind of package gave the sessions."""

    APPOINTMENT_PACKAGE = "appointment_package"
    SESSION_PACKAGE = "session_package"


class AssignmentState(StrEnum):
    """D24. Only an ``active`` one can be booked on."""

    ACTIVE = "active"
    USED_UP = "used_up"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """A service as it was sold (E39), and how many of the sessions it may take (D4)."""

    package: AppointmentPackage
    count: int | None = None


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """One session that a booking took, of which service; ``ordinal`` is its number among all, from 1."""

    booking_id: str
    package_id: str
    ordinal: int


class Participant(msgspec.Struct, frozen=True, kw_only=True):
    """Who may come where it is not who bought: an employee, a child. With an account he books by himself."""

    name: str
    account_id: str | None = None

    def is_like(self, other: "Participant") -> bool:
        """True where a booking could not tell them apart."""
        is_same_account = self.account_id is not None and self.account_id == other.account_id
        return is_same_account or self.name == other.name


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """So many sessions of a service with an expert, the last of them at ``starts_at``.

    ``participant`` names who comes.
    """

    package_id: str
    expert_id: str
    starts_at: datetime
    participant: str | None = None
    sessions: int = 1


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """The sessions that one sale or one admin gave. ``held`` are booked, ``used`` were held or missed.

    Of ``total``, an admin added ``adjusted`` afterwards (or took them, below zero), and the money of
    ``withdrawn`` went back; a booked one goes when it comes free. ``expert_id`` binds them to one expert;
    ``None`` leaves whoever holds the service. ``sale_id`` and ``price`` are missing where it is on the house;
    ``paid_back`` went back of the price at the desk.
    A session is booked to start before ``expires_at``; ``expired_at`` says that the clock has closed it, a
    ``sandbox``'s own clock where the platform is one.
    """

    id: str
    platform_id: str
    customer_id: str
    source: Source
    product_id: str
    name: str
    covers: list[Cover]
    total: int
    adjusted: int = 0
    withdrawn: int = 0
    created_at: datetime
    expert_id: str | None = None
    sale_id: str | None = None
    order_id: str | None = None
    price: Money | None = None
    paid_back: Money | None = None
    participants: list[Participant] = []
    note: str = ""
    expires_at: datetime | None = None
    held: list[Draw] = []
    used: list[Draw] = []
    cancelled_at: datetime | None = None
    expired_at: datetime | None = None
    sandbox: bool = False
    version: int = 0

    @property
    def left(self) -> int:
        """How many may still be booked; none of a cancelled one."""
        if self.cancelled_at is not None:
            return 0
        return max(0, self.kept - len(self.held) - len(self.used))

    @property
    def kept(self) -> int:
        """How many there are beside those whose money went back."""
        return self.total - self.withdrawn

    def state_at(self, now: datetime) -> AssignmentState:
        if self.cancelled_at is not None or self.kept <= 0:
            return AssignmentState.CANCELLED
        if len(self.used) >= self.kept:
            return AssignmentState.USED_UP
        if self.expires_at is not None and self.expires_at <= now:
            return AssignmentState.EXPIRED
        return AssignmentState.ACTIVE

    @property
    def expires(self) -> datetime | None:
        """When the clock still has to close it."""
        is_closed = self.cancelled_at or self.expired_at or len(self.used) >= self.kept
        return None if is_closed else self.expires_at

    @property
    def only_service(self) -> str | None:
        """The package of the service, where it covers one alone."""
        return self.covers[0].package.id if len(self.covers) == 1 else None

    def cover(self, package_id: str) -> Cover | None:
        return next((cover for cover in self.covers if cover.package.id == package_id), None)

    def left_of(self, package_id: str) -> int:
        """How many may still be booked of one service."""
        cover = self.cover(package_id)
        if cover is None:
            return 0
        if cover.count is None:
            return self.left
        taken = sum(draw.package_id == package_id for draw in (*self.held, *self.used))
        return min(self.left, cover.count - taken)

    @property
    def people(self) -> list[str]:
        """The accounts of who bought it and of those who may come on it, each once."""
        coming = [each.account_id for each in self.participants if each.account_id]
        return list(dict.fromkeys([self.customer_id, *coming]))

    def concerns(self, account_id: str) -> bool:
        """True for who bought it and for those who may come on it."""
        return account_id == self.customer_id or self.participant_with(account_id) is not None

    def participant_with(self, account_id: str) -> Participant | None:
        return next((each for each in self.participants if each.account_id == account_id), None)

    def check_lasts(self, starts_at: datetime) -> None:
        """``AssignmentClosed`` for a session that starts when the package has expired."""
        if self.expires_at is not None and starts_at >= self.expires_at:
            raise AssignmentClosed(field="starts_at")

    def check_left(self, package_id: str) -> None:
        """``AssignmentEmpty``; ``ServiceUsedUp`` where only this service's sessions are taken."""
        if self.left <= 0:
            raise AssignmentEmpty
        if self.left_of(package_id) <= 0:
            raise ServiceUsedUp(field="package_id")

    def holding(self, booking_id: str, package_id: str) -> "Assignment":
        """One session set aside, under the first free number. ``AssignmentEmpty``, ``ServiceUsedUp``."""
        self.check_left(package_id)
        taken = {draw.ordinal for draw in (*self.held, *self.used)}
        ordinal = next(number for number in range(1, self.total + 1) if number not in taken)
        draw = Draw(booking_id=booking_id, package_id=package_id, ordinal=ordinal)
        return replace(self, held=[*self.held, draw])

    def capturing(self, booking_id: str) -> "Assignment":
        """The booking's session is used. ``SessionNotHeld`` where none is set aside for it."""
        drawn = [draw for draw in self.held if draw.booking_id == booking_id]
        return replace(self.releasing(booking_id), used=[*self.used, *drawn])

    def releasing(self, booking_id: str) -> "Assignment":
        """The booking's session is free again. ``SessionNotHeld`` where none is set aside for it."""
        if all(draw.booking_id != booking_id for draw in self.held):
            raise SessionNotHeld
        return replace(self, held=[draw for draw in self.held if draw.booking_id != booking_id])


class AssignmentEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What money did that was paid or given back at the desk; its postings sum to zero. Never edited."""

    id: str
    platform_id: str
    assignment_id: str
    operation: str
    kind: str
    at: datetime
    postings: list[Posting]
    version: int = 0
