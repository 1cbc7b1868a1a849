"""A wallet and its journal as the API shows them."""

from datetime import datetime
from typing import Annotated

import msgspec

from chalicelib.audit.model import MAX_REASON_LENGTH
from chalicelib.core.money import Money
from chalicelib.wallet.ledger import HoldStep, LedgerTransaction
from chalicelib.wallet.model import Hold, Lot, Origin, Reference

MAX_PAGE = 100
MAX_EXPLAINED = 25
MAX_ADJUSTMENT = 10_000_000
MAX_EXPIRY_DAYS = 3_650
Amount = Annotated[int, msgspec.Meta(ge=-MAX_ADJUSTMENT, le=MAX_ADJUSTMENT, description="Whole, not zero.")]


class LotView(msgspec.Struct, frozen=True, kw_only=True):
    """What one grant left: ``remaining`` counts ``held``; ``remaining_cost`` is the part of its cost left."""

    id: str
    origin: str
    granted: int
    remaining: int
    held: int
    cost: Money | None
    remaining_cost: Money | None
    granted_at: datetime
    expires_at: datetime | None
    extended: bool
    reference: Reference

    @classmethod
    def of(cls, lot: Lot, held: int) -> "LotView":
        return cls(
            id=lot.id,
            origin=lot.origin,
            granted=lot.granted,
            remaining=lot.remaining,
            held=held,
            cost=lot.cost,
            remaining_cost=lot.remaining_cost,
            granted_at=lot.at,
            expires_at=lot.expires_at,
            extended=lot.extended,
            reference=lot.reference,
        )


class HoldView(msgspec.Struct, frozen=True, kw_only=True):
    """An amount set aside until it is captured or released, or until ``expires_at``."""

    id: str
    amount: int
    at: datetime
    expires_at: datetime | None
    reference: Reference

    @classmethod
    def of(cls, hold: Hold) -> "HoldView":
        return cls(
            id=hold.id, amount=hold.amount, at=hold.at, expires_at=hold.expires_at, reference=hold.reference
        )


class WalletView(msgspec.Struct, frozen=True, kw_only=True):
    """``balance`` counts what is held; ``available`` is what can be spent now: neither held nor expired.

    ``owed`` is paid by the next credits; until then nothing can be spent.
    """

    asset: str
    balance: int
    held: int
    owed: int
    available: int
    lots: list[LotView]
    more_lots: Annotated[bool, msgspec.Meta(description="Whether lots follow that are not shown.")]
    holds: list[HoldView]


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """Why the balance is what it is: ``amount`` changed it, ``held_amount`` changed what is held of it."""

    sequence: int
    at: datetime
    kind: str
    amount: int
    held_amount: int
    owed_amount: int
    balance_after: int
    held_after: int
    owed_after: int
    reference: Reference
    memo: str

    @classmethod
    def of(cls, entry: LedgerTransaction) -> "EntryView":
        line = entry.line
        return cls(
            sequence=line.sequence,
            at=entry.at,
            kind=entry.kind,
            amount=line.amount,
            held_amount=line.held_amount,
            owed_amount=line.owed_amount,
            balance_after=line.balance_after,
            held_after=line.held_after,
            owed_after=line.owed_after,
            reference=entry.reference,
            memo=entry.memo,
        )


class LotSource(msgspec.Struct, frozen=True, kw_only=True):
    """The line that brought a lot. ``reference`` names its order, payment and package; ``memo`` is a name."""

    sequence: int
    at: datetime
    kind: str
    memo: str
    reference: Reference
    provider: str | None
    paid: Money | None


class ExplainedLot(msgspec.Struct, frozen=True, kw_only=True):
    """What came to a lot (above zero) or went of it, what that had cost, and where the lot came from."""

    lot_id: str
    amount: int
    cost: Money | None
    source: LotSource | None


class ExplainedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the journal with its lots, and with what it did to a hold (``opened``, ``captured`` …)."""

    entry: EntryView
    hold_id: str | None
    hold_step: HoldStep | None
    lots: list[ExplainedLot]
    more_lots: Annotated[int, msgspec.Meta(description="How many lots of the line are not shown.")]


class ExplanationView(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first: the first line's balance is the balance, and each line's is the one before it plus it."""

    balance: int
    held: int
    owed: int
    items: list[ExplainedLine]
    cursor: str | None


class ExplanationQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_EXPLAINED)] = MAX_EXPLAINED
    cursor: Annotated[str, msgspec.Meta(max_length=1000, description="From the page before.")] | None = None


class EntriesView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a journal, newest first; ``cursor`` leads to the next and is null on the last."""

    items: list[EntryView]
    cursor: str | None


class AdjustmentRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Above zero gives one lot, as a gift or (the default) an adjustment; below zero takes in spend order."""

    amount: Amount | float
    reason: Annotated[str, msgspec.Meta(max_length=MAX_REASON_LENGTH, description="Required.")] = ""
    origin: Origin | None = None
    expires_in_days: Annotated[int, msgspec.Meta(ge=1, le=MAX_EXPIRY_DAYS)] | None = None


class ExtensionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Annotated[str, msgspec.Meta(max_length=MAX_REASON_LENGTH, description="Required.")] = ""


class EntriesQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of a journal."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE, description="How many entries at most.")] = 50
    cursor: Annotated[str, msgspec.Meta(max_length=1000, description="From the page before.")] | None = None
