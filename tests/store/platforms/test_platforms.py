"""Platforms in the table: made once, set up by their admins, moved in time where they are sandboxes."""

from datetime import timedelta

import msgspec
import pytest

from chalicelib.core.actor import system
from chalicelib.core.errors import Stale
from chalicelib.platforms.model import (
    SPENDABLE_ORIGINS,
    AppointmentSettings,
    ClockBackwards,
    ClockNotMovable,
    LatePayment,
    PlatformExists,
    PlatformNotFound,
    PlatformSettings,
)
from chalicelib.platforms.service import Platforms
from chalicelib.platforms.views import ClockView, PlatformView, SettingsRequest, SettingsView
from chalicelib.table import read
from chalicelib.table.operation import Operation, Receipt, by_system

platforms = Platforms()


@pytest.fixture(autouse=True)
def _made(table, moving_clock) -> None:
    for platform_id in ("danisma", "kum-havuzu"):
        create(platform_id, f"create-{platform_id}")


def create(platform_id: str, key: str) -> PlatformView:
    operation = by_system(system(platform_id), "platforms.create", key)
    sandbox = platform_id == "kum-havuzu"
    return platforms.create(operation, "Danışma", sandbox=sandbox, settings=PlatformSettings()).read_as(
        PlatformView
    )


def operation(key: str, platform_id: str = "danisma") -> Operation:
    return by_system(system(platform_id), "edit", key)


def test_a_platform_is_made_once() -> None:
    assert create("danisma", "create-danisma").id == "danisma"
    with pytest.raises(PlatformExists):
        create("danisma", "another-key")
    assert [one.id for one in platforms.all()] == ["danisma", "kum-havuzu"]
    made = platforms.get("danisma")
    assert (made.name, made.sandbox, made.version) == ("Danışma", False, 1)
    assert made.settings == PlatformSettings()


def test_a_platform_is_loaded_from_what_was_read() -> None:
    loaded = read.batch([platforms.key("danisma")])
    assert platforms.load(loaded, "danisma") == platforms.get("danisma")
    for missing in (lambda: platforms.load(loaded, "klinik"), lambda: platforms.get("klinik")):
        with pytest.raises(PlatformNotFound):
            missing()


@pytest.mark.parametrize("platform_id", ["", "A", "a#b", "x" * 3000])
def test_what_cannot_be_a_platforms_id_is_not_found(platform_id) -> None:
    for ask in (platforms.key, platforms.get, platforms.public_view):
        with pytest.raises(PlatformNotFound):
            ask(platform_id)


def test_strangers_learn_which_terms_to_accept() -> None:
    seen = platforms.public_view("kum-havuzu")
    assert (seen.name, seen.sandbox, seen.terms_version) == ("Danışma", True, "1")


def test_settings_are_replaced_as_they_were_read() -> None:
    plain = {name: getattr(PlatformSettings(), name) for name in SettingsRequest.__struct_fields__}
    changed = {
        "terms_version": "2026-11",
        "return_url": "https://example.com/paid",
        "lot_extension_days": 0,
        "meeting_link_template": "https://meet.example.com/seans-{room}",
        "spend_order": list(reversed(SPENDABLE_ORIGINS)),
        "payment_providers": {"TR/TRY": "iyzico"},
        "late_payment": LatePayment.CREDITS,
        "payout_delay_days": 30,
    }
    asked = SettingsRequest(**plain | changed)
    answer = platforms.edit_settings(operation("k1"), asked, 1).read_as(SettingsView)
    assert answer.version == 2
    assert platforms.settings("danisma") == answer
    assert platforms.get("danisma").settings == PlatformSettings(**changed)
    assert platforms.public_view("danisma").terms_version == "2026-11"
    assert platforms.settings("kum-havuzu").terms_version == "1"
    with pytest.raises(Stale):
        platforms.edit_settings(operation("k2"), asked, 1)
    assert platforms.settings("danisma") == answer


def test_moving_the_clock_wakes_what_has_become_due(moving_clock) -> None:
    to = moving_clock.instant + timedelta(days=31)
    answer = platforms.move_clock(operation("k1", "kum-havuzu"), to).read_as(ClockView)
    assert (answer.now, answer.real_now, answer.movable) == (to, moving_clock.instant, True)
    assert platforms.clock("kum-havuzu").now == platforms.get("kum-havuzu").now() == to
    receipt = read.get(operation("k1", "kum-havuzu").receipt_key, Receipt)
    assert [(effect.kind, effect.payload) for effect in receipt.effects] == [("platform.clock_moved", {})]
    with pytest.raises(ClockBackwards):
        platforms.move_clock(operation("k2", "kum-havuzu"), to - timedelta(seconds=1))
    again = platforms.move_clock(operation("k1", "kum-havuzu"), to)
    assert (again.replayed, again.read_as(ClockView)) == (True, answer)


def test_a_live_platforms_clock_stays(moving_clock) -> None:
    with pytest.raises(ClockNotMovable):
        platforms.move_clock(operation("k1"), moving_clock.instant + timedelta(days=1))
    assert platforms.clock("danisma") == ClockView(
        now=moving_clock.instant, real_now=moving_clock.instant, movable=False
    )


def test_two_who_move_the_clock_at_once_never_move_it_back(moving_clock, monkeypatch) -> None:
    """The slower one decides again on what the quicker one wrote."""
    from chalicelib.platforms import rules

    decided, far = rules.with_clock_at, moving_clock.instant + timedelta(days=2)
    near = moving_clock.instant + timedelta(days=1)

    def with_a_rival(platform: object, to: object) -> object:
        if to == near and platform.version == 1:
            platforms.move_clock(operation("rival", "kum-havuzu"), far)
        return decided(platform, to)

    monkeypatch.setattr(rules, "with_clock_at", with_a_rival)
    with pytest.raises(ClockBackwards):
        platforms.move_clock(operation("k1", "kum-havuzu"), near)
    assert platforms.clock("kum-havuzu").now == far


def test_the_settings_view_holds_every_setting_but_those_of_appointments() -> None:
    view = msgspec.to_builtins(platforms.settings("danisma"))
    drafted = AppointmentSettings.__struct_fields__
    others = {k: v for k, v in msgspec.to_builtins(PlatformSettings()).items() if k not in drafted}
    assert view == others | {"version": 1}
