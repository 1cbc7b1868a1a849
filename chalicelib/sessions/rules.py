"""When a session may be joined, when its time is up, and who ends it. Pure: ``(session, request, now)``.

The four combinations of E36 stand here: how it ends (by the clock, or by the expert's hand with a safety
limit) times when it ends (at the appointment's end, or when the full service time is used up).
"""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from chalicelib.catalogue.model import HowItEnds, WhenItEnds
from chalicelib.core.clock import stamp
from chalicelib.sessions.model import (
    CustomerNotJoined,
    EndedBy,
    JoinTooEarly,
    Party,
    Session,
    SessionOver,
    SessionState,
)

# A schedule fires within a minute of its time and must not be made for a past one; below this the sweeper is
# as quick, so none is made.
TIMER_MARGIN = timedelta(minutes=2)
# How long the sweeper leaves a session to its timer.
TIMER_GRACE = timedelta(seconds=45)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The platform's settings on sessions.

    ``join_early``: before the start; ``safety``: after the due end (E38); ``no_show``: after the booked end.
    """

    join_early: timedelta
    safety: timedelta
    no_show: timedelta


def joined(
    session: Session, party: Party, now: datetime, limits: Limits, next_taken: datetime | None
) -> Session:
    """The session with the party's first join in it; the same session where he comes again.

    ``next_taken`` is when the expert's next booking begins. ``JoinTooEarly``, ``SessionOver``.
    """
    _check_open(session, now, limits)
    if session.joined_at(party) is not None:
        return session
    if party is Party.CUSTOMER:
        session = replace(session, customer_joined_at=now)
    else:
        session = replace(session, expert_joined_at=now)
    return _with_due_end(session, limits, next_taken)


def starts_full_time(session: Session, party: Party) -> bool:
    """Whether this join starts the full service time, which can run into the expert's next slot (E28)."""
    is_first = party is Party.CUSTOMER and session.customer_joined_at is None
    return is_first and session.when_it_ends is WhenItEnds.FULL_SERVICE_TIME


def woken(session: Session, now: datetime, limits: Limits) -> Session:
    """The session after all that its clock has to do by now; the same session where that is nothing.

    Whenever this is asked, what it writes down are the instants at which things were due.
    """
    if session.wakes_at is None or now < session.wakes_at:
        return session
    if session.notified_at is None and _waits_for_expert(session):
        notified = replace(
            session,
            notified_at=session.due_end,
            wakes_at=session.due_end + limits.safety,
            generation=session.generation + 1,
        )
        return woken(notified, now, limits)
    return _ended(session, EndedBy.CLOCK, session.wakes_at)


def ended_by_hand(session: Session, by: EndedBy, now: datetime, limits: Limits) -> Session:
    """The session as the expert or an admin ends it, early or late; as the clock did, where it came first.

    ``SessionOver``; ``CustomerNotJoined``, for nobody takes away a session that the customer can still join.
    """
    if session.state is SessionState.ENDED:
        raise SessionOver
    session = woken(session, now, limits)
    if session.state is SessionState.ENDED:
        return session
    if session.customer_joined_at is None:
        raise CustomerNotJoined
    return _ended(session, by, now)


def is_missed(ends_at: datetime, now: datetime, limits: Limits) -> bool:
    """Whether a booking that nobody has joined is given up."""
    return now >= ends_at + limits.no_show


def needs_timer(due_at: datetime, now: datetime) -> bool:
    """Whether a schedule is made for what is due then; both instants in real time."""
    return due_at - now > TIMER_MARGIN


def _check_open(session: Session, now: datetime, limits: Limits) -> None:
    opens_at = session.starts_at - limits.join_early
    if now < opens_at:
        raise JoinTooEarly(opens_at=stamp(opens_at))
    if session.state is SessionState.ENDED or now >= _closes_at(session, limits):
        raise SessionOver


def _closes_at(session: Session, limits: Limits) -> datetime:
    """Until the customer has joined, the appointment's end; then the end of the session itself."""
    if session.customer_joined_at is None:
        return session.scheduled_end
    return session.due_end + limits.safety if _waits_for_expert(session) else session.due_end


def _with_due_end(session: Session, limits: Limits, next_taken: datetime | None) -> Session:
    due_end, cut_short = _due_end(session, limits, next_taken)
    if session.generation > 0 and due_end == session.due_end:
        return session
    return replace(
        session,
        due_end=due_end,
        wakes_at=due_end,
        cut_short=cut_short,
        generation=session.generation + 1,
    )


def _due_end(session: Session, limits: Limits, next_taken: datetime | None) -> tuple[datetime, bool]:
    """When the time is up, and whether the expert's next booking is the reason.

    Under full service time it is not known before the customer joins; until then it is when the booking
    would be given up.
    """
    if session.when_it_ends is WhenItEnds.SCHEDULED_END:
        return session.scheduled_end, False
    if session.customer_joined_at is None:
        return session.scheduled_end + limits.no_show, False
    full = max(session.starts_at, session.customer_joined_at) + session.duration
    if next_taken is not None and next_taken < full:
        return next_taken, True
    return full, False


def _waits_for_expert(session: Session) -> bool:
    """Where the customer never came there is nothing for the expert to end."""
    return session.how_it_ends is HowItEnds.BY_EXPERT and session.customer_joined_at is not None


def _ended(session: Session, by: EndedBy, at: datetime) -> Session:
    notified_at = session.notified_at or (session.due_end if at >= session.due_end else None)
    return replace(
        session, state=SessionState.ENDED, ended_by=by, ended_at=at, notified_at=notified_at, wakes_at=None
    )
