"""Wallets on moto: what is written, that it comes back, and what a person is shown."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.accounts.model import Account, AccountNotFound, AccountState, Locale
from chalicelib.accounts.service import Accounts
from chalicelib.accounts.store import AccountItem
from chalicelib.core import clock
from chalicelib.core.actor import system
from chalicelib.core.money import Money
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform, PlatformSettings
from chalicelib.platforms.service import Platforms
from chalicelib.platforms.store import PlatformItem
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item
from chalicelib.table.operation import Decision, by_system, perform
from chalicelib.table.transact import StaleDecision
from chalicelib.wallet.ledger import Journal, LedgerTransaction, Posting
from chalicelib.wallet.lots import new_lot
from chalicelib.wallet.model import (
    AssetUnknown,
    Grant,
    HoldNotOpen,
    InsufficientCredits,
    Origin,
    Wallet,
    WalletOwes,
)
from chalicelib.wallet.postings import Unbalanced
from chalicelib.wallet.service import Movement, Wallets
from chalicelib.wallet.statements import Statements
from chalicelib.wallet.store import WalletItem
from chalicelib.wallet.views import EntriesQuery

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
wallets = Wallets()
people = Accounts(Platforms(), identity=None)  # nobody signs in here
statements = Statements(wallets, Platforms(), people)
PAID = [
    Posting(account="provider:stripe", asset="TRY", amount=-149_000),
    Posting(account="sold:credits", asset="TRY", amount=149_000),
]


def journal(operation: str, kind: str = "test") -> Journal:
    return Journal(operation=operation, kind=kind, at=clock.now(), reference={"thing": operation}, memo="why")


def revenue(amount: int) -> list[Posting]:
    return [Posting(account="revenue", asset="credit", amount=amount)]


def step(name: str, prepare: Callable[[Wallet], Movement], owner: str = "ada") -> Movement:
    """One committed movement of one wallet."""
    made: list[Movement] = []

    def decide(loaded: read.Loaded) -> Decision:
        made.append(prepare(wallets.load(loaded, "studio", owner)))
        return Decision(answer=None, writes=made[-1].writes)

    perform(by_system(system("studio"), "test", name), [wallets.key("studio", owner)], decide)
    return made[-1]


def buy(name: str = "buy", amount: int = 500) -> Movement:
    grant = Grant(
        origin=Origin.PURCHASE, amount=amount, cost=Money(149_000, "TRY"), reference={"order_id": "o"}
    )
    return step(name, lambda wallet: wallets.prepare_grant(wallet, grant, journal(name, "purchase"), PAID))


def stored(owner: str = "ada") -> Wallet:
    return wallets.load(read.batch([wallets.key("studio", owner)]), "studio", owner)


def entry(sequence: int, owner: str = "ada") -> LedgerTransaction:
    found = read.get(keys.entry("studio", owner, "credit", sequence), LedgerTransaction)
    assert found is not None
    return found


def make_people() -> None:
    now = clock.now()
    settings = PlatformSettings(spend_order=["purchase", "gift", "campaign", "refund", "adjustment"])
    platform = Platform(
        id="studio", name="P", sandbox=True, clock_offset_seconds=60, settings=settings, created_at=now
    )
    ada = Account(
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
        PlatformItem.of(keys.platform("studio"), platform),
        AccountItem.of(keys.account("studio", "ada"), ada),
    ]
    transact.commit([transact.create(item) for item in items], "people")


def test_a_grant_is_two_writes_and_comes_back_with_its_entry() -> None:
    movement = buy()
    assert len(movement.writes) == 2
    wallet = stored()
    assert (wallet.balance, wallet.entries, wallet.version) == (500, 1, 1)
    assert wallet.lots[0].cost == Money(149_000, "TRY")
    home = entry(1)
    assert (home.operation, home.kind, home.sequence, home.line.balance_after) == ("buy", "purchase", 1, 500)
    assert [(p.account, p.asset, p.amount) for p in home.postings] == [
        ("wallet:ada", "credit", 500),
        ("issued:purchase", "credit", -500),
        ("provider:stripe", "TRY", -149_000),
        ("sold:credits", "TRY", 149_000),
    ]


def test_a_spend_is_two_writes_and_tells_its_parts() -> None:
    buy()
    into = [*revenue(105), Posting(account="expert:dr", asset="credit", amount=195)]
    movement = step("book", lambda wallet: wallets.prepare_spend(wallet, 300, into, journal("book")))
    assert len(movement.writes) == 2
    (part,) = movement.parts
    assert (part.origin, part.amount, part.cost) == (Origin.PURCHASE, 300, Money(89_400, "TRY"))
    assert stored().lots[0].remaining_cost == Money(59_600, "TRY")


def test_the_platform_s_order_decides_which_origin_goes_first() -> None:
    buy()
    gift = Grant(origin=Origin.GIFT, amount=10)
    step("gift", lambda wallet: wallets.prepare_grant(wallet, gift, journal("gift")))
    wallet, order = stored(), ["purchase", "gift"]
    spent = wallets.prepare_spend(wallet, 5, revenue(5), journal("x"), order=order)
    held = wallets.prepare_hold(wallet, 5, "h", {}, journal("y"), order=order)
    assert spent.parts[0].origin is Origin.PURCHASE
    assert held.wallet.holds[0].parts[0].lot_id == wallet.lots[0].id
    assert wallets.prepare_spend(wallet, 5, revenue(5), journal("x")).parts[0].origin is Origin.GIFT


def test_what_goes_out_of_a_wallet_must_arrive_somewhere() -> None:
    buy()
    with pytest.raises(Unbalanced):
        wallets.prepare_spend(stored(), 5, revenue(4), journal("x"))
    with pytest.raises(Unbalanced):
        wallets.prepare_grant(stored(), Grant(origin=Origin.GIFT, amount=5), journal("x"), revenue(1))
    with pytest.raises(Unbalanced):
        wallets.prepare_spend(
            stored(), 5, [Posting(account="wallet:bob", asset="credit", amount=5)], journal("x")
        )


def test_a_refused_spend_writes_nothing() -> None:
    buy()
    before = stored()
    with pytest.raises(InsufficientCredits):
        step("book", lambda wallet: wallets.prepare_spend(wallet, 501, revenue(501), journal("book")))
    assert stored() == before
    assert read.get(keys.entry("studio", "ada", "credit", 2), LedgerTransaction) is None


def test_a_hold_is_captured_once() -> None:
    buy()
    step("hold", lambda wallet: wallets.prepare_hold(wallet, 200, "h", {"b": "1"}, journal("hold")))
    assert (stored().balance, stored().held, stored().available) == (500, 200, 300)
    captured = step(
        "take", lambda wallet: wallets.prepare_capture(wallet, "h", revenue(200), journal("take"))
    )
    assert captured.parts[0].cost == Money(59_600, "TRY")
    assert (stored().balance, stored().held, stored().entries) == (300, 0, 3)
    with pytest.raises(HoldNotOpen):
        step("again", lambda wallet: wallets.prepare_release(wallet, "h", journal("again")))


def test_a_released_hold_is_back_in_its_lot() -> None:
    lots = buy().wallet.lots
    step("hold", lambda wallet: wallets.prepare_hold(wallet, 200, "h", {}, journal("hold")))
    step("free", lambda wallet: wallets.prepare_release(wallet, "h", journal("free")))
    assert (stored().lots, stored().available, stored().holds) == (lots, 500, [])


def test_two_decisions_on_one_version_cannot_both_be_written() -> None:
    first = wallets.prepare_grant(stored(), Grant(origin=Origin.GIFT, amount=1), journal("first"))
    second = wallets.prepare_grant(stored(), Grant(origin=Origin.GIFT, amount=2), journal("second"))
    transact.commit(first.writes, "first")
    with pytest.raises(StaleDecision):
        transact.commit(second.writes, "second")
    assert stored().balance == 1


def test_an_entry_is_never_written_over() -> None:
    buy()
    movement = wallets.prepare_grant(stored(), Grant(origin=Origin.GIFT, amount=1), journal("x"))
    entry_write = movement.writes[1]
    transact.commit([entry_write], "x")
    with pytest.raises(StaleDecision):
        transact.commit([entry_write], "y")


def test_what_is_taken_back_and_gone_is_owed_and_the_next_grant_pays_it() -> None:
    buy()
    step("book", lambda wallet: wallets.prepare_spend(wallet, 300, revenue(300), journal("book")))
    order = {"order_id": "o"}
    refunded = [Posting(account="refunded:credits", asset="credit", amount=500)]
    movement = step(
        "refund", lambda wallet: wallets.prepare_clawback(wallet, 500, order, refunded, journal("refund"))
    )
    assert [(part.lot_id, part.amount) for part in movement.parts] == [(movement.parts[0].lot_id, 200)]
    assert (stored().balance, stored().owed, stored().lots) == (0, 300, [])
    assert [(p.account, p.amount) for p in entry(3).postings] == [
        ("wallet:ada", -200),
        ("owed:ada", -300),
        ("refunded:credits", 500),
    ]
    with pytest.raises(WalletOwes):
        step("again", lambda wallet: wallets.prepare_hold(wallet, 1, "h", {}, journal("again")))
    gift = Grant(origin=Origin.GIFT, amount=310)
    step("gift", lambda wallet: wallets.prepare_grant(wallet, gift, journal("gift")))
    assert (stored().balance, stored().owed) == (10, 0)


def test_what_was_spent_comes_back_to_its_lot_as_it_was() -> None:
    bought = buy().wallet.lots
    spent = step("book", lambda wallet: wallets.prepare_spend(wallet, 500, revenue(500), journal("book")))
    assert stored().lots == []
    step(
        "cancel",
        lambda wallet: wallets.prepare_return(wallet, spent.parts, journal("cancel"), revenue(-500)),
    )
    assert stored().lots == bought


def test_a_person_sees_what_he_holds_as_of_his_platform_s_clock(moving_clock) -> None:
    make_people()
    buy()
    soon = Grant(origin=Origin.GIFT, amount=10, expires_at=clock.now() + timedelta(minutes=2))
    step("gift", lambda wallet: wallets.prepare_grant(wallet, soon, journal("gift")))
    step("hold", lambda wallet: wallets.prepare_hold(wallet, 13, "h", {"b": "1"}, journal("hold")))
    shown = statements.wallet("studio", "ada", "credit")
    assert (shown.balance, shown.held, shown.available) == (510, 13, 497)
    assert [(lot.origin, lot.remaining, lot.held) for lot in shown.lots] == [
        ("gift", 10, 10),
        ("purchase", 500, 3),
    ]
    assert [(hold.id, hold.amount) for hold in shown.holds] == [("h", 13)]
    step("free", lambda wallet: wallets.prepare_release(wallet, "h", journal("free")))
    moving_clock.forward(seconds=59)
    assert statements.wallet("studio", "ada", "credit").available == 510
    moving_clock.forward(seconds=1)
    assert statements.wallet("studio", "ada", "credit").available == 500


def test_the_journal_says_why_newest_first_page_by_page() -> None:
    make_people()
    buy()
    step("book", lambda wallet: wallets.prepare_spend(wallet, 300, revenue(300), journal("book", "booking")))
    step("hold", lambda wallet: wallets.prepare_hold(wallet, 50, "h", {}, journal("hold", "hold")))
    first = statements.entries("studio", "ada", "credit", EntriesQuery(limit=2))
    last = statements.entries("studio", "ada", "credit", EntriesQuery(limit=2, cursor=first.cursor))
    told = [(e.sequence, e.kind, e.amount, e.held_amount, e.balance_after, e.held_after) for e in first.items]
    assert told == [(3, "hold", 0, 50, 200, 50), (2, "booking", -300, 0, 200, 0)]
    assert [(e.sequence, e.amount, e.reference, e.memo) for e in last.items] == [
        (1, 500, {"thing": "buy"}, "why")
    ]
    assert last.cursor is None


def test_an_empty_wallet_is_shown_and_an_unknown_asset_or_person_is_not_there() -> None:
    make_people()
    assert statements.wallet("studio", "ada", "credit").balance == 0
    assert statements.entries("studio", "ada", "credit", EntriesQuery()).items == []
    for asset in ("TRY", "sms", "CREDIT", ""):
        with pytest.raises(AssetUnknown):
            statements.wallet("studio", "ada", asset)
        with pytest.raises(AssetUnknown):
            statements.entries("studio", "ada", asset, EntriesQuery())
    with pytest.raises(AccountNotFound):
        statements.wallet("studio", "bob", "credit")
    with pytest.raises(AccountNotFound):
        statements.entries("studio", "bob", "credit", EntriesQuery())


def test_a_wallet_is_one_batch_read_and_a_page_of_entries_two_calls(monkeypatch) -> None:
    make_people()
    buy()
    calls: list[str] = []
    client = read.connection()._client
    made = type(client)._make_api_call

    def counted(self: object, name: str, arguments: object) -> object:
        calls.append(name)
        return made(self, name, arguments)

    monkeypatch.setattr(type(client), "_make_api_call", counted)
    statements.wallet("studio", "ada", "credit")
    statements.entries("studio", "ada", "credit", EntriesQuery())
    assert calls == ["BatchGetItem", "GetItem", "Query"]


# ------------------------------------------------------------------------------------------- pages


@pytest.fixture
def calls(monkeypatch) -> list[str]:
    """The AWS calls that are made, by name."""
    made: list[str] = []
    client = read.connection()._client
    plain = type(client)._make_api_call

    def counted(self: object, name: str, arguments: object) -> object:
        made.append(name)
        return plain(self, name, arguments)

    monkeypatch.setattr(type(client), "_make_api_call", counted)
    return made


def given(count: int, first: int = 0) -> None:
    gift = Grant(origin=Origin.GIFT, amount=1)
    for number in range(first, first + count):
        name = f"gift{number}"
        step(name, lambda wallet, n=name: wallets.prepare_grant(wallet, gift, journal(n)))


def spend(amount: int, name: str) -> Movement:
    return step(name, lambda wallet: wallets.prepare_spend(wallet, amount, revenue(amount), journal(name)))


def test_up_to_twenty_lots_every_step_is_one_read_and_one_transaction(calls) -> None:
    given(20)
    spend(20, "all")
    assert calls == ["BatchGetItem", "TransactWriteItems"] * 21


def test_past_the_item_a_spend_costs_a_query_and_a_get_more(calls, moving_clock) -> None:
    given(60)
    in_item = len(stored().lots)
    calls.clear()
    spend(in_item, "first")
    assert calls == ["BatchGetItem", "TransactWriteItems"]
    calls.clear()
    movement = spend(1, "next")
    assert calls == ["BatchGetItem", "Query", "GetItem", "TransactWriteItems"]
    assert len(movement.writes) == 3
    calls.clear()
    spend(1, "after")
    assert calls == ["BatchGetItem", "TransactWriteItems"]
    assert stored().balance == 60 - in_item - 2


def test_a_person_is_shown_more_than_the_item_holds() -> None:
    make_people()
    given(60)
    shown = statements.wallet("studio", "ada", "credit")
    assert (shown.balance, len(shown.lots), shown.more_lots) == (60, 60, False)
    given_at = [lot.granted_at for lot in shown.lots]
    assert given_at == sorted(given_at)
    given(140, first=60)
    shown = statements.wallet("studio", "ada", "credit")
    assert (shown.balance, shown.more_lots) == (200, True)
    assert 100 <= len(shown.lots) < 200


def test_a_wallet_that_was_stored_before_there_were_pages_is_read_and_forms_them() -> None:
    lots = [
        new_lot(f"lot_{number:03}", Grant(origin=Origin.GIFT, amount=1), clock.now()) for number in range(90)
    ]
    item = WalletItem.of(
        wallets.key("studio", "ada"),
        Wallet(platform_id="studio", owner_id="ada", asset="credit", balance=90, entries=90, lots=lots),
    )
    raw = item.serialize()
    del raw["record"]["M"]["paged"]
    read.connection()._client.put_item(TableName=Item.Meta.table_name, Item=raw)
    assert len(stored().lots) == 90
    spend(1, "first")
    assert len(stored().lots) <= 20
    pages = read.query(wallets.key("studio", "ada").pk, prefix="LOTS#").records
    assert sum(len(page.lots) for page in pages) + len(stored().lots) == 89
    spend(89, "rest")
    assert (stored().balance, stored().lots, stored().paged) == (0, [], {})
    assert read.query(wallets.key("studio", "ada").pk, prefix="LOTS#").records == []
