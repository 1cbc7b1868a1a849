"""The wallet's routes: who may ask for what, and what he is answered."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from chalicelib.accounts.model import Account, AccountState, Locale
from chalicelib.accounts.service import Accounts
from chalicelib.accounts.store import AccountItem
from chalicelib.core import clock
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.platforms.store import PlatformItem
from chalicelib.table import keys, read, transact
from chalicelib.wallet import routes
from chalicelib.wallet.model import Grant, Journal, Origin
from chalicelib.wallet.service import Statements, Wallets
from chalicelib.web.blueprint import answer

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
wallets = Wallets()
people = Accounts(Platforms(), identity=None)  # nobody signs in here
declared = {route.name: route for route in routes.blueprint(Statements(wallets, Platforms(), people)).routes}
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


def asked(route: str, path: dict[str, str], who: str = "ada", role: str = "customer", **query: str) -> Any:
    claims = {"sub": who, "custom:platform": "studio", "token_use": "id", "cognito:groups": role}
    request = SimpleNamespace(
        uri_params=path,
        headers={},
        context={"authorizer": {"claims": claims}},
        query_params=query,
        raw_body=b"",
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
                "balance_after": 7,
                "held_after": 0,
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
