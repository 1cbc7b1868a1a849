"""What an owner holds in one asset: its lots, and what is set aside of them.

Amounts are whole units of the wallet's asset, costs are minor units of money; both are integers. Why it is
so, says the journal (``ledger``).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from chalicelib.core.errors import Conflict, Invalid, NotFound
from chalicelib.core.money import Money

CREDIT = "credit"
ASSETS = frozenset({CREDIT})
CREDITS_EXPIRING = "mail.credits_expiring"

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


class WalletOwes(Conflict):
    code = "WALLET_OWES"
    message = "The wallet owes what was taken back after it had been spent; the next credits pay that first."


class TooManyLots(Conflict):
    code = "TOO_MANY_LOTS"
    message = "This touches more lots than one step can; take it in smaller parts."


class HoldNotOpen(Conflict):
    code = "HOLD_NOT_OPEN"
    message = "This hold has ended, or there never was one."


class HoldAlreadyOpen(Conflict):
    code = "HOLD_ALREADY_OPEN"
    message = "This hold is open already."


class AdjustmentZero(Invalid):
    code = "ADJUSTMENT_ZERO"
    message = "Nothing is neither given nor taken."


class AdjustmentNotWhole(Invalid):
    code = "ADJUSTMENT_NOT_WHOLE"
    message = "Credits are whole numbers."


class AdjustmentTooLarge(Conflict):
    code = "ADJUSTMENT_TOO_LARGE"
    message = "More cannot be taken than is free."


class CurrencyNotAdjustable(Invalid):
    code = "CURRENCY_NOT_ADJUSTABLE"
    message = "Credits are given and taken by hand; money never is."


class OriginNotAllowed(Invalid):
    code = "ORIGIN_NOT_ALLOWED"
    message = "What is given by hand is a gift or an adjustment; what is taken has no origin."


class ExpiryNotAllowed(Invalid):
    code = "EXPIRY_NOT_ALLOWED"
    message = "Only what is given can expire."


class LotNotFound(NotFound):
    code = "LOT_NOT_FOUND"
    message = "The wallet has no such lot, or it is used up."


class LotNeverExpires(Conflict):
    code = "LOT_NEVER_EXPIRES"
    message = "This lot does not expire."


class LotExpired(Conflict):
    code = "LOT_EXPIRED"
    message = "This lot has expired."


class LotExtendedAlready(Conflict):
    code = "LOT_EXTENDED_ALREADY"
    message = "The expiry of this lot was put off before."


class ExtensionNotAllowed(Conflict):
    code = "EXTENSION_NOT_ALLOWED"
    message = "By the platform's settings no lot is extended."


class Origin(StrEnum):
    """Where a lot came from (B39): it decides the order of spending and the report's payment type."""

    PURCHASE = "purchase"
    GIFT = "gift"
    CAMPAIGN = "campaign"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"


class Lot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one grant left (A22). ``remaining`` counts what is held of it; a used-up lot leaves the wallet.

    ``entry`` is the number of the journal's line that brought it; ``warned_days`` says how long before its
    expiry its owner was last warned; ``extended``, that the expiry was put off.
    """

    id: str
    origin: Origin
    granted: int
    remaining: int
    cost: Money | None
    remaining_cost: Money | None
    at: datetime
    expires_at: datetime | None
    reference: Reference
    entry: int = 0
    warned_days: int | None = None
    extended: bool = False

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


class HeldPart(msgspec.Struct, frozen=True, kw_only=True):
    """So much of one lot is set aside."""

    lot_id: str
    amount: int


class Hold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An amount set aside of named lots, until it is captured or released, or its term is over."""

    id: str
    parts: list[HeldPart]
    at: datetime
    reference: Reference
    expires_at: datetime | None = None

    @property
    def amount(self) -> int:
        return sum(part.amount for part in self.parts)


class Wallet(msgspec.Struct, frozen=True, kw_only=True):
    """``balance`` counts what is held; ``entries`` is the last sequence number of the journal (A23).

    ``owed`` is what was taken back and was no longer there: while it is above zero nothing is spent or set
    aside, and whatever comes in or comes free pays it first. ``sandbox`` says by whose clock it is swept.
    ``lots`` are the first of each origin; ``paged`` says from which place on its lots stand on pages.
    ``put_off`` says when a used-up lot expires whose expiry was put off, for what may come back to it.
    """

    platform_id: str
    owner_id: str
    asset: str
    balance: int = 0
    held: int = 0
    owed: int = 0
    entries: int = 0
    sandbox: bool = False
    lots: list[Lot] = []
    holds: list[Hold] = []
    paged: dict[Origin, str] = {}
    put_off: dict[str, datetime] = {}
    version: int = 0

    @property
    def available(self) -> int:
        return self.balance - self.held


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What is given to a wallet: one new lot. ``AmountNotPositive`` or ``CostNegative`` for nonsense."""

    origin: Origin
    amount: int
    cost: Money | None = None
    reference: Reference = {}
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        check_amount(self.amount)
        if self.cost is not None and self.cost.amount < 0:
            raise CostNegative(field="cost")


class SpentPart(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken of one lot, and what that had cost. ``lot`` is as it was before, to come back to."""

    lot: Lot
    amount: int
    cost: Money | None

    @property
    def lot_id(self) -> str:
        return self.lot.id

    @property
    def origin(self) -> Origin:
        return self.lot.origin


def check_amount(amount: Any) -> None:
    """``AmountNotPositive`` unless it is a whole number above zero; a float or a bool never is."""
    if type(amount) is not int or amount <= 0:
        raise AmountNotPositive(field="amount")


def check_asset(asset: str) -> None:
    """``AssetUnknown`` for an asset that no wallet is kept in."""
    if asset not in ASSETS:
        raise AssetUnknown(field="asset")
