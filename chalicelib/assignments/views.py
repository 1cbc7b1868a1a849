"""The outward shapes of packages of sessions."""

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct

from chalicelib.assignments.model import Assignment
from chalicelib.catalogue.model import AppointmentPackage, AppointmentType, HowItEnds, Service, WhenItEnds

Limit = Annotated[int, Meta(ge=1, le=100)]
Cursor = Annotated[str, Meta(max_length=2048)]


class BookedPackageView(Struct, frozen=True, kw_only=True):
    """The package as it was sold (E39)."""

    id: str
    title: str
    appointment_type: AppointmentType
    service: Service | None
    duration_minutes: int
    break_minutes: int
    sessions: int
    how_it_ends: HowItEnds
    when_it_ends: WhenItEnds

    @classmethod
    def of(cls, package: AppointmentPackage) -> Self:
        return cls(**{name: getattr(package, name) for name in cls.__struct_fields__})


class AssignmentView(Struct, frozen=True, kw_only=True):
    """``left`` may still be booked; ``held`` are booked, and ``used`` were held or missed."""

    id: str
    expert_id: str
    package: BookedPackageView
    total: int
    held: int
    used: int
    left: int
    created_at: datetime
    version: int

    @classmethod
    def of(cls, assignment: Assignment) -> Self:
        return cls(
            id=assignment.id,
            expert_id=assignment.expert_id,
            package=BookedPackageView.of(assignment.package),
            total=assignment.total,
            held=len(assignment.held),
            used=len(assignment.used),
            left=assignment.left,
            created_at=assignment.created_at,
            version=assignment.version,
        )


class AssignmentsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of one's own."""

    limit: Limit = 50
    cursor: Cursor | None = None


class AssignmentsView(Struct, frozen=True, kw_only=True):
    """Oldest first."""

    items: list[AssignmentView]
    cursor: str | None
