"""The outward shape of a session."""

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct

from chalicelib.catalogue.model import HowItEnds, Service, WhenItEnds
from chalicelib.sessions.model import EndedBy, Session, SessionState


class SessionView(Struct, frozen=True, kw_only=True):
    """Every instant is the server's (E40), by the platform's clock."""

    booking_id: str
    customer_id: str
    expert_id: str
    service: Annotated[
        Service | None, Meta(description="Active for both parties; none if they meet in person.")
    ]
    starts_at: datetime
    duration_minutes: int
    how_it_ends: HowItEnds
    when_it_ends: WhenItEnds
    state: SessionState
    customer_joined_at: datetime | None
    expert_joined_at: datetime | None
    due_end: Annotated[datetime, Meta(description="When the time is up, as things stand.")]
    cut_short: Annotated[
        bool, Meta(description="The expert's next booking begins before the full service time is up.")
    ]
    notified_at: Annotated[datetime | None, Meta(description="When the expert was told that the time is up.")]
    ended_at: datetime | None
    ended_by: EndedBy | None
    version: int

    @classmethod
    def of(cls, session: Session) -> Self:
        return cls(**{name: getattr(session, name) for name in cls.__struct_fields__})
