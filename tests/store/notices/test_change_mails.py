"""Mails of a booking that was called off, moved, or is near: to whom, in which words, and while they are true."""

import re

import pytest
from msgspec.structs import replace

from chalicelib.accounts import store as account_store
from chalicelib.accounts.model import Account, Locale
from chalicelib.booking.model import CANCELLATION_MAILED, MOVE_MAILED, REMINDER_MAILED
from chalicelib.booking.views import BookingView, CancelRequest, RescheduleRequest
from chalicelib.core.clock import stamp
from chalicelib.notices.service import Notices
from chalicelib.table import keys, read, transact
from tests.store.booking import studio
from tests.store.booking.studio import PLATFORM, booked, changes, give, instant, open_studio, operation
from tests.store.notices.postman import Postman


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def made(table, moving_clock) -> BookingView:
    open_studio()
    give(500)
    return booked("14:00")


def tell(postman: Postman, kind: str, booking_id: str, to: str, start: str = "14:00") -> None:
    notices = Notices(studio.platforms, studio.accounts, studio.calendars, studio.bookings, postman)
    handlers = {
        CANCELLATION_MAILED: notices.booking_cancelled,
        MOVE_MAILED: notices.booking_moved,
        REMINDER_MAILED: notices.booking_reminder,
    }
    handlers[kind](PLATFORM, {"booking_id": booking_id, "to": to, "starts_at": stamp(instant(start))})


def speak(person_id: str, locale: Locale) -> None:
    account = read.get(keys.account(PLATFORM, person_id), Account)
    assert account is not None
    write = account_store.saved(replace(account, locale=locale))
    transact.commit([write], f"{person_id}{locale}")


def test_the_customer_is_told_what_came_back_and_the_expert_why(made: BookingView, postman: Postman) -> None:
    changes.cancel(operation("c"), made.id, CancelRequest(reason="Ill."))
    for to in ("customer", "expert"):
        tell(postman, CANCELLATION_MAILED, made.id, to)
    to_customer, to_expert = postman.mails
    assert [mail.to for mail in postman.mails] == ["ada@example.com", "elif@example.com"]
    assert to_customer.subject == "Randevu iptal edildi: 23 Kasım 2026 Pazartesi, 17:00 – Studio"
    assert "Geri verilen: 100 kredi" in to_customer.text
    assert "Geri verilen" not in to_expert.text
    assert all("Neden: Ill." in mail.text for mail in postman.mails)


def test_a_session_that_came_back_is_named(made: BookingView, postman: Postman) -> None:
    several = booked("13:00", "apk_three")
    changes.cancel(operation("c"), several.id, CancelRequest())
    tell(postman, CANCELLATION_MAILED, several.id, "customer")
    assert "Geri verilen: Bir seans, pakete" in postman.mails[0].text


def test_a_move_is_told_with_the_new_time(made: BookingView, postman: Postman) -> None:
    changes.reschedule(operation("m"), made.id, RescheduleRequest(starts_at=instant("09:00")))
    tell(postman, MOVE_MAILED, made.id, "customer", "09:00")
    assert "12:00" in postman.mails[0].subject
    tell(postman, MOVE_MAILED, made.id, "customer", "14:00")
    assert len(postman.mails) == 1, "a time that it has left is told to nobody"


def test_v20_a_reminder_is_told_only_while_the_booking_stands_there(
    made: BookingView, postman: Postman
) -> None:
    tell(postman, REMINDER_MAILED, made.id, "expert")
    assert [mail.to for mail in postman.mails] == ["elif@example.com"]
    tell(postman, REMINDER_MAILED, made.id, "expert", "09:00")
    changes.cancel(operation("c"), made.id, CancelRequest())
    tell(postman, REMINDER_MAILED, made.id, "expert")
    assert len(postman.mails) == 1


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (Locale.TURKISH, "Yaklaşan randevunuzu hatırlatırız."),
        (Locale.PERSIAN, "نوبت شما نزدیک است."),
        (Locale.ENGLISH, "Your appointment is coming up."),
    ],
)
def test_each_in_his_own_language(made: BookingView, postman: Postman, locale: Locale, words: str) -> None:
    speak("ada", locale)
    tell(postman, REMINDER_MAILED, made.id, "customer")
    (mail,) = postman.mails
    assert words in mail.text
    assert words in re.sub(r"<[^>]+>", "", mail.html)
