"""The outward shapes of packages of sessions."""

from datetime import datetime
from typing import Annotated, Literal, Self

from msgspec import Meta, Struct

from chalicelib.assignments.model import Assignment, AssignmentState, Cover, Source
from chalicelib.catalogue.model import AppointmentPackage, AppointmentType, HowItEnds, Service, WhenItEnds
from chalicelib.catalogue.session_package_views import Sessions
from chalicelib.catalogue.views import PackageId, Price
from chalicelib.orders.views import MAX_PARTICIPANTS, ParticipantRequest, Reason

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


class ServiceLeftView(Struct, frozen=True, kw_only=True):
    """A covered service: ``left`` of its own ``count``, or of the sessions that all services share."""

    package: BookedPackageView
    count: int | None
    held: int
    used: int
    left: int


class SessionDrawnView(Struct, frozen=True, kw_only=True):
    """One session that a booking took, number ``ordinal`` of all."""

    booking_id: str
    package_id: str
    ordinal: int
    state: Literal["held", "used"]


class ParticipantView(Struct, frozen=True, kw_only=True):
    """Who may come; one with an account sees the package, and books for himself."""

    name: str
    account_id: str | None


class AssignmentView(Struct, frozen=True, kw_only=True):
    """``left`` may still be booked; ``held`` are booked, and ``used`` were held or missed (D15, D16).

    ``withdrawn`` of the ``total`` went back with their money; of those that are booked, when they come free.
    ``customer_id`` bought it, or was given it. ``sessions`` are by their number.
    """

    id: str
    customer_id: str
    source: Source
    product_id: str
    name: str
    state: AssignmentState
    expert_id: str | None
    services: list[ServiceLeftView]
    total: int
    held: int
    used: int
    withdrawn: int
    left: int
    participants: list[ParticipantView]
    sessions: list[SessionDrawnView]
    created_at: datetime
    expires_at: datetime | None
    version: int

    @classmethod
    def of(cls, assignment: Assignment, now: datetime) -> Self:
        return cls(
            id=assignment.id,
            customer_id=assignment.customer_id,
            source=assignment.source,
            product_id=assignment.product_id,
            name=assignment.name,
            state=assignment.state_at(now),
            expert_id=assignment.expert_id,
            services=[_service(assignment, cover) for cover in assignment.covers],
            total=assignment.total,
            held=len(assignment.held),
            used=len(assignment.used),
            withdrawn=assignment.withdrawn,
            left=assignment.left,
            participants=[
                ParticipantView(name=each.name, account_id=each.account_id)
                for each in assignment.participants
            ],
            sessions=_sessions(assignment),
            created_at=assignment.created_at,
            expires_at=assignment.expires_at,
            version=assignment.version,
        )


def _service(assignment: Assignment, cover: Cover) -> ServiceLeftView:
    package_id = cover.package.id
    return ServiceLeftView(
        package=BookedPackageView.of(cover.package),
        count=cover.count,
        held=sum(draw.package_id == package_id for draw in assignment.held),
        used=sum(draw.package_id == package_id for draw in assignment.used),
        left=assignment.left_of(package_id),
    )


def _sessions(assignment: Assignment) -> list[SessionDrawnView]:
    used = {draw.booking_id for draw in assignment.used}
    return [
        SessionDrawnView(
            booking_id=draw.booking_id,
            package_id=draw.package_id,
            ordinal=draw.ordinal,
            state="used" if draw.booking_id in used else "held",
        )
        for draw in sorted([*assignment.held, *assignment.used], key=lambda each: each.ordinal)
    ]


class AssignmentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which package, and how many sessions (D7, D23).

    What was ``paid`` at the desk is the definition's price where nothing is said, or it is ``on_the_house``.
    """

    session_package_id: PackageId
    total_sessions: Sessions | None = None
    participants: Annotated[list[ParticipantRequest], Meta(max_length=MAX_PARTICIPANTS)] = []
    paid: Price | None = None
    on_the_house: bool = False
    note: Annotated[str, Meta(max_length=500)] = ""


class AssignmentCancelRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take back what is not booked; ``paid_back`` is what the client got back of the price at the desk."""

    reason: Reason
    paid_back: Price | None = None


class AssignmentAdjustmentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many sessions it has from now on, used and booked ones among them (D23)."""

    total_sessions: Sessions
    reason: Reason


class AssignmentsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of somebody's packages."""

    limit: Limit = 50
    cursor: Cursor | None = None


class AssignmentsView(Struct, frozen=True, kw_only=True):
    """Oldest first."""

    items: list[AssignmentView]
    cursor: str | None
