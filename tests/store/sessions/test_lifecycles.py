"""Some lifecycles under unreliable timers in each run of the tests; ``make torture`` plays 10 000 of them.

``TIMER_LIFECYCLES`` raises the number.
"""

import os
from datetime import timedelta

from chalicelib.core import clock
from chalicelib.platforms.model import Platform
from chalicelib.sessions import rules
from chalicelib.sessions.service import Sessions
from tests.torture.timers import p99_name, run, wrong
from tests.torture.unreliable import Health, UnreliableScheduler

QUICK = int(os.environ.get("TIMER_LIFECYCLES", "60"))


def test_none_is_early_none_is_unended_none_is_leaked() -> None:
    """S1, S2; and what the clock does, it does within two minutes, and 99 of 100 within 75 s of a good scheduler."""
    counts = run(2026, QUICK)
    assert wrong(counts) == {}
    assert counts["lifecycles"] == QUICK
    assert set(map(p99_name, Health)) <= set(counts)
    for happened in (
        "ended_by_clock",
        "ended_by_expert",
        "missed",
        "extended",
        "timers_lost",
        "timers_late",
        "timers_doubled",
        "stale",
    ):
        assert counts.get(happened), happened


def test_the_same_seed_plays_the_same() -> None:
    assert run(7, 4) == run(7, 4)


def test_a_clock_that_is_ahead_would_be_found(monkeypatch) -> None:
    """Where business decides ten minutes before real time has come so far."""
    ahead = timedelta(minutes=10)
    monkeypatch.setattr(rules, "TIMER_GRACE", -ahead)
    monkeypatch.setattr(Platform, "now", lambda platform: clock.now() + ahead)
    assert run(1, 20)["early"]


def test_ends_that_come_too_late_would_be_found() -> None:
    """The sweeper alone takes more than 75 seconds, and so a scheduler that is well shows."""
    late = {"max_late_seconds": 100, **dict.fromkeys(map(p99_name, Health), 100)}
    assert wrong(late) == {"p99_late_seconds_scheduler_well": 100}
    assert set(wrong(dict.fromkeys(late, 121))) == set(late)


def test_a_schedule_that_nobody_takes_back_would_be_found(monkeypatch) -> None:
    monkeypatch.setattr(UnreliableScheduler, "delete", lambda scheduler, name: None)
    assert run(1, 20)["leaked"]


def test_an_end_that_only_a_timer_brings_would_be_found(monkeypatch) -> None:
    monkeypatch.setattr(Sessions, "sweep", lambda sessions, platform_id, booking_id: None)
    assert run(1, 20)["unended"]
