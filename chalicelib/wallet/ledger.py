"""The journal that says why a wallet holds what it holds, in double entry.

A wallet is the fold of its journal: every line says what it added, what it set aside, and of which lots.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from chalicelib.core.money import Money
from chalicelib.wallet.model import HeldPart, Reference


class HoldStep(StrEnum):
    """What a line did to a hold. All but the first end it, and a hold ends once."""

    OPENED = "opened"
    CAPTURED = "captured"
    RELEASED = "released"
    EXPIRED = "expired"


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """``amount`` is added to ``account``: a wallet's own, or a counter-account.

    A wallet has three: ``wallet:<owner>`` (free), ``held:<owner>``, and ``owed:<owner>``, never above zero.
    """

    account: str
    asset: str
    amount: int


class LotMove(msgspec.Struct, frozen=True, kw_only=True):
    """What was granted to a lot (above zero) or taken of it (below), and the part of its cost that moved.

    ``entry`` is the number of the line that brought the lot.
    """

    lot_id: str
    amount: int
    cost: Money | None
    entry: int = 0


class HoldMove(msgspec.Struct, frozen=True, kw_only=True):
    """What a line did to a hold, and of which lots."""

    id: str
    step: HoldStep
    parts: list[HeldPart]


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step as one wallet's journal has it.

    ``amount`` changed the balance, ``held_amount`` what is held of it, ``owed_amount`` what the wallet owes.
    """

    owner_id: str
    asset: str
    sequence: int
    amount: int
    held_amount: int
    balance_after: int
    held_after: int
    lots: list[LotMove]
    hold: HoldMove | None = None
    owed_amount: int = 0
    owed_after: int = 0

    @property
    def net_amount(self) -> int:
        """What the wallet has more of, its debt counted: what pays a debt came, too."""
        return self.amount - self.owed_amount


class LedgerTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """One step with all its postings, which sum to zero per asset; it stands in its wallet's journal."""

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


class Journal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a wallet moves.

    ``operation`` names the thing done, once and for ever (``book:bkg_…``, ``fulfil:ord_…``), and never a
    caller's idempotency key, which may come again after a day: two transactions of one name are a fault.
    """

    operation: str
    kind: str
    at: datetime
    reference: Reference
    memo: str = ""
