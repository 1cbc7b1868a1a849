"""Calendar files and feeds on moto: who reads which, and that page, mail and file say the same instant."""

from datetime import date, datetime
from itertools import count

import pytest

from chalicelib.accounts.model import Locale
from chalicelib.booking.model import (
    BookingNotFound,
    BookingState,
)
from chalicelib.booking.views import BookingView, CancelRequest, RescheduleRequest
from chalicelib.calendar.model import OpenHours
from chalicelib.calendar.slot_views import SlotsQuery
from chalicelib.calendar.zones import zone_of
from chalicelib.core.mail import Mail
from chalicelib.core.permissions import Role
from chalicelib.ics.model import CalendarFeedNotFound
from chalicelib.ics.service import CalendarFiles
from chalicelib.ics.views import CalendarFeedView
from chalicelib.notices.formats import moment
from tests.calendar_text import lines_of, properties
from tests.store.booking import studio
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    EXPERT,
    PLATFORM,
    actor,
    booked,
    changes,
    give,
    instant,
    open_studio,
    operation,
    speaks,
    use,
)
from tests.store.notices.postman import Postman

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
files = CalendarFiles(studio.platforms, studio.accounts, studio.lists, Postman())
keys_used = count()


def file_of(booking_id: str, who=ADA) -> dict[str, str]:
    return properties(files.file(who, booking_id))


def renew(who=ADA) -> str:
    """The last segment of the new address."""
    answer = files.renew(operation(f"feed{next(keys_used)}", who))
    return answer.read_as(CalendarFeedView).path.removeprefix(f"/v1/public/{PLATFORM}/feeds/")


def starts(text: str) -> list[str]:
    return [line.removeprefix("DTSTART:") for line in lines_of(text) if line.startswith("DTSTART")]


def move(booking_id: str, start: str) -> BookingView:
    request = RescheduleRequest(starts_at=instant(start))
    return changes.reschedule(operation(f"move{next(keys_used)}", ADMIN), booking_id, request).read_as(
        BookingView
    )


def cancel(booking_id: str) -> BookingView:
    request = CancelRequest()
    return changes.cancel(operation(f"off{next(keys_used)}", ADMIN), booking_id, request).read_as(BookingView)


def test_a_file_is_for_those_whom_the_booking_concerns() -> None:
    open_studio()
    give(500)
    view = booked("07:00", "apk_face")
    for who, other in ((ADA, "Elif"), (EXPERT, "Ada"), (ADMIN, "Elif\\, Ada")):
        found = file_of(view.id, who)
        assert found["SUMMARY"] == f"Hour – {other}"
        assert (found["DTSTART"], found["DTEND"]) == ("20261123T070000Z", "20261123T075000Z")
        assert found["LOCATION"] == "Studio\\, Moda Caddesi 1"
    for stranger in (actor("bora"), actor("deniz", Role.EXPERT), actor("ada", platform_id="other")):
        with pytest.raises(BookingNotFound):
            files.file(stranger, view.id)


def test_a_move_keeps_the_uid_and_raises_the_sequence_and_a_cancellation_takes_it_out() -> None:
    open_studio()
    give(500)
    view = booked("07:00")
    first = file_of(view.id)
    move(view.id, "2026-11-24T09:00")
    second = file_of(view.id)
    assert cancel(view.id).state == BookingState.CANCELLED
    third = file_of(view.id)
    assert first["UID"] == second["UID"] == third["UID"] == f"{view.id}@{PLATFORM}.seans"
    assert int(first["SEQUENCE"]) < int(second["SEQUENCE"]) < int(third["SEQUENCE"])
    assert [each["METHOD"] for each in (first, second, third)] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert [each["STATUS"] for each in (first, second, third)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert second["DTSTART"] == "20261124T090000Z"


def test_a_feed_shows_each_his_own() -> None:
    open_studio()
    give(500)
    give(500, owner="bora")
    booked("07:00")
    booked("09:00", who=actor("bora"), key="bora")
    assert starts(files.feed(PLATFORM, renew())) == ["20261123T070000Z"]
    assert starts(files.feed(PLATFORM, renew(EXPERT))) == ["20261123T070000Z", "20261123T090000Z"]
    assert starts(files.feed(PLATFORM, renew(actor("deniz", Role.EXPERT)))) == []


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        (Locale.TURKISH, "Seans 2 / 3"),
        (Locale.PERSIAN, "جلسهٔ ۲ از ۳"),
        (Locale.ENGLISH, "Session 2 of 3"),
    ],
)
def test_the_file_the_feed_and_the_mail_say_which_session_of_the_package_it_is(
    locale, shown, outbox, postman
) -> None:
    open_studio()
    give(500)
    for person_id in ("ada", "elif"):
        speaks(person_id, locale)
    first = booked("07:00", "apk_three")
    second = use(str(first.assignment_id), "09:00", key="second")
    description = f"Studio\\n{shown}\\n{second.id}"
    for who in (ADA, EXPERT):
        assert file_of(second.id, who)["DESCRIPTION"] == description
        assert f"DESCRIPTION:{description}" in lines_of(files.feed(PLATFORM, renew(who)))
    assert outbox.drain(operation("second").receipt_key)
    assert [attached(mail)["DESCRIPTION"] for mail in postman.mails] == [description] * 2


def test_a_feed_reads_on_over_its_pages(monkeypatch) -> None:
    monkeypatch.setattr("chalicelib.ics.service._PAGE", 2)
    open_studio()
    give(900)
    for hour in range(6, 11):
        booked(f"{hour:02}:00")
    assert len(starts(files.feed(PLATFORM, renew()))) == 5


@pytest.mark.parametrize("who", [ADA, EXPERT], ids=["customer", "expert"])
def test_what_is_to_come_is_shown_before_what_was(who, monkeypatch, moving_clock) -> None:
    """More of the past than fits: the feed of an expert with 40 bookings a day held no future one."""
    monkeypatch.setattr("chalicelib.ics.service._PAGE", 2)
    monkeypatch.setattr("chalicelib.ics.service._MOST", 5)
    open_studio()
    give(900)
    for hour in range(6, 12):
        booked(f"{hour:02}:00")
    for hour in (14, 13):
        booked(f"{hour:02}:00")
    address = renew(who)
    moving_clock.instant = instant("11:30")  # the one of 11:00 runs until 11:50
    shown = [f"20261123T{hour:02}0000Z" for hour in (9, 10, 11, 13, 14)]
    assert starts(files.feed(PLATFORM, address)) == shown


@pytest.mark.parametrize("who", [ADA, EXPERT], ids=["customer", "expert"])
def test_where_more_are_to_come_than_fit_the_nearest_are_shown(who, monkeypatch, moving_clock) -> None:
    monkeypatch.setattr("chalicelib.ics.service._PAGE", 2)
    monkeypatch.setattr("chalicelib.ics.service._MOST", 3)
    open_studio()
    give(900)
    for hour in range(6, 12):
        booked(f"{hour:02}:00")
    address = renew(who)
    moving_clock.instant = instant("07:30")  # the one of 07:00 runs until 07:50
    asked = []
    of_person = files._lists.bookings
    monkeypatch.setattr(
        files._lists, "bookings", lambda *args, **more: asked.append(args) or of_person(*args, **more)
    )
    assert starts(files.feed(PLATFORM, address)) == [f"20261123T{hour:02}0000Z" for hour in (7, 8, 9)]
    assert len(asked) == 3  # two pages of what comes, one of what has begun


def test_what_is_long_past_is_left_out(moving_clock) -> None:
    open_studio()
    give(500)
    booked("07:00")
    address = renew()
    moving_clock.forward(days=29)
    assert len(starts(files.feed(PLATFORM, address))) == 1
    moving_clock.forward(days=3)
    assert starts(files.feed(PLATFORM, address)) == []


def test_an_address_is_a_secret_that_can_be_renewed_and_revoked() -> None:
    open_studio()
    old = renew()
    new = renew()
    assert old != new
    assert "METHOD:PUBLISH" in lines_of(files.feed(PLATFORM, new))
    files.revoke(operation("revoke"))
    for address in (old, new, new.removesuffix(".ics"), "ada.ics", "ada..ics", "nobody.secret.ics", ".ics"):
        with pytest.raises(CalendarFeedNotFound):
            files.feed(PLATFORM, address)
    other = renew(EXPERT)
    with pytest.raises(CalendarFeedNotFound):
        files.feed(PLATFORM, other.replace("elif", "ada"))


def test_a_repeated_call_gets_the_same_address() -> None:
    open_studio()
    asked = operation("feed", ADA)
    assert files.renew(asked).body == files.renew(asked).body


# ----------------------------------------------------------------------- page, mail and file


WEEK = SlotsQuery(package_id="apk_hour", first=date(2026, 11, 23), last=date(2026, 11, 29))
ZONES = ["Europe/Istanbul", "Asia/Tehran", "Australia/Lord_Howe", "America/New_York"]


def attached(mail: Mail) -> dict[str, str]:
    (file,) = mail.attachments
    assert file.name == "appointment.ics"
    found = properties(file.text)
    assert file.content_type == f"text/calendar; method={found['METHOD']}; charset=UTF-8"
    return found


def says(mail: Mail, starts_at: datetime, zone: str) -> bool:
    """The mail tells the instant by the expert's wall clock, in its reader's language."""
    return moment(starts_at, zone_of(zone), Locale.TURKISH) in mail.text


@pytest.mark.parametrize("zone", ZONES)
def test_the_page_the_mail_and_the_file_say_the_same_instant(zone, outbox, postman) -> None:
    """Easy!Appointments 962 and 985: the file was an hour out, and the mail in UTC."""
    always = [OpenHours(weekday=day, opens="00:00", closes="24:00") for day in range(7)]
    open_studio(zone=zone, weekly=always)
    give(500)
    slot = studio.free_slots.of(ADA, "elif", WEEK).items[40]
    view = booked(slot.starts_at.isoformat()[:16], key="k")
    assert view.starts_at == slot.starts_at == datetime.fromisoformat(slot.local_start)
    assert outbox.drain(operation("k").receipt_key)
    expected = view.starts_at.strftime("%Y%m%dT%H%M%SZ")
    assert len(postman.mails) == 2
    for mail in postman.mails:
        found = attached(mail)
        assert (found["METHOD"], found["DTSTART"]) == ("REQUEST", expected)
        assert found["ATTENDEE"] == f"mailto:{mail.to}"
        assert says(mail, view.starts_at, zone)
    assert file_of(view.id)["DTSTART"] == expected
    assert starts(files.feed(PLATFORM, renew())) == [expected]


def test_a_move_and_a_cancellation_go_with_the_mail_too(outbox, postman) -> None:
    open_studio()
    give(500)
    view = booked("07:00")
    asked = operation("move", ADMIN)
    moved = changes.reschedule(asked, view.id, RescheduleRequest(starts_at=instant("2026-11-24T09:00")))
    assert outbox.drain(asked.receipt_key)
    off = operation("off", ADMIN)
    changes.cancel(off, view.id, CancelRequest())
    assert outbox.drain(off.receipt_key)
    new_start = moved.read_as(BookingView).starts_at
    found = [attached(mail) for mail in postman.mails]
    assert [each["METHOD"] for each in found] == ["REQUEST", "REQUEST", "CANCEL", "CANCEL"]
    assert {each["DTSTART"] for each in found} == {new_start.strftime("%Y%m%dT%H%M%SZ")}
    assert int(found[0]["SEQUENCE"]) < int(found[2]["SEQUENCE"])
