"""A wallet is the fold of its journal: whichever half of a step was lost, the lines decide."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from chalicelib.audit.model import AuditRecord
from chalicelib.booking.model import Booking
from chalicelib.catalogue.model import CreditPackage
from chalicelib.core.money import Money
from chalicelib.orders.model import Order
from chalicelib.table import keys, read
from chalicelib.table.read import Loaded
from chalicelib.verifier.repair.mending import CannotRepair, Mended, NothingToRepair, Task, mend
from chalicelib.wallet.ledger import HoldStep, LedgerTransaction, LotMove
from chalicelib.wallet.model import Hold, Lot, Origin, Wallet
from chalicelib.wallet.opening import everything
from chalicelib.wallet.service import Wallets


def mend_wallet(task: Task) -> str:
    """The wallet as its journal says, where the journal itself has no gap."""
    platform_id, owner_id, asset = task.words
    key = keys.wallet(platform_id, owner_id, asset)

    def decide(loaded: Loaded) -> Mended:
        stored = loaded.get(key, Wallet) or Wallet(platform_id=platform_id, owner_id=owner_id, asset=asset)
        opened = everything(stored)
        wallet = refolded(opened.wallet, journal(platform_id, owner_id, asset))
        writes = Wallets().prepare_kept(opened, wallet)
        if len(writes) == 1 and with_lots_sorted(writes[0].item.record) == with_lots_sorted(stored):
            raise NothingToRepair
        did = (
            f"the wallet was brought from line {stored.entries}, balance {stored.balance}, "
            f"to its journal: line {wallet.entries}, balance {wallet.balance}"
        )
        return Mended(did=did, subject_id=owner_id, writes=writes)

    return mend(task, [key], decide)


def journal(platform_id: str, owner_id: str, asset: str) -> list[LedgerTransaction]:
    """All lines of a wallet, in their order."""
    return list(read.query_all(keys.wallet(platform_id, owner_id, asset).pk, prefix="ENTRY#"))


def refolded(stored: Wallet, entries: Sequence[LedgerTransaction]) -> Wallet:
    """``CannotRepair`` where a line is missing between others, or a lot cannot be known again."""
    for number, entry in enumerate(entries, start=1):
        if entry.line.sequence != number:
            raise CannotRepair(f"line {number} of the journal is missing, and a later one is there")
    lines = [entry.line for entry in entries]
    wallet = replace(
        stored,
        balance=sum(line.amount for line in lines),
        held=sum(line.held_amount for line in lines),
        owed=sum(line.owed_amount for line in lines),
        entries=len(lines),
        lots=_lots(stored, entries),
        holds=_holds(stored, entries),
    )
    if lines and (wallet.balance, wallet.held, wallet.owed) != (
        lines[-1].balance_after,
        lines[-1].held_after,
        lines[-1].owed_after,
    ):
        raise CannotRepair("the journal does not agree with itself")
    return wallet


def brought_by(entries: Sequence[LedgerTransaction]) -> dict[str, tuple[LedgerTransaction, LotMove]]:
    """The first line of each lot."""
    return {move.lot_id: (entry, move) for entry in reversed(entries) for move in entry.line.lots}


def lot_of(
    stored: Wallet, entries: Sequence[LedgerTransaction], brought_by: LedgerTransaction, move: LotMove
) -> Lot:
    """A lot as the wallet has it, a booking that it paid, or the line that brought it. ``CannotRepair``."""
    known = next((lot for lot in stored.lots if lot.id == move.lot_id), None)
    known = known or _remembered(move.lot_id, entries)
    if known is not None:
        return known
    if move.amount <= 0:
        raise CannotRepair(f"{move.lot_id} is no longer there, nor the line that brought it")
    origin = _origin(brought_by)
    return Lot(
        id=move.lot_id,
        origin=origin,
        granted=move.amount,
        remaining=move.amount,
        cost=move.cost,
        remaining_cost=move.cost,
        at=brought_by.at,
        expires_at=_expiry(brought_by, origin),
        reference=brought_by.reference,
        entry=brought_by.line.sequence,
    )


def _lots(stored: Wallet, entries: Sequence[LedgerTransaction]) -> list[Lot]:
    remaining, costs = Counter[str](), Counter[str]()
    for entry in entries:
        for move in entry.line.lots:
            remaining[move.lot_id] += move.amount
            costs[move.lot_id] += move.cost.amount if move.cost else 0
    if min(remaining.values(), default=0) < 0:
        raise CannotRepair("the journal takes more of a lot than it had")
    return [
        _left_of(lot_of(stored, entries, *brought), remaining[lot_id], costs[lot_id])
        for lot_id, brought in brought_by(entries).items()
        if remaining[lot_id]
    ]


def with_lots_sorted(wallet: Wallet) -> Wallet:
    """To compare wallets, whatever their lots' order."""
    return replace(wallet, lots=sorted(wallet.lots, key=lambda lot: lot.id))


def _remembered(lot_id: str, entries: Sequence[LedgerTransaction]) -> Lot | None:
    """A booking keeps the lots that it was paid of, so that credits can come back to them."""
    for entry in entries:
        booking_id = entry.reference.get("booking_id")
        if booking_id and any(move.lot_id == lot_id for move in entry.line.lots):
            booking = read.get(keys.booking(entry.platform_id, booking_id), Booking)
            spent = booking.spent if booking else []
            if found := next((part.lot for part in spent if part.lot_id == lot_id), None):
                return found
    return None


def _left_of(lot: Lot, remaining: int, cost: int) -> Lot:
    return replace(lot, remaining=remaining, remaining_cost=lot.cost and Money(cost, lot.cost.currency))


def _holds(stored: Wallet, entries: Sequence[LedgerTransaction]) -> list[Hold]:
    known, holds = {hold.id: hold for hold in stored.holds}, dict[str, Hold]()
    for entry in entries:
        if (move := entry.line.hold) is None:
            continue
        if move.step is HoldStep.OPENED:
            opened = Hold(id=move.id, parts=move.parts, at=entry.at, reference=entry.reference)
            holds[move.id] = known.get(move.id, opened)
        else:
            holds.pop(move.id, None)
    return list(holds.values())


def _origin(brought_by: LedgerTransaction) -> Origin:
    for posting in brought_by.postings:
        kind, _, origin = posting.account.partition(":")
        if kind == "issued":
            return Origin(origin)
    raise CannotRepair(f"{brought_by.id} does not say where its lot came from")


def _expiry(brought_by: LedgerTransaction, origin: Origin) -> datetime | None:
    """It stands in no line: the order that was paid knows it, or the record of what was given by hand."""
    platform_id, reference = brought_by.platform_id, brought_by.reference
    if origin is Origin.REFUND:
        return None
    if order_id := reference.get("order_id"):
        order = read.get(keys.order(platform_id, order_id), Order)
        if order is not None:
            instead = order.delivered_as is not None
            return None if instead else msgspec.convert(order.product, CreditPackage).expiry(brought_by.at)
    if audit_id := reference.get("audit_id"):
        record = read.get(keys.audit(platform_id, brought_by.at, audit_id), AuditRecord)
        if record is not None and "expires_at" in record.after:
            told = record.after["expires_at"]
            return datetime.fromisoformat(str(told)) if told else None
    raise CannotRepair(f"nothing says when the lot of {brought_by.id} expires")
