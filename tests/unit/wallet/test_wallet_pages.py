"""A wallet whose lots stand on pages, beside the same wallet in one piece: every step gives the same lines, parts and lots."""

from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from chalicelib.core.clock import stamp
from chalicelib.core.errors import Refusal
from chalicelib.core.money import Money
from chalicelib.table.transact import StaleDecision, Write
from chalicelib.wallet import debts, expiry, opening, pages, rules, store
from chalicelib.wallet.change import Change, line_of
from chalicelib.wallet.ledger import Journal, Posting
from chalicelib.wallet.lots import new_lot, place, remembering
from chalicelib.wallet.model import Grant, Lot, Origin, SpentPart, TooManyLots, Wallet
from chalicelib.wallet.pages import LotPage, Opened, laid_out
from chalicelib.wallet.service import Movement, Wallets

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
EMPTY = Wallet(platform_id="p", owner_id="ada", asset="credit")
T = TypeVar("T")
SMALL = 5  # lots on a page, one of each origin, so that a few steps make many pages
ORDERS = st.permutations([origin.value for origin in Origin])
wallets = Wallets()


class Shelf:
    """A table of one wallet, in memory: it takes writes by their conditions, and answers the store's reads."""

    def __init__(self) -> None:
        self.wallet = EMPTY
        self.pages: dict[tuple[Origin, str], LotPage] = {}
        self.starts: dict[Origin, list[str]] = {origin: [] for origin in Origin}
        self.due: dict[tuple[Origin, str], str | None] = {}
        self.reads = 0

    def take(self, writes: Sequence[Write]) -> None:
        for write in writes:
            if isinstance(write.item, store.WalletItem):
                self.wallet = self.newer(self.wallet, write)
            elif isinstance(write.item, store.LotPageItem) and write.kind == "put":
                page = write.item.record
                there = self.pages.get((page.origin, page.start), replace(page, version=0))
                if not there.version:
                    insort(self.starts[page.origin], page.start)
                self.pages[page.origin, page.start] = self.newer(there, write)
                self.due[page.origin, page.start] = write.item.gsi3sk and write.item.gsi3sk.split("#")[0]
            elif isinstance(write.item, store.LotPageItem):
                _, origin, start = write.item.sk.split("#", 2)
                self.starts[Origin(origin)].remove(start)
                del self.pages[Origin(origin), start]

    @staticmethod
    def newer(there, write: Write):
        assert write.item.item_version == there.version + 1
        return replace(write.item.record, version=there.version + 1)

    def of(self, origin: Origin) -> list[LotPage]:
        return [self.pages[origin, start] for start in self.starts[origin]]

    def next_pages(self, wallet: Wallet, origin: Origin, count: int) -> list[LotPage]:
        self.reads += 1
        return [page for page in self.of(origin) if page.start >= wallet.paged[origin]][:count]

    def page_of(self, wallet: Wallet, origin: Origin, at_place: str) -> LotPage | None:
        self.reads += 1
        before = bisect_right(self.starts[origin], at_place)
        return self.pages[origin, self.starts[origin][before - 1]] if before else None

    def all_pages(self, wallet: Wallet) -> list[LotPage]:
        self.reads += 1
        return list(self.pages.values())

    def check_unmoved(self, wallet: Wallet) -> None:
        if wallet.version != self.wallet.version:
            raise StaleDecision

    def lots(self) -> list[Lot]:
        return [*self.wallet.lots, *(lot for page in self.pages.values() for lot in page.lots)]


def revenue(amount: int) -> list[Posting]:
    return [Posting(account="revenue", asset="credit", amount=amount)]


def check_places(shelf: Shelf, most: int) -> None:
    """Few in the item and on each page; each lot in its place; the wallet says where pages begin."""
    assert len(shelf.wallet.lots) <= most
    starts = {origin: [page.start for page in shelf.of(origin)] for origin in Origin}
    assert shelf.wallet.paged == {origin: own[0] for origin, own in starts.items() if own}
    for lot in shelf.wallet.lots:
        assert place(lot) < min([*starts[lot.origin], pages.LAST])
    for (origin, start), page in shelf.pages.items():
        following = min([other for other in starts[origin] if other > start], default=pages.LAST)
        assert 0 < len(page.lots) <= most
        assert page.lots == sorted(page.lots, key=place)
        assert all(lot.origin is origin and start <= place(lot) < following for lot in page.lots)


def tried(step: Callable[[], T]) -> tuple[T | None, Refusal | None]:
    try:
        return step(), None
    except Refusal as refusal:
        return None, refusal


class PagedWallet(RuleBasedStateMachine):
    """``whole`` is moved by the rules alone; ``shelf`` by the service, page by page."""

    def __init__(self) -> None:
        super().__init__()
        self.shelf, self.whole = Shelf(), EMPTY
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(pages, "MAX_LOTS", SMALL)
        for name in ("next_pages", "page_of", "all_pages", "check_unmoved"):
            self.patch.setattr(store, name, getattr(self.shelf, name))
        self.now = START
        self.counter = 0
        self.taken: list[SpentPart] = []

    def teardown(self) -> None:
        self.patch.undo()

    def journal(self) -> Journal:
        self.counter += 1
        return Journal(operation=str(self.counter), kind="test", at=self.now, reference={})

    def both(self, paged: Callable[[], Movement], whole: Callable[[], Change]) -> Movement | None:
        """The step on either; the same refusal on both, but that many pages may refuse by themselves."""
        change, refusal = tried(whole)
        movement, refused = tried(paged)
        if isinstance(refused, TooManyLots) and change is not None:
            held = [part for opened in change.wallet.holds for part in opened.parts]
            # A page of each origin may be open of which nothing's turn has come.
            assert len(change.parts) + len(held) > pages.MAX_PAGES - len(Origin)
            return None
        assert str(refused) == str(refusal) or isinstance(refused, TooManyLots)
        if change is None or movement is None:
            return None
        self.whole = remembering(self.whole, change.wallet, self.now)
        self.shelf.take(movement.writes)
        said, meant = movement.transaction.line, line_of(change)
        assert sorted(said.lots, key=str) == sorted(meant.lots, key=str)
        assert replace(said, lots=[]) == replace(meant, lots=[])
        assert sorted(movement.parts, key=str) == sorted(change.parts, key=str)
        return movement

    @rule(
        count=st.integers(1, 6),
        amount=st.integers(1, 3),
        origin=st.sampled_from(Origin),
        days=st.none() | st.integers(1, 60),
    )
    def grant(self, count: int, amount: int, origin: Origin, days: int | None) -> None:
        for _ in range(count):
            self.now += timedelta(minutes=1)
            expires_at = None if days is None else self.now + timedelta(days=days)
            reference = {"order": f"o{self.counter % 3}"}
            given = Grant(
                origin=origin,
                amount=amount,
                cost=Money(100, "TRY"),
                expires_at=expires_at,
                reference=reference,
            )
            movement = wallets.prepare_grant(self.shelf.wallet, given, self.journal())
            lot_id = movement.transaction.line.lots[0].lot_id
            self.both(lambda m=movement: m, lambda g=given, i=lot_id: rules.grant(self.whole, g, i, self.now))

    @rule(amount=st.integers(1, 30), order=ORDERS)
    def spend(self, amount: int, order: list[str]) -> None:
        moved = self.both(
            lambda: wallets.prepare_spend(
                self.shelf.wallet, amount, revenue(amount), self.journal(), order=order
            ),
            lambda: rules.spend(self.whole, amount, self.now, order),
        )
        self.taken += moved.parts if moved else []

    @rule(amount=st.integers(1, 30), order=ORDERS)
    def deduct(self, amount: int, order: list[str]) -> None:
        self.both(
            lambda: wallets.prepare_deduction(self.shelf.wallet, amount, self.journal(), order=order),
            lambda: rules.deduct(self.whole, amount, self.now, order),
        )

    @rule(amount=st.integers(1, 12), order=ORDERS)
    def hold(self, amount: int, order: list[str]) -> None:
        name = f"h{self.counter}"
        self.both(
            lambda: wallets.prepare_hold(self.shelf.wallet, amount, name, {}, self.journal(), order=order),
            lambda: rules.hold(self.whole, amount, name, {}, self.now, order),
        )

    @precondition(lambda self: self.whole.holds)
    @rule(data=st.data())
    def capture(self, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from(self.whole.holds))
        moved = self.both(
            lambda: wallets.prepare_capture(self.shelf.wallet, held.id, revenue(held.amount), self.journal()),
            lambda: rules.capture(self.whole, held.id),
        )
        self.taken += moved.parts if moved else []

    @precondition(lambda self: self.whole.holds)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from(self.whole.holds))
        self.both(
            lambda: wallets.prepare_release(self.shelf.wallet, held.id, self.journal()),
            lambda: rules.release(self.whole, held.id),
        )

    @rule(amount=st.integers(1, 12), order=st.integers(0, 3))
    def claw_back(self, amount: int, order: int) -> None:
        reference = {"order": f"o{order}"}
        self.both(
            lambda: wallets.prepare_clawback(
                self.shelf.wallet, amount, reference, revenue(amount), self.journal()
            ),
            lambda: debts.claw_back(self.whole, amount, reference),
        )

    @precondition(lambda self: self.taken)
    @rule(count=st.integers(1, 12))
    def give_back(self, count: int) -> None:
        parts, self.taken = self.taken[-count:], self.taken[:-count]
        amount = sum(part.amount for part in parts)
        if len({part.lot_id for part in parts}) < len(parts):
            return
        self.both(
            lambda: wallets.prepare_return(self.shelf.wallet, parts, self.journal(), revenue(-amount)),
            lambda: rules.put_back_spent(self.whole, parts),
        )

    @precondition(lambda self: any(lot.expires_at and not lot.extended for lot in self.whole.lots))
    @rule(data=st.data(), days=st.integers(1, 40))
    def put_off(self, data: st.DataObject, days: int) -> None:
        lots = [lot for lot in self.whole.lots if lot.expires_at and not lot.extended]
        lot = data.draw(st.sampled_from(lots))
        opened = opening.wholly(self.shelf.wallet)
        later = expiry.extended(lot, days, self.now)
        kept = replace(opened.wallet, lots=[later if x.id == lot.id else x for x in opened.wallet.lots])
        self.shelf.take(wallets.prepare_kept(opened, kept))
        self.whole = replace(self.whole, lots=[later if x.id == lot.id else x for x in self.whole.lots])

    @rule(days=st.integers(1, 20))
    def wait_and_expire(self, days: int) -> None:
        self.now += timedelta(days=days)
        while (movement := wallets.prepare_breakage(self.shelf.wallet, self.journal())) is not None:
            self.shelf.take(movement.writes)
        change = expiry.expire_lots(self.whole, self.now)
        if change is not None:
            whole = remembering(self.whole, change.wallet, self.now)
            self.whole = replace(whole, entries=self.shelf.wallet.entries)

    @invariant()
    def the_lots_are_the_same(self) -> None:
        assert {lot.id: lot for lot in self.shelf.lots()} == {lot.id: lot for lot in self.whole.lots}
        assert len(self.shelf.lots()) == len(self.whole.lots)
        stored = replace(self.shelf.wallet, lots=[], paged={}, version=0)
        assert stored == replace(self.whole, lots=[])
        assert stored.balance == sum(lot.remaining for lot in self.shelf.lots())

    @invariant()
    def every_lot_is_in_its_place(self) -> None:
        check_places(self.shelf, SMALL)

    @invariant()
    def every_page_is_due_when_its_lots_are(self) -> None:
        for key, page in self.shelf.pages.items():
            due_at = expiry.next_due_of(self.shelf.wallet, page.lots)
            assert self.shelf.due[key] == (due_at and stamp(due_at))


TestPagedWallet = PagedWallet.TestCase
TestPagedWallet.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


# ------------------------------------------------------------------------------------ what it costs


def journal(at: datetime = START) -> Journal:
    return Journal(operation="x", kind="test", at=at, reference={})


@pytest.fixture
def shelf(monkeypatch) -> Shelf:
    shelf = Shelf()
    for name in ("next_pages", "page_of", "all_pages", "check_unmoved"):
        monkeypatch.setattr(store, name, getattr(shelf, name))
    return shelf


def filled(shelf: Shelf, lots: int, amount: int = 1, days: int | None = None) -> None:
    """Of so many purchases, a minute apart."""
    for number in range(lots):
        at = START + timedelta(minutes=number)
        expires_at = None if days is None else at + timedelta(days=days)
        given = Grant(
            origin=Origin.PURCHASE, amount=amount, expires_at=expires_at, reference={"order": str(number)}
        )
        shelf.take(wallets.prepare_grant(shelf.wallet, given, journal(at)).writes)


def spent(shelf: Shelf, amount: int, at: datetime = START) -> Movement:
    shelf.reads = 0
    return wallets.prepare_spend(shelf.wallet, amount, revenue(amount), journal(at))


@pytest.mark.parametrize("lots", [20, 21, 100, 1_000, 10_000])
def test_the_item_and_a_step_stay_small_however_many_lots_there_are(shelf, lots) -> None:
    filled(shelf, lots)
    assert shelf.wallet.balance == lots
    check_places(shelf, pages.MAX_LOTS)
    movement = spent(shelf, 1)
    assert (len(movement.writes), shelf.reads) == (2, 0)
    at = START + timedelta(days=30)
    grant = wallets.prepare_grant(shelf.wallet, Grant(origin=Origin.PURCHASE, amount=1), journal(at))
    assert (len(grant.writes), shelf.reads) == (3, 0 if lots == 20 else 1)


def test_a_wallet_of_few_lots_is_read_once_and_written_alone(shelf) -> None:
    filled(shelf, 20)
    assert (shelf.pages, shelf.reads) == ({}, 0)
    assert len(spent(shelf, 20).writes) == 2
    assert shelf.reads == 0


def test_a_spend_that_reaches_past_the_item_brings_the_next_page_up(shelf) -> None:
    filled(shelf, 50)
    there = len(shelf.wallet.lots)
    shelf.take(spent(shelf, there + 1).writes)
    assert shelf.reads == 1
    assert len(shelf.wallet.lots) > 5
    assert len(spent(shelf, 1).writes) == 2
    check_places(shelf, pages.MAX_LOTS)


def test_a_step_of_more_lots_than_it_can_take_is_refused_and_says_how_many_it_can(shelf) -> None:
    filled(shelf, 400)
    with pytest.raises(TooManyLots) as refusal:
        spent(shelf, 400)
    at_most = refusal.value.extra["available"]
    movement = spent(shelf, at_most)
    assert sum(part.amount for part in movement.parts) == at_most >= 10 * 10
    assert len(movement.writes) <= 2 + pages.MAX_WRITES
    shelf.take(movement.writes)
    shelf.take(spent(shelf, 100).writes)
    assert shelf.wallet.balance == 300 - at_most
    check_places(shelf, pages.MAX_LOTS)


def test_what_is_held_at_once_is_bounded(shelf) -> None:
    filled(shelf, 150)

    def held(amount: int, name: str) -> Movement:
        return wallets.prepare_hold(shelf.wallet, amount, name, {}, journal())

    shelf.take(held(60, "a").writes)
    with pytest.raises(TooManyLots):
        held(41, "b")
    shelf.take(held(40, "b").writes)
    assert shelf.wallet.held == rules.MAX_HELD_PARTS


def test_a_wallet_stored_in_one_piece_is_laid_out_by_the_steps_that_follow(shelf) -> None:
    lots = [
        new_lot(f"lot_{n:04}", Grant(origin=Origin.GIFT, amount=1), START + timedelta(minutes=n))
        for n in range(1_000)
    ]
    shelf.wallet = replace(EMPTY, balance=1_000, entries=1_000, lots=lots, version=1_000)
    sizes = []
    for _ in range(6):
        movement = spent(shelf, 1)
        assert len(movement.writes) <= 2 + pages.MAX_WRITES
        shelf.take(movement.writes)
        sizes.append(len(shelf.wallet.lots))
    assert sizes == [699, 398, 97, 18, 17, 16]
    assert (len(shelf.lots()), movement.parts[0].lot_id) == (994, "lot_0005")
    check_places(shelf, pages.MAX_LOTS)


def test_a_claw_back_writes_the_page_of_its_lot_and_no_other(shelf) -> None:
    filled(shelf, 200)
    movement = wallets.prepare_clawback(shelf.wallet, 1, {"order": "150"}, revenue(1), journal())
    assert [part.lot.reference for part in movement.parts] == [{"order": "150"}]
    assert len(movement.writes) == 3


def test_what_was_spent_comes_back_to_a_lot_whose_expiry_was_put_off_meanwhile(shelf) -> None:
    """It stands in another place than when it was spent, on a page that its old place does not lead to."""
    filled(shelf, 60, amount=2, days=10)
    movement = spent(shelf, 1)
    (part,) = movement.parts
    shelf.take(movement.writes)
    opened = opening.wholly(shelf.wallet)
    lots = [expiry.extended(lot, 30, START) if lot.id == part.lot_id else lot for lot in opened.wallet.lots]
    shelf.take(wallets.prepare_kept(opened, replace(opened.wallet, lots=lots)))
    assert part.lot_id not in {lot.id for lot in shelf.wallet.lots}
    back = wallets.prepare_return(shelf.wallet, [part], journal(), revenue(-1))
    shelf.take(back.writes)
    (lot,) = [lot for lot in shelf.lots() if lot.id == part.lot_id]
    assert (lot.remaining, lot.extended) == (2, True)
    check_places(shelf, pages.MAX_LOTS)


def test_what_stands_on_a_shut_page_is_not_passed_over(shelf, monkeypatch) -> None:
    """Held lots fill more pages than one step opens: a lot whose turn comes later is not taken instead."""
    monkeypatch.setattr(pages, "MAX_LOTS", SMALL)
    filled(shelf, 90, days=10)
    never = Grant(origin=Origin.GIFT, amount=50)
    shelf.take(wallets.prepare_grant(shelf.wallet, never, journal()).writes)
    (gift,) = [lot.id for lot in shelf.wallet.lots if lot.origin is Origin.GIFT]

    def hold_all() -> None:
        for number in range(30):
            shelf.take(wallets.prepare_hold(shelf.wallet, 3, f"h{number}", {}, journal()).writes)

    with pytest.raises(TooManyLots):
        hold_all()
    assert 20 < shelf.wallet.held < 90
    assert gift not in {part.lot_id for held in shelf.wallet.holds for part in held.parts}


def test_pages_of_another_moment_are_not_believed(shelf, monkeypatch) -> None:
    filled(shelf, 50)
    before = shelf.wallet
    shelf.take(spent(shelf, 30).writes)
    with pytest.raises(StaleDecision):
        wallets.prepare_spend(before, 30, revenue(30), journal())


def test_a_lot_for_a_page_that_is_shut_is_a_mistake_of_ours(shelf) -> None:
    filled(shelf, 50)
    late = new_lot("lot_z", Grant(origin=Origin.PURCHASE, amount=1), START + timedelta(days=9))
    after = replace(shelf.wallet, lots=[*shelf.wallet.lots, late])
    filler = [replace(late, id=f"lot_{n}", origin=Origin.GIFT) for n in range(20)]
    with pytest.raises(ValueError, match="not open"):
        laid_out(Opened(wallet=shelf.wallet), replace(after, lots=[*after.lots, *filler]))
