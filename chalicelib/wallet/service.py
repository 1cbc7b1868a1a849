"""Wallets for the features that move value.

Each ``prepare_*`` returns the wallet and its ledger entry, and the pages of lots that the step touches, for
the caller to commit with his own. A wallet moves once in a transaction.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from chalicelib.core.ids import new_id
from chalicelib.platforms.model import Platform
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.transact import Write
from chalicelib.wallet import again, breakage, debts, expiry, opening, rules, store
from chalicelib.wallet.change import Change, line_of, own_postings
from chalicelib.wallet.ledger import HoldStep, Journal, LedgerTransaction, LotMove, Posting
from chalicelib.wallet.lots import SPEND_ORDER, new_lot, remembering
from chalicelib.wallet.model import CREDIT, Grant, Origin, Reference, SpentPart, Wallet
from chalicelib.wallet.pages import Opened, laid_out
from chalicelib.wallet.postings import check_balanced, check_counter_accounts


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """A wallet after a step, the writes that make it so, and what was spent of which lots."""

    wallet: Wallet
    transaction: LedgerTransaction
    writes: list[Write]
    parts: list[SpentPart] = []


class Step(msgspec.Struct, frozen=True):
    """A wallet as it was opened for a step, and what the step did to it."""

    opened: Opened
    change: Change


class Wallets:
    """Grants, spends and holds. ``at`` of a journal is the platform's time: an expired lot is not spent."""

    def key(self, platform_id: str, owner_id: str, asset: str = CREDIT) -> Key:
        return keys.wallet(platform_id, owner_id, asset)

    def load(self, loaded: read.Loaded, platform_id: str, owner_id: str, asset: str = CREDIT) -> Wallet:
        """The wallet, or an empty one of version 0 where none is stored yet.

        Whose clock it lives by is taken of the platform, where that was read too, and is kept with it.
        """
        found = loaded.get(self.key(platform_id, owner_id, asset), Wallet)
        wallet = found or Wallet(platform_id=platform_id, owner_id=owner_id, asset=asset)
        platform = loaded.get(keys.platform(platform_id), Platform)
        return replace(wallet, sandbox=platform.sandbox) if platform else wallet

    def prepare_grant(
        self, wallet: Wallet, grant: Grant, journal: Journal, also: Sequence[Posting] = ()
    ) -> Movement:
        """Give one new lot (A10). ``also`` are postings in other assets, which sum to zero in each."""
        return _granted(wallet, grant, journal, also)

    def prepare_again(
        self,
        wallet: Wallet,
        grant: Grant,
        journal: Journal,
        also: Sequence[Posting] = (),
        *,
        since: str | None = None,
    ) -> Movement:
        """Give again what was taken back. What of it had expired by then goes back to breakage.

        ``since`` is the operation that gave first, where what it gave may have expired: the journal is read
        back to there.
        """
        entries = _told(wallet, since, grant.reference) if since else []
        return _granted(
            wallet, grant, journal, also, breakage.lost_again(entries, grant.reference, grant.amount)
        )

    def prepare_spend(
        self,
        wallet: Wallet,
        amount: int,
        into: Sequence[Posting],
        journal: Journal,
        also: Sequence[Posting] = (),
        *,
        order: Sequence[str] = SPEND_ORDER,
    ) -> Movement:
        """Take ``amount`` of what is free. ``into`` sums to it; ``order`` is the platform's ``spend_order``.

        ``INSUFFICIENT_CREDITS`` with ``available`` and ``required``; ``WALLET_OWES``, ``TOO_MANY_LOTS``.
        """
        opened = opening.for_amount(wallet, amount, journal.at, order)
        change = rules.spend(opened.wallet, amount, journal.at, order)
        return _movement(Step(opened, change), journal, [*into, *also])

    def prepare_hold(
        self,
        wallet: Wallet,
        amount: int,
        hold_id: str,
        reference: Reference,
        journal: Journal,
        *,
        order: Sequence[str] = SPEND_ORDER,
        expires_at: datetime | None = None,
    ) -> Movement:
        """Set ``amount`` aside of named lots.

        ``INSUFFICIENT_CREDITS``, ``HOLD_ALREADY_OPEN``, ``WALLET_OWES``, ``TOO_MANY_LOTS``.

        From ``expires_at`` on, an instant of the platform, the sweeper gives it back.
        """
        opened = opening.for_amount(wallet, amount, journal.at, order)
        change = rules.hold(opened.wallet, amount, hold_id, reference, journal.at, order, expires_at)
        return _movement(Step(opened, change), journal, [])

    def prepare_capture(
        self,
        wallet: Wallet,
        hold_id: str,
        into: Sequence[Posting],
        journal: Journal,
        also: Sequence[Posting] = (),
    ) -> Movement:
        """Spend a hold; ``into`` sums to its amount. ``HOLD_NOT_OPEN``."""
        opened = _with_held(wallet, hold_id)
        return _movement(Step(opened, rules.capture(opened.wallet, hold_id)), journal, [*into, *also])

    def prepare_release(self, wallet: Wallet, hold_id: str, journal: Journal) -> Movement:
        """Give a hold back to the very lots it was taken of. ``HOLD_NOT_OPEN``."""
        opened = _with_held(wallet, hold_id)
        return _movement(Step(opened, rules.release(opened.wallet, hold_id)), journal, [])

    def prepare_expiry(self, wallet: Wallet, hold_id: str, journal: Journal) -> Movement:
        """Give a hold back whose term is over. ``HOLD_NOT_OPEN``."""
        opened = _with_held(wallet, hold_id)
        change = rules.release(opened.wallet, hold_id, HoldStep.EXPIRED)
        return _movement(Step(opened, change), journal, [])

    def prepare_breakage(self, wallet: Wallet, journal: Journal) -> Movement | None:
        """Book what is free of expired lots as breakage; ``None`` where there is nothing.

        Those of very many pages are left for the next step.
        """
        opened = opening.for_expiry(wallet, journal.at)
        change = expiry.expire_lots(opened.wallet, journal.at)
        if change is None:
            return None
        return _movement(Step(opened, change), journal, breakage.posting(wallet.asset, -change.amount))

    def prepare_kept(self, opened: Opened, wallet: Wallet) -> list[Write]:
        """The wallet with what is no value of it changed: a warning that was given, an expiry put off."""
        return store.saved(laid_out(opened, wallet))

    def prepare_clawback(
        self,
        wallet: Wallet,
        amount: int,
        reference: Reference,
        into: Sequence[Posting],
        journal: Journal,
        also: Sequence[Posting] = (),
        *,
        since: str | None = None,
    ) -> Movement:
        """Take ``amount`` back of what is free of the lots that have all of ``reference``.

        What is no longer there is taken of breakage where it expired, and the rest the wallet owes. ``into``
        sums to the amount; the parts are what was there. ``since`` is the operation that brought the first of
        these lots, where they may have expired: the journal is read back to there if anything is missing.
        """
        opened = opening.wholly(wallet)
        change = debts.claw_back(opened.wallet, amount, reference)
        if change.owed_amount and since:
            lost = breakage.lost_of(_told(wallet, since, reference), reference)
            change = debts.claw_back(opened.wallet, amount, reference, lost)
        return _movement(Step(opened, change), journal, [*into, *_found(change, amount), *also])

    def prepare_taken_again(
        self,
        wallet: Wallet,
        back: Sequence[SpentPart],
        into: Sequence[Posting],
        journal: Journal,
        also: Sequence[Posting] = (),
        *,
        since: str,
    ) -> Movement:
        """Take again what ``prepare_return`` gave back: of its very lots, and then of whatever is free.

        What expired of the lots meanwhile counts as taken, of breakage; what is no longer there the wallet
        owes. ``into`` sums to it all; the parts are what was there. ``since`` is the operation that spent
        it: the journal is read back to there if anything is missing of lots that may have expired.
        """
        opened, lost = opening.wholly(wallet), list[LotMove]()
        missing = again.short(opened.wallet, back)
        if any(missing[part.lot_id] and part.lot.has_expired(journal.at) for part in back):
            lost = breakage.lost(store.entries_since(wallet, since))
        change = again.take_again(opened.wallet, back, lost)
        amount = sum(part.amount for part in back)
        return _movement(Step(opened, change), journal, [*into, *_found(change, amount), *also])

    def prepare_return(
        self,
        wallet: Wallet,
        parts: Sequence[SpentPart],
        journal: Journal,
        from_: Sequence[Posting],
        also: Sequence[Posting] = (),
    ) -> Movement:
        """Give spent parts back to the very lots they were taken of; ``from_`` sums to minus their sum.

        They pay what the wallet owes first.
        """
        opened = opening.for_return(wallet, parts)
        change = rules.put_back_spent(opened.wallet, parts)
        return _movement(Step(opened, change), journal, [*from_, *also])

    def prepare_deduction(
        self, wallet: Wallet, amount: int, journal: Journal, *, order: Sequence[str] = SPEND_ORDER
    ) -> Movement:
        """Take ``amount`` of what is free by an admin's hand. ``ADJUSTMENT_TOO_LARGE`` with ``available``."""
        undone = Posting(account=f"issued:{Origin.ADJUSTMENT}", asset=wallet.asset, amount=amount)
        opened = opening.for_amount(wallet, amount, journal.at, order)
        change = rules.deduct(opened.wallet, amount, journal.at, order)
        return _movement(Step(opened, change), journal, [undone])


def _granted(
    wallet: Wallet, grant: Grant, journal: Journal, also: Sequence[Posting], lost: int = 0
) -> Movement:
    lot_id = new_id("lot")
    opened = opening.for_new(wallet, new_lot(lot_id, grant, journal.at))
    change = rules.grant(opened.wallet, grant, lot_id, journal.at, lost)
    issued = Posting(account=f"issued:{grant.origin}", asset=wallet.asset, amount=-grant.amount)
    return _movement(Step(opened, change), journal, [issued, *breakage.posting(wallet.asset, lost), *also])


def _told(wallet: Wallet, since: str, reference: Reference) -> list[LedgerTransaction]:
    """What the journal tells of breakage and of the steps with this reference, oldest first."""
    entries = store.entries_since(wallet, since)
    return [each for each in entries if breakage.booked(each) or breakage.is_of(each, reference)][::-1]


def _found(change: Change, amount: int) -> list[Posting]:
    """Of ``amount`` that was taken back, what was neither in the wallet nor is owed was taken of breakage."""
    return breakage.posting(change.wallet.asset, -(amount + change.amount - change.owed_amount))


def _with_held(wallet: Wallet, hold_id: str) -> Opened:
    held = {part.lot_id for hold in wallet.holds if hold.id == hold_id for part in hold.parts}
    return opening.for_lots(wallet, held)


def _movement(step: Step, journal: Journal, others: Sequence[Posting]) -> Movement:
    check_counter_accounts(others)
    postings = [*own_postings(step.change), *others]
    check_balanced(postings)
    transaction = _transaction(step.change, journal, postings)
    layout = laid_out(step.opened, remembering(step.opened.wallet, step.change.wallet, journal.at))
    writes = [*store.saved(layout), store.written(transaction)]
    return Movement(wallet=layout.wallet, transaction=transaction, writes=writes, parts=step.change.parts)


def _transaction(change: Change, journal: Journal, postings: list[Posting]) -> LedgerTransaction:
    return LedgerTransaction(
        id=new_id("ltx"),
        platform_id=change.wallet.platform_id,
        operation=journal.operation,
        kind=journal.kind,
        at=journal.at,
        postings=postings,
        reference=journal.reference,
        memo=journal.memo,
        line=line_of(change),
    )
