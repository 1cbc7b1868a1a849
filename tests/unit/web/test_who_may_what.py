"""Who may call which route, written down a second time: neither the matrix nor a route changes alone."""

import pytest

from chalicelib import routing
from chalicelib.core.permissions import Permission, Role, allowed

ADMIN, EXPERT, CUSTOMER = Role.ADMIN, Role.EXPERT, Role.CUSTOMER
ANYBODY_SIGNED_IN = {ADMIN, EXPERT, CUSTOMER}
# All of /v1/admin/ is the admins' alone, and of /v1/public/ and /v1/webhooks/ everybody's.
ELSEWHERE = {
    "GET /v1/health": None,
    "GET /v1/openapi.json": None,
    "GET /v1/assignments/{assignment_id}": ANYBODY_SIGNED_IN,
    "POST /v1/booking-series": {CUSTOMER},
    "POST /v1/booking-series/{series_id}/cancel": ANYBODY_SIGNED_IN,
    "GET /v1/bookings": ANYBODY_SIGNED_IN,
    "POST /v1/bookings": {CUSTOMER},
    "GET /v1/bookings/{booking_id}": ANYBODY_SIGNED_IN,
    "GET /v1/bookings/{booking_id}/calendar.ics": ANYBODY_SIGNED_IN,
    "POST /v1/bookings/{booking_id}/cancel": ANYBODY_SIGNED_IN,
    "POST /v1/bookings/{booking_id}/no-show": {ADMIN, EXPERT},
    "PUT /v1/bookings/{booking_id}/note": ANYBODY_SIGNED_IN,
    "GET /v1/bookings/{booking_id}/notes": ANYBODY_SIGNED_IN,
    "POST /v1/bookings/{booking_id}/reschedule": ANYBODY_SIGNED_IN,
    "GET /v1/experts/{expert_id}/calendar": ANYBODY_SIGNED_IN,
    "PUT /v1/experts/{expert_id}/calendar": {ADMIN, EXPERT},
    "DELETE /v1/experts/{expert_id}/calendar/exceptions/{date}": {ADMIN, EXPERT},
    "PUT /v1/experts/{expert_id}/calendar/exceptions/{date}": {ADMIN, EXPERT},
    "GET /v1/experts/{expert_id}/slots": ANYBODY_SIGNED_IN,
    "GET /v1/me": ANYBODY_SIGNED_IN,
    "GET /v1/me/assignments": ANYBODY_SIGNED_IN,
    "DELETE /v1/me/feed": {EXPERT, CUSTOMER},
    "POST /v1/me/feed": {EXPERT, CUSTOMER},
    "GET /v1/me/notices": ANYBODY_SIGNED_IN,
    "PUT /v1/me/phone": ANYBODY_SIGNED_IN,
    "GET /v1/me/statement": {EXPERT},
    "GET /v1/me/wallets/{asset}": {ADMIN, CUSTOMER},
    "GET /v1/me/wallets/{asset}/entries": {ADMIN, CUSTOMER},
    "GET /v1/me/wallets/{asset}/explanation": {ADMIN, CUSTOMER},
    "GET /v1/orders": {ADMIN, CUSTOMER},
    "POST /v1/orders": {CUSTOMER},
    "GET /v1/orders/{order_id}": {ADMIN, CUSTOMER},
    "POST /v1/orders/{order_id}/resume": {CUSTOMER},
    "GET /v1/sessions/{booking_id}": ANYBODY_SIGNED_IN,
    "POST /v1/sessions/{booking_id}/end": {ADMIN, EXPERT},
    "POST /v1/sessions/{booking_id}/extension": {EXPERT, CUSTOMER},
    "POST /v1/sessions/{booking_id}/join": {EXPERT, CUSTOMER},
    "POST /v1/sessions/{booking_id}/leave": {EXPERT, CUSTOMER},
}
ROUTES = {route.name: route for blueprint in routing.blueprints() for route in blueprint.routes}


def open_to(name: str) -> set[Role] | None:
    """The roles that may call a route; ``None`` is everybody, signed in or not."""
    path = name.partition(" ")[2]
    if path.startswith("/v1/admin/"):
        return {ADMIN}
    if path.startswith(("/v1/public/", "/v1/webhooks/")):
        return None
    return ELSEWHERE[name]


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_route_is_open_to_whom_it_is_said_to_be(name: str) -> None:
    permission, roles = ROUTES[name].permission, open_to(name)
    assert (permission is Permission.PUBLIC) == (roles is None)
    assert {role for role in Role if allowed(frozenset({role}), permission)} == (roles or set(Role))
    assert allowed(frozenset(), permission) == (roles is None)
    assert allowed(frozenset(Role), permission)


def test_every_row_and_every_permission_is_of_some_route() -> None:
    assert set(ELSEWHERE) <= set(ROUTES)
    assert {route.permission for route in ROUTES.values()} == set(Permission)
