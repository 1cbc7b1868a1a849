"""Recurring bookings: one request, at most forty, all of them or a refusal that names each that cannot be."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.assignments.model import AssignmentEmpty, AssignmentState
from chalicelib.assignments.views import AssignmentRequest, AssignmentView
from chalicelib.booking.model import (
    MAX_OCCURRENCES,
    Booking,
    BookingState,
    PaymentUnclear,
    SeriesNotFound,
    SeriesTooLong,
    StartsUnclear,
)
from chalicelib.booking.series_views import (
    DeskSeriesRequest,
    SeriesCancelledView,
    SeriesRequest,
    SeriesView,
    Weekly,
)
from chalicelib.booking.views import BookingView, CancelRequest, RescheduleRequest
from chalicelib.calendar.model import Calendar, OpenHours, Reason, SeriesNotFree, SlotNotOffered
from chalicelib.calendar.store import CalendarItem
from chalicelib.core.actor import Actor
from chalicelib.core.money import Money
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import IdempotencyKeyReused, Receipt
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.model import InsufficientCredits, Origin
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    EXPERT,
    PLATFORM,
    CallCount,
    actor,
    agenda,
    assigning,
    assignments,
    booked,
    changes,
    instant,
    open_studio,
    operation,
    recurring,
    series_cancelling,
    use,
    wallet,
)
from tests.store.booking.studio import give as give_of

NAME = "POST /v1/booking-series"
WEEK = timedelta(weeks=1)


@pytest.fixture(autouse=True)
def studio(table, moving_clock) -> Iterator[None]:
    open_studio(horizon_days=366)
    yield
    assert list(verify(every_item())) == []


def book_series(*starts: str, key: str = "s", who: Actor = ADA, **more: Any) -> SeriesView:
    """At these times of the open day, or at whole instants; with credits."""
    asked = {"package_id": "apk_hour", "expert_id": "elif", "pay_with": "credits"} | more
    if starts:
        asked["starts_at"] = [instant(start) for start in starts]
    return recurring.book(operation(key, who, NAME), SeriesRequest(**asked)).read_as(SeriesView)


def set_hours(**changed: Any) -> None:
    key = keys.calendar(PLATFORM, "elif")
    before = read.get(key, Calendar)
    assert before is not None
    transact.commit([transact.save(CalendarItem.of(key, replace(before, **changed)))], str(changed))


def weekly(count: int, first: str = "07:00", every_weeks: int = 1) -> Weekly:
    return Weekly(first=instant(first), count=count, every_weeks=every_weeks)


def stored(booking_id: str) -> Booking:
    found = read.get(keys.booking(PLATFORM, booking_id), Booking)
    assert found is not None
    return found


def give(amount: int, origin: Origin = Origin.ADJUSTMENT, cost: Money | None = None) -> None:
    give_of(amount, origin, cost)


def nothing_booked() -> bool:
    return not [item for item in every_item() if isinstance(item.record, Booking)]


# ------------------------------------------------------------------------------- all in one transaction


def test_forty_weeks_of_one_hour_are_one_transaction_with_credits() -> None:
    give(4_000, cost=Money(399_900, "TRY"))
    give(100, Origin.CAMPAIGN)
    count = CallCount()
    made = book_series(weekly=weekly(MAX_OCCURRENCES))
    assert count.names == ["GetItem", "BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert len(count.sent("TransactWriteItems")["TransactItems"]) == 84
    assert made.credits == 4_000
    assert [each.starts_at for each in made.bookings] == [instant("07:00") + n * WEEK for n in range(40)]
    assert (wallet().balance, wallet().entries) == (100, 3)


def test_each_booking_has_its_own_part_of_the_lots_and_of_their_cost() -> None:
    give(150, cost=Money(1_000, "TRY"))
    give(150, Origin.GIFT)
    made = book_series("07:00", "09:00", "11:00")
    bookings = [stored(each.id) for each in made.bookings]
    parts = [[(part.origin, part.amount, part.cost) for part in booking.spent] for booking in bookings]
    assert parts == [
        [(Origin.GIFT, 100, None)],
        [(Origin.GIFT, 50, None), (Origin.ADJUSTMENT, 50, Money(333, "TRY"))],
        [(Origin.ADJUSTMENT, 100, Money(667, "TRY"))],
    ]
    assert [booking.sale.amount for booking in bookings if booking.sale] == [100, 100, 100]


def test_a_series_is_told_and_reported_once_for_each_person_and_sale() -> None:
    give(300)
    book_series("07:00", "09:00", "11:00", key="k")
    receipt = read.get(operation("k", ADA, NAME).receipt_key, Receipt)
    assert receipt is not None
    kinds = [effect.kind for effect in receipt.effects]
    assert kinds == ["report.sale"] * 3 + ["notice"] * 2 + ["mail.series_confirmed"] * 2


def test_a_package_gives_a_session_for_each() -> None:
    assignment_id = str(booked_package().assignment_id)
    made = book_series("10:00", "12:00", pay_with=None, assignment_id=assignment_id, package_id=None)
    assert (made.paid_with, made.assignment_id, made.credits) == ("assignment", assignment_id, None)
    assert [each.ordinal for each in made.bookings] == [2, 3]
    assert assignments.find(PLATFORM, assignment_id).left == 0


def test_the_package_that_fits_all_of_the_series_is_chosen_by_itself() -> None:
    """D25: the older one has a session left, which is too few."""
    small = booked_package()
    use(str(small.assignment_id), "08:00")
    large = assigned()
    made = book_series("10:00", "12:00", pay_with=None, package_id="apk_classic")
    assert made.assignment_id == large.id
    assert assignments.find(PLATFORM, large.id).state_at(datetime.now(UTC)) is AssignmentState.ACTIVE


def test_e13_a_package_of_several_sessions_is_bought_once_for_the_series() -> None:
    give(500)
    made = book_series("2026-11-25T07:00:00", "2026-11-25T09:00:00", package_id="apk_three")
    assert (made.credits, wallet().balance) == (250, 250)
    assert [each.ordinal for each in made.bookings] == [1, 2]
    assert [stored(each.id).paid_with for each in made.bookings] == ["credits", "assignment"]
    assert assignments.find(PLATFORM, str(made.assignment_id)).left == 1
    for each in made.bookings:
        changes.cancel(operation(each.id), each.id, CancelRequest())
    assert assignments.find(PLATFORM, str(made.assignment_id)).left == 3


def test_e13_a_package_with_fewer_sessions_than_the_series_is_not_bought() -> None:
    give(500)
    with pytest.raises(AssignmentEmpty):
        book_series("07:00", "09:00", "11:00", "13:00", package_id="apk_three")
    assert nothing_booked()
    assert wallet().balance == 500


def test_more_than_the_package_has_left_is_refused_whole() -> None:
    assignment_id = str(booked_package().assignment_id)
    with pytest.raises(AssignmentEmpty):
        book_series("10:00", "12:00", "13:00", pay_with=None, assignment_id=assignment_id, package_id=None)
    assert assignments.find(PLATFORM, assignment_id).left == 2


def test_an_admin_gives_a_series_on_the_house_or_on_what_the_customer_has() -> None:
    given = for_ada(pay_with="on_the_house", starts_at=[instant("10:00"), instant("11:00")], note="Regular.")
    assert (given.paid_with, given.credits) == ("on_the_house", None)
    assert [stored(each.id).admin_note for each in given.bookings] == ["Regular."] * 2
    give(200)
    paid = for_ada(pay_with="credits", weekly=weekly(2), note="By phone.", key="c")
    assert (paid.credits, wallet().balance) == (200, 0)
    assert [stored(each.id).admin_note for each in paid.bookings] == ["By phone."] * 2


def test_an_admin_s_series_takes_the_customer_s_package_by_itself() -> None:
    assignment_id = booked_package().assignment_id
    made = for_ada(package_id="apk_three", starts_at=[instant("12:00"), instant("13:00")])
    assert (made.paid_with, made.assignment_id) == ("assignment", assignment_id)
    with pytest.raises(PaymentUnclear):
        for_ada(starts_at=[instant("14:00")], key="none")


def for_ada(key: str = "d", **more: Any) -> SeriesView:
    asked = DeskSeriesRequest(**{"customer_id": "ada", "package_id": "apk_hour", "expert_id": "elif"} | more)
    answer = recurring.book_for(operation(key, ADMIN, "POST /v1/admin/booking-series"), asked)
    return answer.read_as(SeriesView)


def booked_package() -> BookingView:
    give(250)
    return booked("07:00", "apk_three")


def assigned() -> AssignmentView:
    request = AssignmentRequest(session_package_id="spk_skin", on_the_house=True)
    return assigning.assign(operation("a", ADMIN, "assign"), "ada", request).read_as(AssignmentView)


# ------------------------------------------------------------------------------- the wall clock's hours


def test_a_series_keeps_its_local_time_over_a_change_of_clocks() -> None:
    set_hours(zone="Europe/Berlin")
    give(2_000)
    made = book_series(weekly=weekly(20, first="09:00"))
    utc = {each.starts_at.strftime("%H:%M") for each in made.bookings}
    assert made.bookings[-1].starts_at.date().isoformat() == "2027-04-05"
    assert utc == {"09:00", "08:00"}
    summer = [each.starts_at.date().isoformat() for each in made.bookings if each.starts_at.hour == 8]
    assert summer[0] == "2027-03-29"


def test_an_hour_that_a_change_of_clocks_leaves_out_is_named() -> None:
    """02:00 of 28 March 2027 is not: nobody is booked for 03:00 instead."""
    set_hours(zone="Europe/Berlin", weekly=[OpenHours(weekday=6, opens="00:00", closes="06:00")])
    give(2_000)
    with pytest.raises(SeriesNotFree) as refused:
        book_series(weekly=Weekly(first=instant("2027-03-21T01:00:00"), count=2))
    (told,) = refused.value.extra["starts"]
    assert (told["reason"], told["starts_at"]) == (Reason.HOUR_LEFT_OUT, instant("2027-03-28T01:00:00"))


# ------------------------------------------------------------------------------- what bad input gets


def test_cal_22803_15997_each_start_that_cannot_be_is_named_with_the_nearest_free_ones() -> None:
    """There recurring links booked over what was taken: only the first two starts of a series were looked at."""
    give(1_000)
    booked("09:00")
    with pytest.raises(SeriesNotFree) as refused:
        book_series("07:00", "09:00", "11:20", "16:00", "13:00", "13:00")
    told = {each["starts_at"].strftime("%H:%M"): each for each in refused.value.extra["starts"]}
    assert {start: each["reason"] for start, each in told.items()} == {
        "09:00": Reason.BOOKED,
        "11:20": Reason.OFF_GRID,
        "13:00": Reason.BOOKED,
        "16:00": Reason.OUTSIDE_HOURS,
    }
    near = [start.strftime("%H:%M") for start in told["09:00"]["nearest"]]
    assert near == ["08:00", "10:00", "11:00"]  # 07:00 is the series' own
    assert wallet().balance == 900
    assert len(agenda().taken) == 1


def test_nothing_is_paid_where_the_wallet_holds_less_than_all() -> None:
    give(250)
    with pytest.raises(InsufficientCredits) as refused:
        book_series("07:00", "09:00", "11:00")
    assert refused.value.extra["required"] == 300
    assert nothing_booked()
    assert wallet().balance == 250


def test_what_does_not_fit_one_transaction_is_named_with_what_does() -> None:
    """With a daily maximum the whole local date is decided on: two UTC days each."""
    set_hours(daily_maximum=3)
    give(4_000)
    with pytest.raises(SeriesTooLong) as refused:
        book_series(weekly=weekly(MAX_OCCURRENCES))
    assert refused.value.extra == {"at_most": 32}
    assert nothing_booked()
    assert len(book_series(weekly=weekly(32), key="again").bookings) == 32


def test_the_daily_maximum_counts_the_series_itself() -> None:
    set_hours(daily_maximum=2)
    give(300)
    with pytest.raises(SeriesNotFree) as refused:
        book_series("07:00", "09:00", "11:00")
    assert [each["reason"] for each in refused.value.extra["starts"]] == [Reason.DAY_FULL]


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({}, StartsUnclear),
        ({"starts_at": [instant("07:00")], "weekly": weekly(2)}, StartsUnclear),
        ({"starts_at": [instant("07:00")], "package_id": None}, PaymentUnclear),
        ({"starts_at": [instant("07:00")], "pay_with": None}, PaymentUnclear),
        ({"weekly": Weekly(first=datetime(9999, 12, 31, tzinfo=UTC), count=2)}, SlotNotOffered),
    ],
)
def test_a_request_that_is_unclear(more: dict[str, Any], refusal: type[Exception]) -> None:
    give(1_000)
    with pytest.raises(refusal):
        book_series(**more)
    assert nothing_booked()


def test_a_repeat_has_the_same_answer_and_one_effect() -> None:
    give(500)
    first = recurring_answer("k")
    again = recurring_answer("k")
    assert (first.body, again.replayed) == (again.body, True)
    assert wallet().balance == 300


def recurring_answer(key: str) -> Any:
    starts = [instant("07:00"), instant("09:00")]
    asked = SeriesRequest(starts_at=starts, package_id="apk_hour", expert_id="elif", pay_with="credits")
    return recurring.book(operation(key, ADA, NAME), asked)


# ------------------------------------------------------------------------------------ afterwards


def test_one_of_a_series_is_called_off_or_moved_by_itself() -> None:
    give(300, cost=Money(1_000, "TRY"))
    made = book_series("2026-11-24T07:00:00", "2026-11-24T09:00:00", "2026-11-24T11:00:00")
    first, second, _ = made.bookings
    back = changes.cancel(operation("c"), first.id, CancelRequest()).read_as(BookingView)
    assert back.returned is not None
    assert (back.returned.credits, wallet().balance) == (100, 100)
    moved = changes.reschedule(operation("m"), second.id, RescheduleRequest(starts_at=first.starts_at))
    assert moved.read_as(BookingView).starts_at == first.starts_at


def test_what_is_left_of_a_series_is_called_off_in_one_request(moving_clock) -> None:
    give(300, cost=Money(1_000, "TRY"))
    made = book_series("07:00", "2026-11-24T09:00:00", "2026-11-25T11:00:00")
    moving_clock.instant = instant("07:30")
    answer = cancel(made.id).read_as(SeriesCancelledView)
    assert (answer.kept, answer.credits) == ([made.bookings[0].id], 200)
    assert answer.cancelled == [each.id for each in made.bookings[1:]]
    assert cancel(made.id).replayed
    assert wallet().lots[0].remaining_cost == Money(667, "TRY")
    states = [stored(each.id).state for each in made.bookings]
    assert states == [BookingState.CONFIRMED, BookingState.CANCELLED, BookingState.CANCELLED]


def cancel(series_id: str, who: Actor = ADA) -> Any:
    name = "POST /v1/booking-series/{series_id}/cancel"
    return series_cancelling.cancel(operation("x", who, name, series_id), series_id, CancelRequest())


def test_a_key_that_called_off_one_series_calls_off_no_other() -> None:
    give(400)
    one = book_series("07:00", "09:00")
    other = book_series("11:00", "13:00", key="other")
    cancel(one.id)
    back = wallet().balance
    with pytest.raises(IdempotencyKeyReused):
        cancel(other.id)
    assert [stored(each.id).state for each in other.bookings] == [BookingState.CONFIRMED] * 2
    assert wallet().balance == back


def test_a_series_is_its_people_s_own() -> None:
    give(100)
    made = book_series("07:00")
    for stranger in (actor("bora"), actor("ada", platform_id="elsewhere")):
        with pytest.raises(SeriesNotFound):
            cancel(made.id, stranger)
    with pytest.raises(SeriesNotFound):
        cancel("srs_none")
    assert cancel(made.id, EXPERT).read_as(SeriesCancelledView).credits == 100
