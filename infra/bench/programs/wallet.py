"""A spend of one credit from a wallet of many lots.

No network: the item that DynamoDB would send is decoded, and the two that it would get are encoded.
"""

from datetime import UTC, datetime
from typing import Any

from chalicelib.core.money import Money
from chalicelib.table.base import Item
from chalicelib.wallet.ledger import Journal, Posting
from chalicelib.wallet.lots import new_lot, place
from chalicelib.wallet.model import Grant, Origin, Wallet
from chalicelib.wallet.pages import MAX_LOTS, Opened
from chalicelib.wallet.service import Movement, Wallets

_NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
_BOOKED = {"booking_id": "bkg_01jd9v6s3m4n5p6q7r8s9t0v1w", "package_id": "apk_01jd9v6s3m4n5p6q7r8s9t0v1w"}
_JOURNAL = Journal(operation=f"book:{_BOOKED['booking_id']}", kind="booking", at=_NOW, reference=_BOOKED)
_INTO = [Posting(account="revenue", asset="credit", amount=1)]


def stored(lots: int) -> dict[str, Any]:
    """The item as DynamoDB has it of a wallet of so many bought lots of 500 credits."""
    bought = [_lot(number) for number in range(lots)]
    wallet = Wallet(
        platform_id="studio",
        owner_id="6f1d3c52-8a47-4b0e-9d56-3f7b2a1c9e80",
        asset="credit",
        balance=500 * lots,
        entries=lots,
        lots=bought[:MAX_LOTS],
        paged={Origin.PURCHASE: place(bought[MAX_LOTS])} if lots > MAX_LOTS else {},
        version=lots,
    )
    item: dict[str, Any] = Wallets().prepare_kept(Opened(wallet=wallet), wallet)[0].item.serialize()
    return item


def _lot(number: int) -> Any:
    reference = {"order_id": f"ord_{number:026d}", "package_id": "cpk_01jd9v6s3m4n5p6q7r8s9t0v1w"}
    grant = Grant(origin=Origin.PURCHASE, amount=500, cost=Money(149_000, "TRY"), reference=reference)
    return new_lot(f"lot_{number:026d}", grant, _NOW)


def spent(item: dict[str, Any]) -> Movement:
    """The step, from the item as it was read."""
    wallet: Wallet = Item.from_raw_data(item).loaded()
    return Wallets().prepare_spend(wallet, 1, _INTO, _JOURNAL)


def spend(lots: int, calls: int) -> None:
    """The same so many times."""
    item = stored(lots)
    for _ in range(calls):
        for write in spent(item).writes:
            write.item.serialize()
