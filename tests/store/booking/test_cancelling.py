"""Calling bookings off: what comes back, to whom the time goes, and who may (D20, E35)."""

from collections.abc import Iterator

import msgspec
import pytest
from msgspec.structs import replace

from chalicelib.booking.model import (
    Booking,
    BookingBegan,
    BookingNotFound,
    BookingNotOpen,
    BookingState,
    SessionBegan,
)
from chalicelib.booking.views import BookingView, CancelRequest
from chalicelib.calendar.model import Calendar
from chalicelib.calendar.store import saved_calendar
from chalicelib.core.actor import Actor
from chalicelib.core.errors import NotFound
from chalicelib.core.money import Money
from chalicelib.core.permissions import Role
from chalicelib.orders.lines import Sale
from chalicelib.sessions.model import Session
from chalicelib.sessions.store import saved as saved_session
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Receipt
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.model import Origin
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
    give,
    instant,
    open_studio,
    operation,
    package,
    platforms,
    set_on_sale,
    set_settings,
    use,
    wallet,
)


@pytest.fixture(autouse=True)
def studio(table, moving_clock) -> Iterator[None]:
    """At 09:00 UTC of the day before; a booking at 07:00 is 22 hours away, one at 14:00 29."""
    open_studio()
    give(60, Origin.GIFT)
    give(440, Origin.ADJUSTMENT, Money(44_000, "TRY"))
    yield
    assert list(verify(every_item())) == []


def cancel(booking_id: str, who: Actor = ADA, key: str = "c", reason: str | None = None) -> BookingView:
    asked = operation(key, who, "POST /v1/bookings/{booking_id}/cancel")
    return changes.cancel(asked, booking_id, CancelRequest(reason=reason)).read_as(BookingView)


def stored(booking_id: str) -> Booking:
    found = read.get(keys.booking(PLATFORM, booking_id), Booking)
    assert found is not None
    return found


def receipt(key: str = "c", who: Actor = ADA) -> Receipt:
    found = read.get(operation(key, who, "POST /v1/bookings/{booking_id}/cancel").receipt_key, Receipt)
    assert found is not None
    return found


def reversing_sale(key: str = "c", who: Actor = ADA) -> Sale:
    (effect,) = [effect for effect in receipt(key, who).effects if effect.kind == "report.sale"]
    return msgspec.convert(effect.payload, Sale)


def postings(account: str) -> list[int]:
    entries = read.query_all(keys.wallet(PLATFORM, "ada", "credit").pk, prefix="ENTRY#")
    return [p.amount for entry in entries for p in entry.postings if p.account == account]


def test_a_booking_that_is_called_off_in_time_costs_nothing() -> None:
    before = wallet()
    made = booked("14:00")
    seen = cancel(made.id, reason="Ill.")
    assert (seen.state, seen.cancelled_by, seen.cancel_reason) == (BookingState.CANCELLED, "customer", "Ill.")
    assert seen.returned is not None
    assert (seen.returned.kept_basis_points, seen.returned.credits) == (0, 100)
    assert agenda().taken == []
    assert {lot.id: lot for lot in wallet().lots} == {lot.id: lot for lot in before.lots}
    assert postings("expert:elif") == [65, -65]
    assert postings("revenue") == [35, -35]
    assert booked("14:00", key="again").state is BookingState.CONFIRMED


def test_the_reversing_sale_takes_back_every_part_as_it_was_sold(moving_clock) -> None:
    """R1, B41: the share that was in force when it was sold, though the expert has another now."""
    made = booked("14:00")
    sold = stored(made.id).sale
    moving_clock.forward(minutes=1)
    cancel(made.id)
    reversing = reversing_sale()
    assert sold is not None
    assert (reversing.reverses, reversing.quantity) == (sold.id, -1)
    assert (reversing.reverses_sold_at, reversing.sold_at > sold.sold_at) == (sold.sold_at, True)
    assert [(p.payment_type, -p.amount, -p.share) for p in reversing.parts] == [
        (p.payment_type, p.amount, p.share) for p in sold.parts
    ]
    assert stored(made.id).returned.sale_id == reversing.id


@pytest.mark.parametrize(
    ("kept", "back", "expert"), [(5_000, 50, [65, -32]), (3_333, 67, [65, -44]), (0, 100, [65, -65])]
)
def test_later_the_platform_keeps_its_share(kept: int, back: int, expert: list[int]) -> None:
    """22 hours before, with a limit of 24: what is kept is shared out as the whole was."""
    set_settings(cancel_kept_basis_points=kept)
    made = booked("07:00")
    seen = cancel(made.id)
    assert seen.returned is not None
    assert seen.returned.credits == back
    assert wallet().balance == 400 + back
    assert postings("expert:elif") == expert
    assert -reversing_sale().amount == back
    assert sum(part.share for part in reversing_sale().parts) == expert[1]


def test_the_quantity_goes_back_of_the_kind_that_it_was_counted_in() -> None:
    """B18: the one campaign credit stands first in the sale, and 40 % of it are no whole credit."""
    set_settings(cancel_kept_basis_points=6_000)
    give(1, Origin.CAMPAIGN)
    cancel(booked("07:00").id)
    assert [(part.payment_type, part.amount) for part in reversing_sale().parts] == [
        ("campaign", 0),
        ("gift", -24),
        ("credit", -16),
    ]


def test_latest_nothing_comes_back_and_the_time_is_free(moving_clock) -> None:
    made = booked("07:00")
    moving_clock.forward(hours=21)
    seen = cancel(made.id)
    assert seen.returned is not None
    assert (seen.returned.kept_basis_points, seen.returned.credits) == (10_000, 0)
    assert wallet().balance == 400
    assert agenda().taken == []
    assert [effect.kind for effect in receipt().effects] == [
        *["notice"] * 2,
        *["mail.booking_cancelled"] * 2,
    ]


@pytest.mark.parametrize("who", [EXPERT, ADMIN])
def test_an_expert_s_or_an_admin_s_cancelling_costs_the_customer_nothing(moving_clock, who: Actor) -> None:
    made = booked("07:00")
    moving_clock.forward(hours=21)
    seen = cancel(made.id, who)
    assert seen.returned is not None
    assert seen.returned.credits == 100
    assert wallet().balance == 500
    assert seen.cancelled_by == ("expert" if who is EXPERT else "admin")


def test_d20_the_session_of_a_package_comes_back_to_it() -> None:
    first = booked("14:00", "apk_three")
    second = use(first.assignment_id, "13:00")
    seen = cancel(second.id)
    assert seen.returned is not None
    assert (seen.returned.session, seen.returned.credits) == (True, 0)
    left = assignments.find(PLATFORM, first.assignment_id)
    assert ([each.booking_id for each in left.held], left.used, left.left) == ([first.id], [], 2)
    assert wallet().balance == 250
    cancel(first.id, key="c2")
    assert assignments.find(PLATFORM, first.assignment_id).left == 3
    assert wallet().balance == 250


def test_a_session_of_which_a_part_would_be_kept_is_used() -> None:
    made = booked("07:00", "apk_three")
    seen = cancel(made.id)
    assert seen.returned is not None
    assert not seen.returned.session
    (used,) = assignments.find(PLATFORM, made.assignment_id).used
    assert used.booking_id == made.id


def test_it_is_called_off_once() -> None:
    made = booked("14:00")
    first = cancel(made.id)
    assert cancel(made.id) == first
    with pytest.raises(BookingNotOpen):
        cancel(made.id, key="other")
    assert wallet().balance == 500


def test_a_booking_whose_start_has_passed_is_not_called_off(moving_clock) -> None:
    made = booked("07:00")
    moving_clock.forward(hours=22)
    with pytest.raises(BookingBegan):
        cancel(made.id, ADMIN)


def test_a_session_that_somebody_joined_is_not_called_off(moving_clock) -> None:
    made = booked("07:00")
    moving_clock.forward(hours=21, minutes=55)
    session = replace(Session.waiting(stored(made.id)), expert_joined_at=instant("06:55"))
    transact.commit([saved_session(session, platforms.get(PLATFORM))], "join")
    with pytest.raises(SessionBegan):
        cancel(made.id, ADMIN)
    assert stored(made.id).state is BookingState.CONFIRMED
    assert wallet().balance == 400


@pytest.mark.parametrize(
    "stranger", [actor("bora"), actor("deniz", Role.EXPERT), actor("boss", Role.ADMIN, None, "elsewhere")]
)
def test_what_is_foreign_is_not_there(stranger: Actor) -> None:
    made = booked("14:00")
    with pytest.raises(NotFound):
        cancel(made.id, stranger)
    assert stored(made.id).state is BookingState.CONFIRMED


def test_a_booking_that_is_none_is_not_found() -> None:
    with pytest.raises(BookingNotFound):
        cancel("bkg_00000000000000000000000000")


def test_a_slot_across_midnight_is_free_on_both_days() -> None:
    calendar = read.get(keys.calendar(PLATFORM, "elif"), Calendar)
    assert calendar is not None
    whole_days = [replace(hours, opens="00:00", closes="24:00") for hours in calendar.weekly]
    around_the_clock = replace(calendar, zone="UTC", weekly=whole_days)
    transact.commit([saved_calendar(around_the_clock)], "calendar")
    set_on_sale(package(id="apk_night", duration_minutes=40, break_minutes=30))
    made = booked("23:20", "apk_night")
    assert [len(agenda(day).taken) for day in ("2026-11-23", "2026-11-24")] == [1, 1]
    cancel(made.id)
    assert [agenda(day).taken for day in ("2026-11-23", "2026-11-24")] == [[], []]
