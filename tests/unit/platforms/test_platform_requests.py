"""What the door of platforms lets through, and who may knock at which route."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from chalicelib.core.errors import Invalid
from chalicelib.core.permissions import Permission
from chalicelib.platforms.model import AppointmentSettings, PlatformSettings, SettingInvalid
from chalicelib.platforms.routes import blueprint
from chalicelib.platforms.views import AppointmentSettingsRequest, ClockRequest, SettingsRequest
from chalicelib.web.body import convert

ALL = msgspec.to_builtins(PlatformSettings())
SETTINGS = {name: ALL[name] for name in SettingsRequest.__struct_fields__}
APPOINTMENTS = msgspec.to_builtins(AppointmentSettings())


def test_settings_go_in_as_they_come_out() -> None:
    assert convert(SETTINGS, SettingsRequest).edited(PlatformSettings()) == PlatformSettings()
    assert convert(APPOINTMENTS, AppointmentSettingsRequest).settings() == AppointmentSettings()
    assert PlatformSettings().appointments == AppointmentSettings()


def test_each_setting_is_edited_in_one_place() -> None:
    assert sorted([*SETTINGS, *APPOINTMENTS]) == sorted(ALL)


def test_an_edit_of_the_settings_leaves_those_of_appointments() -> None:
    present = PlatformSettings(join_early_minutes=3, terms_version="1")
    edited = convert(SETTINGS | {"terms_version": "2"}, SettingsRequest).edited(present)
    assert (edited.join_early_minutes, edited.terms_version) == (3, "2")


@pytest.mark.parametrize("name", SETTINGS)
def test_no_setting_is_forgotten_by_leaving_it_out(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        convert({other: SETTINGS[other] for other in SETTINGS if other != name}, SettingsRequest)
    assert refused.value.field == name


@pytest.mark.parametrize(
    "changed",
    [
        {"terms_version": ""},
        {"terms_version": "x" * 65},
        {"terms_version": "two words"},
        {"terms_version": "1\n"},
        {"spend_order": ["gift"] * 11},
        {"meeting_link_template": "https://meet.example.com/{room}" + "x" * 500},
        {"sandbox": True},
    ],
)
def test_a_setting_out_of_bounds_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        convert(SETTINGS | changed, SettingsRequest)
    assert refused.value.field in changed


@pytest.mark.parametrize(
    "changed",
    [
        {"join_early_minutes": -1},
        {"safety_limit_minutes": 1441},
        {"no_show_minutes": 1.5},
        {"appointment_system_active": "yes"},
        {"cancel_free_hours": -1},
        {"cancel_kept_basis_points": 10_001},
        {"cancel_part_hours": 8_761},
        {"reschedule_hours": 1.5},
        {"reschedule_times": 101},
        {"terms_version": "1"},
    ],
)
def test_a_setting_of_appointments_out_of_bounds_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        convert(APPOINTMENTS | changed, AppointmentSettingsRequest)
    assert refused.value.field in changed


@pytest.mark.parametrize(
    "template",
    [
        "http://meet.example.com/{room}",
        "https://meet.example.com/",
        "https://{room}.example.com/",
        "https://x.y/{room}{room}",
        "https://x.y/{other}{room}",
        "{room}",
    ],
)
def test_a_meeting_link_has_its_room_once_in_the_path_of_a_secure_address(template: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        PlatformSettings(meeting_link_template=template)
    assert refused.value.field == "meeting_link_template"
    assert PlatformSettings(
        meeting_link_template="https://meet.jit.si/seans-{room}#config"
    ).meeting_link_template


@pytest.mark.parametrize("hours", [[2], [24, 12, 3, 1, 1], ["1"]])
def test_reminders_come_at_the_hours_that_are_known(hours: list[Any]) -> None:
    """V20."""
    with pytest.raises(Invalid) as refused:
        convert(APPOINTMENTS | {"reminder_hours": hours}, AppointmentSettingsRequest)
    assert refused.value.field is not None
    assert refused.value.field.startswith("reminder_hours")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"cancel_free_hours": 1, "cancel_part_hours": 2}, "cancel_part_hours"),
        ({"reminder_hours": [1, 1]}, "reminder_hours"),
    ],
)
def test_settings_that_contradict_one_another_are_refused(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        convert(APPOINTMENTS | changed, AppointmentSettingsRequest).settings()
    assert refused.value.field == field


def test_an_instant_has_an_offset() -> None:
    assert convert({"now": "2026-11-22T12:00:00+03:00"}, ClockRequest).now == datetime(
        2026, 11, 22, 9, tzinfo=UTC
    )
    for instant in ("2026-11-22T12:00:00", "2026-11-22", 1_700_000_000):
        with pytest.raises(Invalid):
            convert({"now": instant}, ClockRequest)


def test_each_route_is_for_whom_it_is_meant() -> None:
    routes = blueprint(None).routes  # type: ignore[arg-type] - none is called
    assert {route.name: route.permission for route in routes} == {
        "GET /v1/public/{platform_id}": Permission.PUBLIC,
        "GET /v1/admin/settings": Permission.SETTINGS_EDIT,
        "PUT /v1/admin/settings": Permission.SETTINGS_EDIT,
        "GET /v1/admin/clock": Permission.CLOCK_MOVE,
        "PUT /v1/admin/clock": Permission.CLOCK_MOVE,
    }
