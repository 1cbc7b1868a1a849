"""What the report of sessions (B46, V24) prints of one that is over, frozen when it ended."""

from datetime import datetime

import msgspec

from chalicelib.booking.model import Booking
from chalicelib.catalogue.model import Service
from chalicelib.sessions import rules
from chalicelib.sessions.model import EndedBy, Session

SESSION_REPORTED = "report.session"


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One booking's meeting; ``missed`` where the customer never came. Minutes are whole ones.

    How late is ``None`` for who never joined. It is session ``ordinal`` of a package's ``total``, as booked.
    """

    booking_id: str
    platform_id: str
    customer_id: str
    expert_id: str
    package_id: str
    package_title: str
    service: Service | None
    starts_at: datetime
    duration_minutes: int
    missed: bool
    ended_at: datetime
    ended_by: EndedBy
    customer_minutes: int
    expert_minutes: int
    customer_late_minutes: int | None
    expert_late_minutes: int | None
    overrun_minutes: int
    extended_minutes: int
    ordinal: int | None = None
    total: int | None = None


def line_of(booking: Booking, session: Session, ended_at: datetime) -> SessionLine:
    """The line of a session that has ended, or that nobody had joined by ``ended_at``."""
    figures = rules.figures(session, session.ended_at or booking.ends_at)
    return SessionLine(
        booking_id=booking.id,
        platform_id=booking.platform_id,
        customer_id=booking.customer_id,
        expert_id=booking.expert_id,
        package_id=booking.package.id,
        package_title=booking.package.title,
        service=session.service,
        starts_at=session.starts_at,
        duration_minutes=session.duration_minutes,
        missed=session.customer_joined_at is None,
        ended_at=ended_at,
        ended_by=session.ended_by or EndedBy.CLOCK,
        extended_minutes=session.extended_minutes,
        ordinal=booking.ordinal,
        total=booking.total,
        **msgspec.structs.asdict(figures),
    )
