"""Routes of platforms: what anyone may know, the settings, and the clock."""

from chalicelib.core.errors import Stale
from chalicelib.core.permissions import Permission
from chalicelib.platforms.model import (
    ClockBackwards,
    ClockNotMovable,
    ClockTooFar,
    PlatformNotFound,
    SettingInvalid,
)
from chalicelib.platforms.service import Platforms
from chalicelib.platforms.views import ClockRequest, ClockView, PlatformView, SettingsRequest, SettingsView
from chalicelib.table.operation import Answer
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call


def blueprint(platforms: Platforms) -> Blueprint:
    routes = Blueprint("platforms")

    @routes.get(
        "/v1/public/{platform_id}",
        permission=Permission.PUBLIC,
        answer=PlatformView,
        errors=(PlatformNotFound,),
    )
    def read_platform(call: Call[None, None]) -> PlatformView:
        """Read what anyone may know of a platform.

        It names the version of the terms that sign-up demands.
        """
        return platforms.public_view(call.path["platform_id"])

    @routes.get("/v1/admin/settings", permission=Permission.SETTINGS_EDIT, answer=SettingsView)
    def read_settings(call: Call[None, None]) -> SettingsView:
        """Read the platform's settings."""
        return platforms.settings(call.actor.platform_id)

    @routes.put(
        "/v1/admin/settings",
        permission=Permission.SETTINGS_EDIT,
        body=SettingsRequest,
        answer=SettingsView,
        if_match=True,
        errors=(SettingInvalid, Stale),
    )
    def edit_settings(call: Call[SettingsRequest, None]) -> Answer:
        """Replace the platform's settings; those of appointments are drafted and applied."""
        return platforms.edit_settings(call.operation, call.body, call.edited_version)

    @routes.get("/v1/admin/clock", permission=Permission.CLOCK_MOVE, answer=ClockView)
    def read_clock(call: Call[None, None]) -> ClockView:
        """Read what the platform's clock shows."""
        return platforms.clock(call.actor.platform_id)

    @routes.put(
        "/v1/admin/clock",
        permission=Permission.CLOCK_MOVE,
        body=ClockRequest,
        answer=ClockView,
        errors=(ClockNotMovable, ClockBackwards, ClockTooFar),
    )
    def move_clock(call: Call[ClockRequest, None]) -> Answer:
        """Move the clock of a sandbox platform forward.

        What has become due by it happens at once.
        """
        return platforms.move_clock(call.operation, call.body.now)

    return routes
