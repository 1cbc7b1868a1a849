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
    MAX_EXTENDED_MINUTES,
    MAX_STAYS,
    CustomerNotJoined,
    EndedBy,
    Extension,
    ExtensionNotFree,
    ExtensionTooLong,
    ExtensionTooShort,
    JoinTooEarly,
    NotBothJoined,
    Party,
    Session,
    SessionOver,
    SessionState,
    Stay,
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


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a session came to (B46), in whole minutes; how late is ``None`` for who never joined.

    ``overrun_minutes``: how long it ran past the appointment's end as booked; one that the customer never
    came to did not run.
    """

    customer_minutes: int
    expert_minutes: int
    customer_late_minutes: int | None
    expert_late_minutes: int | None
    overrun_minutes: int


def joined(
    session: Session, party: Party, now: datetime, limits: Limits, next_taken: datetime | None
) -> Session:
    """The session with the party in it: his first join counts, and the same session where he is there.

    ``next_taken`` is when the expert's next booking begins. ``JoinTooEarly``, ``SessionOver``.
    """
    _check_open(session, now, limits)
    if session.is_present(party):
        return session
    session = _entered(session, party, now)
    if session.joined_at(party) is not None:
        return session
    if party is Party.CUSTOMER:
        return _with_due_end(replace(session, customer_joined_at=now), limits, next_taken)
    session = replace(session, expert_joined_at=now)
    # Since the customer came the end stands: until then the expert's time is taken, and no longer.
    return session if session.customer_joined_at else _with_due_end(session, limits, next_taken)


def left(session: Session, party: Party, now: datetime) -> Session:
    """The session without the party; the same session where he is not there, or it is over."""
    if session.state is SessionState.ENDED:
        return session
    stays = [_closed(stay, now) if stay.party is party else stay for stay in session.stays]
    return replace(session, stays=stays)


def extended(
    session: Session, party: Party, minutes: int, now: datetime, limits: Limits, next_taken: datetime | None
) -> Session:
    """What the party asks for, or, where it is what the other has asked for, the session with a later end.

    The time counts from ``due_end``, and the clock gets a new generation. ``SessionOver``, ``NotBothJoined``,
    ``ExtensionTooShort``, ``ExtensionTooLong``, ``ExtensionNotFree``.
    """
    due_end = session.due_end + timedelta(minutes=minutes)
    _check_extensible(session, minutes, due_end, now, limits, next_taken)
    asked = session.extension
    if asked is None or asked.asked_by is party or asked.minutes != minutes:
        return replace(session, extension=Extension(minutes=minutes, asked_by=party, asked_at=now))
    return replace(
        session,
        due_end=due_end,
        wakes_at=due_end,
        generation=session.generation + 1,
        notified_at=None,
        extension=None,
        extended_minutes=session.extended_minutes + minutes,
    )


def figures(session: Session, until: datetime) -> Figures:
    """What the session came to, in whole minutes, so far as ``until``."""
    return Figures(
        customer_minutes=_there(session, Party.CUSTOMER, until),
        expert_minutes=_there(session, Party.EXPERT, until),
        customer_late_minutes=_late(session, Party.CUSTOMER),
        expert_late_minutes=_late(session, Party.EXPERT),
        overrun_minutes=_overrun(session, until),
    )


def together(session: Session) -> timedelta:
    """From when both had joined until the end; that is how long a call was held open, whoever left (E7)."""
    if session.ended_at is None or session.customer_joined_at is None or session.expert_joined_at is None:
        return timedelta()
    return max(timedelta(), session.ended_at - max(session.customer_joined_at, session.expert_joined_at))


def whole_minutes(time: timedelta) -> int:
    return time // timedelta(minutes=1)


def starts_full_time(session: Session, party: Party) -> bool:
    """Whether this join starts the full service time, which can run into the expert's next slot (E28)."""
    is_first = party is Party.CUSTOMER and session.customer_joined_at is None
    return is_first and session.when_it_ends is WhenItEnds.FULL_SERVICE_TIME


def woken(session: Session, now: datetime, limits: Limits, next_taken: datetime | None = None) -> Session:
    """The session after all that its clock has to do by now; the same session where that is nothing.

    One that waits for its expert ends at the safety limit (E38), or where his next booking begins (E37).

    Whenever this is asked, what it writes down are the instants at which things were due.
    """
    if session.wakes_at is None or now < session.wakes_at:
        return session
    if session.notified_at is None and _waits_for_expert(session):
        limit = session.due_end + limits.safety
        notified = replace(
            session,
            notified_at=session.due_end,
            wakes_at=limit if next_taken is None else max(session.due_end, min(limit, next_taken)),
            generation=session.generation + 1,
        )
        return woken(notified, now, limits)
    return _ended(session, EndedBy.CLOCK, session.wakes_at)


def ended_by_hand(
    session: Session, by: EndedBy, now: datetime, limits: Limits, next_taken: datetime | None = None
) -> Session:
    """The session as the expert or an admin ends it, early or late; as the clock did, where it came first.

    ``SessionOver``; ``CustomerNotJoined``, for nobody takes away a session that the customer can still join.
    """
    if session.state is SessionState.ENDED:
        raise SessionOver
    session = woken(session, now, limits, next_taken)
    if session.state is SessionState.ENDED:
        return session
    if session.customer_joined_at is None:
        raise CustomerNotJoined
    return _ended(session, by, now)


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
    if session.notified_at is not None:
        return session.wakes_at or session.due_end
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


def _entered(session: Session, party: Party, now: datetime) -> Session:
    """He is there again. Beyond the last place for a stay, his last one goes on as if he had not left."""
    if len(session.stays) < MAX_STAYS:
        return replace(session, stays=[*session.stays, Stay(party=party, joined_at=now)])
    places = [place for place, stay in enumerate(session.stays) if stay.party is party]
    if not places:
        return session
    last = places[-1]
    reopened = replace(session.stays[last], left_at=None)
    return replace(session, stays=[*session.stays[:last], reopened, *session.stays[last + 1 :]])


def _closed(stay: Stay, at: datetime) -> Stay:
    return stay if stay.left_at is not None else replace(stay, left_at=at)


def _check_extensible(
    session: Session,
    minutes: int,
    due_end: datetime,
    now: datetime,
    limits: Limits,
    next_taken: datetime | None,
) -> None:
    if session.state is SessionState.ENDED or now >= _closes_at(session, limits):
        raise SessionOver
    if not session.both_joined:
        raise NotBothJoined
    if due_end <= now:
        raise ExtensionTooShort(field="minutes")
    if session.extended_minutes + minutes > MAX_EXTENDED_MINUTES:
        raise ExtensionTooLong(field="minutes")
    if next_taken is not None and next_taken < due_end:
        raise ExtensionNotFree(field="minutes", free_until=stamp(next_taken))


def _there(session: Session, party: Party, until: datetime) -> int:
    """How long he was there; what he stayed on after the end does not count."""
    stays = [stay for stay in session.stays if stay.party is party]
    spans = [min(stay.left_at or until, until) - min(stay.joined_at, until) for stay in stays]
    return whole_minutes(sum(spans, timedelta()))


def _late(session: Session, party: Party) -> int | None:
    """How late he first joined; none where he never did."""
    joined_at = session.joined_at(party)
    return None if joined_at is None else max(0, whole_minutes(joined_at - session.starts_at))


def _overrun(session: Session, until: datetime) -> int:
    return max(0, whole_minutes(until - session.scheduled_end)) if session.customer_joined_at else 0


def _waits_for_expert(session: Session) -> bool:
    """Where the customer never came there is nothing for the expert to end."""
    return session.how_it_ends is HowItEnds.BY_EXPERT and session.customer_joined_at is not None


def _ended(session: Session, by: EndedBy, at: datetime) -> Session:
    notified_at = session.notified_at or (session.due_end if at >= session.due_end else None)
    return replace(
        session,
        state=SessionState.ENDED,
        ended_by=by,
        ended_at=at,
        notified_at=notified_at,
        wakes_at=None,
        stays=[_closed(stay, at) for stay in session.stays],
        extension=None,
    )
