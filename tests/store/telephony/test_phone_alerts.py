"""The admins are told that the balance for calls is low: once, and again when it was above meanwhile (E34)."""

from chalicelib.accounts.views import PhoneEdit
from chalicelib.booking.views import DeskBookingRequest
from chalicelib.core.permissions import Role
from chalicelib.feed.model import NoticeKind
from chalicelib.feed.service import NOTICE, Feeds
from chalicelib.feed.views import FeedQuery, NoticeView
from chalicelib.table import keys, read
from chalicelib.table.outbox import Outbox
from chalicelib.telephony.alerts import Alerts
from tests.store.booking import studio
from tests.store.booking.studio import ADA, ADMIN, PLATFORM, account, operation, put
from tests.store.telephony.switchboard import PRICE, RATE, names, open_switchboard, rates, top_up

alerts, feeds = Alerts(studio.platforms, studio.accounts), Feeds()


def told() -> list[NoticeView]:
    """After the sweeper has come twice to whatever waits for it."""
    outbox = Outbox({NOTICE: feeds.tell})
    for _ in range(2):
        for shard in keys.work_shards():
            for key in list(read.query_all(shard, index="GSI3")):
                if key.sk == "BALANCE":
                    alerts.sweep(keys.owner_of(key)[0])
        for shard in keys.work_shards():
            for key in list(read.query_all(shard, index="GSI3")):
                if key.sk == "RECEIPT":
                    outbox.drain(key)
    return feeds.read(ADMIN, FeedQuery(limit=100)).items


def test_each_time_that_it_falls_below_it_is_told_once(table, moving_clock) -> None:
    open_switchboard(free=2 * PRICE)
    put(account(ADMIN.id, Role.ADMIN))
    rates({"+90": RATE}, alert_below=PRICE + 1)
    assert told() == []
    studio.desk.book(operation("a", ADMIN, "desk"), given("07:00"))
    assert [(each.kind, each.data) for each in told()] == [
        (NoticeKind.PHONE_BALANCE_LOW, {"free_micros": PRICE})
    ]
    studio.desk.book(operation("b", ADMIN, "desk"), given("09:00"))
    assert len(told()) == 1, "it is still low, and they know"
    top_up(2 * PRICE)
    studio.desk.book(operation("c", ADMIN, "desk"), given("11:00"))
    assert len(told()) == 2
    assert names() == set()


def given(start: str) -> DeskBookingRequest:
    return DeskBookingRequest(
        customer_id="ada",
        package_id="apk_phone",
        expert_id="elif",
        starts_at=studio.instant(start),
        pay_with="on_the_house",
    )


def test_one_keeps_one_s_own_number_and_takes_it_away(table, moving_clock) -> None:
    open_switchboard()
    for number in ("+905559998877", None):
        version = studio.accounts.get(PLATFORM, "ada").version
        studio.accounts.edit_phone(operation(f"n{version}", ADA, "phone"), PhoneEdit(phone=number), version)
        assert studio.accounts.get(PLATFORM, "ada").phone == number
