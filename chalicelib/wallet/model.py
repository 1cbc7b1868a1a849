"""What an owner holds in one asset, and the journal that says why.

Amounts are whole units of the wallet's asset, costs are minor units of money; both are integers. A wallet
is the fold of its journal: every line says what it added, what it set aside, and of which lots.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.core.errors import Conflict, Invalid, NotFound
from chalicelib.core.money import Money

CREDIT = "credit"
ASSETS = frozenset({CREDIT})

Reference = dict[str, str]


class AssetUnknown(NotFound):
    code = "ASSET_NOT_FOUND"
    message = "There are no wallets in this asset."


class AmountNotPositive(Invalid):
    code = "AMOUNT_NOT_POSITIVE"
    message = "The amount must be a whole number above zero."


class CostNegative(Invalid):
    code = "COST_NEGATIVE"
    message = "What a lot cost is never below zero."


class InsufficientCredits(Conflict):
    code = "INSUFFICIENT_CREDITS"
    message = "The wallet does not hold enough."


class HoldNotOpen(Conflict):
    code = "HOLD_NOT_OPEN"
    message = "This hold has ended, or there never was one."


class HoldAlreadyOpen(Conflict):
    code = "HOLD_ALREADY_OPEN"
    message = "This hold is open already."


class Origin(StrEnum):
    """Where a lot came from (B39): it decides the order of spending and the report's payment type."""

    PURCHASE = "purchase"
    GIFT = "gift"
    CAMPAIGN = "campaign"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"


class HoldStep(StrEnum):
    """What a line did to a hold. The last two end it, and a hold ends once."""

    OPENED = "opened"
    CAPTURED = "captured"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What one grant left (A22). ``remaining`` counts what is held of it; a used-up lot leaves the wallet."""

    id: str
    origin: Origin
    granted: int
    remaining: int
    cost: Money | None
    remaining_cost: Money | None
    at: datetime
    expires_at: datetime | None
    reference: Reference

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPart:
    """So much of one lot is set aside."""

    lot_id: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An amount set aside of named lots, until it is captured or released."""

    id: str
    parts: list[HeldPart]
    at: datetime
    reference: Reference

    @property
    def amount(self) -> int:
        return sum(part.amount for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """``balance`` counts what is held; ``entries`` is the last sequence number of the journal (A23)."""

    platform_id: str
    owner_id: str
    asset: str
    balance: int = 0
    held: int = 0
    entries: int = 0
    lots: list[Lot] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    version: int = 0

    @property
    def available(self) -> int:
        return self.balance - self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """``amount`` is added to ``account``: ``wallet:<owner>`` and ``held:<owner>`` or a counter-account."""

    account: str
    asset: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LotMove:
    """What was granted to a lot (above zero) or taken of it (below), and the part of its cost that moved."""

    lot_id: str
    amount: int
    cost: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldMove:
    """What a line did to a hold, and of which lots."""

    id: str
    step: HoldStep
    parts: list[HeldPart]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A step as one wallet's journal has it: ``amount`` changed the balance, ``held_amount`` what is held."""

    owner_id: str
    asset: str
    sequence: int
    amount: int
    held_amount: int
    balance_after: int
    held_after: int
    lots: list[LotMove]
    hold: HoldMove | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerTransaction:
    """One step with all its postings, which sum to zero per asset; it stands in its home wallet's journal."""

    id: str
    platform_id: str
    operation: str
    kind: str
    at: datetime
    postings: list[Posting]
    reference: Reference
    memo: str
    line: Line
    version: int = 0

    @property
    def sequence(self) -> int:
        return self.line.sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPointer:
    """The line of another wallet that a step touched; the step itself stands at its home."""

    transaction_id: str
    platform_id: str
    home_owner_id: str
    home_asset: str
    home_sequence: int
    kind: str
    at: datetime
    reference: Reference
    memo: str
    line: Line
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """Why a wallet moves.

    ``operation`` names the thing done, once and for ever (``book:bkg_…``, ``fulfil:ord_…``), and never a
    caller's idempotency key, which may come again after a day: two transactions of one name are a fault.
    """

    operation: str
    kind: str
    at: datetime
    reference: Reference
    memo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What is given to a wallet: one new lot. ``AmountNotPositive`` or ``CostNegative`` for nonsense."""

    origin: Origin
    amount: int
    cost: Money | None = None
    reference: Reference = field(default_factory=dict)
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        check_amount(self.amount)
        if self.cost is not None and self.cost.amount < 0:
            raise CostNegative(field="cost")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpentPart:
    """What was spent of one lot, and what that had cost."""

    origin: Origin
    amount: int
    cost: Money | None
    lot_id: str


def check_amount(amount: Any) -> None:
    """``AmountNotPositive`` unless it is a whole number above zero; a float or a bool never is."""
    if type(amount) is not int or amount <= 0:
        raise AmountNotPositive(field="amount")


def check_asset(asset: str) -> None:
    """``AssetUnknown`` for an asset that no wallet is kept in."""
    if asset not in ASSETS:
        raise AssetUnknown(field="asset")
