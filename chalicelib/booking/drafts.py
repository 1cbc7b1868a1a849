"""A booking as it is made: of the package that is sold, or on a session of one, and what is noted of it."""

from datetime import UTC, datetime, timedelta

import msgspec
from msgspec.structs import replace

from chalicelib.assignments.model import Assignment, Cover, Draw, Source
from chalicelib.assignments.service import Drawing
from chalicelib.booking import policy
from chalicelib.booking.model import Booking
from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.core.ids import new_id
from chalicelib.orders.lines import Sale
from chalicelib.platforms.model import Platform


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """What is noted of a booking as it is made."""

    customer: str = ""
    admin: str = ""


def confirmed(
    platform: Platform,
    customer_id: str,
    expert_id: str,
    package: AppointmentPackage,
    starts_at: datetime,
    notes: Notes,
) -> Booking:
    """A booking of the package as it is sold now (E39), which is still to be claimed and paid."""
    start, now = starts_at.astimezone(UTC), platform.now()
    return Booking(
        id=new_id("bkg"),
        platform_id=platform.id,
        customer_id=customer_id,
        expert_id=expert_id,
        package=package,
        starts_at=start,
        ends_at=start + timedelta(minutes=package.duration_minutes),
        paid_with="credits",
        created_at=now,
        remind_at=policy.next_reminder(start, now, platform.settings),
        customer_note=notes.customer,
        admin_note=notes.admin,
    )


def sessions_of(booking: Booking, sale: Sale) -> Assignment:
    """What the sale gives: the package's sessions, none of them drawn yet."""
    return Assignment(
        id=new_id("asg"),
        platform_id=booking.platform_id,
        customer_id=booking.customer_id,
        source=Source.APPOINTMENT_PACKAGE,
        product_id=booking.package.id,
        name=booking.package.title,
        covers=[Cover(package=booking.package)],
        expert_id=booking.expert_id,
        sale_id=sale.id,
        order_id=booking.order_id,
        total=booking.package.sessions,
        created_at=sale.sold_at,
    )


def on_package(booking: Booking, drawn: Drawing, draw: Draw) -> Booking:
    """The booking with the session that it takes, and who comes; who bought is not always who comes."""
    assignment = drawn.assignment
    is_his = booking.customer_id == assignment.customer_id
    return replace(
        booking,
        paid_with="assignment",
        assignment_id=assignment.id,
        ordinal=draw.ordinal,
        total=assignment.total,
        participant=drawn.participant.name if drawn.participant else None,
        owner_id=None if is_his else assignment.customer_id,
    )
