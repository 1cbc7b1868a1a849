"""Whose bookings whom may see."""

import pytest

from chalicelib.booking.model import BookingNotFound, ListNotNamed
from chalicelib.booking.views import BookingsQuery
from chalicelib.core.permissions import Role
from tests.store.booking.studio import ADA, ADMIN, EXPERT, actor, booked, give, instant, lists, open_studio

pytestmark = pytest.mark.usefixtures("table", "moving_clock")


@pytest.fixture
def views(table, moving_clock) -> list[str]:
    """Three of Ada's in order, and one of Bora's between them."""
    open_studio()
    give(500)
    give(100, owner="bora")
    later = booked("2026-11-24T06:00")
    first, third = booked("06:00"), booked("10:00")
    second = booked("08:00", who=actor("bora"))
    return [first.id, second.id, third.id, later.id]


def ids(who, **asked) -> list[str]:
    return [view.id for view in lists.bookings(who, BookingsQuery(**asked)).items]


def test_each_sees_his_own_by_their_start(views) -> None:
    first, second, third, later = views
    assert ids(ADA) == [first, third, later]
    assert ids(actor("bora")) == [second]
    assert ids(EXPERT) == [first, second, third, later]
    assert ids(actor("deniz", Role.EXPERT)) == []


def test_an_admin_names_a_customer_or_an_expert(views) -> None:
    first, second, third, later = views
    assert ids(ADMIN, customer_id="ada") == [first, third, later]
    assert ids(ADMIN, expert_id="elif") == [first, second, third, later]
    for asked in ({}, {"customer_id": "ada", "expert_id": "elif"}):
        with pytest.raises(ListNotNamed):
            ids(ADMIN, **asked)


def test_nobody_else_names_somebody(views) -> None:
    with pytest.raises(BookingNotFound):
        ids(ADA, customer_id="bora")
    with pytest.raises(BookingNotFound):
        ids(EXPERT, expert_id="deniz")
    assert len(ids(ADA, customer_id="ada")) == 3


def test_a_list_is_bounded_in_time_and_in_pages(views) -> None:
    first, second, _third, later = views
    assert ids(EXPERT, since=instant("08:00"), until=instant("10:00")) == [second]
    assert ids(EXPERT, since=instant("06:00"), until=instant("10:00")) == [first, second]
    assert ids(EXPERT, since=instant("2026-11-24T00:00")) == [later]
    assert ids(EXPERT, since=instant("0001-01-01T00:00"), until=instant("9999-12-31T00:00")) == views
    assert ids(EXPERT, since=instant("10:00"), until=instant("08:00")) == []
    page = lists.bookings(EXPERT, BookingsQuery(limit=3))
    assert [view.id for view in page.items] == views[:3]
    assert ids(EXPERT, limit=3, cursor=page.cursor) == [later]


def test_a_booking_is_seen_by_its_customer_its_expert_and_admins(views) -> None:
    first = views[0]
    for who in (ADA, EXPERT, ADMIN):
        assert lists.booking(who, first).id == first
    strangers = [
        actor("bora"),
        actor("deniz", Role.EXPERT),
        actor("boss", Role.ADMIN, platform_id="other"),
        actor("elif"),  # a customer who has the expert's name and not his role
    ]
    for who in strangers:
        with pytest.raises(BookingNotFound):
            lists.booking(who, first)
