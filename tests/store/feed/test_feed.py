"""A feed on moto: numbered without a gap, told once, read from a cursor that skips nothing."""

from datetime import timedelta

import pytest

from chalicelib.core import clock
from chalicelib.core.permissions import Role
from chalicelib.feed.model import NoticeKind
from chalicelib.feed.service import Feeds, notice
from chalicelib.feed.views import FeedQuery, FeedView
from chalicelib.table import keys
from chalicelib.table.base import Item
from tests.store.booking.studio import ADA, PLATFORM, actor

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
feeds = Feeds()


def tell(number: int, account_id: str = "ada") -> dict[str, object]:
    effect = notice(account_id, NoticeKind.BOOKING_MISSED, clock.now(), booking_id=f"bkg_{number}")
    feeds.tell(PLATFORM, effect.payload)
    return effect.payload


def told(view: FeedView) -> list[object]:
    return [item.data["booking_id"] for item in view.items]


def test_a_reader_goes_on_where_he_stopped() -> None:
    for number in range(5):
        tell(number)
    first = feeds.read(ADA, FeedQuery(limit=2))
    assert (told(first), first.more) == (["bkg_0", "bkg_1"], True)
    rest = feeds.read(ADA, FeedQuery(cursor=first.cursor))
    assert (told(rest), rest.more) == (["bkg_2", "bkg_3", "bkg_4"], False)
    nothing = feeds.read(ADA, FeedQuery(cursor=rest.cursor))
    assert (told(nothing), nothing.cursor) == ([], rest.cursor)
    tell(5)
    assert told(feeds.read(ADA, FeedQuery(cursor=nothing.cursor))) == ["bkg_5"]


def test_an_effect_that_runs_twice_tells_once() -> None:
    payload = tell(1)
    feeds.tell(PLATFORM, payload)
    assert told(feeds.read(ADA, FeedQuery())) == ["bkg_1"]


def test_what_is_decided_early_and_told_late_stands_last_and_is_not_skipped(moving_clock) -> None:
    early = notice("ada", NoticeKind.TIME_IS_UP, clock.now(), booking_id="bkg_early")
    moving_clock.forward(minutes=5)
    tell(1)
    seen = feeds.read(ADA, FeedQuery())
    feeds.tell(PLATFORM, early.payload)
    assert told(feeds.read(ADA, FeedQuery(cursor=seen.cursor))) == ["bkg_early"]


def test_nobody_reads_another_s() -> None:
    tell(1)
    for who in (actor("bora"), actor("ada", platform_id="other"), actor("elif", Role.EXPERT)):
        assert feeds.read(who, FeedQuery()).items == []


def test_instants_in_the_data_are_rfc_3339_and_a_notice_goes_after_90_days(moving_clock) -> None:
    effect = notice("ada", NoticeKind.SESSION_ENDED, clock.now(), booking_id="b", ended_at=clock.now())
    feeds.tell(PLATFORM, effect.payload)
    (item,) = feeds.read(ADA, FeedQuery()).items
    assert item.data["ended_at"] == "2026-11-22T09:00:00.000Z"
    key = keys.notice(PLATFORM, "ada", 1)
    stored = Item.get(key.pk, key.sk)
    assert stored.expires_at == int((clock.now() + timedelta(days=90)).timestamp())
