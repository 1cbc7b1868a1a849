"""Wallets that owe: what comes back of a booking may pay more than itself, and that is no difference."""

from msgspec.structs import replace

from chalicelib.booking.views import CancelRequest
from chalicelib.catalogue.model import CataloguePage
from chalicelib.catalogue.store import CataloguePageItem
from chalicelib.orders.credit_packages import CreditFulfilment
from chalicelib.orders.model import ProductKind
from chalicelib.orders.views import RefundRequest
from chalicelib.table import keys, read, transact
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.model import Origin
from tests.store.booking.studio import (
    ADMIN,
    PLATFORM,
    booked,
    catalogue,
    changes,
    give,
    open_studio,
    operation,
    wallet,
    wallets,
)
from tests.store.booking.test_by_card import Till
from tests.store.orders.shop import package

# It expires, so it is spent before what an admin gave.
PACK = replace(package(), expires_after_days=30)


def test_what_comes_back_of_a_booking_pays_more_debt_than_itself(table, moving_clock) -> None:
    till = sold_pack()
    give(160, Origin.ADJUSTMENT)
    first = booked("06:00")
    order = till.order("cpk_500", start=None, expert_id=None)
    till.pay(order)
    for start in ("07:00", "08:00", "09:00", "10:00", "11:00"):
        booked(start)
    till.refunds.request(operation("all", ADMIN), order.id, RefundRequest(amount=None, reason="asked for"))
    assert (wallet().balance, wallet().owed) == (60, 500)
    changes.cancel(operation("off", ADMIN), first.id, CancelRequest())
    assert (wallet().balance, wallet().owed) == (0, 340)
    assert list(verify(every_item())) == []


def sold_pack() -> Till:
    open_studio()
    key = keys.catalogue(PLATFORM, "TR")
    page = read.get(key, CataloguePage)
    assert page is not None
    on_sale = replace(page, credit_packages=[PACK])
    transact.commit([transact.save(CataloguePageItem.of(key, on_sale))], "on-sale")
    till = Till()
    till.fulfilments[ProductKind.CREDIT_PACKAGE] = CreditFulfilment(catalogue, wallets)
    return till
