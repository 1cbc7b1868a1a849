"""The outward shape of a session."""

from datetime import datetime
from typing import Annotated, Any, Self

from msgspec import Meta, Struct

from chalicelib.catalogue.model import HowItEnds, Service, WhenItEnds
from chalicelib.sessions.model import CallState, EndedBy, Extension, Party, Session, SessionState, Stay


class ExtensionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    minutes: Annotated[int, Meta(ge=1, le=120, description="How much longer than `due_end`.")]


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
    present: Annotated[list[Party], Meta(description="Who is there now.")]
    stays: Annotated[list[Stay], Meta(description="Who was there, from when to when.")]
    due_end: Annotated[datetime, Meta(description="When the time is up, as things stand.")]
    cut_short: Annotated[
        bool, Meta(description="The expert's next booking begins before the full service time is up.")
    ]
    extension: Annotated[
        Extension | None, Meta(description="What one party asks for; the other agrees by asking the same.")
    ]
    extended_minutes: Annotated[int, Meta(description="By how much both agreed to extend it, in all.")]
    notified_at: Annotated[datetime | None, Meta(description="When the expert was told that the time is up.")]
    ended_at: datetime | None
    ended_by: EndedBy | None
    call: Annotated[
        CallState | None,
        Meta(description="By phone: both are called as soon as both have joined; refused, it is not made."),
    ]
    ordinal: Annotated[int | None, Meta(description="Which of a package's sessions it is.")]
    total: Annotated[int | None, Meta(description="How many sessions the package had when it was booked.")]
    meeting_url: Annotated[
        str | None, Meta(description="Where the parties meet; for them alone, and while it runs.")
    ]
    version: int

    @classmethod
    def of(cls, session: Session, meeting_url: str | None = None, *, call_refused: bool = False) -> Self:
        derived: dict[str, Any] = {
            "call": CallState.REFUSED if call_refused else session.call,
            "present": [party for party in Party if session.is_present(party)],
            "meeting_url": meeting_url,
        }
        names = set(cls.__struct_fields__) - derived.keys()
        return cls(**{name: getattr(session, name) for name in names} | derived)
