"""One leap of a sandbox's clock: whatever was due happens in its order, each under its own instant (``docs/clock.md``)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.booking.reminders import Reminders
from chalicelib.core import clock
from chalicelib.core.actor import system
from chalicelib.feed.service import NOTICE
from chalicelib.platforms.model import Platform
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.operation import Decision, Receipt, by_system, perform
from chalicelib.table.sweeper import Sweeper
from chalicelib.verifier.scan import every_item
from chalicelib.wallet.expiries import Expiries
from chalicelib.wallet.ledger import Journal, LedgerTransaction
from chalicelib.wallet.model import Grant, Origin
from tests.store.booking import studio
from tests.store.booking.studio import ADA, PLATFORM, actor, instant
from tests.store.sessions.hall import booked, due_work, join, open_hall, sessions

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
reminders = Reminders(studio.platforms, studio.bookings)
expiries = Expiries(studio.wallets, studio.platforms)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def hall(table: Any, moving_clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    open_hall(monkeypatch, sandbox=True)
    studio.set_settings(reminder_hours=[24, 1])


class Witness:
    """The sweeper of the whole service, and when by the platform's clock it did what."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, datetime]] = []
        self.sweeper = Sweeper(dict.fromkeys(("BOOKING", "SESSION", "WALLET"), self._do), studio.platforms)

    def _do(self, key: Key) -> None:
        self.seen.append((key.sk, platform().now()))
        if key.sk == "WALLET":
            expiries.sweep(key)
            return
        reminders.sweep(*keys.owner_of(key))
        sessions.sweep(*keys.owner_of(key))


def platform() -> Platform:
    return studio.platforms.get(PLATFORM)


def leap(to: datetime) -> None:
    studio.platforms.move_clock(by_system(system(PLATFORM), "clock", str(to)), to)


def lot_until(expires_at: datetime) -> None:
    def decide(loaded: read.Loaded) -> Decision:
        wallet = studio.wallets.load(loaded, PLATFORM, "cem")
        grant = Grant(origin=Origin.GIFT, amount=5, expires_at=expires_at)
        journal = Journal(operation="lot", kind="test", at=clock.now(), reference={})
        return Decision(answer=None, writes=studio.wallets.prepare_grant(wallet, grant, journal).writes)

    wanted = [studio.platforms.key(PLATFORM), studio.wallets.key(PLATFORM, "cem", "credit")]
    perform(by_system(system(PLATFORM), "test", "lot"), wanted, decide)


def promised() -> list[tuple[str, str, datetime]]:
    """The notices that a leap gave: whose booking, of what kind, as of when."""
    records = [item.record for item in every_item() if isinstance(item.record, Receipt)]
    notices = [effect.payload for each in records for effect in each.effects if effect.kind == NOTICE]
    told = {
        (str(notice["data"]["booking_id"]), str(notice["kind"]), datetime.fromisoformat(str(notice["at"])))
        for notice in notices
        if notice["kind"] != "booking_confirmed"
    }
    return sorted(told, key=lambda notice: notice[2])


def test_one_leap_over_two_bookings_and_a_lot_between_them_is_in_order_with_its_instants() -> None:
    first = booked(start="2026-11-24T10:00:00")
    second = booked(start="2026-11-24T12:00:00", who=actor("bora"))
    first_at, second_at = instant("2026-11-24T10:00:00"), instant("2026-11-24T12:00:00")
    lot_until(first_at + HOUR / 2)
    witness = Witness()
    leap(clock.now() + timedelta(days=5))
    witness.sweeper.sweep_platform(PLATFORM)

    missed = HOUR / 2 + HOUR
    assert promised() == [
        (first, "booking_reminder", first_at - 24 * HOUR),
        (second, "booking_reminder", second_at - 24 * HOUR),
        (first, "booking_reminder", first_at - HOUR),
        (second, "booking_reminder", second_at - HOUR),
        (first, "booking_missed", first_at + missed),
        (second, "booking_missed", second_at + missed),
    ]
    instants = [at for _, at in witness.seen]
    assert instants == sorted(instants)
    assert ("WALLET", first_at + HOUR / 2) in witness.seen
    expiry = read.get(keys.entry(PLATFORM, "cem", "credit", 2), LedgerTransaction)
    assert expiry is not None
    assert (expiry.kind, expiry.at) == ("expiry", first_at + HOUR / 2)
    assert due_work(PLATFORM) == {}


def test_a_session_that_waits_for_its_expert_leaves_room_for_what_is_due_before_its_limit() -> None:
    """He is notified at ten thirty, another's reminder is at eleven, and the clock ends it at half past eleven."""
    running = booked("by_expert", start="10:00")
    other = booked(start="12:00", who=actor("bora"))
    leap(instant("10:00"))
    join(running, ADA)
    Witness().sweeper.sweep_platform(PLATFORM)
    before = promised()
    leap(instant("11:30"))
    witness = Witness()
    witness.sweeper.sweep_platform(PLATFORM)
    assert [each for each in promised() if each not in before] == [
        (running, "time_is_up", instant("10:30")),
        (other, "booking_reminder", instant("11:00")),
        (running, "session_ended", instant("11:30")),
    ]
    assert [at for sk, at in witness.seen if sk == "SESSION"] == [instant("10:30"), instant("11:30")]


def test_the_regular_sweep_lives_through_a_leap_as_well() -> None:
    made = booked(start="2026-11-24T10:00:00")
    leap(clock.now() + timedelta(days=5))
    Witness().sweeper.run()
    start = instant("2026-11-24T10:00:00")
    assert [at for _, kind, at in promised() if kind == "booking_reminder"] == [
        start - 24 * HOUR,
        start - HOUR,
    ]
    assert promised()[-1] == (made, "booking_missed", start + HOUR * 3 / 2)


def test_a_no_show_that_was_put_off_by_a_setting_is_still_given_up() -> None:
    """It stands where it stood by the old setting; the end of the leap looks at it once more."""
    made = booked(start="2026-11-24T10:00:00")
    studio.set_settings(reminder_hours=[24, 1], no_show_minutes=120)
    leap(clock.now() + timedelta(days=5))
    Witness().sweeper.sweep_platform(PLATFORM)
    assert promised()[-1][:2] == (made, "booking_missed")
