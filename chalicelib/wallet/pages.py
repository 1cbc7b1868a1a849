"""Where lots stand: the first of each origin in the wallet's item, the rest on pages beside it.

Within an origin lots have a place that no setting changes: soonest expiry first, then the oldest. So a
platform's ``spend_order`` only says of which origin comes next, and changing it moves nothing.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from chalicelib.core.clock import stamp
from chalicelib.wallet.lots import held_by_lot, in_spend_order, place, ranks_of, spendable, turn
from chalicelib.wallet.model import Lot, Origin, TooManyLots, Wallet

MAX_LOTS = 20  # in the wallet's item, and on a page
MAX_PAGES = 10  # that one step opens one after another
MAX_MADE = 15  # that one step makes of an item that holds too many
MAX_WRITES = 40  # of pages in one step: the rest of a transaction's hundred items is for those who share it
LAST = "~~"  # behind every place

Page = tuple[Origin, str]


class LotPage(msgspec.Struct, frozen=True, kw_only=True):
    """The lots of one origin from the place ``start`` to the start of the next page."""

    platform_id: str
    owner_id: str
    asset: str
    origin: Origin
    start: str
    lots: list[Lot] = []
    version: int = 0


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A wallet with the pages that a step needs: their lots are among its ``lots``.

    Where an origin was opened from its first page on, ``paged`` says where its shut pages begin.
    """

    wallet: Wallet
    pages: list[LotPage] = []


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """A wallet as its item has it, the pages that changed, and those that hold nothing more."""

    wallet: Wallet
    changed: list[LotPage] = []
    emptied: list[LotPage] = []


def lacking(wallet: Wallet, amount: int, at: datetime, order: Sequence[str]) -> Origin | None:
    """The origin whose next page decides which lots give ``amount``; ``None`` where all of them are open."""
    if not wallet.paged:
        return None
    ranks = ranks_of(order)
    _, origin = min((turn(start, ranks[origin]), origin) for origin, start in wallet.paged.items())
    there = sum(left for _, left in in_spend_order(wallet, at, order))
    if there >= amount or (there and amount > spendable(wallet, at)):
        return None
    return origin


def expiring(wallet: Wallet, now: datetime) -> Origin | None:
    """The origin whose next page may hold expired lots."""
    due = (origin for origin, start in wallet.paged.items() if start.partition("#")[0] <= stamp(now))
    return next(due, None)


def opened_next(before: Opened, origin: Origin, found: Sequence[LotPage], count: int) -> Opened:
    """With the ``count`` pages of an origin that come next; one that was found behind them stays shut."""
    paged = {each: start for each, start in before.wallet.paged.items() if each is not origin}
    if len(found) > count:
        paged[origin] = found[count].start
    return _with(before, found[:count], paged)


def opened_here(before: Opened, page: LotPage) -> Opened:
    """With one page, wherever it stands."""
    already = any((each.origin, each.start) == (page.origin, page.start) for each in before.pages)
    return before if already else _with(before, [page], before.wallet.paged)


def opened_wholly(wallet: Wallet, found: Sequence[LotPage]) -> Opened:
    """With every page."""
    return _with(Opened(wallet=wallet), found, {})


def _with(before: Opened, found: Sequence[LotPage], paged: dict[Origin, str]) -> Opened:
    wallet = before.wallet
    lots = [*wallet.lots, *(lot for page in found for lot in page.lots)]
    return Opened(wallet=replace(wallet, lots=lots, paged=paged), pages=[*before.pages, *found])


def laid_out(before: Opened, after: Wallet) -> Layout:
    """Where the lots stand after a step: few in the item, few on each page, in their places."""
    if not before.pages and len(after.lots) <= MAX_LOTS:
        return Layout(wallet=after)
    item, pages = _sorted_in(before.pages, after)
    _bring_up(item, pages, after.paged)
    _put_off(item, pages)
    _split(pages)
    paged = dict(after.paged)
    for origin, start in pages:
        paged[origin] = min(start, paged.get(origin, start))
    changed, emptied = _differences(before, after, pages)
    if len(changed) + len(emptied) > MAX_WRITES:
        raise TooManyLots
    return Layout(wallet=replace(after, lots=item, paged=paged), changed=changed, emptied=emptied)


def _sorted_in(opened: Sequence[LotPage], after: Wallet) -> tuple[list[Lot], dict[Page, list[Lot]]]:
    """The lots of the item, and those of each open page that holds any."""
    item: list[Lot] = []
    pages: dict[Page, list[Lot]] = {}
    starts = {origin: sorted(page.start for page in opened if page.origin is origin) for origin in Origin}
    for lot in after.lots:
        where, own = place(lot), starts[lot.origin]
        begin = min([*own[:1], after.paged.get(lot.origin, LAST)])
        if where < begin:
            item.append(lot)
        elif own and own[0] <= where:
            pages.setdefault((lot.origin, own[bisect_right(own, where) - 1]), []).append(lot)
        else:
            raise ValueError(f"{lot.id} belongs on a page that is not open")
    return item, {page: sorted(lots, key=place) for page, lots in pages.items()}


def _bring_up(item: list[Lot], pages: dict[Page, list[Lot]], paged: dict[Origin, str]) -> None:
    """Where the item has nothing more of an origin, the first page of it that is open goes there."""
    there = {lot.origin for lot in item}
    for origin in Origin:
        first = min((start for each, start in pages if each is origin), default=LAST)
        if origin not in there and first < paged.get(origin, LAST):
            item += pages.pop((origin, first))


def _put_off(item: list[Lot], pages: dict[Page, list[Lot]]) -> None:
    """While the item holds too many, the last half of the origin that has most of them becomes a page.

    What is left of an item that was stored as one goes with the next steps.
    """
    for _ in range(MAX_MADE):
        if len(item) <= MAX_LOTS:
            return
        ((origin, count),) = Counter(lot.origin for lot in item).most_common(1)
        own = sorted((lot for lot in item if lot.origin is origin), key=place)
        last = own[-min(MAX_LOTS, (count + 1) // 2) :]
        moved = {lot.id for lot in last}
        item[:] = [lot for lot in item if lot.id not in moved]
        pages[origin, place(last[0])] = last


def _split(pages: dict[Page, list[Lot]]) -> None:
    """A page that holds too many becomes pages of equal size."""
    for (origin, _), lots in list(pages.items()):
        count = -(-len(lots) // MAX_LOTS)
        size = -(-len(lots) // count)
        for first in range(size, len(lots), size):
            pages[origin, place(lots[first])] = lots[first : first + size]
        del lots[size:]


def _differences(
    before: Opened, after: Wallet, pages: dict[Page, list[Lot]]
) -> tuple[list[LotPage], list[LotPage]]:
    """Those whose lots changed, or what is held of them, which moves what is due of them; and the empty."""
    stood = {(page.origin, page.start): page for page in before.pages}
    held, held_after = held_by_lot(before.wallet), held_by_lot(after)
    changed = []
    for (origin, start), lots in pages.items():
        page = stood.get((origin, start)) or LotPage(
            platform_id=after.platform_id,
            owner_id=after.owner_id,
            asset=after.asset,
            origin=origin,
            start=start,
        )
        if page.lots != lots or any(held.get(lot.id) != held_after.get(lot.id) for lot in lots):
            changed.append(replace(page, lots=lots))
    return changed, [page for key, page in stood.items() if key not in pages]
