"""Every wallet beside the fold of its journal, and every hold beside its lines: L2, L3 and L7."""

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from chalicelib.verifier.fold import Fold, amounts
from chalicelib.verifier.lots import in_one_piece, misplaced
from chalicelib.verifier.model import Difference, Fact, Seen
from chalicelib.wallet.ledger import HoldStep, LedgerTransaction, Line
from chalicelib.wallet.model import HeldPart, Wallet
from chalicelib.wallet.pages import LotPage

_AFTER_ALL_LINES = "WALLET"


def wallet_group(platform_id: str, owner_id: str, asset: str) -> str:
    return f"{platform_id} {owner_id} {asset}"


class Journals:
    """One wallet: its lines in the order of their numbers, and then what is stored of it."""

    kinds: ClassVar[tuple[type, ...]] = (Line, Wallet, LotPage)

    def __init__(self, group: str) -> None:
        self._group = group
        self._fold = Fold()
        self._wallet: Wallet | None = None
        self._pages: list[LotPage] = []

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, Wallet | LotPage):
            group = wallet_group(record.platform_id, record.owner_id, record.asset)
            yield Fact(group, record, _AFTER_ALL_LINES)
        elif isinstance(record, LedgerTransaction):
            line = record.line
            group = wallet_group(record.platform_id, line.owner_id, line.asset)
            yield Fact(group, line, f"{line.sequence:012}")

    def see(self, content: Line | Wallet | LotPage) -> None:
        if isinstance(content, Wallet):
            self._wallet = content
        elif isinstance(content, LotPage):
            self._pages.append(content)
        else:
            self._fold.add(content)

    def differences(self) -> Iterator[Difference]:
        whole = self._wallet and in_one_piece(self._wallet, self._pages)
        for rule, name, detail in [*self._fold.compared(whole), *misplaced(self._wallet, self._pages)]:
            yield Difference(rule=rule, name=name, place=self._group, detail=detail)


class HoldLine(msgspec.Struct, frozen=True, array_like=True):
    """What a line did to a hold: with which parts, and, where it captured it, of which lots it took."""

    sequence: int
    step: HoldStep
    parts: dict[str, int]
    taken: dict[str, int]


class StoredHold(msgspec.Struct, frozen=True, array_like=True):
    """A hold that is open, by its wallet."""

    parts: list[HeldPart]


class Holds:
    """One hold: opened once, ended at most once, with the same lots, and open where its wallet has it."""

    kinds: ClassVar[tuple[type, ...]] = (HoldLine, StoredHold)

    def __init__(self, group: str) -> None:
        self._place, self._hold_id = group.rsplit(" ", 1)
        self._opened = self._ended = 0
        self._parts: dict[str, int] = {}
        self._stored: dict[str, int] | None = None
        self._found: list[tuple[str, str]] = []

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, Wallet):
            group = wallet_group(record.platform_id, record.owner_id, record.asset)
            for hold in record.holds:
                yield Fact(f"{group} {hold.id}", StoredHold(hold.parts), _AFTER_ALL_LINES)
        elif isinstance(record, LedgerTransaction) and record.line.hold:
            line, hold_id = record.line, record.line.hold.id
            group = wallet_group(record.platform_id, line.owner_id, line.asset)
            yield Fact(f"{group} {hold_id}", _hold_line(line), f"{line.sequence:012}")

    def see(self, content: HoldLine | StoredHold) -> None:
        if isinstance(content, StoredHold):
            self._stored = amounts(content.parts)
            return
        if content.step is HoldStep.OPENED:
            self._opened += 1
        else:
            self._ended += 1
        if self._parts and self._parts != content.parts:
            detail = f"line {content.sequence} ends {self._hold_id} with other lots than it was opened with"
            self._found.append(("hold-other-lots", detail))
        self._parts = content.parts
        if content.step is HoldStep.CAPTURED and content.taken != content.parts:
            detail = f"line {content.sequence} captures {self._hold_id} and takes of other lots"
            self._found.append(("hold-other-lots", detail))

    def differences(self) -> Iterator[Difference]:
        for name, detail in [*self._found, *self._counted()]:
            yield Difference(rule="L7", name=name, place=self._place, detail=detail)

    def _counted(self) -> Iterator[tuple[str, str]]:
        if self._opened != 1:
            yield "hold-not-opened-once", f"{self._hold_id} was opened {self._opened} times"
        if self._ended > 1:
            yield "hold-ended-twice", f"{self._hold_id} ended {self._ended} times"
        folded = self._parts if self._opened > self._ended else None
        if self._stored != folded:
            detail = f"{self._hold_id}: the wallet says {self._stored}, the fold {folded}"
            yield "holds-not-fold", detail


def _hold_line(line: Line) -> HoldLine:
    if line.hold is None:
        raise ValueError(f"line {line.sequence} has no hold")
    taken = {move.lot_id: -move.amount for move in line.lots}
    return HoldLine(line.sequence, line.hold.step, amounts(line.hold.parts), taken)
