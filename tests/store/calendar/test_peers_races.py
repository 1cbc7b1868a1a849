"""Two who want one time at one instant, as the users of other systems reported it; on moto, so in one thread.

The races themselves run over HTTP, in ``tests/deployed/test_races.py``.
"""

import pytest

from chalicelib.calendar.model import SlotTaken
from tests.store.booking.studio import (
    ADA,
    actor,
    agenda,
    book,
    booked,
    bookings,
    calendars,
    give,
    open_studio,
    wallet,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
BORA = actor("bora")


@pytest.mark.parametrize("other", ["apk_hour", "apk_short"])
def test_both_see_it_free_and_one_gets_it(monkeypatch, other) -> None:
    """Easy!Appointments 31, 845, 982, 1217 and 1783, cal.com 13397 and 5820, LibreBooking 147, CloudMeet 43.

    There the check and the insert were two steps, and whoever came between them was booked as well: about 40
    times a week in a town hall. Here the second finds the day changed, decides again, and is told.
    """
    open_studio()
    give(500)
    give(500, owner="bora")
    claim, tries = bookings._calendars.prepare_claim, []

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
