"""E8: the platform's balance for calls is topped up by an admin's order, exactly and once, and goes back with its money."""

import msgspec
import pytest
from msgspec.structs import replace

from chalicelib.accounts import store as account_store
from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.core.money import Money
from chalicelib.core.permissions import Role
from chalicelib.orders.model import Order, OrderState
from chalicelib.orders.phone_balance import top_up
from chalicelib.orders.views import OrderRequest, OrderView, TopUpRequest
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Operation
from chalicelib.telephony.model import Balance
from chalicelib.telephony.store import saved_balance
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from tests.store.orders.shop import ADMIN, CUSTOMER, PLATFORM, Shop, account


@pytest.fixture(autouse=True)
def an_admin_and_an_end_without_differences(shop):
    an_admin()
    yield
    assert [str(difference) for difference in verify(every_item())] == []


def an_admin() -> None:
    person = replace(account(ADMIN), role=Role.ADMIN, email="admin@example.com")
    transact.commit([account_store.saved(person)], "admin")


def ordered(shop: Shop, actor=ADMIN, request: OrderRequest | None = None) -> Order:
    operation = Operation(actor=actor, name="top-up", key="k1", input_hash="h")
    answer = shop.checkout.start(operation, request or top_up(5_000))
    return shop.kept(answer.read_as(OrderView).id)


def paid(shop: Shop) -> Order:
    order = ordered(shop)
    shop.provider.pay("cs_1")
    for event in ("checkout.session.completed", "payment_intent.succeeded", "checkout.session.completed"):
        shop.deliver(shop.provider.event("cs_1", event))
    return shop.kept(order.id)


def balance() -> Balance:
    found = read.get(keys.phone_balance(PLATFORM), Balance)
    return found or Balance(platform_id=PLATFORM)


def test_e8_an_order_that_is_paid_gives_its_dollars_once_however_often_it_is_told(shop) -> None:
    order = paid(shop)
    assert (order.state, order.price) == (OrderState.PAID, Money(5_000, "USD"))
    assert (balance().free, balance().entries) == (50_000_000, 1)
    assert shop.sales() == []


def test_e8_what_is_ordered_and_not_paid_gives_nothing(shop, provider) -> None:
    order = ordered(shop)
    provider.expire("cs_1")
    shop.deliver(provider.event("cs_1", "checkout.session.expired"))
    assert (shop.kept(order.id).state, balance().entries) == (OrderState.EXPIRED, 0)
    assert shop.failed_payments() == []


@pytest.mark.parametrize("package_id", ["pbl_5000", "pbl_1", "pbl_", "pbl_5000000"])
def test_a_customer_finds_no_such_thing(shop, package_id) -> None:
    with pytest.raises(PackageNotOnSale):
        ordered(shop, CUSTOMER, OrderRequest(package_id=package_id))


@pytest.mark.parametrize("cents", [0, 1, 4_999, -5_000, 10**9, "5000", 5_000.5])
def test_an_amount_that_is_not_the_server_s_own_is_refused(cents) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"amount_cents": cents}, TopUpRequest)


def test_money_that_goes_back_is_taken_back_and_what_is_not_free_is_owed(shop) -> None:
    order = paid(shop)
    shop.refund(order, 2_000)
    assert balance().free == 30_000_000
    shop.refund(shop.kept(order.id), key="r2")
    shop.send_refunds()
    assert (balance().free, balance().owed, balance().entries) == (0, 0, 3)


def test_a_planted_balance_is_found(shop) -> None:
    paid(shop)
    stored = balance()
    transact.commit([saved_balance(replace(stored, free=stored.free + 1))], "plant")
    names = {difference.name for difference in verify(every_item())}
    transact.commit([saved_balance(replace(balance(), free=stored.free))], "mend")
    assert names == {"phone-balance-not-fold"}
