"""What bad input gets, through the API: its own code, the field's path, and nothing changed.

Where a start is refused, the nearest free ones are named.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.core.permissions import Role
from tests.deployed.tenants import session_package
from tests.torture.world import PRICE, Person, Reply, World, open_world

BERLIN = ZoneInfo("Europe/Berlin")
EVENING = "2026-11-23T20:00:00+01:00"


@pytest.fixture(scope="module")
def opened() -> Iterator[World]:
    """The expert is open from nine to noon of Berlin, and on Sundays from two to three; it is Sunday, ten o'clock."""
    with open_world() as made:
        set_hours(made, made.live.expert, ("09:00", "12:00"), ("02:00", "03:00"), version=1)
        made.live.give(PRICE * 10)
        yield made


@pytest.fixture
def world(opened: World) -> Iterator[World]:
    kept = opened.outside.kept()
    yield opened
    opened.outside.brought_back(kept)


def set_hours(
    world: World, expert: Person, weekday: tuple[str, str], sunday: tuple[str, str], version: int = 0
) -> None:
    spans = [weekday] * 6 + [sunday]
    weekly = [{"weekday": day, "from": span[0], "to": span[1]} for day, span in enumerate(spans)]
    calendar = {"zone": BERLIN.key, "weekly": weekly, "horizon_days": 200, "minimum_notice_minutes": 60}
    assert kept(world, expert, calendar, version).status == 200


def kept(world: World, expert: Person, calendar: dict[str, Any], version: int) -> Reply:
    path = {"expert_id": expert.id}
    asked = world.request(
        expert, "PUT", "/v1/experts/{expert_id}/calendar", calendar, path=path, if_match=version
    )
    return asked.send()


def ask(world: World, start: str, **changed: Any) -> Reply:
    """For half an hour, which costs credits."""
    body = {
        "package_id": world.live.half_hour_id,
        "expert_id": world.live.expert.id,
        "starts_at": start,
        "pay_with": "credits",
    }
    return world.request(world.live.customer, "POST", "/v1/bookings", body | changed).send()


def refused(reply: Reply, status: int, code: str, field: str | None = None) -> dict[str, Any]:
    told: dict[str, Any] = reply.json
    assert (reply.status, told["code"]) == (status, code), told
    assert [each["field"] for each in told.get("errors", [])] == ([field] if field else [])
    return told


@pytest.mark.parametrize(
    ("start", "reason", "nearest"),
    [
        ("2026-11-23T10:10:00+01:00", "off_grid", ["11-23T09:30", "11-23T10:00", "11-23T10:30"]),
        ("2026-11-20T09:00:00+01:00", "in_the_past", ["11-23T09:00", "11-23T09:30", "11-23T10:00"]),
        ("2026-11-22T10:30:00+01:00", "below_notice", ["11-23T09:00", "11-23T09:30", "11-23T10:00"]),
        ("2027-11-22T09:00:00+01:00", "beyond_horizon", ["06-10T09:30", "06-10T10:00", "06-10T10:30"]),
        (EVENING, "outside_hours", ["11-23T10:30", "11-23T11:00", "11-23T11:30"]),
        ("2027-03-28T02:00:00+01:00", "hour_left_out", ["03-27T10:30", "03-27T11:00", "03-27T11:30"]),
    ],
)
def test_a_start_that_is_not_offered(world: World, start: str, reason: str, nearest: list[str]) -> None:
    told = refused(ask(world, start), 422, "SLOT_NOT_OFFERED", "starts_at")
    local = [datetime.fromisoformat(near).astimezone(BERLIN) for near in told["nearest"]]
    assert (told["reason"], [f"{near:%m-%dT%H:%M}" for near in local]) == (reason, nearest)
    assert world.live.wallet().balance == PRICE * 10


def test_a_start_in_another_expert_s_hours_is_his_alone(world: World) -> None:
    other = world.live.person(Role.EXPERT)
    set_hours(world, other, ("20:00", "21:00"), ("20:00", "21:00"))
    refused(ask(world, EVENING), 422, "SLOT_NOT_OFFERED", "starts_at")
    assert ask(world, EVENING, expert_id=other.id).status == 201


def test_a_service_outside_the_package(world: World) -> None:
    live = world.live
    package = world.call(live.admin, "POST", "/v1/admin/session-packages", session_package(live.half_hour_id))
    live.apply()()
    paid = {"session_package_id": package["id"], "paid": {"amount": 14_900, "currency": "TRY"}}
    path = {"account_id": live.customer.id}
    assigned = world.call(live.admin, "POST", "/v1/admin/customers/{account_id}/assignments", paid, path=path)
    start = "2026-11-23T10:00:00+01:00"
    asked = {"assignment_id": assigned["id"], "package_id": live.pair_id, "starts_at": start}
    reply = world.request(live.customer, "POST", "/v1/bookings", asked | {"expert_id": live.expert.id}).send()
    refused(reply, 409, "SERVICE_NOT_IN_PACKAGE", "package_id")
    assert world.call(live.customer, "GET", "/v1/me/assignments")["items"][0]["left"] == 6


def test_an_exception_that_overlaps_itself_or_a_booking(world: World) -> None:
    assert ask(world, "2026-11-23T10:00:00+01:00").status == 201
    path = {"expert_id": world.live.expert.id, "date": "2026-11-23"}

    def put(*spans: tuple[str, str]) -> Reply:
        hours = {"hours": [{"from": opens, "to": closes} for opens, closes in spans]}
        where = "/v1/experts/{expert_id}/calendar/exceptions/{date}"
        return world.request(world.live.expert, "PUT", where, hours, path=path, if_match=2).send()

    refused(put(("09:00", "11:00"), ("10:59", "12:00")), 422, "HOURS_OVERLAP", "hours[1].from")
    told = refused(put(("11:00", "12:00")), 409, "EXCEPTION_OVERLAPS_BOOKING")
    assert len(told["booking_ids"]) == 1


def test_a_zone_that_does_not_exist(world: World) -> None:
    reply = kept(world, world.live.expert, {"zone": "Europe/Kadikoy", "weekly": []}, version=2)
    refused(reply, 422, "ZONE_UNKNOWN", "zone")


def test_a_join_by_a_stranger_and_an_end_by_the_client(world: World) -> None:
    live = world.live
    booking_id = ask(world, "2026-11-23T10:00:00+01:00").json["id"]
    path = {"booking_id": booking_id}
    for stranger in (live.person(Role.CUSTOMER), live.person(Role.EXPERT), world.sandbox.customer):
        refused(live.join(stranger, booking_id).send(), 404, "BOOKING_NOT_FOUND")
    assert live.join(live.customer, booking_id).send().status == 200
    by_client = world.request(live.customer, "POST", "/v1/sessions/{booking_id}/end", path=path).send()
    refused(by_client, 403, "FORBIDDEN")
    assert world.call(live.customer, "GET", "/v1/sessions/{booking_id}", path=path)["state"] == "running"
