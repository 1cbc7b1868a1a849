"""Mails about credits on moto."""

from typing import Any

import pytest

from chalicelib.accounts.store import AccountItem
from chalicelib.notices.service import Notices
from chalicelib.orders.credit_packages import CreditFulfilment
from chalicelib.orders.model import PURCHASE_MAILED, ProductKind
from chalicelib.platforms.model import LatePayment
from chalicelib.platforms.store import PlatformItem
from chalicelib.table import keys, read, transact
from tests.store.booking import studio
from tests.store.booking.test_by_card import Till, effects
from tests.store.booking.test_mixed_payment import BOTH
from tests.store.notices.postman import Postman
from tests.store.orders.shop import CUSTOMER, Shop


@pytest.fixture
def shop(table, moving_clock) -> Shop:
    """A customer has bought credits."""
    shop = Shop().open()
    shop.ordered()
    shop.provider.pay("cs_1")
    shop.deliver(shop.provider.event("cs_1", "checkout.session.completed"))
    return shop


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def notices(shop: Shop, postman: Postman) -> Notices:
    return Notices(shop.platforms, studio.accounts, studio.calendars, studio.bookings, postman)


def test_a_paid_order_is_told_to_who_paid(shop: Shop, notices: Notices, postman: Postman) -> None:
    (payload,) = shop.effects(PURCHASE_MAILED)
    notices.credits_bought("acme", payload)
    (mail,) = postman.mails
    assert (mail.to, mail.subject) == ("ayse@example.com", "Kredileriniz hesabınızda – Acme")
    assert "Merhaba Ayşe," in mail.text
    assert "Paket: 500 Kredi\nKredi: 500\nÖdenen: 1.490,00\N{NO-BREAK SPACE}TRY\n" in mail.text
    assert f"Sipariş no: {payload['order_id']}\n" in mail.text


def test_its_receipt_holds_no_personal_data(shop: Shop) -> None:
    (payload,) = shop.effects(PURCHASE_MAILED)
    (sale,) = shop.sales()
    assert payload == {"order_id": "ord_" + sale["id"].removeprefix("sal_")}


def test_an_event_that_comes_again_is_not_told_again(shop: Shop) -> None:
    shop.deliver(shop.provider.event("cs_1", "checkout.session.completed"))
    assert len(shop.effects(PURCHASE_MAILED)) == 1


@pytest.mark.parametrize(
    ("item_type", "key"),
    [(AccountItem, keys.account("acme", CUSTOMER.id)), (PlatformItem, keys.platform("acme"))],
)
def test_who_is_gone_is_told_nothing(
    shop: Shop, notices: Notices, postman: Postman, item_type: Any, key: keys.Key
) -> None:
    record = read.batch([key]).get(key, object)
    transact.commit([transact.delete(item_type, key, record)], "gone")
    (payload,) = shop.effects(PURCHASE_MAILED)
    notices.credits_bought("acme", payload)
    assert postman.mails == []


def test_of_an_order_that_is_gone_nobody_is_told(notices: Notices, postman: Postman) -> None:
    notices.credits_bought("acme", {"order_id": "ord_gone"})
    assert postman.mails == []


def test_credits_given_in_place_of_a_late_appointment_are_told(table, moving_clock, postman: Postman) -> None:
    studio.open_studio()
    studio.set_on_sale(BOTH)
    studio.set_settings(late_payment=LatePayment.CREDITS)
    till = Till()
    till.fulfilments[ProductKind.CREDIT_PACKAGE] = CreditFulfilment(studio.catalogue, studio.wallets)
    order = till.order("apk_both")
    till.expire(order)
    till.pay(order)
    (payload,) = effects(PURCHASE_MAILED)
    notices = Notices(studio.platforms, studio.accounts, studio.calendars, studio.bookings, postman)
    notices.credits_bought(studio.PLATFORM, payload)
    (mail,) = postman.mails
    assert "Kredi: 100\n" in mail.text
