"""The wallet's routes: who may ask for what, and what he is answered."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from chalicelib.accounts.model import Account, AccountState, Locale
from chalicelib.accounts.service import Accounts
from chalicelib.accounts.store import AccountItem
from chalicelib.audit import routes as audit_routes
from chalicelib.audit.service import Audits
from chalicelib.core import clock
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.platforms.store import PlatformItem
from chalicelib.table import keys, read, transact
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet import routes
from chalicelib.wallet.adjustments import Adjustments
from chalicelib.wallet.extensions import Extensions
from chalicelib.wallet.model import Grant, Journal, Origin
from chalicelib.wallet.service import Statements, Wallets
from chalicelib.web.blueprint import answer

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
wallets = Wallets()
people = Accounts(Platforms(), identity=None)  # nobody signs in here
parts = wallets, Platforms(), people
declared = {
    route.name: route
    for route in routes.blueprint(Statements(*parts), Adjustments(*parts), Extensions(*parts)).routes
}
declared |= {route.name: route for route in audit_routes.blueprint(Audits()).routes}
MINE = "GET /v1/me/wallets/{asset}"
CUSTOMERS = "GET /v1/admin/customers/{account_id}/wallets/{asset}"


@pytest.fixture(autouse=True)
def ada(table: None, moving_clock: Any) -> None:
    now = clock.now()
    account = Account(
        id="ada",
        platform_id="studio",
        role=Role.CUSTOMER,
        state=AccountState.ACTIVE,
        email="ada@example.com",
        name="Ada",
        country="TR",
        locale=Locale.TURKISH,
        created_at=now,
    )
    items = [
        PlatformItem.of(keys.platform("studio"), Platform(id="studio", name="Studio", created_at=now)),
        AccountItem.of(keys.account("studio", "ada"), account),
    ]
    loaded = read.batch([wallets.key("studio", "ada")])
    grant = wallets.prepare_grant(
        wallets.load(loaded, "studio", "ada"),
        Grant(origin=Origin.GIFT, amount=7),
        Journal(operation="gift", kind="gift", at=now, reference={"campaign_id": "c"}, memo="Welcome"),
    )
    transact.commit([*(transact.create(item) for item in items), *grant.writes], "people")


def asked(
    route: str,
    path: dict[str, str],
    who: str = "ada",
    role: str = "customer",
    body: dict[str, Any] | None = None,
    key: str = "k",
    **query: str,
) -> Any:
    claims = {"sub": who, "custom:platform": "studio", "token_use": "id", "cognito:groups": role}
    request = SimpleNamespace(
        uri_params=path,
        headers={"content-type": "application/json", "idempotency-key": key},
        context={"authorizer": {"claims": claims}},
        query_params=query,
        raw_body=msgspec.json.encode(body) if body is not None else b"",
    )
    response = answer(declared[route], request)
    return response.status_code, msgspec.json.decode(response.body)


def test_a_customer_sees_his_balance_and_why() -> None:
    status, wallet = asked(MINE, {"asset": "credit"})
    assert (status, wallet["balance"], wallet["available"]) == (200, 7, 7)
    status, page = asked(f"{MINE}/entries", {"asset": "credit"}, limit="1")
    assert status == 200
    assert page == {
        "items": [
            {
                "sequence": 1,
                "at": "2026-11-22T09:00:00Z",
                "kind": "gift",
                "amount": 7,
                "held_amount": 0,
                "owed_amount": 0,
                "balance_after": 7,
                "held_after": 0,
                "owed_after": 0,
                "reference": {"campaign_id": "c"},
                "memo": "Welcome",
            }
        ],
        "cursor": None,
    }


def test_an_admin_sees_a_customer_s_and_a_customer_nobody_else_s() -> None:
    of_ada = {"asset": "credit", "account_id": "ada"}
    for route in (CUSTOMERS, f"{CUSTOMERS}/entries"):
        assert asked(route, of_ada, who="boss", role="admin")[0] == 200
        assert asked(route, of_ada, who="bob")[1]["code"] == "FORBIDDEN"
        assert (
            asked(route, of_ada | {"account_id": "bob"}, who="boss", role="admin")[1]["code"]
            == "ACCOUNT_NOT_FOUND"
        )


def test_an_unknown_asset_and_a_bad_page_are_refused() -> None:
    status, problem = asked(MINE, {"asset": "sms"})
    assert (status, problem["code"]) == (404, "ASSET_NOT_FOUND")
    for query in ({"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"cursor": "nonsense"}, {"page": "2"}):
        status, problem = asked(f"{MINE}/entries", {"asset": "credit"}, **query)
        assert (status, "errors" in problem) == (422, True)


ADJUST = f"POST {CUSTOMERS.removeprefix('GET ')}/adjustments"
AUDIT = "GET /v1/admin/audit"
OF_ADA = {"asset": "credit", "account_id": "ada"}


def adjusted(key: str = "k", path: dict[str, str] = OF_ADA, **body: Any) -> Any:
    return asked(ADJUST, path, who="boss", role="admin", body=body, key=key)


def balance() -> int:
    return int(asked(MINE, {"asset": "credit"})[1]["balance"])


def audit_list(**query: str) -> list[dict[str, Any]]:
    status, page = asked(AUDIT, {}, who="boss", role="admin", **query)
    assert status == 200
    return list(page["items"])


def test_an_admin_gives_and_takes_and_both_are_kept_with_their_reason() -> None:
    status, given = adjusted("1", amount=5, origin="gift", reason=" He waited. ", expires_in_days=30)
    assert (status, given["reason"], given["actor_id"]) == (201, "He waited.", "boss")
    assert (given["before"]["balance"], given["after"]["balance"]) == (7, 12)
    wallet = asked(MINE, {"asset": "credit"})[1]
    assert [(lot["origin"], lot["remaining"]) for lot in wallet["lots"]] == [("gift", 5), ("gift", 7)]
    assert wallet["lots"][0]["expires_at"] == "2026-12-22T09:00:00Z"
    status, taken = adjusted("2", amount=-6, reason="A mistake")
    assert (status, taken["after"]["balance"], balance()) == (201, 6, 6)
    for listed in (audit_list(), audit_list(account_id="ada")):
        assert {record["id"] for record in listed} == {given["id"], taken["id"]}
    assert audit_list(account_id="bob") == []
    assert list(verify(every_item())) == []


def test_an_adjustment_repeated_is_one() -> None:
    first, again = (adjusted("same", amount=5, reason="why") for _ in range(2))
    assert first == again
    assert (balance(), len(audit_list())) == (12, 1)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"amount": 5}, "REASON_REQUIRED"),
        ({"amount": 5, "reason": "  "}, "REASON_REQUIRED"),
        ({"amount": 0, "reason": "r"}, "ADJUSTMENT_ZERO"),
        ({"amount": 1.5, "reason": "r"}, "ADJUSTMENT_NOT_WHOLE"),
        ({"amount": -8, "reason": "r"}, "ADJUSTMENT_TOO_LARGE"),
        ({"amount": 5, "reason": "r", "origin": "purchase"}, "ORIGIN_NOT_ALLOWED"),
        ({"amount": -5, "reason": "r", "origin": "gift"}, "ORIGIN_NOT_ALLOWED"),
        ({"amount": -5, "reason": "r", "expires_in_days": 3}, "EXPIRY_NOT_ALLOWED"),
        ({"amount": 10_000_001, "reason": "r"}, "INVALID"),
    ],
)
def test_an_adjustment_that_is_none_is_refused_and_changes_nothing(body: dict[str, Any], code: str) -> None:
    assert adjusted(**body)[1]["code"] == code
    assert (balance(), audit_list()) == (7, [])


def test_money_and_who_is_no_customer_are_refused() -> None:
    for path, code in (
        (OF_ADA | {"asset": "TRY"}, "CURRENCY_NOT_ADJUSTABLE"),
        (OF_ADA | {"asset": "sms"}, "ASSET_NOT_FOUND"),
        (OF_ADA | {"account_id": "bob"}, "ACCOUNT_NOT_FOUND"),
    ):
        assert adjusted(path=path, amount=5, reason="r")[1]["code"] == code
    assert asked(ADJUST, OF_ADA, body={"amount": 5, "reason": "r"})[1]["code"] == "FORBIDDEN"
    assert asked(AUDIT, {})[1]["code"] == "FORBIDDEN"
