"""A wallet with the lots of all its pages, and whether each stands where it would be looked for."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from chalicelib.verifier.fold import Finding
from chalicelib.wallet.lots import place
from chalicelib.wallet.model import Lot, Origin, Wallet
from chalicelib.wallet.pages import LAST, LotPage


def in_one_piece(wallet: Wallet, pages: Sequence[LotPage]) -> Wallet:
    """The wallet as if its item held all lots."""
    return replace(wallet, lots=[*wallet.lots, *(lot for page in pages for lot in page.lots)])


def misplaced(wallet: Wallet | None, pages: Sequence[LotPage]) -> Iterator[Finding]:
    """Lots that are not in their place, and pages that the wallet does not lead to."""
    for origin in Origin:
        own = sorted((page for page in pages if page.origin is origin), key=lambda page: page.start)
        begin = own[0].start if own else None
        led_to = wallet.paged.get(origin) if wallet else None
        if led_to != begin:
            yield "L2", "page-not-reached", f"pages of {origin} begin at {begin}, the wallet says {led_to}"
        ends = [*(page.start for page in own[1:]), LAST]
        if wallet:
            yield from _outside(
                [lot for lot in wallet.lots if lot.origin is origin], origin, "", begin or LAST
            )
        for page, end in zip(own, ends, strict=False):
            yield from _outside(page.lots, origin, page.start, end)


def _outside(lots: Sequence[Lot], origin: Origin, start: str, end: str) -> Iterator[Finding]:
    for lot in lots:
        if lot.origin is not origin or not start <= place(lot) < end:
            yield "L2", "lot-misplaced", f"{lot.id} does not belong between {start or 'the first'} and {end}"
