"""What a wallet holds and what moved it, for people who ask."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.accounts.service import Accounts
from chalicelib.platforms.service import Platforms
from chalicelib.table import read
from chalicelib.wallet import opening, store
from chalicelib.wallet.lots import by_spend_order, held_by_lot, reached, spendable
from chalicelib.wallet.model import check_asset
from chalicelib.wallet.pages import Opened
from chalicelib.wallet.service import Wallets
from chalicelib.wallet.views import EntriesQuery, EntriesView, EntryView, HoldView, LotView, WalletView


class Statements:
    """What a person holds and why. ``ASSET_NOT_FOUND``, ``ACCOUNT_NOT_FOUND``, ``PLATFORM_NOT_FOUND``."""

    def __init__(self, wallets: Wallets, platforms: Platforms, accounts: Accounts) -> None:
        self._wallets = wallets
        self._platforms = platforms
        self._accounts = accounts

    def wallet(self, platform_id: str, owner_id: str, asset: str) -> WalletView:
        """The wallet as of now, lot by lot in the order in which they will be spent.

        One batch read, and a query for each origin that stands on pages.
        """
        check_asset(asset)
        place = self._wallets.key(platform_id, owner_id, asset)
        account = self._accounts.key(platform_id, owner_id)
        loaded = read.batch([self._platforms.key(platform_id), account, place])
        self._accounts.load(loaded, platform_id, owner_id)
        platform = self._platforms.load(loaded, platform_id)
        wallet = self._wallets.load(loaded, platform_id, owner_id, asset)
        return _shown(opening.for_view(wallet), platform.now(), platform.settings.spend_order)

    def entries(self, platform_id: str, owner_id: str, asset: str, asked: EntriesQuery) -> EntriesView:
        """One page of the journal, newest first; one get and one query. ``CURSOR_INVALID``."""
        check_asset(asset)
        self._accounts.get(platform_id, owner_id)
        page = store.entries(platform_id, owner_id, asset, asked.limit, asked.cursor)
        return EntriesView(items=[EntryView.of(entry) for entry in page.records], cursor=page.cursor)


def _shown(opened: Opened, now: datetime, order: Sequence[str]) -> WalletView:
    wallet = opened.wallet
    held = held_by_lot(wallet)
    lots = reached(wallet, by_spend_order(wallet.lots, order), order)
    return WalletView(
        asset=wallet.asset,
        balance=wallet.balance,
        held=wallet.held,
        owed=wallet.owed,
        available=0 if wallet.owed else spendable(wallet, now),
        lots=[LotView.of(lot, held.get(lot.id, 0)) for lot in lots],
        more_lots=bool(wallet.paged),
        holds=[HoldView.of(hold) for hold in wallet.holds],
    )
