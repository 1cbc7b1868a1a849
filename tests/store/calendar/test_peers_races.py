"""Who is let in and who is not, as the users of other systems reported it; on moto, so in one thread.

The races themselves run over HTTP, in ``tests/deployed/test_races.py``.
"""

from datetime import date

import pytest

from chalicelib.calendar.model import SlotTaken
from chalicelib.calendar.slot_views import SlotsQuery, SlotView
from chalicelib.calendar.views import ExceptionRequest, HoursBody
from chalicelib.core.actor import Actor
from tests.store.booking.studio import (
    ADA,
    EXPERT,
    OPEN_DAY,
    actor,
    agenda,
    book,
    booked,
    calendars,
    free_slots,
    give,
    instant,
    open_studio,
    opening_hours,
    operation,
    wallet,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
BORA = actor("bora")


def slots(who: Actor) -> list[SlotView]:
    day = date.fromisoformat(OPEN_DAY)
    return free_slots.of(who, "elif", SlotsQuery(package_id="apk_hour", first=day, last=day)).items


@pytest.mark.parametrize("other", ["apk_hour", "apk_short"])
def test_both_see_it_free_and_one_gets_it(monkeypatch, other) -> None:
    """Easy!Appointments 31, 845, 982, 1217 and 1783, cal.com 13397, 28151 and 5820, LibreBooking 147, CloudMeet 43.

    There the check and the insert were two steps, and whoever came between them was booked as well: about 40
    times a week in a town hall. Here the second finds the day changed, decides again, and is told.
    """
    open_studio()
    give(500)
    give(500, owner="bora")
    claim, tries = calendars.prepare_claim, []

    def book_meanwhile(*arguments: object, **named: object) -> object:
        writes = claim(*arguments, **named)
        tries.append(writes)
        if len(tries) == 1:
            booked("07:00", other, who=BORA, key="quicker")
        return writes

    monkeypatch.setattr(calendars, "prepare_claim", book_meanwhile)
    with pytest.raises(SlotTaken) as refused:
        book("07:00", who=ADA)
    assert len(agenda().taken) == 1
    assert refused.value.extra["nearest"]
    assert wallet().balance == 500


def test_the_one_who_books_twice_has_one_booking() -> None:
    """Easy!Appointments 996 and 1420: the button was pressed twice."""
    open_studio()
    give(500)
    first, second = booked("07:00", key="k"), booked("07:00", key="k")
    assert first == second
    assert (len(agenda().taken), wallet().balance) == (1, 400)


def test_who_looked_earlier_is_told_that_it_is_gone_and_what_is_near() -> None:
    """booking-js 76, cal.com 1450: two had the page open, and the second booked the same slot two minutes later."""
    open_studio()
    give(500)
    give(500, owner="bora")
    seen = [slot.starts_at for slot in slots(ADA)]
    assert seen == [slot.starts_at for slot in slots(BORA)]
    booked(f"{seen[1]:%H:%M}")
    with pytest.raises(SlotTaken) as refused:
        booked(f"{seen[1]:%H:%M}", who=BORA, key="later")
    assert refused.value.extra["nearest"] == [seen[0], seen[2], seen[3]]
    assert wallet("bora").balance == 500


def test_what_an_exception_opens_can_be_booked_and_a_full_date_says_so() -> None:
    """cal.com 6622, 6314: a date's own hours were listed, and "no available users found" was the answer.

    And there a page that was open before the day was full let its reader go on to the end.
    """
    open_studio(daily_maximum=2)
    give(500)
    early = ExceptionRequest(hours=[HoursBody(opens="04:00", closes="07:00")])
    opening_hours.put_exception(operation("early", EXPERT), "elif", date.fromisoformat(OPEN_DAY), early, 1)
    listed = [slot.starts_at for slot in slots(ADA)]
    assert listed == [instant("01:00"), instant("02:00"), instant("03:00")]
    for start in listed[:2]:
        assert booked(f"{start:%H:%M}").starts_at == start
    with pytest.raises(SlotTaken) as refused:
        booked("03:00")
    assert refused.value.extra["reason"] == "day_full"
    assert OPEN_DAY not in {f"{start:%Y-%m-%d}" for start in refused.value.extra["nearest"]}
    assert slots(ADA) == []
