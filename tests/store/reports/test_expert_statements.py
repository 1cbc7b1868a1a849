"""V11 through both routes: what an expert earned as it was sold, reversed as it was sold, payable after the delay."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.accounts import store as accounts_store
from chalicelib.core.actor import Actor
from chalicelib.core.permissions import Role
from chalicelib.orders.model import Order
from chalicelib.reports import statements
from chalicelib.reports.routes import blueprint
from chalicelib.reports.service import Reports
from chalicelib.reports.statements import Statements
from chalicelib.table import keys, transact
from chalicelib.web.blueprint import answer
from tests.conftest import MovableClock
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    EXPERT,
    PLATFORM,
    accounts,
    actor,
    open_studio,
    platforms,
    set_on_sale,
    set_settings,
)
from tests.store.booking.test_by_card import CARD, Till, effects, refunded

reports = Reports(accounts)
routes = {
    route.name: route
    for route in blueprint(reports, None, Statements(platforms, accounts)).routes  # type: ignore[arg-type] - no files here
}
MINE, THEIRS = "GET /v1/me/statement", "GET /v1/admin/experts/{account_id}/statement"
WHOLE = {"from": "2026-11-01T00:00:00Z", "to": "2027-02-01T00:00:00Z"}


@pytest.fixture
def till(table: None, moving_clock: MovableClock) -> Till:
    open_studio(share=6_500)
    set_on_sale(CARD)
    set_settings(payout_delay_days=14)
    return Till()


def asked(name: str, who: Actor, query: dict[str, str] = WHOLE, **path: str) -> tuple[int, dict[str, Any]]:
    claims = {
        "sub": who.id,
        "custom:platform": who.platform_id,
        "token_use": "id",
        "cognito:groups": ",".join(who.roles),
    }
    request = SimpleNamespace(
        uri_params=path,
        headers={},
        query_params=query,
        raw_body=b"",
        context={"authorizer": {"claims": claims}},
    )
    response = answer(routes[name], request)
    return response.status_code, json.loads(response.body)


def mine(who: Actor = EXPERT, **query: str) -> dict[str, Any]:
    status, found = asked(MINE, who, WHOLE | query)
    assert status == 200, found
    return found


def sold(till: Till) -> Order:
    order = till.order()
    till.pay(order)
    reported()
    return order


def reported() -> None:
    for line in effects("report.sale"):
        reports.record_sale(PLATFORM, line)


def of_the_total(found: dict[str, Any]) -> tuple[str, int, int, int, int]:
    [total] = found["totals"]
    return total["unit"], total["earned"], total["reversed"], total["due"], total["payable"]


def test_v11_a_share_is_payable_from_the_instant_that_the_delay_is_over(
    till: Till, moving_clock: MovableClock
) -> None:
    sold(till)
    moving_clock.forward(days=14, milliseconds=-1)
    assert of_the_total(mine()) == ("TRY", 58_500, 0, 58_500, 0)
    moving_clock.forward(milliseconds=1)
    found = mine()
    assert of_the_total(found) == ("TRY", 58_500, 0, 58_500, 58_500)
    assert (found["expert_id"], found["payout_delay_days"]) == ("elif", 14)


def test_v11_shares_stay_as_sold_and_are_reversed_as_sold(till: Till, moving_clock: MovableClock) -> None:
    order = sold(till)
    expert = accounts_store.find(keys.account(PLATFORM, "elif"))
    assert expert is not None
    transact.commit([accounts_store.saved(replace(expert, share_basis_points=1_000))], "less")
    moving_clock.forward(days=3)
    refunded(till, order, "half", 45_000)
    reported()
    assert of_the_total(mine()) == ("TRY", 58_500, 29_250, 29_250, 0)
    moving_clock.forward(days=11)
    found = mine()
    assert of_the_total(found) == ("TRY", 58_500, 29_250, 29_250, 29_250)
    back, sale = found["lines"]
    assert (sale["share"], sale["reverses"]) == (58_500, None)
    assert (back["share"], back["reverses"], back["payable_at"]) == (
        -29_250, sale["sale_id"], sale["payable_at"],
    )  # fmt: skip


@pytest.mark.parametrize("until_payable", [timedelta(milliseconds=1), timedelta()])
def test_v11_statements_of_months_add_up(
    till: Till, moving_clock: MovableClock, until_payable: timedelta
) -> None:
    """Sold on 22 November and refunded on 2 December, within the delay."""
    order = sold(till)
    moving_clock.forward(days=10)
    refunded(till, order, "half", 45_000)
    reported()
    moving_clock.forward(days=4)
    moving_clock.forward(milliseconds=-(until_payable // timedelta(milliseconds=1)))
    december = "2026-12-01T00:00:00Z"
    months = of_the_total(mine(to=december))[-1], of_the_total(mine(**{"from": december}))[-1]
    assert months == ((0, 0) if until_payable else (58_500, -29_250))
    assert of_the_total(mine())[-1] == sum(months)


def test_both_routes_say_the_same_and_another_expert_has_nothing(till: Till) -> None:
    sold(till)
    assert asked(THEIRS, ADMIN, account_id="elif") == (200, mine())
    nobody = mine(actor("deniz", Role.EXPERT))
    assert (nobody["expert_id"], nobody["totals"], nobody["lines"]) == ("deniz", [], [])


def test_a_statement_s_times_are_half_open(till: Till, moving_clock: MovableClock) -> None:
    sold(till)
    at = moving_clock()
    just_after = (at + timedelta(milliseconds=1)).isoformat()
    assert len(mine(to=just_after)["lines"]) == 1
    assert mine(to=at.isoformat())["lines"] == []
    assert mine(**{"from": just_after})["lines"] == []


@pytest.mark.parametrize("account_id", ["ada", "nobody"])
def test_who_is_no_expert_has_no_statement(till: Till, account_id: str) -> None:
    status, refusal = asked(THEIRS, ADMIN, account_id=account_id)
    assert (status, refusal["code"]) == (404, "EXPERT_NOT_FOUND")


def test_the_refusal_of_what_cannot_be_an_id_is_declared(till: Till) -> None:
    status, refusal = asked(THEIRS, ADMIN, account_id="a.b")
    assert (status, refusal["code"]) == (404, "ACCOUNT_NOT_FOUND")
    assert refusal["code"] in {error.code for error in routes[THEIRS].errors}


def test_an_expert_of_another_platform_is_not_there(till: Till) -> None:
    status, refusal = asked(THEIRS, actor("chief", Role.ADMIN, None, "other"), account_id="elif")
    assert (status, refusal["code"]) == (404, "EXPERT_NOT_FOUND")


@pytest.mark.parametrize(
    ("name", "who"),
    [(MINE, ADA), (MINE, ADMIN), (THEIRS, EXPERT), (THEIRS, ADA)],
    ids=["customer", "admin", "expert_of_any", "customer_of_any"],
)
def test_a_statement_is_the_expert_s_and_the_admin_s(till: Till, name: str, who: Actor) -> None:
    path = {"account_id": "elif"} if name == THEIRS else {}
    status, refusal = asked(name, who, **path)
    assert (status, refusal["code"]) == (403, "FORBIDDEN")


def test_a_time_that_ends_before_it_begins_is_refused(till: Till) -> None:
    status, refusal = asked(MINE, EXPERT, {"from": WHOLE["to"], "to": WHOLE["from"]})
    assert (status, refusal["code"]) == (422, "RANGE_INVALID")


@pytest.mark.parametrize(("bound", "status"), [(2, 200), (1, 422)])
def test_a_statement_is_whole_or_refused(
    till: Till, monkeypatch: pytest.MonkeyPatch, bound: int, status: int
) -> None:
    refunded(till, sold(till), "half", 45_000)
    reported()
    monkeypatch.setattr(statements, "MAX_SALES", bound)
    found_status, found = asked(MINE, EXPERT)
    assert (found_status, found.get("code")) == (status, "TOTALS_TOO_LARGE" if status == 422 else None)
    assert [each["field"] for each in found.get("errors", [])] == (["to"] if status == 422 else [])
