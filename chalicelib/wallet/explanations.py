"""Why is my balance 7? Line by line, from what moved to the lots, and from each lot to what brought it."""

from collections.abc import Iterable

from chalicelib.accounts.service import Accounts
from chalicelib.core.money import Money
from chalicelib.table import read
from chalicelib.wallet import store
from chalicelib.wallet.ledger import LedgerTransaction, LotMove
from chalicelib.wallet.model import check_asset
from chalicelib.wallet.service import Wallets
from chalicelib.wallet.views import (
    EntryView,
    ExplainedLine,
    ExplainedLot,
    ExplanationQuery,
    ExplanationView,
    LotSource,
)

MAX_LOTS = 20  # of one line


class Explanations:
    def __init__(self, wallets: Wallets, accounts: Accounts) -> None:
        self._wallets = wallets
        self._accounts = accounts

    def explain(
        self, platform_id: str, owner_id: str, asset: str, asked: ExplanationQuery
    ) -> ExplanationView:
        """A page of the journal, newest first, with the line that brought each lot.

        ``AccountNotFound``, ``AssetUnknown``, ``CursorInvalid``.
        """
        check_asset(asset)
        place = self._wallets.key(platform_id, owner_id, asset)
        loaded = read.batch([self._accounts.key(platform_id, owner_id), place])
        self._accounts.load(loaded, platform_id, owner_id)
        wallet = self._wallets.load(loaded, platform_id, owner_id, asset)
        page = store.entries(platform_id, owner_id, asset, asked.limit, asked.cursor)
        known = {entry.line.sequence: entry for entry in page.records}
        wanted = {move.entry for entry in page.records for move in entry.line.lots[:MAX_LOTS]}
        known |= store.lines(platform_id, owner_id, asset, sorted(wanted - known.keys() - {0}))
        return ExplanationView(
            balance=wallet.balance,
            held=wallet.held,
            owed=wallet.owed,
            items=[_explained(entry, known) for entry in page.records],
            cursor=page.cursor,
        )


def _explained(entry: LedgerTransaction, known: dict[int, LedgerTransaction]) -> ExplainedLine:
    line = entry.line
    return ExplainedLine(
        entry=EntryView.of(entry),
        hold_id=line.hold.id if line.hold else None,
        hold_step=line.hold.step if line.hold else None,
        lots=[_lot(move, known.get(move.entry)) for move in line.lots[:MAX_LOTS]],
        more_lots=max(len(line.lots) - MAX_LOTS, 0),
    )


def _lot(move: LotMove, source: LedgerTransaction | None) -> ExplainedLot:
    return ExplainedLot(
        lot_id=move.lot_id, amount=move.amount, cost=move.cost, source=_source(source) if source else None
    )


def _source(entry: LedgerTransaction) -> LotSource:
    paid = ((p.account, p.asset, p.amount) for p in entry.postings if p.account.startswith("provider:"))
    provider, price = _first_payment(paid)
    return LotSource(
        sequence=entry.line.sequence,
        at=entry.at,
        kind=entry.kind,
        memo=entry.memo,
        reference=entry.reference,
        provider=provider,
        paid=price,
    )


def _first_payment(paid: Iterable[tuple[str, str, int]]) -> tuple[str | None, Money | None]:
    """What came from a provider left its account."""
    for account, currency, amount in paid:
        return account.removeprefix("provider:"), Money(-amount, currency)
    return None, None
