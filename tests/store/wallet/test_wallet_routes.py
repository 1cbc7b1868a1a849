"""The wallet's routes: who may ask for what, and what he is answered."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from chalicelib.accounts.model import Account, AccountState, Locale
from chalicelib.accounts.service import Accounts
from chalicelib.accounts.store import AccountItem
from chalicelib.audit import routes as audit_routes
from chalicelib.audit.service import Audits
from chalicelib.core import clock
from chalicelib.core.money import Money
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.platforms.store import PlatformItem
from chalicelib.table import keys, read, transact
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet import routes
from chalicelib.wallet.adjustments import Adjustments
from chalicelib.wallet.explanations import Explanations
from chalicelib.wallet.extensions import Extensions
from chalicelib.wallet.ledger import Journal, Posting
from chalicelib.wallet.model import Grant, Origin, Wallet
from chalicelib.wallet.service import Movement, Wallets
from chalicelib.wallet.statements import Statements
from chalicelib.web.blueprint import answer

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
wallets = Wallets()
people = Accounts(Platforms(), identity=None)  # nobody signs in here
parts = wallets, Platforms(), people
declared = {
    route.name: route
    for route in routes.blueprint(
        Statements(*parts), Adjustments(*parts), Extensions(*parts), Explanations(wallets, people)
    ).routes
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


def test_the_record_of_a_gift_says_when_it_expires_wherever_its_lot_stands() -> None:
    """Of a wallet of many lots the later ones stand on pages."""
    given = [adjusted(str(days), amount=1, reason="r", expires_in_days=days)[1] for days in range(1, 26)]
    told = [record["after"]["expires_at"] for record in given]
    assert (told[0], told[-1]) == ("2026-11-23T09:00:00.000Z", "2026-12-17T09:00:00.000Z")
    assert "expires_at" not in adjusted("take", amount=-1, reason="r")[1]["after"]


def test_what_an_admin_takes_goes_in_the_platform_s_order() -> None:
    bought(10, "ord_1")
    platform = Platforms().get("studio")
    settings = replace(
        platform.settings, spend_order=["purchase", "gift", "campaign", "refund", "adjustment"]
    )
    saved = PlatformItem.of(keys.platform("studio"), replace(platform, settings=settings))
    transact.commit([transact.save(saved)], "order")
    assert adjusted(amount=-4, reason="r")[0] == 201
    lots = asked(MINE, {"asset": "credit"})[1]["lots"]
    assert [(lot["origin"], lot["remaining"]) for lot in lots] == [("purchase", 6), ("gift", 7)]


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


# -------------------------------------------------------------------------------------- explanation

WHY = f"{MINE}/explanation"


def moved(name: str, prepare: Callable[[Wallet, Journal], Movement], **reference: str) -> Movement:
    wallet = wallets.load(read.batch([wallets.key("studio", "ada")]), "studio", "ada")
    journal = Journal(operation=name, kind=name, at=clock.now(), reference=reference, memo=f"memo of {name}")
    movement = prepare(wallet, journal)
    transact.commit(movement.writes, name)
    return movement


def bought(amount: int, order: str) -> Movement:
    reference = {"order_id": order, "package_id": "cpk_1"}
    cost = Money(amount * 300, "TRY")
    paid = [
        Posting(account="provider:stripe", asset="TRY", amount=-cost.amount),
        Posting(account="sold:credits", asset="TRY", amount=cost.amount),
    ]
    grant = Grant(origin=Origin.PURCHASE, amount=amount, cost=cost, reference=reference)
    return moved(
        f"buy-{order}",
        lambda wallet, journal: wallets.prepare_grant(wallet, grant, journal, paid),
        payment_id="pi_1",
        **reference,
    )


def spent(amount: int, name: str = "book") -> Movement:
    into = [Posting(account="revenue", asset="credit", amount=amount)]
    return moved(name, lambda wallet, journal: wallets.prepare_spend(wallet, amount, into, journal))


def test_b39_each_line_leads_to_its_lots_and_each_lot_to_its_payment_and_package() -> None:
    """Bought 10 beside the gift of 7, spent 12: 5 are left, of the purchase."""
    bought(10, "ord_1")
    spent(12)
    status, page = asked(WHY, {"asset": "credit"})
    assert (status, page["balance"], page["held"], page["owed"]) == (200, 5, 0, 0)
    book, buy, gift = page["items"]
    assert [line["entry"]["balance_after"] for line in (book, buy, gift)] == [5, 17, 7]
    assert [(lot["amount"], lot["cost"]) for lot in book["lots"]] == [
        (-7, None),
        (-5, {"amount": -1500, "currency": "TRY"}),
    ]
    of_gift, of_purchase = (lot["source"] for lot in book["lots"])
    assert (of_gift["kind"], of_gift["memo"], of_gift["provider"]) == ("gift", "Welcome", None)
    assert of_purchase["reference"] == {"order_id": "ord_1", "package_id": "cpk_1", "payment_id": "pi_1"}
    assert (of_purchase["sequence"], of_purchase["memo"]) == (2, "memo of buy-ord_1")
    assert (of_purchase["provider"], of_purchase["paid"]) == ("stripe", {"amount": 3000, "currency": "TRY"})
    assert buy["lots"][0]["source"]["sequence"] == 2
    assert page["cursor"] is None


def test_a_lot_is_traced_from_a_page_on_which_its_purchase_does_not_stand() -> None:
    bought(10, "ord_1")
    spent(12)
    _, page = asked(WHY, {"asset": "credit"}, limit="1")
    assert [lot["source"]["kind"] for lot in page["items"][0]["lots"]] == ["gift", "buy-ord_1"]
    _, rest = asked(WHY, {"asset": "credit"}, limit="25", cursor=page["cursor"])
    assert [line["entry"]["sequence"] for line in rest["items"]] == [2, 1]


def test_what_came_back_is_traced_to_the_first_purchase() -> None:
    bought(10, "ord_1")
    movement = spent(17)
    back = [Posting(account="revenue", asset="credit", amount=-17)]
    moved("cancel", lambda wallet, journal: wallets.prepare_return(wallet, movement.parts, journal, back))
    line = asked(WHY, {"asset": "credit"})[1]["items"][0]
    assert [(lot["amount"], lot["source"]["sequence"]) for lot in line["lots"]] == [(7, 1), (10, 2)]


def test_a_line_of_many_lots_shows_twenty_and_counts_the_rest() -> None:
    for number in range(25):
        bought(1, f"ord_{number}")
    spent(32)
    line = asked(WHY, {"asset": "credit"})[1]["items"][0]
    assert (len(line["lots"]), line["more_lots"]) == (20, 6)


def test_a_hold_is_named_by_the_lines_that_open_and_end_it() -> None:
    moved("hold", lambda wallet, journal: wallets.prepare_hold(wallet, 3, "bkg_1", {}, journal))
    moved("free", lambda wallet, journal: wallets.prepare_release(wallet, "bkg_1", journal))
    free, hold, _ = asked(WHY, {"asset": "credit"})[1]["items"]
    assert [(line["hold_id"], line["hold_step"]) for line in (free, hold)] == [
        ("bkg_1", "released"),
        ("bkg_1", "opened"),
    ]


def test_an_explanation_is_the_owner_s_and_the_admin_s() -> None:
    route = f"{CUSTOMERS}/explanation"
    assert asked(route, OF_ADA, who="boss", role="admin")[1]["balance"] == 7
    assert asked(route, OF_ADA, who="bob")[1]["code"] == "FORBIDDEN"
    assert (
        asked(route, OF_ADA | {"account_id": "bob"}, who="boss", role="admin")[1]["code"]
        == "ACCOUNT_NOT_FOUND"
    )
    assert asked(WHY, {"asset": "sms"})[1]["code"] == "ASSET_NOT_FOUND"
    assert asked(WHY, {"asset": "credit"}, limit="26")[0] == 422
