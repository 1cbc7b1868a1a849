"""Calendar files over HTTP, read by the ``icalendar`` library: page, mail and file say one instant.

The embedded AWS keeps a mail's text and drops its attachments: what is attached is read in ``tests/store/ics``.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from infra.local.api import Api
from infra.local.people import Person
from infra.local.running import RunningStack
from tests.deployed.mailbox import mails_about
from tests.deployed.tenants import Tenant, wait_for

PLATFORM = "calendar-programs"
ZONES = ["Europe/Istanbul", "Asia/Tehran", "Europe/Berlin"]


@dataclass(frozen=True)
class Appointment:
    zone: str
    slot: dict[str, Any]
    booking: dict[str, Any]
    expert: Person
    customer: Person


@pytest.fixture(scope="module")
def tenant(stack: RunningStack) -> Tenant:
    return Tenant.create(stack, PLATFORM)


@pytest.fixture(scope="module")
def appointments(tenant: Tenant) -> list[Appointment]:
    """One customer at an expert of each zone, on the first date after the next change of Berlin's clocks."""
    customer = tenant.add("customer", "Deniz")
    credit_package, package = tenant.publish()
    for _ in range(2):
        tenant.pay(customer, credit_package)
    today = datetime.fromisoformat(tenant.admin.api.get("/v1/admin/clock")["now"]).date()
    made = []
    for zone in ZONES:
        expert = tenant.add_expert(zone.rpartition("/")[2], zone, 366)
        day = after_the_change(today) if zone == "Europe/Berlin" else today + timedelta(days=3)
        days = {"from_": day, "to_": day}
        slots = customer.api.get(f"/v1/experts/{expert.id}/slots", package_id=package, **days)["items"]
        asked = {"package_id": package, "expert_id": expert.id, "starts_at": slots[20]["starts_at"]}
        booking = customer.api.post("/v1/bookings", asked | {"pay_with": "credits"})
        made.append(Appointment(zone, slots[20], booking, expert, customer))
    return made


def after_the_change(day: date) -> date:
    """The date after the next change, by Python's own zones."""
    first = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    noons = [first + timedelta(days=count) for count in range(364)]
    return next(b.date() for a, b in pairwise(noons) if a.utcoffset() != b.utcoffset())


def event_of(appointment: Appointment) -> tuple[str, Any]:
    path = f"/v1/bookings/{appointment.booking['id']}/calendar.ics"
    calendar = icalendar.Calendar.from_ical(appointment.customer.api.call("GET", path).raw)
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


def feed(stack: RunningStack, person: Person) -> dict[str, Any]:
    """What somebody without a token reads at the person's secret address: its events by their UIDs."""
    path = person.api.post("/v1/me/feed")["path"]
    calendar = icalendar.Calendar.from_ical(Api(stack.api_url).call("GET", path).raw)
    assert str(calendar["METHOD"]) == "PUBLISH"
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def test_the_page_the_mail_the_file_and_the_feeds_say_one_instant(
    stack: RunningStack, appointments: list[Appointment]
) -> None:
    of_customer = feed(stack, appointments[0].customer)
    assert len(of_customer) == len(appointments)
    for each in appointments:
        starts_at = datetime.fromisoformat(each.booking["starts_at"])
        shown = datetime.fromisoformat(each.slot["local_start"])
        assert starts_at == shown == datetime.fromisoformat(each.slot["starts_at"])
        method, event = event_of(each)
        assert (method, event.decoded("DTSTART")) == ("PUBLISH", starts_at)
        assert event.decoded("DTEND") - starts_at == timedelta(minutes=25)
        for events in (of_customer, feed(stack, each.expert)):
            assert events[str(event["UID"])].decoded("DTSTART") == starts_at
        wall = starts_at.astimezone(ZoneInfo(each.zone))
        wait_for(lambda each=each: len(mails_about(stack, each.booking["id"])) == 2)
        for mail in mails_about(stack, each.booking["id"]):
            assert f"{wall:%H:%M}" in mail["BodyText"]
            offset = f"{wall:%z}"
            assert f"{each.zone} (UTC{offset[:3]}:{offset[3:]})" in mail["BodyText"]


def test_a_move_and_a_cancellation_keep_the_uid_and_raise_the_sequence(
    tenant: Tenant, appointments: list[Appointment]
) -> None:
    each = appointments[0]
    path = f"/v1/bookings/{each.booking['id']}"
    _, first = event_of(each)
    moved_to = datetime.fromisoformat(each.booking["starts_at"]) + timedelta(hours=1)
    tenant.admin.api.post(f"{path}/reschedule", {"starts_at": moved_to.isoformat()})
    _, second = event_of(each)
    tenant.admin.api.post(f"{path}/cancel", {})
    method, third = event_of(each)
    assert (method, str(third["STATUS"])) == ("CANCEL", "CANCELLED")
    assert first["UID"] == second["UID"] == third["UID"]
    assert first["SEQUENCE"] < second["SEQUENCE"] < third["SEQUENCE"]
    assert second.decoded("DTSTART") == third.decoded("DTSTART") == moved_to
