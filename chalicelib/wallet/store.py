"""Where wallets and their journals stand. Nothing here commits."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.transact import StaleDecision, Write
from chalicelib.wallet.expiry import next_due, next_due_of
from chalicelib.wallet.ledger import LedgerTransaction
from chalicelib.wallet.model import Origin, Wallet
from chalicelib.wallet.pages import LAST, Layout, LotPage


class WalletItem(Item, discriminator="wallet"):
    record = RecordAttribute(Wallet)


class LotPageItem(Item, discriminator="lot-page"):
    record = RecordAttribute(LotPage)


class LedgerTransactionItem(Item, discriminator="ledger-transaction"):
    record = RecordAttribute(LedgerTransaction)


def saved(layout: Layout) -> list[Write]:
    """The wallet in the place of the one that was read, the first where there was none; then its pages.

    A page never changes without the wallet, so the wallet's version stands for that of all its pages.
    """
    wallet = layout.wallet
    key = keys.wallet(wallet.platform_id, wallet.owner_id, wallet.asset)
    return [
        transact.save(WalletItem.of(key, wallet, work=_work(wallet, next_due(wallet)))),
        *(_page_saved(wallet, page) for page in layout.changed),
        *(transact.delete(LotPageItem, page_key(page), page) for page in layout.emptied),
    ]


def _page_saved(wallet: Wallet, page: LotPage) -> Write:
    work = _work(wallet, next_due_of(wallet, page.lots))
    return transact.save(LotPageItem.of(page_key(page), page, work=work))


def page_key(page: LotPage) -> Key:
    return keys.lot_page(page.platform_id, page.owner_id, page.asset, page.origin, page.start)


def next_pages(wallet: Wallet, origin: Origin, count: int) -> list[LotPage]:
    """The pages of an origin that come next, at most ``count``."""
    start = keys.lot_page(wallet.platform_id, wallet.owner_id, wallet.asset, origin, wallet.paged[origin])
    end = keys.lot_page(wallet.platform_id, wallet.owner_id, wallet.asset, origin, LAST)
    return read.query(start.pk, between=(start.sk, end.sk), limit=count).records


def page_of(wallet: Wallet, origin: Origin, place: str) -> LotPage | None:
    """The page that has this place: the last that begins there or before it."""
    start = keys.lot_page(wallet.platform_id, wallet.owner_id, wallet.asset, origin, "")
    here = keys.lot_page(wallet.platform_id, wallet.owner_id, wallet.asset, origin, place)
    found = read.query(here.pk, between=(start.sk, here.sk), limit=1, newest_first=True).records
    return found[0] if found else None


def all_pages(wallet: Wallet) -> list[LotPage]:
    partition = keys.wallet(wallet.platform_id, wallet.owner_id, wallet.asset).pk
    return list(read.query_all(partition, prefix="LOTS#"))


def check_unmoved(wallet: Wallet) -> None:
    """``StaleDecision`` where the wallet has moved since it was read: its pages may be of another moment."""
    found = read.get(keys.wallet(wallet.platform_id, wallet.owner_id, wallet.asset), Wallet)
    if found is None or found.version != wallet.version:
        raise StaleDecision


def written(transaction: LedgerTransaction) -> Write:
    """The step at the next number of its wallet's journal, where nothing stands yet (L3)."""
    return transact.create(LedgerTransactionItem.of(_place(transaction), transaction))


def entries(platform_id: str, owner_id: str, asset: str, limit: int, cursor: str | None) -> read.Page:
    """A page of a wallet's journal, newest first."""
    partition = keys.wallet(platform_id, owner_id, asset).pk
    return read.query(partition, prefix="ENTRY#", limit=limit, cursor=cursor, newest_first=True)


def entries_since(wallet: Wallet, operation: str) -> Iterator[LedgerTransaction]:
    """The wallet's journal from its last line back to that of this operation, page by page."""
    partition = keys.wallet(wallet.platform_id, wallet.owner_id, wallet.asset).pk
    for entry in read.query_all(partition, prefix="ENTRY#", newest_first=True):
        yield entry
        if entry.operation == operation:
            return


def lines(
    platform_id: str, owner_id: str, asset: str, sequences: Iterable[int]
) -> dict[int, LedgerTransaction]:
    """The lines of a wallet's journal at these numbers."""
    places = {number: keys.entry(platform_id, owner_id, asset, number) for number in sequences}
    loaded = read.batch(places.values())
    return {number: entry for number, key in places.items() if (entry := loaded.get(key, LedgerTransaction))}


def _work(wallet: Wallet, due_at: datetime | None) -> Key | None:
    """While something of it expires, the sweeper comes when it does, or when its owner is to be warned."""
    if due_at is None:
        return None
    name = f"{wallet.owner_id}#{wallet.asset}"
    if wallet.sandbox:
        return keys.sandbox_work(wallet.platform_id, name, due_at)
    return keys.work(name, due_at)


def _place(entry: LedgerTransaction) -> Key:
    line = entry.line
    return keys.entry(entry.platform_id, line.owner_id, line.asset, line.sequence)
