"""Who bought a package is not always who comes: an employer, a parent. He sees, moves and calls off what it gave."""

from collections.abc import Iterator

import pytest

from chalicelib.assignments.model import AssignmentClosed, ParticipantUnknown
from chalicelib.assignments.views import AssignmentRequest, AssignmentView, ParticipantRequest
from chalicelib.booking.model import BookingNotFound, PaymentUnclear, RescheduledTooOften, Who
from chalicelib.booking.series_views import DeskSeriesRequest, SeriesCancelledView, SeriesRequest, SeriesView
from chalicelib.booking.views import BookingView, CancelRequest, DeskBookingRequest, RescheduleRequest
from chalicelib.calendar.model import SeriesNotFree, SlotNotOffered
from chalicelib.notices.service import Notices
from chalicelib.table import read
from chalicelib.table.operation import Receipt
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from tests.store.booking import studio
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    PLATFORM,
    actor,
    agenda,
    assigning,
    book,
    changes,
    desk,
    instant,
    lists,
    open_studio,
    operation,
    recurring,
    series_cancelling,
)
from tests.store.notices.postman import Postman

BORA = actor("bora")
LATER = "2026-11-25T10:00:00"


@pytest.fixture(autouse=True)
def package(table, moving_clock) -> Iterator[AssignmentView]:
    """Ada has bought it, Bora comes."""
    open_studio()
    people = [ParticipantRequest(name="Bora", account_id="bora"), ParticipantRequest(name="Can")]
    request = AssignmentRequest(session_package_id="spk_skin", on_the_house=True, participants=people)
    yield assigning.assign(operation("a", ADMIN, "assign"), "ada", request).read_as(AssignmentView)
    assert list(verify(every_item())) == []


@pytest.fixture
def made() -> BookingView:
    """Bora has booked for himself."""
    return book(LATER, "apk_classic", who=BORA, key="b", pay_with="assignment").read_as(BookingView)


def move(booking_id: str, start: str, key: str = "m") -> BookingView:
    request = RescheduleRequest(starts_at=instant(start))
    return changes.reschedule(operation(key), booking_id, request).read_as(BookingView)


def test_the_owner_sees_a_participant_s_booking(made: BookingView) -> None:
    assert (made.customer_id, made.owner_id) == ("bora", "ada")
    assert lists.booking(ADA, made.id) == lists.booking(BORA, made.id)
    for stranger in (actor("cem"), actor("ada", platform_id="elsewhere")):
        with pytest.raises(BookingNotFound):
            lists.booking(stranger, made.id)


@pytest.mark.parametrize(("participant", "comes", "owner"), [("Bora", "bora", "ada"), ("Can", "ada", None)])
def test_the_desk_says_who_comes_as_the_owner_himself_does(
    participant: str, comes: str, owner: str | None
) -> None:
    """An employee with an account of his own, and a child without one."""
    wanted = {"package_id": "apk_classic", "expert_id": "elif", "participant": participant}
    by_hand = DeskBookingRequest(customer_id="ada", starts_at=instant(LATER), pay_with="assignment", **wanted)
    one = desk.book(operation("d", ADMIN, "POST /v1/admin/bookings"), by_hand).read_as(BookingView)
    himself = book("2026-11-25T11:00:00", key="h", pay_with="assignment", **wanted).read_as(BookingView)
    for made in (one, himself):
        assert (made.customer_id, made.owner_id, made.participant) == (comes, owner, participant)
    each = DeskSeriesRequest(
        customer_id="ada",
        starts_at=[instant("2026-11-26T10:00:00"), instant("2026-11-27T10:00:00")],
        pay_with="assignment",
        **wanted,
    )
    step = operation("s", ADMIN, "POST /v1/admin/booking-series")
    series = recurring.book_for(step, each).read_as(SeriesView)
    for booking in series.bookings:
        made = lists.booking(ADA, booking.id)
        assert (made.customer_id, made.owner_id, made.participant) == (comes, owner, participant)


@pytest.mark.parametrize("pay_with", ["credits", "on_the_house"])
def test_who_comes_is_named_on_a_package_alone(package: AssignmentView, pay_with: str) -> None:
    wanted = {"customer_id": "ada", "pay_with": pay_with, "package_id": "apk_hour", "expert_id": "elif"}
    one = DeskBookingRequest(starts_at=instant(LATER), participant="Can", **wanted)
    each = DeskSeriesRequest(starts_at=[instant(LATER)], participant="Can", **wanted)
    for book_it, request in ((desk.book, one), (recurring.book_for, each)):
        with pytest.raises(PaymentUnclear) as refused:
            book_it(operation("d", ADMIN), request)
        assert refused.value.field == "participant"
    on_it = {"pay_with": "assignment", "package_id": "apk_classic", "assignment_id": package.id}
    unknown = DeskBookingRequest(starts_at=instant(LATER), participant="Cem", **wanted | on_it)
    with pytest.raises(ParticipantUnknown):
        desk.book(operation("u", ADMIN), unknown)
    assert agenda("2026-11-25") is None


def test_the_owner_moves_it_and_calls_it_off_under_the_customer_s_policy(made: BookingView) -> None:
    studio.set_settings(reschedule_times=1)
    assert move(made.id, "2026-11-25T11:00:00").moves == 1
    with pytest.raises(RescheduledTooOften):
        move(made.id, LATER, key="again")
    called_off = changes.cancel(operation("c"), made.id, CancelRequest()).read_as(BookingView)
    assert called_off.cancelled_by is Who.CUSTOMER


def test_all_three_are_told(made: BookingView) -> None:
    move(made.id, "2026-11-25T11:00:00")
    told = effects("m")
    assert told["notice"] == ["bora", "elif", "ada"]
    assert told["mail.booking_moved"] == ["customer", "expert", "owner"]
    postman = Postman()
    notices = Notices(studio.platforms, studio.accounts, studio.calendars, studio.bookings, postman)
    for to in told["mail.booking_moved"]:
        payload = {"booking_id": made.id, "to": to, "starts_at": "2026-11-25T11:00:00.000Z"}
        notices.booking_moved(PLATFORM, payload)
    assert [mail.to for mail in postman.mails] == [f"{who}@example.com" for who in ("bora", "elif", "ada")]
    assert all("Gelecek kişi: Bora" in mail.text for mail in postman.mails)


def effects(key: str) -> dict[str, list[str]]:
    """To whom the step's effects go, by their kind."""
    receipt = read.get(operation(key).receipt_key, Receipt)
    assert receipt is not None
    found: dict[str, list[str]] = {}
    for effect in receipt.effects:
        found.setdefault(effect.kind, []).append(effect.payload.get("to") or effect.payload["account_id"])
    return found


def test_the_owner_calls_off_a_participant_s_series() -> None:
    starts = [instant(LATER), instant("2026-11-26T10:00:00")]
    asked = SeriesRequest(starts_at=starts, package_id="apk_classic", expert_id="elif", pay_with="assignment")
    made = recurring.book(operation("s", BORA), asked).read_as(SeriesView)
    answer = series_cancelling.cancel(operation("x"), made.id, CancelRequest())
    assert answer.read_as(SeriesCancelledView).sessions == 2


def test_what_one_books_for_himself_has_no_other_owner() -> None:
    assert book(LATER, "apk_classic", pay_with="assignment").read_as(BookingView).owner_id is None


def test_a_booking_is_not_moved_beyond_the_end_of_its_package() -> None:
    studio.set_settings(reschedule_times=9)
    request = AssignmentRequest(session_package_id="spk_month", on_the_house=True)
    given = assigning.assign(operation("month", ADMIN, "assign"), "ada", request).read_as(AssignmentView)
    made = studio.booked(LATER, "apk_classic", pay_with=None, assignment_id=given.id)
    assert made.assignment_id == given.id
    with pytest.raises(AssignmentClosed):
        move(made.id, "2026-12-22T09:00:00")
    assert move(made.id, "2026-12-22T08:00:00", key="before").starts_at == instant("2026-12-22T08:00:00")


def test_instead_of_a_start_nothing_beyond_the_end_of_the_package_is_named() -> None:
    request = AssignmentRequest(session_package_id="spk_month", on_the_house=True)
    given = assigning.assign(operation("month", ADMIN, "assign"), "ada", request).read_as(AssignmentView)
    on_it = {"package_id": "apk_classic", "assignment_id": given.id}
    made = studio.booked(LATER, pay_with=None, **on_it)
    off_grid = "2026-12-22T08:10:00"
    several = SeriesRequest(starts_at=[instant(off_grid)], expert_id="elif", **on_it)
    with pytest.raises(SlotNotOffered) as booking:
        studio.booked(off_grid, key="off", pay_with=None, **on_it)
    with pytest.raises(SlotNotOffered) as moving:
        move(made.id, off_grid)
    with pytest.raises(SeriesNotFree) as series:
        recurring.book(operation("s"), several)
    named = [booking.value.extra["nearest"], moving.value.extra["nearest"]]
    named.append(series.value.extra["starts"][0]["nearest"])
    assert named == [[instant(f"2026-12-22T{hour}:00:00") for hour in ("06", "07", "08")]] * 3
