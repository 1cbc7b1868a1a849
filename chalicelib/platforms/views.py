"""What platforms look like from outside."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from chalicelib.core import clock
from chalicelib.core.patterns import END
from chalicelib.platforms.model import (
    MAX_SETTING_MINUTES,
    AppointmentSettings,
    LatePayment,
    Platform,
    PlatformSettings,
)

_Minutes = Annotated[int, Meta(ge=0, le=MAX_SETTING_MINUTES)]
_Hours = Annotated[int, Meta(ge=0, le=8760)]
_BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
_Origin = Annotated[str, Meta(max_length=20)]
_TermsVersion = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[!-~]+" + END)]


class SettingsRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """All settings but those of appointments; what an admin saves replaces what was there."""

    terms_version: Annotated[_TermsVersion, Meta(description="What sign-up demands.")]
    return_url: Annotated[str, Meta(max_length=2048)] | None
    spend_order: Annotated[
        list[_Origin], Meta(max_length=10, description="Origins of lots, first spent first.")
    ]
    lot_extension_days: Annotated[
        int, Meta(ge=0, le=3_650, description="By how much an admin may put off a lot's expiry, once.")
    ]
    meeting_link_template: Annotated[
        Annotated[str, Meta(max_length=500)] | None,
        Meta(description="Where online sessions meet, with `{room}` in its path."),
    ]

    payment_providers: Annotated[
        dict[Annotated[str, Meta(max_length=6)], Annotated[str, Meta(max_length=20)]],
        Meta(max_length=50, description="Who takes the money, by `TR/TRY` or `EUR`."),
    ]
    late_payment: LatePayment
    payout_delay_days: Annotated[
        int, Meta(ge=0, le=365, description="How long after a sale an expert's share is payable.")
    ]

    def edited(self, present: PlatformSettings) -> PlatformSettings:
        """What an admin saves here; the settings of appointments stay."""
        return replace(present, **msgspec.structs.asdict(self))


class SettingsView(SettingsRequest, frozen=True, kw_only=True):
    version: int

    @classmethod
    def of(cls, platform: Platform) -> "SettingsView":
        plain = {name: getattr(platform.settings, name) for name in SettingsRequest.__struct_fields__}
        return cls(**plain, version=platform.version)


class AppointmentSettingsRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """All settings of appointments, as drafted; they hold when the drafts are applied."""

    appointment_system_active: bool
    join_early_minutes: Annotated[_Minutes, Meta(description="How long before its start one may join.")]
    safety_limit_minutes: Annotated[_Minutes, Meta(description="How long past its due end a session runs.")]
    no_show_minutes: Annotated[_Minutes, Meta(description="When, after its end, it counts as missed.")]
    cancel_free_hours: Annotated[_Hours, Meta(description="Until then a customer cancels for nothing.")]
    cancel_kept_basis_points: Annotated[_BasisPoints, Meta(description="Of the price, until the next limit.")]
    cancel_part_hours: Annotated[_Hours, Meta(description="Later than this nothing comes back.")]
    reschedule_hours: Annotated[_Hours, Meta(description="Until then a customer reschedules.")]
    reschedule_times: Annotated[int, Meta(ge=0, le=100, description="How often a customer reschedules.")]
    reminder_hours: Annotated[
        list[Literal[1, 3, 12, 24]], Meta(max_length=4, description="Before the start.")
    ]

    def settings(self) -> AppointmentSettings:
        return AppointmentSettings(**msgspec.structs.asdict(self))


class ClockRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    now: Annotated[datetime, Meta(tz=True, description="RFC 3339; at or after what the clock shows.")]


class ClockView(msgspec.Struct, frozen=True, kw_only=True):
    """``now`` is what the platform's clock shows, ``real_now`` what clocks show elsewhere."""

    now: datetime
    real_now: datetime
    movable: bool

    @classmethod
    def of(cls, platform: Platform) -> "ClockView":
        return cls(now=platform.now(), real_now=clock.now(), movable=platform.sandbox)


class PlatformView(msgspec.Struct, frozen=True, kw_only=True):
    """What anyone may know of a platform: what a client needs before its user has signed in."""

    id: str
    name: str
    sandbox: bool
    terms_version: str
    appointment_system_active: bool

    @classmethod
    def of(cls, platform: Platform) -> "PlatformView":
        return cls(
            id=platform.id,
            name=platform.name,
            sandbox=platform.sandbox,
            terms_version=platform.settings.terms_version,
            appointment_system_active=platform.settings.appointment_system_active,
        )
