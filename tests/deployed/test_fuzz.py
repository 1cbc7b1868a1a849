"""Whatever the API's own document allows, and much that it does not: never a 5xx, never an answer outside of it.

Through the gateway and its authorizer, over HTTP; ``make torture`` tries a thousand cases of each operation at the
handler. ``FUZZ_EXAMPLES`` raises the number of cases of each operation and makes them new ones in each run.
"""

import os
from uuid import uuid4

import pytest
import requests

from chalicelib.core.permissions import Role
from chalicelib.web.blueprint import Route
from infra.local.running import RunningStack
from tests.deployed.tenants import Tenant
from tests.fuzzing import ROUTES, Fuzzed, document, fuzz

SINCE, UNTIL = "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z"
QUICK, SEED = 10, 20261122
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", QUICK))


@pytest.fixture(scope="module")
def fuzzed(stack: RunningStack) -> Fuzzed:
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
    tokens = {role: str(person.api.token) for role, person in people.items()}
    return Fuzzed(document(stack.api_url), tokens, known, requests.Session())


@pytest.mark.parametrize("route", [pytest.param(route, id=route.name) for route in ROUTES])
def test_no_request_gets_an_answer_outside_of_the_document(fuzzed: Fuzzed, route: Route) -> None:
    fuzz(fuzzed, route, EXAMPLES, SEED if EXAMPLES == QUICK else None)
