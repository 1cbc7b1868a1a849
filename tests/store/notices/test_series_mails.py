"""The one mail that tells each person of all bookings of a series, with a file of them."""

import pytest

from chalicelib.booking.model import SERIES_MAILED
from chalicelib.booking.series_views import SeriesRequest, SeriesView, Weekly
from chalicelib.booking.views import CancelRequest
from chalicelib.notices.service import Notices
from chalicelib.table.outbox import Outbox
from tests.store.booking import studio
from tests.store.booking.studio import changes, give, instant, open_studio, operation, recurring
from tests.store.notices.postman import Postman

STARTS = [
    "23 Kasım 2026 Pazartesi, 10:00",
    "30 Kasım 2026 Pazartesi, 10:00",
    "7 Aralık 2026 Pazartesi, 10:00",
]


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def outbox(postman: Postman) -> Outbox:
    notices = Notices(studio.platforms, studio.accounts, studio.calendars, studio.bookings, postman)
    others = dict.fromkeys(("notice", "report.sale"), lambda *_: None)
    return Outbox({SERIES_MAILED: notices.series_confirmed} | others)


@pytest.fixture
def made(table, moving_clock) -> SeriesView:
    open_studio()
    give(300)
    request = SeriesRequest(
        weekly=Weekly(first=instant("07:00"), count=3),
        package_id="apk_hour",
        expert_id="elif",
        pay_with="credits",
    )
    return recurring.book(operation("k"), request).read_as(SeriesView)


def test_each_is_told_once_of_all_of_them(made: SeriesView, outbox: Outbox, postman: Postman) -> None:
    outbox.drain(operation("k").receipt_key)
    customer, expert = postman.mails
    assert (customer.to, expert.to) == ("ada@example.com", "elif@example.com")
    assert customer.subject == f"Yinelenen randevular onaylandı: {STARTS[0]} – Studio"
    for mail in postman.mails:
        assert [line for line in mail.text.splitlines() if line.startswith("Başlangıç: ")] == [
            f"Başlangıç: {start}" for start in STARTS
        ]
    assert "Uzman: Elif" in customer.text
    assert "Kullanıcı: Ada" in expert.text


def test_its_file_has_an_event_for_each(made: SeriesView, outbox: Outbox, postman: Postman) -> None:
    outbox.drain(operation("k").receipt_key)
    (file,) = postman.mails[0].attachments
    assert "method=PUBLISH" in file.content_type
    assert [line for line in file.text.splitlines() if line.startswith("DTSTART")] == [
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}" for start in (each.starts_at for each in made.bookings)
    ]


def test_what_was_called_off_meanwhile_is_left_out(
    made: SeriesView, outbox: Outbox, postman: Postman
) -> None:
    for each in made.bookings[:2]:
        changes.cancel(operation(each.id), each.id, CancelRequest())
    outbox.drain(operation("k").receipt_key)
    assert [start in postman.mails[0].text for start in STARTS] == [False, False, True]


def test_nobody_is_told_of_a_series_that_is_called_off(
    made: SeriesView, outbox: Outbox, postman: Postman
) -> None:
    for each in made.bookings:
        changes.cancel(operation(each.id), each.id, CancelRequest())
    outbox.drain(operation("k").receipt_key)
    assert postman.mails == []
