"""What leaves with a step of a session: notices for its two parties, and its line of the report."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from msgspec.structs import replace

from chalicelib.booking.model import Booking, Who
from chalicelib.feed.model import NoticeKind
from chalicelib.feed.service import notice
from chalicelib.sessions.lines import SESSION_REPORTED, line_of
from chalicelib.sessions.model import MAX_STAYS, EndedBy, Party, Session
from chalicelib.table.operation import Effect
from chalicelib.telephony.calls import call_effect


def news(before: Session, after: Session, now: datetime) -> list[Effect]:
    """The notices of one step, in the order in which the things happened."""
    return [*_of_presence(before, after), *_of_extension(before, after, now), *_of_end(before, after)]


def reported(booking: Booking, session: Session, ended_at: datetime) -> Effect:
    """The session is over: its line of the report (B46)."""
    line = line_of(booking, session, ended_at)
    return Effect(kind=SESSION_REPORTED, payload=msgspec.to_builtins(line))


def called(booking: Booking, before: Session, after: Session) -> list[Effect]:
    """A session by phone: both are called when both are there, and hung up on at its end."""
    began = after.both_joined and not before.both_joined
    ended = after.both_joined and after.ended_at is not None and before.ended_at is None
    return [call_effect(booking.id)] if booking.by_phone and (began or ended) else []


def missed(booking: Booking, at: datetime, by: EndedBy = EndedBy.CLOCK) -> list[Effect]:
    """Nobody came, says the clock, or somebody's hand: the line of the report, and both are told."""
    line = reported(booking, replace(Session.waiting(booking), ended_by=by), at)
    people = (booking.customer_id, booking.expert_id)
    return [line, *(notice(each, NoticeKind.BOOKING_MISSED, at, booking_id=booking.id) for each in people)]


def marked_missed(booking: Booking, by: Who, at: datetime) -> list[Effect]:
    """The same where the expert, or an admin, has marked it."""
    return missed(booking, at, EndedBy.EXPERT if by is Who.EXPERT else EndedBy.ADMIN)


def _of_presence(before: Session, after: Session) -> Iterator[Effect]:
    if len(before.stays) >= MAX_STAYS:
        return  # a line that breaks all the time is no news any more
    for place, stay in enumerate(after.stays):
        other = _account(after, _other(stay.party))
        what = {"booking_id": after.booking_id, "party": stay.party.value}
        if place >= len(before.stays):
            yield notice(other, NoticeKind.PARTY_JOINED, stay.joined_at, **what)
        elif stay.left_at and before.stays[place].left_at is None and after.ended_at is None:
            yield notice(other, NoticeKind.PARTY_LEFT, stay.left_at, **what)
    if after.cut_short and not before.cut_short and after.customer_joined_at:
        yield from _to_both(after, NoticeKind.CUT_SHORT, after.customer_joined_at, due_end=after.due_end)


def _of_extension(before: Session, after: Session, now: datetime) -> Iterator[Effect]:
    if after.extension and after.extension != before.extension:
        asked = after.extension
        other = _account(after, _other(asked.asked_by))
        yield notice(
            other,
            NoticeKind.EXTENSION_ASKED,
            asked.asked_at,
            booking_id=after.booking_id,
            minutes=asked.minutes,
        )
    if minutes := after.extended_minutes - before.extended_minutes:
        yield from _to_both(after, NoticeKind.EXTENSION_AGREED, now, minutes=minutes, due_end=after.due_end)


def _of_end(before: Session, after: Session) -> Iterator[Effect]:
    if after.notified_at and before.notified_at != after.notified_at:
        yield notice(
            after.expert_id,
            NoticeKind.TIME_IS_UP,
            after.notified_at,
            booking_id=after.booking_id,
            due_end=after.due_end,
            ends_at=after.wakes_at,
        )
    if after.ended_at and before.ended_at is None:
        by = after.ended_by and after.ended_by.value
        yield from _to_both(
            after, NoticeKind.SESSION_ENDED, after.ended_at, ended_at=after.ended_at, ended_by=by
        )


def _to_both(
    session: Session, kind: NoticeKind, at: datetime, **data: str | int | datetime | None
) -> Iterator[Effect]:
    for person in (session.customer_id, session.expert_id):
        yield notice(person, kind, at, booking_id=session.booking_id, **data)


def _other(party: Party) -> Party:
    return Party.EXPERT if party is Party.CUSTOMER else Party.CUSTOMER


def _account(session: Session, party: Party) -> str:
    return session.customer_id if party is Party.CUSTOMER else session.expert_id
