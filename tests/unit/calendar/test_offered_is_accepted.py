"""A slot that is offered is never refused for another reason than being taken (cal.com 29532).

The list and the check of a booking run as they do for a client, but on a table that is a dictionary: so random weeks,
exceptions, holidays, locations, notices, horizons, maxima, lengths and zones round a change of clocks are tried.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.calendar import claims, store
from chalicelib.calendar.free_slots import FreeSlots
from chalicelib.calendar.model import (
    Agenda,
    Calendar,
    DateException,
    Holiday,
    Hours,
    Location,
    OpenHours,
    PlatformCalendar,
    Reason,
    SlotNotOffered,
    SlotTaken,
    Taken,
)
from chalicelib.calendar.offers import Offer
from chalicelib.calendar.service import Calendars
from chalicelib.calendar.slot_views import SlotsQuery
from chalicelib.calendar.zones import zone_of
from chalicelib.catalogue.model import AppointmentType, Service, WhenItEnds
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Refusal
from chalicelib.core.permissions import Role
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.telephony.service import Phones

DAYS = 4  # the first of them is the local date round which everything is drawn
CUSTOMER = Actor(id="ada", platform_id="p", roles=frozenset({Role.CUSTOMER}), country="TR")
CHANGES = [
    ("Europe/Berlin", "2026-03-28"),
    ("Europe/Berlin", "2026-10-24"),
    ("America/New_York", "2026-10-31"),
    ("Australia/Lord_Howe", "2026-04-04"),
    ("Australia/Lord_Howe", "2026-10-03"),
    ("Asia/Tehran", "2022-09-20"),
    ("Europe/Istanbul", "2026-11-23"),
]
TAKEN = (Reason.BOOKED, Reason.DAY_FULL)


class Studio:
    """An expert's calendar and agenda, in memory; ``list`` and ``book`` are the product's own."""

    def __init__(self, calendar: Calendar, shared: PlatformCalendar, now: datetime) -> None:
        self.records: dict[Key, Any] = {
            keys.calendar("p", "e"): calendar,
            keys.platform_calendar("p"): shared,
        }
        self.calendar = calendar
        active = SimpleNamespace(appointment_system_active=True)
        self.platform: Any = SimpleNamespace(id="p", settings=active, now=lambda: now)
        platforms: Any = SimpleNamespace(key=keys.platform, load=lambda *_: self.platform)
        accounts: Any = SimpleNamespace(key=keys.account, load_expert=lambda *_: None)
        catalogue: Any = SimpleNamespace(key=keys.catalogue, appointment_package=lambda *_: self.package)
        self.calendars = Calendars()
        sold: Any = SimpleNamespace(keys=lambda *_: [], load=lambda *_: self.offer)
        self.free_slots = FreeSlots(
            platforms, accounts, catalogue, self.calendars, Phones(accounts), lambda: sold
        )
        self.package: Any = None
        self.offer: Any = None

    def want(self, duration: int, pause: int, face_to_face: bool) -> None:
        self.package = SimpleNamespace(
            duration_minutes=duration,
            break_minutes=pause,
            appointment_type=AppointmentType.FACE_TO_FACE if face_to_face else AppointmentType.ONLINE,
            service=None if face_to_face else Service.VIDEO,
            slot_minutes=duration + pause,
            when_it_ends=WhenItEnds.SCHEDULED_END,
            held_by=lambda _: True,
        )

    def batch(self, wanted: Iterable[Key]) -> Loaded:
        return Loaded({key: self.records[key] for key in wanted if key in self.records})

    def stored_agendas(self, platform_id: str, expert_id: str, first: date, last: date) -> list[Agenda]:
        found = [record for record in self.records.values() if isinstance(record, Agenda)]
        return [agenda for agenda in found if str(first) <= agenda.day <= str(last)]

    def keep(self, changed: Iterable[Agenda]) -> None:
        for agenda in changed:
            self.records[keys.agenda("p", "e", agenda.day)] = agenda

    def move_to(self, first: date) -> list[datetime]:
        """What is listed for the booking of the ``offer``, whatever is on sale."""
        asked = SlotsQuery(booking_id="bkg", first=first, last=first + timedelta(days=DAYS - 1))
        return [slot.starts_at for slot in self.free_slots.of(CUSTOMER, "e", asked).items]

    def list(self, first: date) -> list[datetime]:
        asked = SlotsQuery(package_id="apk", first=first, last=first + timedelta(days=DAYS - 1))
        return [slot.starts_at for slot in self.free_slots.of(CUSTOMER, "e", asked).items]

    def refusal_to_move(self, claim: Taken, start: datetime, offline: bool) -> Refusal | None:
        wanted = [
            self.calendars.key("p", "e"),
            *self.calendars.agenda_keys("p", "e", claim.starts_at, claim.ends_at),
            *self.calendars.agenda_keys("p", "e", start),
        ]
        try:
            self.calendars.prepare_move(
                self.batch(wanted), self.platform, "e", claim, start, face_to_face=offline
            )
        except (SlotNotOffered, SlotTaken) as refused:
            return refused
        return None

    def refusal(self, start: datetime, name: str = "") -> Refusal | None:
        """Why a booking of this start is refused; it is kept if it has a name and is not."""
        length, offline = self.package, self.package.appointment_type is AppointmentType.FACE_TO_FACE
        try:
            wanted = self.calendars.agenda_keys("p", "e", start)
            loaded = self.batch([self.calendars.key("p", "e"), *wanted])
            writes = self.calendars.prepare_claim(
                loaded,
                self.platform,
                "e",
                start,
                length.duration_minutes,
                length.break_minutes,
                name or "try",
                face_to_face=offline,
            )
        except (SlotNotOffered, SlotTaken) as refused:
            return refused
        if name:
            self.keep(write.item.record for write in writes)
        return None


@contextmanager
def on_its_table(studio: Studio) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read, "batch", studio.batch)
        patch.setattr(store, "stored_agendas", studio.stored_agendas)
        yield


def wall(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"


spans = st.lists(st.integers(0, 96), min_size=0, max_size=4, unique=True).map(
    lambda cuts: [(wall(a), wall(b)) for a, b in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False)]
)
locations = st.sampled_from([None, "room", "room", "gone"])
lengths = st.tuples(st.integers(1, 24).map(lambda n: n * 5), st.integers(0, 6).map(lambda n: n * 5))


@st.composite
def studios(draw: Callable[..., Any]) -> tuple[Studio, date]:
    zone, around = draw(st.sampled_from(CHANGES))
    first = date.fromisoformat(around)
    weekly = [
        OpenHours(weekday=weekday, opens=a, closes=b, location_id=draw(locations))
        for weekday in range(7)
        for a, b in draw(spans)
    ]
    calendar = Calendar(
        platform_id="p",
        expert_id="e",
        zone=zone,
        weekly=weekly,
        minimum_notice_minutes=draw(st.sampled_from([0, 0, 45, 24 * 60])),
        horizon_days=draw(st.integers(2, 9)),
        daily_maximum=draw(st.sampled_from([None, None, 1, 3])),
        locations=[Location(id="room", name="Room")],
    )
    dates = [first + timedelta(days=count) for count in range(DAYS)]
    closed = draw(st.sets(st.sampled_from(dates), max_size=1))
    shared = PlatformCalendar(platform_id="p", holidays=[Holiday(date=str(day), name="-") for day in closed])
    now = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(
        minutes=draw(st.integers(-48 * 60, 24 * 60))
    )
    studio = Studio(calendar, shared, now)
    for day in draw(st.sets(st.sampled_from(dates), max_size=2)):
        hours = [Hours(opens=a, closes=b, location_id=draw(locations)) for a, b in draw(spans)]
        touched = [
            studio.records.get(
                keys.agenda("p", "e", str(day + timedelta(days=count))),
                Agenda(platform_id="p", expert_id="e", day=str(day + timedelta(days=count))),
            )
            for count in (-1, 0, 1)
        ]
        own = DateException(date=str(day), hours=hours)
        studio.keep(claims.with_exception(calendar, touched, own, day)[1])
    return studio, first


def book_some(draw: Callable[..., Any], studio: Studio, first: date, name: str) -> None:
    """Bookings of other lengths, by others."""
    for number in range(draw(st.integers(0, 4))):
        studio.want(*draw(lengths), draw(st.booleans()))
        if listed := studio.list(first):
            assert studio.refusal(draw(st.sampled_from(listed)), f"{name}{number}") is None


@settings(max_examples=40, deadline=None)
@given(studios(), lengths, st.booleans(), st.data())
def test_what_is_offered_is_accepted_and_what_is_not_has_its_reason(opened, length, offline, data) -> None:
    studio, first = opened
    with on_its_table(studio):
        book_some(data.draw, studio, first - timedelta(days=1), "before")
        studio.want(*length, not offline)
        of_the_other_kind = studio.list(first)
        studio.want(*length, offline)
        listed = studio.list(first)
        begins = datetime(first.year, first.month, first.day, 14, tzinfo=UTC)
        minutes = data.draw(st.lists(st.integers(0, (DAYS - 2) * 24 * 60), max_size=20))
        others = {start + timedelta(minutes=5) for start in listed[:10]} | set(of_the_other_kind[:20])
        others |= {begins + timedelta(minutes=minute) for minute in minutes}
        for start in listed:
            assert studio.refusal(start) is None
        for start in others - set(listed):
            refused = studio.refusal(start)
            assert refused is not None
            assert isinstance(refused, SlotTaken) == (refused.extra["reason"] in TAKEN)
            assert all(studio.refusal(near) is None for near in refused.extra["nearest"])


@settings(max_examples=40, deadline=None)
@given(studios(), lengths, st.booleans(), st.data())
def test_what_was_offered_is_refused_only_for_being_taken_meanwhile(opened, length, offline, data) -> None:
    studio, first = opened
    with on_its_table(studio):
        studio.want(*length, offline)
        offered = studio.list(first)
        book_some(data.draw, studio, first, "meanwhile")
        studio.want(*length, offline)
        left = set(studio.list(first))
        for start in offered:
            refused = studio.refusal(start)
            assert (refused is None) == (start in left)
            assert refused is None or isinstance(refused, SlotTaken)


@settings(max_examples=40, deadline=None)
@given(studios(), lengths, lengths, st.booleans(), st.data())
def test_a_booking_may_move_to_what_is_offered_and_to_nothing_else(
    opened, length, other, offline, data
) -> None:
    """As it was sold, whatever is on sale since; its own time is free for it, except its very start."""
    studio, first = opened
    with on_its_table(studio):
        book_some(data.draw, studio, first, "others")
        studio.want(*length, offline)
        listed = studio.list(first)
        if not listed:
            return
        start = data.draw(st.sampled_from(listed))
        assert studio.refusal(start, "mine") is None
        ends_at = start + timedelta(minutes=sum(length))
        claim = Taken(starts_at=start, ends_at=ends_at, break_minutes=length[1], claim_id="mine")
        studio.offer = Offer(package=studio.package, moved=claim)
        studio.want(*other, offline)
        listed = studio.move_to(first)
        assert start not in listed
        for to in listed:
            assert studio.refusal_to_move(claim, to, offline) is None
        days = [first + timedelta(days=count) for count in range(DAYS - 2)]
        others = {start + timedelta(minutes=minute) for minute in range(-60, 61, 5)} - {start}
        for to in others - set(listed):
            if to.astimezone(zone_of(studio.calendar.zone)).date() in days:
                assert studio.refusal_to_move(claim, to, offline) is not None
