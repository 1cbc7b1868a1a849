"""An expert's day, a package's sessions and a meeting follow what their booking says."""

from msgspec.structs import replace

from chalicelib.assignments import store as assignment_store
from chalicelib.assignments.model import Assignment, Draw
from chalicelib.booking import store
from chalicelib.booking.drafts import sessions_of
from chalicelib.booking.model import Booking, BookingState
from chalicelib.calendar import store as calendar_store
from chalicelib.calendar.model import Agenda, Taken
from chalicelib.calendar.zones import utc_days
from chalicelib.platforms.model import Platform
from chalicelib.sessions import store as session_store
from chalicelib.sessions.model import EndedBy, Session, SessionState
from chalicelib.table import keys
from chalicelib.table.read import Loaded
from chalicelib.verifier.agendas import runs_until
from chalicelib.verifier.bookings import drawn_as
from chalicelib.verifier.repair.mending import CannotRepair, Mended, NothingToRepair, Task, mend
from chalicelib.verifier.repair.refold import journal
from chalicelib.wallet.model import CREDIT


def mend_time(task: Task) -> str:
    """One booking's claim on one day of its expert: put where it is missing, taken where it is nobody's."""
    platform_id, expert_id, day = task.words
    booking_id, place = task.difference.subject, keys.agenda(*task.words)

    def decide(loaded: Loaded) -> Mended:
        booking = loaded.get(keys.booking(platform_id, booking_id), Booking)
        session = loaded.get(keys.session(platform_id, booking_id), Session)
        agenda = loaded.get(place, Agenda) or Agenda(platform_id=platform_id, expert_id=expert_id, day=day)
        others = [claim for claim in agenda.taken if claim.claim_id != booking_id]
        wanted = _claims(booking, session, expert_id, day)
        if any(_overlap(claim, other) for claim in wanted for other in others):
            raise CannotRepair("somebody else has this time")
        taken = sorted([*others, *wanted], key=lambda claim: claim.starts_at)
        if taken == sorted(agenda.taken, key=lambda claim: claim.starts_at):
            raise NothingToRepair
        return Mended(
            did=f"{booking_id} {'has its time' if wanted else 'gave its time back'} on {day}",
            subject_id=expert_id,
            writes=[calendar_store.saved_agenda(replace(agenda, taken=taken))],
        )

    wanted_keys = [keys.booking(platform_id, booking_id), keys.session(platform_id, booking_id), place]
    return mend(task, wanted_keys, decide)


def mend_draw(task: Task) -> str:
    """One booking's session of a package: held, used or neither, as the booking stands."""
    platform_id, booking_id = task.words
    key = keys.assignment(platform_id, task.difference.subject)

    def decide(loaded: Loaded) -> Mended:
        booking = loaded.get(keys.booking(platform_id, booking_id), Booking)
        stored = loaded.get(key, Assignment) or _bought(booking, task.difference.subject)
        drawn = _drawn_again(stored, booking, booking_id)
        if drawn == stored:
            raise NothingToRepair
        if len(drawn.held) + len(drawn.used) > drawn.total:
            raise CannotRepair("the package holds no more sessions")
        if booking is None and _is_paid(stored, booking_id):
            raise CannotRepair("credits were taken for the lost booking, which bought the package")
        did = f"{stored.id} has {len(drawn.held)} held and {len(drawn.used)} used, by {booking_id}"
        return Mended(did=did, subject_id=stored.customer_id, writes=[assignment_store.saved(drawn)])

    return mend(task, [keys.booking(platform_id, booking_id), key], decide)


def mend_listing(task: Task) -> str:
    """A package is listed for each whom it concerns, and one that is lost is not."""
    platform_id, assignment_id = task.words
    person, key = task.difference.subject, keys.assignment(platform_id, assignment_id)
    place = keys.assigned(platform_id, person, assignment_id)

    def decide(loaded: Loaded) -> Mended:
        assignment = loaded.get(key, Assignment)
        listed = loaded.get(place, assignment_store.Assigned)
        if (assignment is None) == (listed is None):
            raise NothingToRepair
        if listed:
            did, write = (
                f"{assignment_id} is lost, and listed no more",
                assignment_store.unlisted(place, listed),
            )
        elif assignment:
            did, write = f"{assignment_id} is listed again", assignment_store.listed(assignment, person)
        return Mended(did=did, subject_id=person, writes=[write])

    return mend(task, [key, place], decide)


def mend_session(task: Task) -> str:
    """A meeting that ended closes its booking, and a booking that is closed ends its meeting."""
    platform_id, booking_id = task.words
    booking_key, session_key = keys.booking(platform_id, booking_id), keys.session(platform_id, booking_id)
    platform_key = keys.platform(platform_id)

    def decide(loaded: Loaded) -> Mended:
        platform = loaded.get(platform_key, Platform)
        booking, session = loaded.get(booking_key, Booking), loaded.get(session_key, Session)
        if platform is None or booking is None or session is None:
            raise CannotRepair("the booking or its meeting is lost")
        if session.state is SessionState.ENDED and booking.state is BookingState.CONFIRMED:
            closed = _closed_as(booking, session)
            did, write = f"{booking_id} is {closed.state}, as its meeting", store.closed_booking(closed)
        elif session.state is SessionState.RUNNING and booking.closed_at is not None:
            write = session_store.saved(_ended(session, booking), platform)
            did = f"the meeting of {booking_id} ended when the booking was closed"
        else:
            raise NothingToRepair
        return Mended(did=did, subject_id=booking.customer_id, writes=[write])

    return mend(task, [platform_key, booking_key, session_key], decide)


def _claims(booking: Booking | None, session: Session | None, expert_id: str, day: str) -> list[Taken]:
    """What the booking takes of this day, which is nothing where it does not stand."""
    if booking is None or booking.state is BookingState.CANCELLED or booking.expert_id != expert_id:
        return []
    claim = booking.claim
    until = runs_until(session) if session else None
    claim = replace(claim, ends_at=max(claim.ends_at, until or claim.ends_at))
    return [claim] if day in utc_days(claim.starts_at, claim.ends_at) else []


def _overlap(claim: Taken, other: Taken) -> bool:
    return claim.starts_at < other.ends_at and other.starts_at < claim.ends_at


def _bought(booking: Booking | None, assignment_id: str) -> Assignment:
    """A package that is lost, as the booking that was bought with it says."""
    if booking is None or booking.sale is None or booking.assignment_id != assignment_id:
        raise CannotRepair("the package is lost, and no booking says what it was")
    return replace(sessions_of(booking, booking.sale), id=assignment_id)


def _is_paid(assignment: Assignment, booking_id: str) -> bool:
    lines = journal(assignment.platform_id, assignment.customer_id, CREDIT)
    return sum(each.line.net_amount for each in lines if each.reference.get("booking_id") == booking_id) < 0


def _drawn_again(stored: Assignment, booking: Booking | None, booking_id: str) -> Assignment:
    held = [draw for draw in stored.held if draw.booking_id != booking_id]
    used = [draw for draw in stored.used if draw.booking_id != booking_id]
    if booking and booking.assignment_id == stored.id and booking.ordinal is not None:
        draw = Draw(booking_id=booking_id, package_id=booking.package.id, ordinal=booking.ordinal)
        state = drawn_as(booking)
        held += [draw] if state == "held" else []
        used += [draw] if state == "used" else []
    drawn = replace(stored, held=held, used=used)
    return stored if _draws(drawn) == _draws(stored) and stored.version else drawn


def _draws(assignment: Assignment) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    held, used = (
        {(draw.booking_id, draw.ordinal) for draw in draws} for draws in (assignment.held, assignment.used)
    )
    return held, used


def _closed_as(booking: Booking, session: Session) -> Booking:
    """Completed where the customer came, else missed."""
    came = session.customer_joined_at is not None
    state = BookingState.COMPLETED if came else BookingState.MISSED
    return booking.closed(state, session.ended_at or booking.ends_at)


def _ended(session: Session, booking: Booking) -> Session:
    """By the clock where it was its instant; else by somebody, for whom the operator stands."""
    by = EndedBy.CLOCK if booking.closed_at == session.due_end else EndedBy.ADMIN
    return replace(session, state=SessionState.ENDED, ended_at=booking.closed_at, ended_by=by, wakes_at=None)
