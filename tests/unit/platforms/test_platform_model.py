"""A platform's settings, and the clock that a sandbox may move."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from chalicelib.core import clock
from chalicelib.platforms.model import (
    SPENDABLE_ORIGINS,
    ClockBackwards,
    ClockNotMovable,
    ClockTooFar,
    Platform,
    PlatformIdInvalid,
    PlatformSettings,
    SettingInvalid,
)
from chalicelib.platforms.rules import FARTHEST, with_clock_at

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def platform(**given: object) -> Platform:
    return Platform(**({"id": "danisma", "name": "Danışma", "created_at": NOW} | given))


@pytest.mark.parametrize("platform_id", ["danisma", "ab", "a-1", "a" * 31])
def test_a_platform_is_named_in_lower_case(platform_id) -> None:
    assert platform(id=platform_id).id == platform_id


@pytest.mark.parametrize(
    "platform_id", ["", "a", "1a", "A", "dANISMA", "a_b", "a#b", "a:b", "a b", "a" * 32, "a\n"]
)
def test_other_names_are_refused(platform_id) -> None:
    with pytest.raises(PlatformIdInvalid):
        platform(id=platform_id)


@pytest.mark.parametrize(
    "return_url",
    [
        None,
        "https://example.com",
        "https://example.com/paid?from=seans#top",
        "http://localhost:3000/",
        "http://127.0.0.1/x",
    ],
)
def test_buyers_are_led_back_to_a_safe_address(return_url) -> None:
    assert PlatformSettings(return_url=return_url).return_url == return_url


@pytest.mark.parametrize(
    "return_url",
    [
        "",
        "example.com",
        "http://example.com",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "https://a b",
        "https://a\nSet-Cookie: x",
        "http://localhost.evil.example/",
    ],
)
def test_other_addresses_are_refused(return_url) -> None:
    with pytest.raises(SettingInvalid) as refused:
        PlatformSettings(return_url=return_url)
    assert refused.value.field == "return_url"


@pytest.mark.parametrize(
    "spend_order", [[], ["gift"], [*SPENDABLE_ORIGINS, "gift"], ["gold", *SPENDABLE_ORIGINS[1:]]]
)
def test_the_spend_order_names_each_origin_once(spend_order) -> None:
    with pytest.raises(SettingInvalid) as refused:
        PlatformSettings(spend_order=spend_order)
    assert refused.value.field == "spend_order"
    backwards = list(reversed(SPENDABLE_ORIGINS))
    assert PlatformSettings(spend_order=backwards).spend_order == backwards


def test_only_a_sandbox_has_a_clock_of_its_own(moving_clock) -> None:
    moving_clock.instant = NOW
    assert platform().now() == platform().real(NOW) == NOW
    moved = platform(sandbox=True, clock_offset_seconds=3600)
    assert moved.now() == NOW + timedelta(hours=1)
    assert moved.real(moved.now()) == NOW
    assert platform(sandbox=False, clock_offset_seconds=3600).now() == NOW


@pytest.mark.parametrize(("sandbox", "ahead"), [(False, timedelta(0)), (True, timedelta(hours=1))])
def test_how_far_a_clock_is_ahead_grows_by_nothing_while_it_is_read(moving_clock, sandbox, ahead) -> None:
    ticks = count()
    clock.set_source(lambda: moving_clock() + timedelta(milliseconds=next(ticks)))
    assert platform(sandbox=sandbox, clock_offset_seconds=3600).ahead() == ahead


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=1), timedelta(days=31), FARTHEST])
def test_the_clock_of_a_sandbox_moves_forward(moving_clock, ahead) -> None:
    moving_clock.instant = NOW
    assert with_clock_at(platform(sandbox=True), NOW + ahead).now() == NOW + ahead


def test_the_clock_shows_the_asked_instant_or_up_to_a_second_later(moving_clock) -> None:
    moving_clock.instant = NOW + timedelta(milliseconds=400)
    asked = NOW + timedelta(hours=1, milliseconds=600)
    moved = with_clock_at(platform(sandbox=True), asked)
    assert asked <= moved.now() < asked + timedelta(seconds=1)
    assert with_clock_at(moved, moved.now()) == moved


def test_a_clock_moves_neither_backwards_nor_out_of_sight(moving_clock) -> None:
    moving_clock.instant = NOW
    sandbox = platform(sandbox=True, clock_offset_seconds=3600)
    with pytest.raises(ClockBackwards):
        with_clock_at(sandbox, NOW + timedelta(minutes=59))
    with pytest.raises(ClockTooFar):
        with_clock_at(sandbox, NOW + FARTHEST + timedelta(seconds=1))
    with pytest.raises(ClockTooFar):
        with_clock_at(sandbox, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))


def test_a_live_platform_has_everybodys_clock(moving_clock) -> None:
    with pytest.raises(ClockNotMovable):
        with_clock_at(platform(), NOW + timedelta(days=400))
