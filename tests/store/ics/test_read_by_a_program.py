"""Calendar files as another program reads them: the ``icalendar`` library, which knows nothing of the product."""

from datetime import date, datetime
from typing import Any

import icalendar
import pytest

from chalicelib.accounts.model import Locale
from chalicelib.booking.model import BookingState
from chalicelib.booking.views import BookingView, CancelRequest, RescheduleRequest
from chalicelib.calendar.model import OpenHours
from chalicelib.calendar.slot_views import SlotsQuery
from chalicelib.calendar.zones import zone_of
from chalicelib.core.actor import Actor
from chalicelib.core.mail import Mail
from chalicelib.ics.service import CalendarFiles
from chalicelib.ics.views import CalendarFeedView
from chalicelib.notices.formats import moment
from tests.store.booking import studio
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    EXPERT,
    PLATFORM,
    booked,
    changes,
    give,
    open_studio,
    operation,
)
from tests.store.notices.postman import Postman

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
ALWAYS = [OpenHours(weekday=day, opens="00:00", closes="24:00") for day in range(7)]
files = CalendarFiles(studio.platforms, studio.accounts, studio.lists, Postman())
DATES = [
    ("Europe/Istanbul", "2026-11-23", 24),
    ("Asia/Tehran", "2026-11-23", 24),
    ("Europe/Berlin", "2027-03-27", 24),
    ("Europe/Berlin", "2027-03-28", 23),  # an hour is left out
    ("Europe/Berlin", "2027-10-31", 25),  # an hour comes twice
]


def read(text: str) -> tuple[str, list[Any]]:
    """The method, and the events."""
    calendar = icalendar.Calendar.from_ical(text)
    assert not calendar.errors
    return str(calendar["METHOD"]), list(calendar.walk("VEVENT"))


def attached(mail: Mail) -> tuple[str, Any]:
    (file,) = mail.attachments
    method, (event,) = read(file.text)
    assert not event.errors
    return method, event


def feed(who: Actor) -> list[datetime]:
    renewed = files.renew(operation(f"feed {who.id}", who)).read_as(CalendarFeedView)
    method, events = read(files.feed(PLATFORM, renewed.path.rpartition("/")[2]))
    assert method == "PUBLISH"
    return [event.decoded("DTSTART") for event in events]


@pytest.mark.parametrize(("zone", "day", "hours"), DATES)
def test_every_hour_of_a_date_is_the_same_instant_on_the_page_in_the_mail_and_in_the_file(
    zone, day, hours, outbox, postman
) -> None:
    open_studio(zone=zone, weekly=ALWAYS, horizon_days=366)
    give(3_000)
    on = date.fromisoformat(day)
    offered = studio.free_slots.of(ADA, "elif", SlotsQuery(package_id="apk_hour", first=on, last=on)).items
    assert len(offered) == hours
    for slot in offered[:5]:
        view = booked(slot.starts_at.isoformat()[:16], key=slot.local_start)
        assert outbox.drain(operation(slot.local_start).receipt_key)
        assert view.starts_at == slot.starts_at == datetime.fromisoformat(slot.local_start)
        for mail in postman.mails[-2:]:
            method, event = attached(mail)
            assert (method, str(event["STATUS"])) == ("REQUEST", "CONFIRMED")
            assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (slot.starts_at, slot.ends_at)
            assert str(event["ATTENDEE"]) == f"mailto:{mail.to}"
            assert moment(event.decoded("DTSTART"), zone_of(zone), Locale.TURKISH) in mail.text
    booked_starts = [slot.starts_at for slot in offered[:5]]
    assert feed(ADA) == feed(EXPERT) == booked_starts


def test_a_move_and_a_cancellation_are_later_words_on_the_same_appointment(outbox, postman) -> None:
    open_studio()
    give(500)
    view = booked("07:00", key="k")
    assert outbox.drain(operation("k").receipt_key)
    first, last = (datetime.fromisoformat(f"2026-11-24T{hour}:00+00:00") for hour in ("09:00", "11:00"))
    for name, start in (("first", first), ("last", last)):
        asked = operation(name, ADMIN)
        changes.reschedule(asked, view.id, RescheduleRequest(starts_at=start))
        assert outbox.drain(asked.receipt_key)
    off = operation("off", ADMIN)
    gone = changes.cancel(off, view.id, CancelRequest()).read_as(BookingView)
    assert gone.state == BookingState.CANCELLED
    assert outbox.drain(off.receipt_key)
    words = [attached(mail) for mail in postman.mails if mail.to == "ada@example.com"]
    assert [method for method, _ in words] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    assert {str(event["UID"]) for _, event in words} == {f"{view.id}@{PLATFORM}.seans"}
    assert [event.decoded("DTSTART") for _, event in words] == [view.starts_at, first, last, last]
    assert [str(event["STATUS"]) for _, event in words] == ["CONFIRMED"] * 3 + ["CANCELLED"]
    sequences = [event["SEQUENCE"] for _, event in words]
    assert sequences == sorted(set(sequences))
    method, (event,) = read(files.file(ADA, view.id))
    assert (method, event["SEQUENCE"]) == ("CANCEL", sequences[-1])
    assert [len(feed(who)) for who in (ADA, EXPERT)] == [1, 1]
