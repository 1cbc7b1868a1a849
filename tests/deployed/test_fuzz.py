"""Whatever the API's own document allows, and much that it does not: never a 5xx, never an answer outside of it.

``FUZZ_EXAMPLES`` raises the number of cases of each operation and makes them new ones in each run.
"""

import json
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chalicelib import routing
from chalicelib.core.permissions import MATRIX, Permission, Role
from chalicelib.web.blueprint import Route
from infra.local.api import Api
from infra.local.environments import ROOT
from infra.local.people import Person
from infra.local.running import RunningStack
from tests.deployed.tenants import Tenant

SINCE, UNTIL = "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z"
QUICK = 10
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", QUICK))
ROUTES = [route for blueprint in routing.blueprints() for route in blueprint.routes]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True)
class World:
    """A tenant in which there is something of every kind, and its people."""

    schema: Any
    people: dict[Role, Person]
    known: dict[str, list[Any]]
    """By the name of a field or a parameter, what it may say and mean something."""

    def callers(self, permission: Permission) -> list[str | None]:
        """The tokens of those who hold the permission; for public routes, none."""
        if permission is Permission.PUBLIC:
            return [None]
        return [person.api.token for role, person in self.people.items() if permission in MATRIX[role]]


@pytest.fixture(scope="module")
def world(stack: RunningStack) -> World:
    tenant = Tenant.create(stack, f"fuzz-{uuid4().hex[:8]}", sandbox=True)
    expert, customer = tenant.add_expert("Elif"), tenant.add("customer", "Can")
    credit_package, appointment_package = tenant.publish()
    order = tenant.pay(customer, credit_package)
    booking = tenant.book(customer, expert, appointment_package)
    export = tenant.admin.api.post("/v1/admin/reports/exports", {"from": SINCE, "to": UNTIL})
    known = {
        "platform_id": [tenant.id],
        "account_id": [expert.id, customer.id],
        "customer_id": [customer.id],
        "expert_id": [expert.id],
        "package_id": [credit_package, appointment_package],
        "order_id": [order["id"]],
        "booking_id": [booking["id"]],
        "assignment_id": [booking["assignment_id"]],
        "export_id": [export["id"]],
        "asset": ["credit", "TRY"],
        "date": [booking["starts_at"][:10]],
        "starts_at": [booking["starts_at"], booking["starts_at"].replace(":00Z", ":30Z")],
        "expert_ids": [[], [expert.id]],
        "package_ids": [[credit_package], [appointment_package]],
        "country": ["TR", "DE"],
        "currency": ["TRY"],
        "zone": ["Europe/Istanbul"],
        "from": [SINCE],
        "to": [UNTIL],
        "terms_version": ["1"],
        "cursor": [None],
    }
    people = {Role.ADMIN: tenant.admin, Role.EXPERT: expert, Role.CUSTOMER: customer}
    schema = schemathesis.openapi.from_dict(json.loads((ROOT / "openapi.json").read_text()))
    schema.config.update(base_url=stack.api_url)
    schema.config.generation.update(with_security_parameters=False)
    return World(schema, people, known)


@st.composite
def cases(draw: st.DrawFn, world: World, route: Route) -> Any:
    """A request by the document or against it; more often than not about something that is there."""
    mode = draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    operation = world.schema[route.path][route.method]
    case = draw(operation.as_strategy(generation_mode=mode))
    for where in (case.path_parameters, case.query, case.body):
        name_what_is_known(draw, world, where)
    return case


def name_what_is_known(draw: st.DrawFn, world: World, sent: Any) -> None:
    """Put what means something in the place of most that is made up, at any depth."""
    for name in list(sent) if isinstance(sent, dict) else []:
        if name in world.known and draw(st.integers(0, 4)):
            sent[name] = draw(st.sampled_from(world.known[name]))
        name_what_is_known(draw, world, sent[name])


def present_version(case: Any, route: Route, headers: dict[str, str]) -> str | None:
    """The ETag of what the case would edit, where it is there."""
    shown = route.path.partition("/exceptions/")[0].replace("/apply", "/changes")
    path = shown.format(**{name: quote(str(value), safe="") for name, value in case.path_parameters.items()})
    reply = Api(case.operation.schema.config.base_url, headers.get("Authorization")).call("GET", path)
    return reply.headers.get("etag")


@pytest.mark.parametrize("route", [pytest.param(route, id=route.name) for route in ROUTES])
def test_no_request_gets_an_answer_outside_of_the_document(world: World, route: Route) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=EXAMPLES == QUICK,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def is_answered_by_the_document(data: st.DataObject) -> None:
        case = data.draw(cases(world, route))
        token = data.draw(st.sampled_from(world.callers(route.permission)))
        headers = {"Authorization": token} if token else {}
        if data.draw(st.integers(0, 5)):
            headers["Idempotency-Key"] = str(uuid4())
        if route.if_match and data.draw(st.booleans()) and (etag := present_version(case, route, headers)):
            headers["If-Match"] = etag
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    is_answered_by_the_document()
