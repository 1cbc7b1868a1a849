"""The front desk: bookings that an admin makes, marks of who did not come, and notes."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.accounts.model import AccountNotFound
from chalicelib.booking.model import (
    Booking,
    BookingNotBegun,
    BookingNotFound,
    BookingNotOpen,
    BookingState,
    CustomerMayCome,
    NoShow,
    PaymentUnclear,
)
from chalicelib.booking.views import (
    BookingView,
    CancelRequest,
    DeskBookingRequest,
    NoShowRequest,
    NoteRequest,
    NotesView,
)
from chalicelib.calendar.model import SlotTaken
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Stale
from chalicelib.table import keys, read
from chalicelib.table.operation import IdempotencyKeyReused
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.model import InsufficientCredits, Origin
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    EXPERT,
    PLATFORM,
    actor,
    agenda,
    assignments,
    booked,
    changes,
    desk,
    give,
    instant,
    open_studio,
    operation,
    wallet,
)


@pytest.fixture(autouse=True)
def studio(table, moving_clock) -> Iterator[None]:
    open_studio()
    give(500, Origin.ADJUSTMENT)
    yield
    assert list(verify(every_item())) == []


def book_for(
    customer_id: str = "ada", start: str = "14:00", key: str = "k", who: Actor = ADMIN, **more: Any
) -> BookingView:
    wanted = {"package_id": "apk_hour", "expert_id": "elif", "pay_with": "on_the_house"} | more
    request = DeskBookingRequest(customer_id=customer_id, starts_at=instant(start), **wanted)
    asked = operation(key, who, "POST /v1/admin/bookings", str(request))
    return desk.book(asked, request).read_as(BookingView)


def mark(booking_id: str, no_show: NoShow, who: Actor = EXPERT, key: str = "m") -> BookingView:
    asked = operation(key, who, "POST /v1/bookings/{booking_id}/no-show")
    return changes.mark_missed(asked, booking_id, NoShowRequest(no_show=no_show)).read_as(BookingView)


def note(booking_id: str, text: str, who: Actor, version: int) -> NotesView:
    asked = operation(f"{who.id}{version}", who, "PUT /v1/bookings/{booking_id}/note")
    return desk.edit_note(asked, booking_id, NoteRequest(note=text), version).read_as(NotesView)


def stored(booking_id: str) -> Booking:
    found = read.get(keys.booking(PLATFORM, booking_id), Booking)
    assert found is not None
    return found


def test_on_the_house_nothing_is_paid_sold_or_drawn() -> None:
    made = book_for(note="A regular.")
    assert (made.paid_with, made.credits, made.customer_id) == ("on_the_house", None, "ada")
    assert stored(made.id).sale is None
    assert stored(made.id).admin_note == "A regular."
    assert wallet().balance == 500
    assert [claim.claim_id for claim in agenda().taken] == [made.id]
    changes.cancel(operation("c"), made.id, CancelRequest())
    assert agenda().taken == []
    assert wallet().balance == 500


def test_a_customer_s_credits_or_package_pay_as_if_he_booked() -> None:
    bought = book_for(package_id="apk_three", pay_with="credits")
    assert wallet().balance == 250
    assert bought.customer_id == "ada"
    drawn = book_for(
        start="13:00",
        key="k2",
        package_id=None,
        expert_id=None,
        pay_with="assignment",
        assignment_id=bought.assignment_id,
    )
    assert drawn.paid_with == "assignment"
    assert assignments.find(PLATFORM, str(bought.assignment_id)).left == 1
    with pytest.raises(InsufficientCredits):
        book_for("bora", start="12:00", key="k3", pay_with="credits")


def test_a_key_is_the_admin_s_who_sent_it_whomever_he_books_for() -> None:
    give(500, Origin.ADJUSTMENT, owner="bora")
    made = book_for(pay_with="credits")
    assert book_for(pay_with="credits") == made
    for changed in ({"customer_id": "bora"}, {"pay_with": "on_the_house"}, {"start": "12:00"}):
        with pytest.raises(IdempotencyKeyReused):
            book_for(**({"pay_with": "credits"} | changed))
    assert [claim.claim_id for claim in agenda().taken] == [made.id]
    other = replace(ADMIN, id="another")
    assert book_for(start="12:00", who=other, pay_with="credits").id != made.id


def test_the_desk_too_need_not_know_of_the_customer_s_package() -> None:
    """D25: the one that fits is drawn on by itself, and where none does, it must be said how it is paid."""
    bought = book_for(package_id="apk_three", pay_with="credits")
    drawn = book_for(start="13:00", key="k2", package_id="apk_three", pay_with=None)
    assert (drawn.paid_with, drawn.assignment_id) == ("assignment", bought.assignment_id)
    assert wallet().balance == 250
    with pytest.raises(PaymentUnclear) as refused:
        book_for(start="12:00", key="k3", pay_with=None)
    assert refused.value.field == "pay_with"


def test_the_desk_s_note_is_kept_however_the_booking_is_paid() -> None:
    bought = book_for(package_id="apk_three", pay_with="credits", note="Knows the way.")
    drawn = book_for(
        start="13:00", key="k2", pay_with="assignment", assignment_id=bought.assignment_id, note="Again.",
        package_id=None, expert_id=None,
    )  # fmt: skip
    assert [stored(made.id).admin_note for made in (bought, drawn)] == ["Knows the way.", "Again."]
    assert [stored(made.id).customer_note for made in (bought, drawn)] == ["", ""]


def test_a_customer_s_note_comes_with_his_request_and_its_people_read_it() -> None:
    made = booked("14:00", note="Ground floor, please.")
    for who in (ADA, EXPERT, ADMIN):
        assert desk.notes(who, made.id).customer_note == "Ground floor, please."
    kept = [str(item.record) for item in every_item() if not isinstance(item.record, Booking)]
    assert not [record for record in kept if "Ground floor" in record]


def test_what_a_desk_cannot_book() -> None:
    book_for()
    with pytest.raises(SlotTaken):
        book_for("bora", key="k2")
    with pytest.raises(AccountNotFound):
        book_for("nobody", key="k3", start="12:00")
    for more, field in (({"package_id": None}, "package_id"), ({"assignment_id": "asg_1"}, "assignment_id")):
        with pytest.raises(PaymentUnclear) as refused:
            book_for(key=field, start="12:00", **more)
        assert refused.value.field == field
    assert len(agenda().taken) == 1


def test_an_expert_who_was_not_there_costs_the_customer_nothing(moving_clock) -> None:
    made = booked("07:00")
    moving_clock.forward(hours=22, minutes=10)
    seen = mark(made.id, NoShow.EXPERT, ADMIN)
    assert (seen.state, seen.no_show) == (BookingState.MISSED, "expert")
    assert seen.returned is not None
    assert seen.returned.credits == 100
    assert wallet().balance == 500


def test_a_package_s_session_comes_back_where_the_expert_was_not_there(moving_clock) -> None:
    made = booked("07:00", "apk_three")
    moving_clock.forward(hours=23)
    mark(made.id, NoShow.EXPERT)
    assert assignments.find(PLATFORM, str(made.assignment_id)).left == 3


@pytest.mark.parametrize("no_show", [NoShow.CUSTOMER, NoShow.BOTH])
def test_a_customer_who_was_not_there_gets_nothing_back(moving_clock, no_show: NoShow) -> None:
    made, several = booked("07:00"), booked("08:00", "apk_three")
    moving_clock.forward(hours=24)
    for booking in (made, several):
        assert mark(booking.id, no_show, key=booking.id).no_show == no_show
    assert wallet().balance == 150
    (used,) = assignments.find(PLATFORM, str(several.assignment_id)).used
    assert used.booking_id == several.id


@pytest.mark.parametrize("who", [EXPERT, ADMIN])
def test_a_no_show_is_marked_once_and_a_customer_s_when_he_can_no_longer_join(
    moving_clock, who: Actor
) -> None:
    made = booked("07:00")
    for no_show in NoShow:
        with pytest.raises(BookingNotBegun):
            mark(made.id, no_show, who)
    moving_clock.instant = instant("07:49")
    for no_show in (NoShow.CUSTOMER, NoShow.BOTH):
        with pytest.raises(CustomerMayCome) as refused:
            mark(made.id, no_show, who)
        assert refused.value.extra == {"until": "2026-11-23T07:50:00.000Z"}
    moving_clock.instant = instant("07:50")
    mark(made.id, NoShow.CUSTOMER, who)
    with pytest.raises(BookingNotOpen):
        mark(made.id, NoShow.EXPERT, ADMIN, key="m2")


def test_an_expert_who_is_not_there_may_be_marked_from_the_start_on(moving_clock) -> None:
    made = booked("07:00")
    moving_clock.instant = instant("07:00")
    assert mark(made.id, NoShow.EXPERT).no_show is NoShow.EXPERT


def test_each_reads_the_notes_that_are_for_him() -> None:
    made = booked("14:00")
    note(made.id, "I have a cold.", ADA, 1)
    note(made.id, "Second visit.", EXPERT, 2)
    note(made.id, "Pays late.", ADMIN, 3)
    read_by = {who.id: desk.notes(who, made.id) for who in (ADA, EXPERT, ADMIN)}
    told = {who: (seen.customer_note, seen.expert_note, seen.admin_note) for who, seen in read_by.items()}
    assert told == {
        "ada": ("I have a cold.", None, None),
        "elif": ("I have a cold.", "Second visit.", None),
        "boss": ("I have a cold.", "Second visit.", "Pays late."),
    }
    with pytest.raises(BookingNotFound):
        desk.notes(actor("bora"), made.id)


def test_a_note_is_edited_as_it_was_read() -> None:
    made = booked("14:00")
    note(made.id, "One.", ADA, 1)
    with pytest.raises(Stale):
        note(made.id, "Other.", EXPERT, 1)
    assert stored(made.id).expert_note == ""


def test_a_note_leaves_the_work_as_it_was(moving_clock) -> None:
    """An edit saves the whole item: one that stands stays due, one that is over does not become so."""
    made = booked("14:00")
    note(made.id, "One.", ADA, 1)
    due = keys.work(made.id, instant("2026-11-22T14:00:00"))
    assert keys.booking(PLATFORM, made.id) in read.query(due.pk, index="GSI3").records
    changes.cancel(operation("c"), made.id, CancelRequest())
    note(made.id, "Two.", ADA, 3)
    assert keys.booking(PLATFORM, made.id) not in read.query(due.pk, index="GSI3").records
