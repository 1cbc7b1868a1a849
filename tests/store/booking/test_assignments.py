"""Packages of several sessions: one sale, a session held by each booking, captured when it is over (E13, E14, E35)."""

from datetime import timedelta

import pytest

from chalicelib.accounts.store import AccountItem
from chalicelib.assignments.model import Assignment, AssignmentEmpty, AssignmentNotFound, Draw
from chalicelib.assignments.views import AssignmentsQuery, AssignmentView
from chalicelib.booking.model import Booking, BookingNotOpen, BookingState
from chalicelib.calendar.model import AppointmentsInactive, SlotTaken
from chalicelib.core.actor import system
from chalicelib.core.errors import NotFound
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Decision, by_system, perform
from tests.store.booking.studio import (
    ADA,
    CallCount,
    accounts,
    actor,
    agenda,
    assignments,
    booked,
    bookings,
    give,
    instant,
    open_studio,
    set_settings,
    use,
    wallet,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")


@pytest.fixture(autouse=True)
def studio(table, moving_clock) -> None:
    open_studio()
    give(500)


def stored(booking_id: str) -> Booking:
    found = read.get(keys.booking("studio", booking_id), Booking)
    assert found is not None
    return found


def left(assignment_id: str) -> AssignmentView:
    return assignments.view(ADA, assignment_id)


def counts(assignment_id: str) -> tuple[int, int, int]:
    view = left(assignment_id)
    return view.held, view.used, view.left


def close(booking_id: str, state: BookingState) -> None:
    """As the end of a session does."""
    key = keys.booking("studio", booking_id)

    def decide(loaded: read.Loaded) -> Decision:
        booking = bookings.load(loaded, "studio", booking_id)
        at = booking.ends_at
        if state is BookingState.COMPLETED:
            return Decision(answer=None, writes=bookings.prepare_complete(booking, at, timedelta()))
        return Decision(answer=None, writes=bookings.prepare_miss(booking, at))

    perform(by_system(system("studio"), "close", f"{booking_id}{state}"), [key], decide)


def test_e13_the_first_booking_buys_all_sessions_in_a_transaction_of_seven_items() -> None:
    count = CallCount()
    first = booked("07:00", "apk_three")
    assert count.names == ["BatchGetItem", "TransactWriteItems"]
    written = [put["Put"]["Item"]["entity"]["S"] for put in count.sent("TransactWriteItems")["TransactItems"]]
    assert sorted(written) == [
        "agenda",
        "assigned",
        "assignment",
        "booking",
        "ledger-transaction",
        "receipt",
        "wallet",
    ]
    assert wallet().balance == 250
    assert counts(first.assignment_id) == (1, 0, 2)
    kept = read.get(keys.assignment("studio", first.assignment_id), Assignment)
    assert (kept.sale_id, kept.expert_id, kept.held) == (
        stored(first.id).sale.id,
        "elif",
        [Draw(booking_id=first.id, package_id="apk_three", ordinal=1)],
    )


def test_e14_e35_further_sessions_cost_nothing_until_none_is_left() -> None:
    first = booked("07:00", "apk_three")
    count = CallCount()
    second = use(first.assignment_id, "08:00")
    assert count.names == ["GetItem", "BatchGetItem", "TransactWriteItems"]
    assert len(count.sent("TransactWriteItems")["TransactItems"]) == 4
    assert (second.paid_with, second.credits, second.assignment_id) == (
        "assignment",
        None,
        first.assignment_id,
    )
    assert (stored(second.id).sale, second.package) == (None, first.package)
    use(first.assignment_id, "09:00")
    assert counts(first.assignment_id) == (3, 0, 0)
    with pytest.raises(AssignmentEmpty):
        use(first.assignment_id, "10:00")
    assert (wallet().balance, wallet().entries) == (250, 2)
    assert len(agenda().taken) == 3


def test_a_session_that_was_held_or_missed_is_used_once() -> None:
    first = booked("07:00", "apk_three")
    second = use(first.assignment_id, "08:00")
    close(first.id, BookingState.COMPLETED)
    assert counts(first.assignment_id) == (1, 1, 1)
    close(second.id, BookingState.MISSED)
    assert counts(first.assignment_id) == (0, 2, 1)
    assert [stored(view.id).state for view in (first, second)] == ["completed", "missed"]
    assert stored(first.id).closed_at == instant("07:50")
    with pytest.raises(BookingNotOpen):
        close(first.id, BookingState.MISSED)
    assert counts(first.assignment_id) == (0, 2, 1)


def test_e39_the_package_stays_as_it_was_sold() -> None:
    """Duration and break are the assignment's, whatever is on sale now."""
    first = booked("07:00", "apk_three")
    live = keys.catalogue("studio", "TR")
    perform(
        by_system(system("studio"), "unpublish", "all"),
        [],
        lambda _: Decision(
            answer=None,
            writes=[transact.Write("delete", AccountItem(live.pk, live.sk), AccountItem.pk.exists())],
        ),
    )
    assert use(first.assignment_id, "08:00").ends_at == instant("08:50")


def test_a_taken_slot_holds_nothing() -> None:
    first = booked("07:00", "apk_three")
    with pytest.raises(SlotTaken):
        use(first.assignment_id, "07:00")
    assert counts(first.assignment_id) == (1, 0, 2)


def test_somebody_elses_package_is_not_there() -> None:
    first = booked("07:00", "apk_three")
    for assignment_id in (first.assignment_id, "asg_nonsense", f"asg_{'0' * 26}"):
        with pytest.raises(AssignmentNotFound):
            use(assignment_id, "08:00", who=actor("bora"))
        with pytest.raises(NotFound):
            assignments.view(actor("bora"), assignment_id)
    assert counts(first.assignment_id) == (1, 0, 2)


def test_nothing_further_is_booked_while_the_system_is_off() -> None:
    first = booked("07:00", "apk_three")
    set_settings(appointment_system_active=False)
    with pytest.raises(AppointmentsInactive):
        use(first.assignment_id, "08:00")


def test_packages_are_listed_with_what_is_left(moving_clock) -> None:
    first = booked("07:00", "apk_three")
    give(250)
    moving_clock.forward(minutes=1)
    second = booked("2026-11-24T07:00", "apk_three")
    page = assignments.list_of(ADA, "ada", AssignmentsQuery(limit=1))
    assert [view.id for view in page.items] == [first.assignment_id]
    rest = assignments.list_of(ADA, "ada", AssignmentsQuery(limit=1, cursor=page.cursor))
    assert [view.id for view in rest.items] == [second.assignment_id]
    assert assignments.list_of(actor("bora"), "bora", AssignmentsQuery()).items == []


def test_a_booking_without_a_package_of_sessions_closes_alone() -> None:
    view = booked("07:00")
    count = CallCount()
    close(view.id, BookingState.COMPLETED)
    assert count.names == ["BatchGetItem", "TransactWriteItems"]
    key = keys.work(view.id, instant("08:50"))
    assert read.query(key.pk, index="GSI3", between=(key.sk, key.sk)).records == []
    assert stored(view.id).closed_at - instant("07:50") == timedelta(0)


def test_the_expert_must_still_be_there() -> None:
    first = booked("07:00", "apk_three")
    key = accounts.key("studio", "elif")
    perform(
        by_system(system("studio"), "remove", "elif"),
        [],
        lambda _: Decision(
            answer=None,
            writes=[transact.Write("delete", AccountItem(key.pk, key.sk), AccountItem.pk.exists())],
        ),
    )
    with pytest.raises(NotFound):
        use(first.assignment_id, "08:00")
