"""What the calendar's and the bookings' routes read of a call, and what they hand on."""

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.booking import routes as booking_routes
from chalicelib.booking.views import BookingRequest, BookingsQuery, BookingsView
from chalicelib.calendar import routes
from chalicelib.calendar.slot_views import SlotsQuery, SlotsView
from chalicelib.calendar.views import CalendarRequest
from chalicelib.core.permissions import Permission
from chalicelib.table.operation import Answer
from chalicelib.web.blueprint import Blueprint, answer


class Noted:
    """A service that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        def note(*arguments: Any) -> Any:
            self.asked.append((name, arguments))
            empty = {
                "of": SlotsView(zone="UTC", items=[]),
                "bookings": BookingsView(items=[], cursor=None),
            }
            return empty.get(name) or Answer(body=b'{"version":3}', replayed=False)

        return note


def call(
    blueprint: Blueprint, name: str, role: str, *, path=None, query=None, body=None, headers=None
) -> Any:
    (route,) = [route for route in blueprint.routes if route.name == name]
    claims = {
        "sub": "someone",
        "custom:platform": "studio",
        "custom:country": "TR",
        "cognito:groups": role,
        "token_use": "id",
    }
    request = SimpleNamespace(
        uri_params=path or {},
        headers={"content-type": "application/json", "idempotency-key": "k", "if-match": '"2"'}
        | (headers or {}),
        query_params=query,
        raw_body=json.dumps(body).encode(),
        context={"authorizer": {"claims": claims}},
    )
    return answer(route, request)


@pytest.fixture
def service() -> Noted:
    return Noted()


@pytest.fixture
def calendar(service: Noted) -> Blueprint:
    return routes.blueprint(service, service, service)  # type: ignore[arg-type]


@pytest.fixture
def bookings(service: Noted) -> Blueprint:
    return booking_routes.blueprint(service, service, service, service)  # type: ignore[arg-type]


WEEK = {"zone": "Europe/Istanbul", "weekly": [{"weekday": 0, "from": "09:00", "to": "24:00"}]}
CALENDAR = "/v1/experts/{expert_id}/calendar"


def test_a_week_is_read_under_the_names_from_and_to(calendar, service) -> None:
    response = call(calendar, f"PUT {CALENDAR}", "expert", path={"expert_id": "elif"}, body=WEEK)
    assert (response.status_code, response.headers["ETag"]) == (200, '"3"')
    ((name, (_, expert_id, request, version)),) = service.asked
    assert (name, expert_id, version) == ("edit", "elif", 2)
    assert isinstance(request, CalendarRequest)
    assert (request.weekly[0].opens, request.weekly[0].closes) == ("09:00", "24:00")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"from": "24:00"}, "weekly[0].from"),
        ({"to": "24:30"}, "weekly[0].to"),
        ({"to": "9:00"}, "weekly[0].to"),
        ({"weekday": 7}, "weekly[0].weekday"),
        ({"note": "x"}, "weekly[0].note"),
    ],
)
def test_a_bad_field_is_named_by_its_path(calendar, service, changed, field) -> None:
    body = WEEK | {"weekly": [WEEK["weekly"][0] | changed]}
    response = call(calendar, f"PUT {CALENDAR}", "expert", path={"expert_id": "elif"}, body=body)
    assert (response.status_code, json.loads(response.body)["errors"][0]["field"]) == (422, field)
    assert service.asked == []


def test_an_edit_without_if_match_is_refused(calendar, service) -> None:
    (route,) = [route for route in calendar.routes if route.name == f"PUT {CALENDAR}"]
    assert route.permission is Permission.CALENDAR_EDIT
    response = call(
        calendar,
        f"PUT {CALENDAR}",
        "expert",
        path={"expert_id": "elif"},
        body=WEEK,
        headers={"if-match": "x"},
    )
    assert response.status_code == 400


def test_a_customer_edits_no_calendar(calendar, service) -> None:
    response = call(calendar, f"PUT {CALENDAR}", "customer", path={"expert_id": "elif"}, body=WEEK)
    assert (response.status_code, service.asked) == (403, [])


def test_a_date_in_the_path_is_a_date(calendar, service) -> None:
    name, body = f"PUT {CALENDAR}/exceptions/{{date}}", {"hours": []}
    bad = call(calendar, name, "admin", path={"expert_id": "elif", "date": "2026-02-30"}, body=body)
    assert (bad.status_code, json.loads(bad.body)["code"]) == (422, "DATE_NOT_EDITABLE")
    good = call(calendar, name, "admin", path={"expert_id": "elif", "date": "2026-12-24"}, body=body)
    assert good.status_code == 200
    assert service.asked[0][1][2] == date(2026, 12, 24)
    gone = call(
        calendar,
        f"DELETE {CALENDAR}/exceptions/{{date}}",
        "admin",
        path={"expert_id": "elif", "date": "2026-12-24"},
    )
    assert (gone.status_code, service.asked[1][0], service.asked[1][1][2:]) == (
        200,
        "remove_exception",
        (date(2026, 12, 24), 2),
    )


def test_slots_are_asked_for_by_dates(calendar, service) -> None:
    query = {"package_id": "apk_1", "from": "2026-11-23", "to": "2026-11-30"}
    response = call(
        calendar, "GET /v1/experts/{expert_id}/slots", "customer", path={"expert_id": "elif"}, query=query
    )
    assert json.loads(response.body) == {"zone": "UTC", "items": [], "cursor": None}
    (_, (_, _, asked)) = service.asked[0]
    assert asked == SlotsQuery(package_id="apk_1", first=date(2026, 11, 23), last=date(2026, 11, 30))
    bad = call(
        calendar,
        "GET /v1/experts/{expert_id}/slots",
        "customer",
        path={"expert_id": "elif"},
        query=query | {"from": "yesterday"},
    )
    assert (bad.status_code, json.loads(bad.body)["errors"][0]["field"]) == (422, "from")


def test_a_booking_is_asked_for_by_an_instant(bookings, service) -> None:
    body = {
        "package_id": "apk_1",
        "expert_id": "elif",
        "pay_with": "credits",
        "starts_at": "2026-11-23T10:00:00+03:00",
    }
    response = call(bookings, "POST /v1/bookings", "customer", body=body)
    assert response.status_code == 201
    (_, (operation, asked)) = service.asked[0]
    assert isinstance(asked, BookingRequest)
    assert (operation.key, asked.starts_at) == ("k", datetime(2026, 11, 23, 7, tzinfo=UTC))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"starts_at": "2026-11-23T10:00:00"}, "starts_at"),
        ({"starts_at": 1_795_000_000}, "starts_at"),
        ({"pay_with": "card"}, "pay_with"),
        ({"credits": 1}, "credits"),
        ({"price": 0}, "price"),
    ],
)
def test_what_a_booking_does_not_take_is_refused(bookings, service, changed, field) -> None:
    body = {
        "package_id": "apk_1",
        "expert_id": "elif",
        "pay_with": "credits",
        "starts_at": "2026-11-23T10:00:00Z",
    }
    response = call(bookings, "POST /v1/bookings", "customer", body=body | changed)
    assert (response.status_code, json.loads(response.body)["errors"][0]["field"]) == (422, field)
    assert service.asked == []


def test_lists_are_asked_for_by_instants(bookings, service) -> None:
    query = {"from": "2026-11-23T00:00:00Z", "limit": "10", "customer_id": "ada"}
    response = call(bookings, "GET /v1/bookings", "admin", query=query)
    assert response.status_code == 200
    assert service.asked[0][1][1] == BookingsQuery(
        since=datetime(2026, 11, 23, tzinfo=UTC), limit=10, customer_id="ada"
    )
    assert call(bookings, "GET /v1/bookings", "admin", query={"limit": "101"}).status_code == 422
