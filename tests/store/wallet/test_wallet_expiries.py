"""The sweeper and a wallet: lots that expire, warnings, holds with a term; by real time and by a sandbox's clock."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.accounts.model import Account, AccountState, Locale
from chalicelib.accounts.service import Accounts
from chalicelib.accounts.store import AccountItem
from chalicelib.core import clock
from chalicelib.core.actor import Actor, system
from chalicelib.core.errors import Refusal
from chalicelib.core.mail import Mail
from chalicelib.core.permissions import Role
from chalicelib.notices.service import Notices
from chalicelib.platforms.model import Platform, PlatformSettings
from chalicelib.platforms.service import CLOCK_MOVED, Platforms
from chalicelib.platforms.store import PlatformItem
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Decision, by_system, perform
from chalicelib.table.outbox import Outbox
from chalicelib.table.sweeper import Sweeper
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.expiries import Expiries
from chalicelib.wallet.extensions import Extensions
from chalicelib.wallet.ledger import Journal, LedgerTransaction, Posting
from chalicelib.wallet.lots import place
from chalicelib.wallet.model import CREDITS_EXPIRING, Grant, Origin, Wallet
from chalicelib.wallet.service import Movement, Wallets

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
wallets, platforms = Wallets(), Platforms()
people = Accounts(platforms, identity=None)  # nobody signs in here
DAY = timedelta(days=1)


class Letterbox:
    def __init__(self) -> None:
        self.mails: list[Mail] = []

    def send(self, mail: Mail) -> str:
        self.mails.append(mail)
        return str(len(self.mails))


class World:
    """One platform, real or sandbox, with Ada, the sweeper and the outbox."""

    def __init__(self, moving_clock: Any, *, sandbox: bool, extension_days: int = 30) -> None:
        self.clock, self.sandbox, self.letters = moving_clock, sandbox, Letterbox()
        now = clock.now()
        platform = Platform(
            id="studio",
            name="Studio",
            sandbox=sandbox,
            settings=PlatformSettings(lot_extension_days=extension_days),
            created_at=now,
        )
        ada = Account(
            id="ada",
            platform_id="studio",
            role=Role.CUSTOMER,
            state=AccountState.ACTIVE,
            email="ada@example.com",
            name="Ada",
            country="TR",
            locale=Locale.ENGLISH,
            created_at=now,
        )
        items = [
            PlatformItem.of(keys.platform("studio"), platform),
            AccountItem.of(keys.account("studio", "ada"), ada),
        ]
        transact.commit([transact.create(item) for item in items], "people")
        notices = Notices(platforms, people, None, None, self.letters)  # type: ignore[arg-type]
        outbox = Outbox(
            {
                CREDITS_EXPIRING: notices.credits_expiring,
                CLOCK_MOVED: lambda platform_id, _: self.sweeper.sweep_platform(platform_id),
            }
        )
        expiries = Expiries(wallets, platforms)
        handlers = {"WALLET": expiries.sweep, "LOTS": expiries.sweep, "RECEIPT": outbox.drain}
        self.sweeper = Sweeper(handlers, platforms)

    def after(self, days: float) -> None:
        """Time passes, by the clock that the platform lives by, and the sweeper runs until all is done."""
        if self.sandbox:
            to = platforms.get("studio").now() + days * DAY
            platforms.move_clock(by_system(system("studio"), "clock", str(to)), to)
        else:
            self.clock.forward(days=days)
        for _ in range(3):
            self.clock.forward(seconds=31)  # a receipt is the sweeper's half a minute after the stream's
            self.sweeper.run()

    def told(self) -> list[str]:
        return [mail.subject for mail in self.letters.mails]


@pytest.fixture(params=[False, True], ids=["real", "sandbox"])
def world(request: Any, moving_clock: Any) -> World:
    return World(moving_clock, sandbox=request.param)


def step(name: str, prepare: Callable[[Wallet, Journal], Movement]) -> Movement:
    made: list[Movement] = []

    def decide(loaded: read.Loaded) -> Decision:
        now = platforms.load(loaded, "studio").now()
        journal = Journal(operation=name, kind="test", at=now, reference={})
        made.append(prepare(wallets.load(loaded, "studio", "ada"), journal))
        return Decision(answer=None, writes=made[-1].writes)

    wanted = [platforms.key("studio"), wallets.key("studio", "ada")]
    perform(by_system(system("studio"), "test", name), wanted, decide)
    return made[-1]


def given(amount: int, days: int | None, name: str = "give") -> str:
    """The lot's id."""

    def prepare(wallet: Wallet, journal: Journal) -> Movement:
        expires_at = None if days is None else journal.at + days * DAY
        return wallets.prepare_grant(
            wallet, Grant(origin=Origin.GIFT, amount=amount, expires_at=expires_at), journal
        )

    return step(name, prepare).transaction.line.lots[0].lot_id


def spent_of(amount: int, name: str) -> Movement:
    into = [Posting(account="revenue", asset="credit", amount=amount)]
    return step(name, lambda wallet, journal: wallets.prepare_spend(wallet, amount, into, journal))


def came_back(spent: Movement, name: str) -> None:
    from_ = [Posting(account="revenue", asset="credit", amount=spent.transaction.line.amount)]
    step(name, lambda wallet, journal: wallets.prepare_return(wallet, spent.parts, journal, from_))


def stored() -> Wallet:
    return wallets.load(read.batch([wallets.key("studio", "ada")]), "studio", "ada")


def sound() -> bool:
    return [str(each) for each in verify(every_item()) if not each.warning] == []


def test_v21_what_expires_is_warned_of_three_times_and_then_breakage(world: World) -> None:
    given(10, 60)
    given(5, None, "more")
    world.after(29)
    assert (world.told(), stored().balance) == ([], 15)
    for days, mails in ((1, 1), (22, 1), (1, 2), (6, 3)):
        world.after(days)
        assert len(world.told()) == mails
    assert stored().balance == 15
    world.after(1)
    assert (stored().balance, [lot.remaining for lot in stored().lots]) == (5, [5])
    entry = read.get(keys.entry("studio", "ada", "credit", 3), LedgerTransaction)
    assert entry is not None
    assert [(p.account, p.amount) for p in entry.postings] == [("wallet:ada", -10), ("breakage", 10)]
    world.after(90)
    assert (len(world.told()), stored().entries) == (3, 3)
    assert sound()


def test_a_jump_over_all_of_it_expires_once_and_warns_of_nothing(world: World) -> None:
    given(10, 60)
    world.after(100)
    assert (stored().balance, world.told()) == (0, [])
    assert sound()


def test_a_hold_with_a_term_is_given_back_once(world: World) -> None:
    given(10, None)

    def prepare(wallet: Wallet, journal: Journal) -> Movement:
        return wallets.prepare_hold(wallet, 4, "h", {"for": "a test"}, journal, expires_at=journal.at + DAY)

    step("hold", prepare)
    world.after(0.5)
    assert stored().held == 4
    world.after(0.5)
    assert (stored().held, stored().available, stored().entries) == (0, 10, 3)
    world.after(10)
    assert stored().entries == 3
    assert sound()


def test_what_is_held_of_an_expired_lot_expires_when_it_is_released(world: World) -> None:
    given(10, 2)
    step("hold", lambda wallet, journal: wallets.prepare_hold(wallet, 4, "h", {}, journal))
    world.after(2)
    assert (stored().balance, stored().held) == (4, 4)
    step("free", lambda wallet, journal: wallets.prepare_release(wallet, "h", journal))
    world.after(0)
    assert (stored().balance, stored().lots) == (0, [])
    assert sound()


def test_what_is_held_of_an_expired_lot_may_be_captured(world: World) -> None:
    given(10, 2)
    step("hold", lambda wallet, journal: wallets.prepare_hold(wallet, 4, "h", {}, journal))
    world.after(5)
    into = [Posting(account="revenue", asset="credit", amount=4)]
    step("take", lambda wallet, journal: wallets.prepare_capture(wallet, "h", into, journal))
    assert stored().balance == 0
    assert sound()


def test_a_mail_tells_what_is_left_and_when_it_ends(moving_clock: Any) -> None:
    world = World(moving_clock, sandbox=False)
    given(10, 8)
    into = [Posting(account="revenue", asset="credit", amount=3)]
    step("spend", lambda wallet, journal: wallets.prepare_spend(wallet, 3, into, journal))
    world.after(1)
    (mail,) = world.letters.mails
    assert mail.to == "ada@example.com"
    assert "Credits: 7" in mail.text
    assert "30 November 2026" in mail.text


def test_a_mail_about_what_is_used_up_or_put_off_meanwhile_is_not_sent(moving_clock: Any) -> None:
    world = World(moving_clock, sandbox=False)
    lot_id = given(10, 8)
    notices = Notices(platforms, people, None, None, world.letters)  # type: ignore[arg-type]
    payload = {"owner_id": "ada", "asset": "credit", "lot_id": lot_id, "amount": 10, "days": 7}
    payload |= {"origin": "gift", "place": place(stored().lots[0])}
    notices.credits_expiring("studio", payload | {"expires_at": "2026-11-29T09:00:00.000Z"})
    notices.credits_expiring("studio", payload | {"lot_id": "lot_x", "expires_at": None})
    assert world.letters.mails == []
    notices.credits_expiring("studio", payload | {"expires_at": "2026-11-30T09:00:00.000Z"})
    assert len(world.letters.mails) == 1


# ---------------------------------------------------------------------------------------- extension


def extend(lot_id: str, key: str = "k", reason: str = "She was ill.") -> None:
    boss = Actor(id="boss", platform_id="studio", roles=frozenset({Role.ADMIN}))
    operation = by_system(boss, "extend", key)
    Extensions(wallets, platforms, people).extend(operation, "ada", "credit", lot_id, reason)


def refused(code: str, lot_id: str, **sent: str) -> None:
    before = stored()
    with pytest.raises(Refusal) as refusal:
        extend(lot_id, "again", **sent)
    assert (refusal.value.code, stored()) == (code, before)


def test_an_admin_puts_an_expiry_off_once_and_it_is_kept(world: World) -> None:
    lot_id = given(10, 10)
    world.after(9)
    extend(lot_id)
    week = world.sandbox  # a sandbox lives through its leap; real time that was slept through is not told
    assert len(world.told()) == 1 + week  # of a day before the first expiry
    refused("LOT_EXTENDED_ALREADY", lot_id)
    world.after(20)
    assert (stored().balance, len(world.told())) == (10, 2 + week)
    world.after(10)
    assert (stored().balance, len(world.told())) == (10, 3 + 2 * week)
    world.after(1)
    assert stored().balance == 0
    (record,) = read.query(keys.audit_partition("studio")).records
    assert (record.action, record.actor_id, record.reason) == ("lot.extended", "boss", "She was ill.")
    assert record.before == {"expires_at": "2026-12-02T09:00:00.000Z"}
    assert record.after == {"expires_at": "2027-01-01T09:00:00.000Z"}
    assert sound()


@pytest.mark.parametrize("first_back", [0, 1])
def test_what_comes_back_to_a_used_up_lot_expires_as_it_was_put_off(world: World, first_back: int) -> None:
    """Whether it was spent before that, or after."""
    lot_id = given(10, 10)
    spent = [spent_of(1, "before")]
    extend(lot_id)
    spent.append(spent_of(9, "after"))
    assert stored().lots == []
    for place_ in (first_back, 1 - first_back):
        came_back(spent[place_], f"back{place_}")
    (lot,) = stored().lots
    assert (lot.extended, lot.remaining, stored().put_off) == (True, 10, {})
    world.after(39)
    assert stored().balance == 10
    world.after(2)
    assert stored().balance == 0
    assert sound()


def test_what_was_put_off_is_forgotten_when_it_has_expired(world: World) -> None:
    lot_id = given(10, 10)
    extend(lot_id)
    spent_of(10, "all")
    assert list(stored().put_off) == [lot_id]
    world.after(41)
    given(1, None, "later")
    assert stored().put_off == {}


def test_what_cannot_be_put_off_is_refused(moving_clock: Any) -> None:
    world = World(moving_clock, sandbox=False)
    never, lot_id = given(1, None, "never"), given(2, 2, "soon")
    refused("LOT_NOT_FOUND", "lot_unknown")
    refused("LOT_NEVER_EXPIRES", never)
    refused("REASON_REQUIRED", lot_id, reason=" ")
    world.clock.forward(days=2)
    refused("LOT_EXPIRED", lot_id)


def test_a_platform_may_extend_nothing(moving_clock: Any) -> None:
    World(moving_clock, sandbox=False, extension_days=0)
    refused("EXTENSION_NOT_ALLOWED", given(2, 2))


# ------------------------------------------------------------------------------------------- pages


def test_lots_on_pages_are_warned_of_and_expire_in_their_time(world: World) -> None:
    """Thirty lots, a day apart: ten stand in the item, the rest on two pages that are due by themselves."""
    for number in range(30):
        given(1, 60 + number, f"give{number}")
    assert len(stored().lots) <= 20
    world.after(30)
    assert len(world.told()) == 1
    world.after(29.5)
    assert (stored().balance, stored().entries) == (30, 30)
    world.after(20)
    assert stored().balance == 10
    world.after(30)
    assert (stored().balance, stored().lots, stored().paged) == (0, [], {})
    assert read.query(keys.wallet("studio", "ada", "credit").pk, prefix="LOTS#").records == []
    assert sound()


def test_a_warning_of_a_lot_on_a_page_is_given_by_the_page(world: World) -> None:
    """Campaign lots that last fill the item; of the gifts all but few stand on a page, and one is due first."""
    for number in range(21):
        given(1, 40, f"give{number}")
    world.after(10)
    assert len(world.told()) == 21
    assert {lot.warned_days for lot in stored().lots} == {30}
    (page,) = read.query(keys.wallet("studio", "ada", "credit").pk, prefix="LOTS#").records
    assert {lot.warned_days for lot in page.lots} == {30}
    assert sound()


def test_an_admin_puts_off_the_expiry_of_a_lot_on_a_page(moving_clock: Any) -> None:
    world = World(moving_clock, sandbox=False)
    lot_ids = [step_id for number in range(25) for step_id in [given(1, 10 + number, f"give{number}")]]
    extend(lot_ids[-1])
    extend(lot_ids[0], "first")
    assert sound()
    world.after(20)
    assert sound()
    world.after(20)
    assert stored().balance == 1
    world.after(30)
    assert stored().balance == 0
    assert sound()
