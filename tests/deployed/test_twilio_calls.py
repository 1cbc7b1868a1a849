"""A live platform with an account at Twilio sells a call, which rings once and is hung up on (E7).

What a lost answer leads to, ``tests/torture`` tries at every call of ``drain_call_of_twilio``.
"""

from typing import Any

import pytest

from infra.local.api import Api
from infra.local.people import PaymentPage, Person
from infra.local.running import RunningStack
from tests.deployed.tenants import Tenant, appointment_package, operate, wait_for
from tests.deployed.test_phone_sessions import customer, own_phone, rates, top_up

SID, TOKEN, CALLER = f"AC{'0b' * 16}", "twilio-deployed", "+908500000000"
A_DAY_MINUTES = 1_440


@pytest.fixture(scope="module")
def house(stack: RunningStack) -> Tenant:
    tenant = Tenant.create(stack, "exchange")
    kept = tenant.admin.api.get("/v1/admin/appointment-settings")
    version = kept.pop("version")
    body = kept | {"join_early_minutes": A_DAY_MINUTES}
    tenant.admin.api.put("/v1/admin/appointment-settings", body, if_match=f'"{version}"')
    return tenant


@pytest.fixture(scope="module")
def expert(house: Tenant) -> Person:
    elif_ = house.add_expert("Elif")
    own_phone(elif_, "+905321112233")
    return elif_


def connect(house: Tenant) -> None:
    operate(house.stack, "set-twilio-keys", house.id, typed=f"{SID}\n{TOKEN}\n{CALLER}\n")
    page = PaymentPage(house.stack.payments_url)
    page.tell("accounts", protocol="twilio", api_key=SID, secret_key=TOKEN, name=house.id)


def calls(house: Tenant) -> list[dict[str, Any]]:
    made: Any = Api(f"{house.stack.payments_url}/_sandbox").get("/calls")
    return [call for call in made["calls"] if call["account_sid"] == SID]


def test_e7_a_live_platform_calls_once_and_hangs_up(house, expert) -> None:
    connect(house)
    ada = customer(house, "Ada")
    rates(house, 100_000)
    top_up(house)
    by_phone = appointment_package(service="phone", sessions=1, duration_minutes=25)
    package_id = house.admin.api.post("/v1/admin/appointment-packages", by_phone)["id"]
    etag = house.admin.api.call("GET", "/v1/admin/catalogue/changes").etag
    house.admin.api.post("/v1/admin/catalogue/apply", if_match=etag)
    booking = house.book(ada, expert, package_id)
    for person in (expert, ada):
        person.api.post(f"/v1/sessions/{booking['id']}/join")
    wait_for(lambda: len(calls(house)) == 1)
    expert.api.post(f"/v1/sessions/{booking['id']}/end")
    wait_for(lambda: [call["status"] for call in calls(house)] == ["completed"])
