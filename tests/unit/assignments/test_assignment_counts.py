"""How many sessions are left, and in which state a package is: pure, and each of the counts by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.assignments import rules
from chalicelib.assignments.model import (
    Assignment,
    AssignmentClosed,
    AssignmentEmpty,
    AssignmentState,
    Cover,
    Draw,
    NotPaidAtDesk,
    SessionsTaken,
    Source,
)
from chalicelib.catalogue.errors import CurrencyMismatch
from chalicelib.catalogue.model import AppointmentPackage, AppointmentType, HowItEnds, WhenItEnds
from chalicelib.core.money import Money
from chalicelib.orders.refunds import RefundTooLarge
from chalicelib.orders.reversals import Reversal

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SERVICE = AppointmentPackage(
    id="apk_1",
    title="Klasik cilt bakımı",
    description="",
    appointment_type=AppointmentType.FACE_TO_FACE,
    service=None,
    duration_minutes=50,
    break_minutes=10,
    fee=None,
    credits=100,
    sessions=1,
    country="TR",
    currency="TRY",
    listing_order=0,
    how_it_ends=HowItEnds.AUTOMATIC,
    when_it_ends=WhenItEnds.SCHEDULED_END,
    expert_ids=[],
)
ACTIVE, USED_UP, EXPIRED, CANCELLED = AssignmentState


def draws(count: int, first: int = 1) -> list[Draw]:
    numbers = range(first, first + count)
    return [Draw(booking_id=f"bkg_{each}", package_id="apk_1", ordinal=each) for each in numbers]


def package(held: int = 0, used: int = 0, **fields: Any) -> Assignment:
    """Six sessions, of which so many are booked or used."""
    known: dict[str, Any] = {
        "id": "asg_1",
        "platform_id": "salon",
        "customer_id": "ada",
        "source": Source.SESSION_PACKAGE,
        "product_id": "spk_1",
        "name": "Cilt Bakımı Paketi – 6 Seans",
        "covers": [Cover(package=SERVICE)],
        "total": 6,
        "created_at": NOW,
        "used": draws(used),
        "held": draws(held, used + 1),
    }
    return Assignment(**known | fields)


@pytest.mark.parametrize(
    ("held", "used", "fields", "state", "left"),
    [
        (0, 0, {}, ACTIVE, 6),
        (2, 3, {}, ACTIVE, 1),
        (6, 0, {}, ACTIVE, 0),
        (0, 6, {}, USED_UP, 0),
        (0, 0, {"withdrawn": 2}, ACTIVE, 4),
        (5, 0, {"withdrawn": 3}, ACTIVE, 0),
        (0, 4, {"withdrawn": 2}, USED_UP, 0),
        (0, 5, {"withdrawn": 2}, USED_UP, 0),
        (1, 0, {"withdrawn": 6}, CANCELLED, 0),
        (0, 6, {"withdrawn": 6}, CANCELLED, 0),
        (1, 1, {"cancelled_at": NOW}, CANCELLED, 0),
        (1, 1, {"expires_at": NOW}, EXPIRED, 4),
        (1, 1, {"expires_at": NOW + timedelta(seconds=1)}, ACTIVE, 4),
        (0, 6, {"expires_at": NOW}, USED_UP, 0),
    ],
)
def test_d15_d16_d24_what_is_left_and_the_state(
    held: int, used: int, fields: dict[str, Any], state: AssignmentState, left: int
) -> None:
    known = package(held, used, **fields)
    assert (known.state_at(NOW), known.left) == (state, left)


def test_d4_what_is_left_of_one_service() -> None:
    counted = package(2, 1, covers=[Cover(package=SERVICE, count=4)])
    assert [each.left_of(SERVICE.id) for each in (package(2, 1), counted)] == [3, 1]
    assert package().left_of("apk_unknown") == 0


def test_the_clock_has_nothing_to_close_where_nothing_is_left() -> None:
    soon = {"expires_at": NOW + timedelta(days=1)}
    assert package(**soon).expires == soon["expires_at"]
    for fields in ({"withdrawn": 6}, {"cancelled_at": NOW}, {"expired_at": NOW}):
        assert package(**soon, **fields).expires is None
    assert package(used=6, **soon).expires is None


def test_p3_a_package_whose_money_went_back_cannot_be_drawn_on() -> None:
    with pytest.raises(AssignmentEmpty):
        package(held=3, withdrawn=3).holding("bkg_9", "apk_1")


@pytest.mark.parametrize("price", [600_000, 599_999, 7, 6, 5, 1])
def test_p3_in_whatever_parts_money_goes_back_all_sessions_go_with_all_of_it(price: int) -> None:
    withdrawn = before = 0
    for step, amount in enumerate((price // 3, price // 2, price - price // 3 - price // 2)):
        back = Reversal(id=f"r{step}", price=Money(price, "TRY"), before=before, amount=amount)
        withdrawn, before = withdrawn + back.pieces_of(6), before + amount
        assert 0 <= withdrawn <= 6 * before / price
    assert withdrawn == 6


# ------------------------------------------------------------------------------------------ by an admin


def test_an_admin_cancels_what_is_active() -> None:
    after = rules.cancelled(package(held=2), NOW)
    assert (after.state_at(NOW), after.left, len(after.held)) == (CANCELLED, 0, 2)
    for known, refusal in (
        (package(used=6), AssignmentEmpty),
        (package(expires_at=NOW), AssignmentClosed),
        (package(cancelled_at=NOW), AssignmentClosed),
    ):
        with pytest.raises(refusal):
            rules.cancelled(known, NOW)


@pytest.mark.parametrize(
    ("known", "least"),
    [
        (package(), 1),
        (package(held=2, used=1), 3),
        (package(held=1, withdrawn=2), 3),
        (package(withdrawn=2), 3),
    ],
)
def test_d23_the_count_is_changed_down_to_what_is_taken(known: Assignment, least: int) -> None:
    after = rules.adjusted(known, least, NOW)
    assert (after.total, after.adjusted) == (least, least - 6)
    with pytest.raises(SessionsTaken) as refused:
        rules.adjusted(known, least - 1, NOW)
    assert refused.value.extra == {"least": least}


def test_d23_changes_of_the_count_add_up() -> None:
    after = rules.adjusted(rules.adjusted(package(), 9, NOW), 8, NOW)
    assert (after.total, after.adjusted, after.left) == (8, 2, 8)
    for closed in (package(expires_at=NOW), package(cancelled_at=NOW), package(withdrawn=6)):
        with pytest.raises(AssignmentClosed):
            rules.adjusted(closed, 9, NOW)


@pytest.mark.parametrize(
    ("fields", "money", "refusal"),
    [
        ({}, Money(1, "TRY"), NotPaidAtDesk),
        ({"price": Money(100, "TRY"), "order_id": "ord_1"}, Money(1, "TRY"), NotPaidAtDesk),
        ({"price": Money(100, "TRY")}, Money(1, "EUR"), CurrencyMismatch),
        ({"price": Money(100, "TRY")}, Money(101, "TRY"), RefundTooLarge),
    ],
)
def test_p3_no_more_goes_back_over_the_desk_than_came(
    fields: dict[str, Any], money: Money, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        rules.check_paid_back(package(**fields), money)


def test_all_of_what_was_paid_at_the_desk_may_go_back() -> None:
    rules.check_paid_back(package(price=Money(100, "TRY")), Money(100, "TRY"))
