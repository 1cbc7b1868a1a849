"""The studio with half-hour packages that end in each of the four ways, its sessions, and a scheduler to look at."""

from datetime import datetime
from itertools import count
from typing import Any

import pytest

from chalicelib import aws
from chalicelib.adapters.meetings import LinkMeetings
from chalicelib.catalogue.model import AppointmentPackage, HowItEnds, WhenItEnds
from chalicelib.core.actor import Actor
from chalicelib.feed.service import NOTICE, Feeds
from chalicelib.feed.views import FeedQuery
from chalicelib.reports.service import Reports
from chalicelib.sessions import store
from chalicelib.sessions.extending import Extensions
from chalicelib.sessions.lines import SESSION_REPORTED
from chalicelib.sessions.model import Session
from chalicelib.sessions.service import Sessions
from chalicelib.sessions.timers import SESSION_TIMER, SessionTimers
from chalicelib.sessions.views import SessionView
from chalicelib.settings import settings
from chalicelib.table import keys, read
from chalicelib.table.outbox import Outbox
from chalicelib.table.sweeper import Sweeper
from chalicelib.wallet.model import Origin
from tests.store.booking import studio
from tests.store.booking.studio import PLATFORM

_KEYS = count()


class Schedules:
    """Stands in for the scheduler: what is scheduled, and every call."""

    def __init__(self) -> None:
        self.open: dict[str, tuple[datetime, dict[str, Any]]] = {}
        self.calls: list[tuple[str, str]] = []

    def create(self, name: str, at: datetime, message: dict[str, Any]) -> None:
        self.calls.append(("create", name))
        self.open.setdefault(name, (at, message))

    def delete(self, name: str) -> None:
        self.calls.append(("delete", name))
        self.open.pop(name, None)

    def fire(self) -> None:
        """Every open schedule fires and is gone, whenever it is due."""
        for name, (_, message) in list(self.open.items()):
            del self.open[name]
            sessions.on_timer(**message)

    def due(self) -> list[str]:
        return [f"{at:%H:%M:%S}" for at, _ in self.open.values()]


schedules = Schedules()
sessions = Sessions(studio.platforms, studio.calendars, studio.bookings, LinkMeetings())
extensions = Extensions(studio.platforms, studio.calendars, studio.bookings)
reports = Reports(studio.accounts)
feeds = Feeds()
timers = SessionTimers(studio.platforms, schedules)
_done_elsewhere = dict.fromkeys(("report.sale", "mail.booking_confirmed"), lambda platform_id, payload: None)
outbox = Outbox(
    {
        SESSION_TIMER: timers.bring,
        SESSION_REPORTED: reports.record_session,
        NOTICE: feeds.tell,
        **_done_elsewhere,
    }
)
sweeper = Sweeper(
    {
        "RECEIPT": outbox.drain,
        "BOOKING": lambda key: sessions.sweep(*keys.owner_of(key)),
        "SESSION": lambda key: sessions.sweep(*keys.owner_of(key)),
    },
    studio.platforms,
)


def half_hours() -> list[AppointmentPackage]:
    """``apk_automatic_scheduled_end`` and so on: 30 minutes without a break for 10 credits."""
    return [
        studio.package(
            id=f"apk_{how}_{when}",
            duration_minutes=30,
            break_minutes=0,
            credits=10,
            how_it_ends=how,
            when_it_ends=when,
        )
        for how in HowItEnds
        for when in WhenItEnds
    ]


def open_hall(monkeypatch: pytest.MonkeyPatch, *, sandbox: bool = False) -> None:
    packages = [
        *half_hours(),
        studio.package(id="apk_pair", duration_minutes=30, break_minutes=0, sessions=2),
    ]
    monkeypatch.setattr(studio, "ON_SALE", packages)
    schedules.open.clear()
    schedules.calls.clear()
    studio.open_studio(sandbox=sandbox)
    studio.set_settings(reminder_hours=[])  # so that a booking waits for nothing but its end
    studio.give(1000, Origin.GIFT)
    studio.give(1000, Origin.GIFT, owner="bora")


def booked(how: str = "automatic", when: str = "scheduled_end", start: str = "10:00", **more: Any) -> str:
    return studio.booked(start, f"apk_{how}_{when}", **more).id


def join(booking_id: str, who: Actor, key: str = "") -> SessionView:
    operation = studio.operation(key or f"k{next(_KEYS)}", who, "join")
    return sessions.join(operation, booking_id).read_as(SessionView)


def end(booking_id: str, who: Actor, key: str = "") -> SessionView:
    operation = studio.operation(key or f"k{next(_KEYS)}", who, "end")
    return sessions.end(operation, booking_id).read_as(SessionView)


def leave(booking_id: str, who: Actor, key: str = "") -> SessionView:
    operation = studio.operation(key or f"k{next(_KEYS)}", who, "leave")
    return sessions.leave(operation, booking_id).read_as(SessionView)


def extend(booking_id: str, who: Actor, minutes: int, key: str = "") -> SessionView:
    operation = studio.operation(key or f"k{next(_KEYS)}", who, "extend")
    return extensions.extend(operation, booking_id, minutes).read_as(SessionView)


def told(who: Actor) -> list[str]:
    """The kinds of what is in somebody's feed of his sessions, oldest first; that he booked is left out."""
    kinds = [item.kind.value for item in feeds.read(who, FeedQuery(limit=100)).items]
    return [kind for kind in kinds if kind != "booking_confirmed"]


def drain() -> None:
    """The stream brings every receipt that has something to do."""
    for shard in keys.work_shards():
        for key in list(read.query_all(shard, index="GSI3")):
            if key.sk == "RECEIPT":
                outbox.drain(key)


def session(booking_id: str) -> Session:
    found = store.find(PLATFORM, booking_id)
    assert found is not None
    return found


def state_of_booking(booking_id: str) -> str:
    loaded = read.batch([keys.booking(PLATFORM, booking_id)])
    return studio.bookings.load(loaded, PLATFORM, booking_id).state.value


def due_work(partition_of: str = "") -> dict[str, str]:
    """What GSI3 has of bookings and sessions: sort key to the time at which it is due."""
    partitions = [keys.sandbox_shard(partition_of)] if partition_of else keys.work_shards()
    rows = [row for partition in partitions for row in _rows(partition)]
    return {sk: due for sk, due in rows if sk != "RECEIPT"}


def _rows(partition: str) -> list[tuple[str, str]]:
    answer = aws.client("dynamodb").query(
        TableName=settings().table_name,
        IndexName="GSI3",
        KeyConditionExpression="GSI3PK = :pk",
        ExpressionAttributeValues={":pk": {"S": partition}},
    )
    return [(item["SK"]["S"], item["GSI3SK"]["S"][11:19]) for item in answer["Items"]]
