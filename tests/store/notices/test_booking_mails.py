"""Mails about bookings on moto: who gets which, what is tried again, and what is nobody's business any more."""

from typing import Any

import pytest

from chalicelib.accounts.model import Locale
from chalicelib.accounts.store import AccountItem
from chalicelib.booking.model import CONFIRMATION_MAILED, Booking
from chalicelib.booking.store import BookingItem
from chalicelib.calendar.store import CalendarItem
from chalicelib.core.money import Money
from chalicelib.notices.service import Notices
from chalicelib.platforms.store import PlatformItem
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Receipt
from chalicelib.table.outbox import MAX_TRIES, Outbox
from chalicelib.wallet.model import Origin
from tests.store.booking import studio
from tests.store.booking.studio import PLATFORM, booked, give, open_studio, operation, speaks, use
from tests.store.notices.postman import Postman

pytestmark = pytest.mark.usefixtures("in_the_studio")


@pytest.fixture
def in_the_studio(table, moving_clock) -> None:
    open_studio()
    give(500, Origin.PURCHASE, Money(149_000, "TRY"))


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def outbox(postman: Postman) -> Outbox:
    notices = Notices(studio.platforms, studio.accounts, studio.calendars, studio.bookings, postman)
    others = dict.fromkeys(("notice", "report.sale"), lambda *_: None)
    handlers = {CONFIRMATION_MAILED: notices.booking_confirmed} | others
    return Outbox(handlers)


def receipt() -> Receipt:
    found = read.get(operation("k").receipt_key, Receipt)
    assert found is not None
    return found


def states() -> dict[str, str]:
    return {effect.payload["to"]: effect.state for effect in receipt().effects if "to" in effect.payload}


def remove(item_type: Any, key: keys.Key) -> None:
    record = read.batch([key]).get(key, object)
    transact.commit([transact.delete(item_type, key, record)], str(key))


def test_a_booking_is_told_to_the_customer_and_to_the_expert(outbox: Outbox, postman: Postman) -> None:
    booking = booked("07:00", key="k")
    assert outbox.drain(operation("k").receipt_key)
    customer, expert = postman.mails
    assert (customer.to, expert.to) == ("ada@example.com", "elif@example.com")
    assert customer.subject == "Randevunuz onaylandı: 23 Kasım 2026 Pazartesi, 10:00 – Studio"
    assert expert.subject == "Yeni randevu: 23 Kasım 2026 Pazartesi, 10:00 – Studio"
    assert all(booking.id in mail.text for mail in postman.mails)
    assert receipt().next_at is None


def test_a_booking_is_told_to_each_in_his_own_language(outbox: Outbox, postman: Postman) -> None:
    speaks("ada", Locale.PERSIAN)
    speaks("elif", Locale.ENGLISH)
    booked("07:00", key="k")
    outbox.drain(operation("k").receipt_key)
    customer, expert = postman.mails
    assert customer.text.startswith("سلام Ada،")
    assert expert.text.startswith("Hello Elif,")


def test_a_booking_of_a_package_bought_before_is_told_as_well(outbox: Outbox, postman: Postman) -> None:
    first = booked("07:00", "apk_three")
    use(str(first.assignment_id), "09:00", key="k")
    outbox.drain(operation("k").receipt_key)
    assert [mail.to for mail in postman.mails] == ["ada@example.com", "elif@example.com"]
    assert "Daha önce alınan paketten bir seans" in postman.mails[0].text


def test_a_booking_keeps_no_personal_data_in_its_receipt() -> None:
    booking = booked("07:00", key="k")
    mails = [effect for effect in receipt().effects if effect.kind == CONFIRMATION_MAILED]
    assert [mail.payload for mail in mails] == [
        {"booking_id": booking.id, "to": "customer"},
        {"booking_id": booking.id, "to": "expert"},
    ]
    assert receipt().effects[-2:] == mails


def test_a_booking_is_told_in_the_zone_of_the_calendar_and_without_one_in_utc(
    outbox: Outbox, postman: Postman
) -> None:
    booked("07:00", key="k")
    remove(CalendarItem, keys.calendar(PLATFORM, "elif"))
    outbox.drain(operation("k").receipt_key)
    assert "Pazartesi, 07:00\nSaat dilimi: UTC\n" in postman.mails[0].text


def test_a_booking_is_told_again_to_him_only_whose_mail_failed(
    outbox: Outbox, postman: Postman, moving_clock
) -> None:
    booked("07:00", key="k")
    postman.refused = {"elif@example.com"}
    outbox.drain(operation("k").receipt_key)
    assert states() == {"customer": "done", "expert": "pending"}
    postman.refused = set()
    moving_clock.forward(minutes=1)
    outbox.drain(operation("k").receipt_key)
    assert states() == {"customer": "done", "expert": "done"}
    assert [mail.to for mail in postman.mails] == ["ada@example.com", "elif@example.com"]


def test_a_booking_that_cannot_be_told_is_parked_in_the_end(
    outbox: Outbox, postman: Postman, moving_clock
) -> None:
    booked("07:00", key="k")
    postman.refused = {"ada@example.com", "elif@example.com"}
    for _ in range(MAX_TRIES):
        assert outbox.drain(operation("k").receipt_key)
        moving_clock.forward(hours=1)
    assert states() == {"customer": "parked", "expert": "parked"}
    assert not outbox.drain(operation("k").receipt_key)


def test_a_booking_that_is_over_is_told_to_nobody(outbox: Outbox, postman: Postman, moving_clock) -> None:
    key = keys.booking(PLATFORM, booked("07:00", key="k").id)
    booking = read.get(key, Booking)
    assert booking is not None
    missed = studio.bookings.prepare_miss(booking, moving_clock.instant)
    transact.commit(missed, "missed")
    outbox.drain(operation("k").receipt_key)
    assert (postman.mails, states()) == ([], {"customer": "done", "expert": "done"})


@pytest.mark.parametrize(
    ("item_type", "key"),
    [
        (AccountItem, keys.account(PLATFORM, "ada")),
        (AccountItem, keys.account(PLATFORM, "elif")),
        (PlatformItem, keys.platform(PLATFORM)),
        (BookingItem, None),
    ],
)
def test_a_booking_of_what_is_gone_is_told_to_nobody(
    outbox: Outbox, postman: Postman, item_type: Any, key: keys.Key | None
) -> None:
    booking = booked("07:00", key="k")
    remove(item_type, key or keys.booking(PLATFORM, booking.id))
    outbox.drain(operation("k").receipt_key)
    assert (postman.mails, states()) == ([], {"customer": "done", "expert": "done"})
