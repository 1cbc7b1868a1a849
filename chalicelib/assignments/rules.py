"""Which package a booking is made on, and whether it may be (D10, D11, D21, D25). Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec.structs import replace

from chalicelib.assignments.model import (
    Assignment,
    AssignmentClosed,
    AssignmentEmpty,
    AssignmentState,
    NoPackageFits,
    NotPaidAtDesk,
    Participant,
    ParticipantUnknown,
    ServiceNotInPackage,
    SessionsTaken,
    Wanted,
)
from chalicelib.catalogue.errors import CurrencyMismatch
from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.catalogue.session_package import CoveredService, check_all_usable
from chalicelib.core.money import Money
from chalicelib.orders.refunds import RefundTooLarge

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def covered(assignment: Assignment, wanted: Wanted, now: datetime) -> AppointmentPackage:
    """The service as it was sold. ``AssignmentClosed``, ``ServiceNotInPackage``.

    One that is used up is left to ``Assignment.holding``, which knows it better.
    """
    cover = assignment.cover(wanted.package_id)
    is_his = assignment.expert_id in (None, wanted.expert_id)
    if cover is None or not is_his or not cover.package.held_by(wanted.expert_id):
        raise ServiceNotInPackage(field="package_id")
    if assignment.state_at(now) in (AssignmentState.EXPIRED, AssignmentState.CANCELLED):
        raise AssignmentClosed(field="starts_at")
    assignment.check_lasts(wanted.starts_at)
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
    return assignment.left_of(wanted.package_id) >= wanted.sessions


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


def cancelled(assignment: Assignment, now: datetime) -> Assignment:
    """Nothing is booked on it any more. ``AssignmentClosed``; ``AssignmentEmpty`` where all is used."""
    state = assignment.state_at(now)
    if state is AssignmentState.USED_UP:
        raise AssignmentEmpty
    if state is not AssignmentState.ACTIVE:
        raise AssignmentClosed
    return replace(assignment, cancelled_at=now)


def adjusted(assignment: Assignment, total: int, now: datetime) -> Assignment:
    """It has so many sessions from now on (D23).

    ``AssignmentClosed``, ``SessionsTaken`` with the ``least``, ``SessionsNotCovered``.
    """
    if assignment.state_at(now) in (AssignmentState.EXPIRED, AssignmentState.CANCELLED):
        raise AssignmentClosed
    least = max(1, len(assignment.held) + len(assignment.used)) + assignment.withdrawn
    if total < least:
        raise SessionsTaken(field="total_sessions", least=least)
    services = [CoveredService(package_id=each.package.id, count=each.count) for each in assignment.covers]
    check_all_usable(services, total)
    added = total - assignment.total
    return replace(assignment, total=total, adjusted=assignment.adjusted + added)


def check_paid_back(assignment: Assignment, money: Money) -> None:
    """``money`` can go back of what it was sold for at the desk; an order's goes back by its refund.

    ``NotPaidAtDesk``, ``CurrencyMismatch``, ``RefundTooLarge``.
    """
    price = assignment.price
    if price is None or assignment.order_id is not None:
        raise NotPaidAtDesk(field="paid_back")
    if money.currency != price.currency:
        raise CurrencyMismatch(field="paid_back.currency")
    if money.amount > price.amount:
        raise RefundTooLarge(field="paid_back.amount", left=price.amount)
