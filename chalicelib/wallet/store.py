"""Where wallets and their journals stand. Nothing here commits."""

from collections.abc import Iterable

from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.transact import Write
from chalicelib.wallet.expiry import next_due
from chalicelib.wallet.model import EntryPointer, LedgerTransaction, Wallet


class WalletItem(Item, discriminator="wallet"):
    record = RecordAttribute(Wallet)


class LedgerTransactionItem(Item, discriminator="ledger-transaction"):
    record = RecordAttribute(LedgerTransaction)


class EntryPointerItem(Item, discriminator="entry-pointer"):
    record = RecordAttribute(EntryPointer)


def saved(wallet: Wallet) -> Write:
    """The wallet in the place of the one that was read; the first where there was none."""
    key = keys.wallet(wallet.platform_id, wallet.owner_id, wallet.asset)
    return transact.save(WalletItem.of(key, wallet, work=_work(wallet)))


def written(transaction: LedgerTransaction) -> Write:
    """The step at the next number of its home journal, where nothing stands yet (L3)."""
    return transact.create(LedgerTransactionItem.of(_place(transaction), transaction))


def pointed(pointer: EntryPointer) -> Write:
    """The line of another wallet at the next number of that wallet's journal."""
    return transact.create(EntryPointerItem.of(_place(pointer), pointer))


def entries(platform_id: str, owner_id: str, asset: str, limit: int, cursor: str | None) -> read.Page:
    """A page of a wallet's journal, newest first."""
    partition = keys.wallet(platform_id, owner_id, asset).pk
    return read.query(partition, prefix="ENTRY#", limit=limit, cursor=cursor, newest_first=True)


def lines(
    platform_id: str, owner_id: str, asset: str, sequences: Iterable[int]
) -> dict[int, LedgerTransaction | EntryPointer]:
    """The lines of a wallet's journal at these numbers."""
    places = {number: keys.entry(platform_id, owner_id, asset, number) for number in sequences}
    loaded = read.batch(places.values())
    return {number: entry for number, key in places.items() if (entry := _line_at(loaded, key))}


def _line_at(loaded: read.Loaded, key: Key) -> LedgerTransaction | EntryPointer | None:
    entry = loaded.get(key, object)
    return entry if isinstance(entry, LedgerTransaction | EntryPointer) else None


def _work(wallet: Wallet) -> Key | None:
    """While something of it expires, the sweeper comes when it does, or when its owner is to be warned."""
    due_at = next_due(wallet)
    if due_at is None:
        return None
    name = f"{wallet.owner_id}#{wallet.asset}"
    if wallet.sandbox:
        return keys.sandbox_work(wallet.platform_id, name, due_at)
    return keys.work(name, due_at)


def _place(entry: LedgerTransaction | EntryPointer) -> Key:
    line = entry.line
    return keys.entry(entry.platform_id, line.owner_id, line.asset, line.sequence)
