"""Who may call what, and whose things they may touch: every route, walked over HTTP."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chalicelib import routing
from chalicelib.core.permissions import MATRIX, Permission, Role
from chalicelib.web.blueprint import Route
from infra.local.api import Api, Reply
from infra.local.people import People, Person
from infra.local.running import RunningStack
from tests.deployed.tenants import (
    PASSWORD,
    Tenant,
    appointment_package,
    choose_password,
    credit_package,
    session_package,
)

ROUTES = [route for blueprint in routing.blueprints() for route in blueprint.routes]
NOBODY, NO_GROUP = "nobody", "person without a group"
CALLERS = [NOBODY, NO_GROUP, *Role]
OLD_VERSION = '"999999"'
NOT_THERE = {
    "platform_id": "no-such-platform",
    "account_id": "00000000-0000-4000-8000-000000000000",
    "expert_id": "00000000-0000-4000-8000-000000000000",
    "package_id": "cpk_00000000000000000000000000",
    "order_id": "ord_00000000000000000000000000",
    "refund_id": "rfd_none",
    "booking_id": "bkg_00000000000000000000000000",
    "series_id": "srs_00000000000000000000000000",
    "assignment_id": "asg_00000000000000000000000000",
    "export_id": "exp_00000000000000000000000000",
    "provider": "no-such-provider",
    "asset": "credit",
    "lot_id": "lot_00000000000000000000000000",
    "date": "2026-12-24",
    "file": "nobody.secret.ics",
}


def named(routes: list[Route]) -> list[Any]:
    return [pytest.param(route, id=route.name) for route in routes]


# ------------------------------------------------------------------------------------- route × role


@pytest.fixture(scope="module")
def callers(stack: RunningStack) -> dict[str, Api]:
    people = People(stack.document())
    signed_in = {role: people.login("demo", role).api for role in Role}
    return {NOBODY: people.public, NO_GROUP: Api(stack.api_url, token_without_group(stack)), **signed_in}


def token_without_group(stack: RunningStack) -> str:
    """Of somebody who has a password on the platform, and no role in it."""
    cognito, pool, username = stack.client("cognito-idp"), stack.outputs["UserPoolId"], f"demo:{uuid4()}"
    attributes = [{"Name": "custom:platform", "Value": "demo"}, {"Name": "custom:country", "Value": "TR"}]
    cognito.admin_create_user(
        UserPoolId=pool, Username=username, MessageAction="SUPPRESS", UserAttributes=attributes
    )
    choose_password(stack, username)
    return id_token(cognito, stack.outputs["UserPoolClientId"], username)


def id_token(cognito: Any, client_id: str, username: str) -> str:
    answer = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
    )
    token: str = answer["AuthenticationResult"]["IdToken"]
    return token


def may(caller: str, permission: Permission) -> bool:
    return permission is Permission.PUBLIC or (caller in MATRIX and permission in MATRIX[Role(caller)])


@pytest.mark.parametrize("route", named(ROUTES))
def test_a_route_is_open_to_those_who_hold_its_permission(callers: dict[str, Api], route: Route) -> None:
    """What it is asked for is not there, or is nothing, so whoever is let in changes nothing."""
    for caller, api in callers.items():
        sent = {} if route.body else None
        reply = api.call(route.method, route.path.format(**NOT_THERE), sent, if_match=OLD_VERSION)
        if may(caller, route.permission):
            assert reply.status not in {401, 403}, (caller, reply)
            assert reply.status < 500, (caller, reply)
        else:
            refused(reply, *((401, "UNAUTHENTICATED") if caller == NOBODY else (403, "FORBIDDEN")))


def refused(reply: Reply, status: int, code: str | None = None) -> None:
    """A problem, and of this kind."""
    assert reply.status == status, reply
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.code if code is None else reply.code == code, reply


# -------------------------------------------------------------------------------------- ownership


@dataclass(frozen=True)
class House:
    """A platform with a thing of every kind, and those whom none of it concerns."""

    tenant: Tenant
    ids: dict[str, str]
    strangers: dict[tuple[str, Role], Person]
    """By where they are (``here`` or ``elsewhere``) and in which role."""

    def path(self, route: Route, **changed: str) -> str:
        return route.path.format(**self.ids | changed)


@pytest.fixture(scope="module")
def house(stack: RunningStack) -> House:
    tenant = Tenant.create(stack, f"owned-{uuid4().hex[:8]}", sandbox=True)
    expert, customer = tenant.add_expert("Elif"), tenant.add("customer", "Can")
    credits_id, appointment_id = tenant.publish()
    drafted = tenant.admin.api.post("/v1/admin/session-packages", session_package(appointment_id))
    order = tenant.pay(customer, credits_id)
    booking = tenant.book(customer, expert, appointment_id)
    series = tenant.book_series_again(booking)
    early = datetime.fromisoformat(booking["starts_at"]) - timedelta(minutes=5)
    tenant.admin.api.put("/v1/admin/clock", {"now": early.isoformat()})
    customer.api.post(f"/v1/sessions/{booking['id']}/join")
    year = {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}
    export = tenant.export(year)
    tenant.settle()
    ids = {
        "platform_id": tenant.id,
        "account_id": customer.id,
        "expert_id": expert.id,
        "package_id": appointment_id,
        "credit_package_id": credits_id,
        "session_package_id": drafted["id"],
        "order_id": order["id"],
        "refund_id": "rfd_none",
        "booking_id": booking["id"],
        "series_id": series["id"],
        "assignment_id": booking["assignment_id"],
        "export_id": export["id"],
        "provider": "no-such-provider",
        "asset": "credit",
        "lot_id": lot_of(customer),
        "date": booking["starts_at"][:10],
    }
    return House(tenant, ids, strangers(stack, tenant))


def lot_of(customer: Person) -> str:
    """The lot of which something is left."""
    return str(customer.api.get("/v1/me/wallets/credit")["lots"][0]["id"])


def strangers(stack: RunningStack, tenant: Tenant) -> dict[tuple[str, Role], Person]:
    people = People(stack.document())
    elsewhere = {("elsewhere", role): people.login("demo", role) for role in Role}
    here = {
        ("here", Role.CUSTOMER): tenant.add("customer", "Berk"),
        ("here", Role.EXPERT): tenant.add_expert("Navid"),
    }
    return here | elsewhere


# What a caller sends who means it; the route's own door lets it pass.
BODIES: dict[str, Any] = {
    "PUT /v1/admin/credit-packages/{package_id}": credit_package(name="Çalıntı"),
    "PUT /v1/admin/appointment-packages/{package_id}": appointment_package(title="Çalıntı"),
    "POST /v1/admin/customers/{account_id}/assignments": {
        "session_package_id": "spk_00000000000000000000000000",
        "on_the_house": True,
    },
    "POST /v1/admin/assignments/{assignment_id}/cancel": {"reason": "mine"},
    "POST /v1/admin/assignments/{assignment_id}/adjustments": {"total_sessions": 9, "reason": "mine"},
    "PUT /v1/admin/session-packages/{package_id}": session_package("apk_stolen"),
    "PUT /v1/admin/experts/{account_id}": {
        "name": "Hırsız",
        "phone": None,
        "title": None,
        "share_basis_points": 10_000,
    },
    "POST /v1/admin/orders/{order_id}/refunds": {"reason": "mine"},
    "POST /v1/admin/orders/{order_id}/refunds/{refund_id}": {"outcome": "failed"},
    "POST /v1/admin/orders/{order_id}/review": {"decision": "refund", "reason": "mine"},
    "POST /v1/sessions/{booking_id}/extension": {"minutes": 10},
    "POST /v1/bookings/{booking_id}/cancel": {},
    "POST /v1/booking-series/{series_id}/cancel": {},
    "POST /v1/bookings/{booking_id}/no-show": {"no_show": "customer"},
    "PUT /v1/bookings/{booking_id}/note": {"note": "Okundu"},
    "POST /v1/bookings/{booking_id}/reschedule": {"starts_at": "2030-01-01T09:00:00Z"},
    "PUT /v1/experts/{expert_id}/calendar": {"zone": "UTC", "weekly": []},
    "PUT /v1/experts/{expert_id}/calendar/exceptions/{date}": {"hours": []},
    "POST /v1/admin/customers/{account_id}/wallets/{asset}/adjustments": {"amount": 5, "reason": "Theft"},
    "POST /v1/admin/customers/{account_id}/wallets/{asset}/lots/{lot_id}/extensions": {"reason": "Theft"},
}
QUERIES = {
    "/v1/admin/experts/{account_id}/statement": "?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z",
    "/v1/experts/{expert_id}/slots": "?package_id={package_id}&from={date}&to={date}&country=TR",
}
# Anybody of the platform may look at an expert's free time.
FOR_ALL_OF_THE_PLATFORM = {"GET /v1/experts/{expert_id}/slots"}


def concerns_a_thing(route: Route) -> bool:
    return "_id}" in route.path and route.permission is not Permission.PUBLIC


@pytest.mark.parametrize("route", named([route for route in ROUTES if concerns_a_thing(route)]))
def test_what_is_foreign_is_not_there_and_stays_as_it_is(house: House, route: Route) -> None:
    others = {
        "/v1/admin/credit-packages/": {"package_id": "credit_package_id"},
        "/v1/admin/session-packages/": {"package_id": "session_package_id"},
        "/v1/admin/experts/": {"account_id": "expert_id"},
    }
    renamed = next((ids for start, ids in others.items() if route.path.startswith(start)), {})
    path = house.path(route, **{name: house.ids[known] for name, known in renamed.items()})
    path += QUERIES.get(route.path, "").format(**house.ids)
    body = BODIES[route.name] if route.body else None
    before = house.tenant.items()
    asked = 0
    for (where, role), stranger in house.strangers.items():
        if may(role, route.permission) and not (where == "here" and route.name in FOR_ALL_OF_THE_PLATFORM):
            refused(stranger.api.call(route.method, path, body, if_match='"1"'), 404)
            asked += 1
    assert asked, "nobody was asked: let a stranger hold the permission"
    assert house.tenant.items() == before


def test_nobody_s_list_shows_what_is_foreign(house: House) -> None:
    elsewhere = house.strangers["elsewhere", Role.ADMIN].api
    customer, expert = house.ids["account_id"], house.ids["expert_id"]
    year = {"from_": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}
    for path, query in (
        ("/v1/admin/orders", {"customer_id": customer}),
        ("/v1/bookings", {"customer_id": customer}),
        ("/v1/bookings", {"expert_id": expert}),
        ("/v1/admin/reports/sales", {"customer_id": customer} | year),
        ("/v1/admin/reports/sales", {"expert_id": expert} | year),
        ("/v1/admin/reports/failed-payments", {"customer_id": customer} | year),
        ("/v1/admin/reports/sessions", {"customer_id": customer} | year),
    ):
        assert elsewhere.get(path, **query)["items"] == [], (path, query)
    for person in (stranger for (where, _), stranger in house.strangers.items() if where == "here"):
        assert person.api.get("/v1/bookings")["items"] == []
    newcomer = house.strangers["here", Role.CUSTOMER].api
    assert newcomer.get("/v1/orders")["items"] == []
    assert newcomer.get("/v1/me/assignments")["items"] == []
    assert newcomer.get("/v1/me/wallets/credit")["balance"] == 0


def test_nobody_names_somebody_else_in_his_own_list(house: House) -> None:
    customer, expert = (house.strangers["here", role].api for role in (Role.CUSTOMER, Role.EXPERT))
    refused(customer.call("GET", f"/v1/bookings?customer_id={house.ids['account_id']}"), 404)
    refused(expert.call("GET", f"/v1/bookings?expert_id={house.ids['expert_id']}"), 404)


def test_nobody_buys_or_books_with_what_is_foreign(house: House) -> None:
    ids, before = house.ids, house.tenant.items()
    here, elsewhere = (house.strangers[where, Role.CUSTOMER].api for where in ("here", "elsewhere"))
    starts_at = f"{ids['date']}T20:00:00Z"
    bought = {"assignment_id": ids["assignment_id"], "starts_at": starts_at}
    for customer in (here, elsewhere):
        refused(customer.call("POST", "/v1/bookings", bought), 404, "ASSIGNMENT_NOT_FOUND")
    package = {"package_id": ids["credit_package_id"]}
    refused(elsewhere.call("POST", "/v1/orders", package), 404, "PACKAGE_NOT_ON_SALE")
    wanted = {"package_id": ids["package_id"], "expert_id": ids["expert_id"], "pay_with": "credits"}
    refused(
        elsewhere.call("POST", "/v1/bookings", wanted | {"starts_at": starts_at}), 404, "EXPERT_NOT_FOUND"
    )
    admin = house.strangers["elsewhere", Role.ADMIN].api
    lured = appointment_package(expert_ids=[ids["expert_id"]])
    refused(admin.call("POST", "/v1/admin/appointment-packages", lured), 422, "UNKNOWN_EXPERT")
    assert house.tenant.items() == before


def test_an_order_is_looked_for_on_the_platform_of_the_path(house: House) -> None:
    path = f"/v1/public/demo/orders/{house.ids['order_id']}/return"
    assert Api(house.tenant.stack.api_url).call("GET", path).status == 404


def test_the_owner_himself_finds_all_of_it(house: House) -> None:
    """So that the refusals above are for the stranger, and not for a thing that is not there."""
    admin = house.tenant.admin.api
    for path in (
        f"/v1/orders/{house.ids['order_id']}",
        f"/v1/bookings/{house.ids['booking_id']}",
        f"/v1/sessions/{house.ids['booking_id']}",
        f"/v1/experts/{house.ids['expert_id']}/calendar",
        f"/v1/admin/customers/{house.ids['account_id']}/wallets/credit",
        f"/v1/admin/reports/exports/{house.ids['export_id']}",
        f"/v1/admin/appointment-packages/{house.ids['package_id']}",
        f"/v1/admin/credit-packages/{house.ids['credit_package_id']}",
    ):
        assert admin.call("GET", path).status == 200, path
