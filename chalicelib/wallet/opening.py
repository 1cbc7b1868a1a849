"""Opens those pages of a wallet that a step needs, and no more; a wallet without pages costs no call.

A page is read after its wallet, so the wallet's version is read once more behind it: where it still is what
it was, the pages are of that moment too.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from chalicelib.table.transact import StaleDecision
from chalicelib.wallet import store
from chalicelib.wallet.lots import place
from chalicelib.wallet.model import Lot, Origin, SpentPart, Wallet
from chalicelib.wallet.pages import (
    MAX_PAGES,
    Opened,
    expiring,
    lacking,
    opened_here,
    opened_next,
    opened_wholly,
)


def for_amount(wallet: Wallet, amount: int, at: datetime, order: Sequence[str]) -> Opened:
    """As far as ``amount`` goes in spend order, at most ``MAX_PAGES`` pages."""
    opened = Opened(wallet=wallet)
    for _ in range(MAX_PAGES):
        origin = lacking(opened.wallet, amount, at, order)
        if origin is None:
            break
        opened = _next(opened, origin)
    return _checked(wallet, opened)


def for_expiry(wallet: Wallet, now: datetime) -> Opened:
    """As far as lots have expired, at most ``MAX_PAGES`` pages."""
    opened = Opened(wallet=wallet)
    for _ in range(MAX_PAGES):
        origin = expiring(opened.wallet, now)
        if origin is None:
            break
        opened = _next(opened, origin)
    return _checked(wallet, opened)


def for_new(wallet: Wallet, lot: Lot) -> Opened:
    """The page on which this lot is to stand."""
    opened = Opened(wallet=wallet)
    if _is_paged(wallet, lot):
        page = store.page_of(wallet, lot.origin, place(lot))
        if page is None:  # the wallet says that there is one
            raise StaleDecision
        opened = opened_here(opened, page)
    return _checked(wallet, opened)


def for_lots(wallet: Wallet, lot_ids: Collection[str]) -> Opened:
    """Every page, unless these lots stand in the item."""
    return wholly(wallet) if set(lot_ids) - {lot.id for lot in wallet.lots} else Opened(wallet=wallet)


def for_return(wallet: Wallet, parts: Sequence[SpentPart]) -> Opened:
    """Every page, where one of these lots may stand on one: by its place, or since its expiry was put off."""
    there = {lot.id for lot in wallet.lots}
    away = [part.lot for part in parts if part.lot_id not in there and part.origin in wallet.paged]
    if any(_is_paged(wallet, lot) or (lot.expires_at and not lot.extended) for lot in away):
        return wholly(wallet)
    return Opened(wallet=wallet)


def for_view(wallet: Wallet) -> Opened:
    """The next pages of every origin, to be shown."""
    opened = Opened(wallet=wallet)
    for origin in wallet.paged:
        opened = _next(opened, origin, MAX_PAGES)
    return opened


def wholly(wallet: Wallet) -> Opened:
    """Every page."""
    return everything(wallet) if wallet.paged else Opened(wallet=wallet)


def everything(wallet: Wallet) -> Opened:
    """Every page that stands, whether the wallet leads to it or not, as in a table that was restored."""
    opened = opened_wholly(wallet, store.all_pages(wallet))
    return _checked(wallet, opened) if wallet.version else opened


def find_lot(wallet: Wallet, lot_id: str, origin: Origin, at_place: str) -> Lot | None:
    """A lot, where it still stands in that place."""
    page = store.page_of(wallet, origin, at_place) if origin in wallet.paged else None
    lots = [*wallet.lots, *(page.lots if page else [])]
    return next((lot for lot in lots if lot.id == lot_id), None)


def _is_paged(wallet: Wallet, lot: Lot) -> bool:
    return lot.origin in wallet.paged and place(lot) >= wallet.paged[lot.origin]


def _next(opened: Opened, origin: Origin, count: int = 1) -> Opened:
    """One page more is read than is opened, since the wallet must say where the next one begins."""
    return opened_next(opened, origin, store.next_pages(opened.wallet, origin, count + 1), count)


def _checked(wallet: Wallet, opened: Opened) -> Opened:
    if opened.wallet is not wallet:
        store.check_unmoved(wallet)
    return opened
