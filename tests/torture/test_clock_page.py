"""``docs/clock.md`` as it is written: its calls are sent one by one, and what it says of them is so."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.chapters import appointment_package
from tests.torture.world import PRICE, Reply, Request, World, open_world
from tests.unit.docs.test_clock_page import after, calls, route_of

EVE = datetime(2026, 11, 23, 9, tzinfo=UTC)  # "tomorrow at ten, Istanbul's time"
START = datetime(2026, 11, 24, 7, tzinfo=UTC)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch):
    with open_world() as made:
        made.clock.instant = EVE
        yield made


def booked(world: World) -> str:
    """An appointment of 25 minutes, on the sandbox."""
    sandbox = world.sandbox
    package = appointment_package("Yirmi beş dakika", 25, 5, PRICE)
    package_id = world.call(sandbox.admin, "POST", "/v1/admin/appointment-packages", package)["id"]
    sandbox.apply()()
    sandbox.give(PRICE)
    booking: dict[str, Any] = sandbox.book(package_id, START).send().json
    assert booking["ends_at"] == "2026-11-24T07:25:00Z"
    booking_id: str = booking["id"]
    return booking_id


def sent(world: World, call: list[str], booking_id: str) -> Reply:
    """A line of the page, as a client would send it."""
    route, people = route_of(call), world.sandbox
    headers = dict(header.split(": ", 1) for header in after(call, "-H"))
    who = {"$ADMIN": people.admin, "$EXPERT": people.expert, "$CUSTOMER": people.customer}
    person = who[headers.pop("Authorization")]
    path = {"booking_id": booking_id} if "{booking_id}" in route.path else {}
    bodies = [json.loads(body) for body in after(call, "-d")]
    reply = Request(
        route.method, route.path, bodies[0] if bodies else None, person, path, headers=headers
    ).send()
    assert reply.status < 300, (call, reply)
    return reply


def test_b46_the_example_runs_as_it_is_written_and_its_session_is_reported(world: World) -> None:
    booking_id = booked(world)
    answers = []
    for call in calls():
        answers.append(sent(world, call, booking_id).json)
        world.stream()
    session, notices = answers[-2:]
    assert (session["state"], session["ended_at"]) == ("ended", "2026-11-24T07:35:00Z")
    assert [notice["kind"] for notice in notices["items"]][-1] == "session_ended"
    assert notices["cursor"]
    asked = {"from": "2026-11-24T00:00:00Z", "to": "2026-11-25T00:00:00Z", "totals": "true"}
    report = world.request(world.sandbox.admin, "GET", "/v1/admin/reports/sessions", query=asked).send().json
    assert [line["booking_id"] for line in report["items"]] == [booking_id]
    assert (report["totals"]["sessions"], report["totals"]["extended_minutes"]) == (1, 10)
    assert world.differences() == []
