"""A platform is a tenant: its settings, and the clock that its business runs by."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from chalicelib.core import clock
from chalicelib.core.errors import Conflict, Invalid, NotFound

SPENDABLE_ORIGINS = ("campaign", "gift", "purchase", "refund", "adjustment")
PAYMENT_PROVIDERS = ("stripe", "iyzico", "zarinpal")
MAX_SETTING_MINUTES = 1440  # of every setting in minutes
_SOLD_FOR = re.compile(r"(?:[A-Z]{2}/)?[A-Z]{3}")
_MEETING_LINK = re.compile(r"https://[^\s/{}]+/[^\s{}]*\{room\}[^\s{}]*")
_ID = re.compile(r"[a-z][a-z0-9-]{1,30}")
_RETURN_URL = re.compile(r"(https://[^\s/]+|http://(localhost|127\.0\.0\.1)(:\d{1,5})?)(/\S*)?")


class PlatformNotFound(NotFound):
    code = "PLATFORM_NOT_FOUND"
    message = "There is no such platform."


class PlatformExists(Conflict):
    code = "PLATFORM_EXISTS"
    message = "A platform of this id exists already."


class PlatformIdInvalid(Invalid):
    code = "PLATFORM_ID_INVALID"
    message = "A platform's id is 2 to 31 lower-case letters, digits and hyphens, and begins with a letter."


class SettingInvalid(Invalid):
    code = "SETTING_INVALID"
    message = "A setting is not acceptable."


class ClockNotMovable(Conflict):
    code = "CLOCK_NOT_MOVABLE"
    message = "Only a sandbox platform's clock can be moved; this platform is live."


class ClockBackwards(Invalid):
    code = "CLOCK_BACKWARDS"
    message = "A platform's clock only moves forward."


class ClockTooFar(Invalid):
    code = "CLOCK_TOO_FAR"
    message = "A platform's clock stands at most ten years ahead of real time."


class AppointmentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How appointments work (B47); drafted and applied like the catalogue.

    What a customer may do with a booking, in hours before its start: he cancels it for nothing until
    ``cancel_free_hours``, for ``cancel_kept_basis_points`` of its price until ``cancel_part_hours``, and for
    all of it later; he reschedules it until ``reschedule_hours``, ``reschedule_times`` at most.
    ``reminder_hours``: when both people are reminded of it, each once (V20).
    """

    appointment_system_active: bool = True
    join_early_minutes: int = 10
    safety_limit_minutes: int = 60
    no_show_minutes: int = 60
    cancel_free_hours: int = 24
    cancel_kept_basis_points: int = 5_000
    cancel_part_hours: int = 2
    reschedule_hours: int = 24
    reschedule_times: int = 3
    reminder_hours: list[int] = msgspec.field(default_factory=lambda: [24, 12, 3, 1])

    def __post_init__(self) -> None:
        if self.cancel_part_hours > self.cancel_free_hours:
            raise SettingInvalid("Free comes before part of the price.", field="cancel_part_hours")
        if len(set(self.reminder_hours)) < len(self.reminder_hours):
            raise SettingInvalid("Name each hour once.", field="reminder_hours")


class LatePayment(StrEnum):
    """What a payment becomes that came when what was ordered was gone."""

    CREDITS = "credits"
    REFUND = "refund"


class PlatformSettings(AppointmentSettings, frozen=True, kw_only=True):
    """What an admin decides for the whole platform.

    ``meeting_link_template``: where online sessions meet, with ``{room}`` for the room that nobody guesses.
    ``spend_order``: which origin of lots is spent first, among lots that expire at the same time; each
    origin is named once. ``lot_extension_days``: by how much an admin may put off a lot's expiry, once; 0 for
    never. ``return_url``: where a buyer is led back to from the payment page.
    ``payment_providers``: who takes the money, by country and currency (``"TR/TRY": "iyzico"``) or by
    currency alone (``"EUR": "stripe"``); where nothing is named, the platform's defaults hold.
    ``late_payment``: ``credits`` only where what was ordered has a price in credits.
    ``payout_delay_days``: how long after a sale an expert's share is payable (V11).
    """

    terms_version: str = "1"
    return_url: str | None = None
    lot_extension_days: int = 30
    meeting_link_template: str | None = None
    spend_order: list[str] = msgspec.field(default_factory=lambda: list(SPENDABLE_ORIGINS))
    payment_providers: dict[str, str] = msgspec.field(default_factory=dict)
    late_payment: LatePayment = LatePayment.REFUND
    payout_delay_days: int = 14

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.return_url is not None and not _RETURN_URL.fullmatch(self.return_url):
            raise SettingInvalid("A return URL begins with https://.", field="return_url")
        if self.meeting_link_template and not _MEETING_LINK.fullmatch(self.meeting_link_template):
            detail = "A meeting link begins with https:// and has {room} once in its path."
            raise SettingInvalid(detail, field="meeting_link_template")
        if sorted(self.spend_order) != sorted(SPENDABLE_ORIGINS):
            raise SettingInvalid(f"Name each of {', '.join(SPENDABLE_ORIGINS)} once.", field="spend_order")
        for sold, provider in self.payment_providers.items():
            if not _SOLD_FOR.fullmatch(sold) or provider not in PAYMENT_PROVIDERS:
                raise SettingInvalid("Such as TR/TRY: iyzico.", field="payment_providers")

    @property
    def appointments(self) -> AppointmentSettings:
        """Those of appointments alone."""
        names = AppointmentSettings.__struct_fields__
        return AppointmentSettings(**{name: getattr(self, name) for name in names})


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """``sandbox`` is decided at birth: only then may the clock be moved. The offset is in whole seconds."""

    id: str
    name: str
    sandbox: bool = False
    clock_offset_seconds: int = 0
    settings: PlatformSettings = msgspec.field(default_factory=PlatformSettings)
    created_at: datetime
    version: int = 0

    def __post_init__(self) -> None:
        if not is_platform_id(self.id):
            raise PlatformIdInvalid(field="platform_id")

    def now(self) -> datetime:
        """The instant that business decisions of this platform are made at."""
        return self._at(clock.now())

    def ahead(self) -> timedelta:
        """How far its clock is ahead of the real one, by one reading: not by what passes between two."""
        real = clock.now()
        return self._at(real) - real

    def real(self, instant: datetime) -> datetime:
        """When, in real time, this platform's clock shows ``instant``; for schedules and work that is due."""
        return instant - self._offset()

    def _at(self, real: datetime) -> datetime:
        lived = clock.lived(self.id) if self.sandbox else None
        return lived or real + self._offset()

    def _offset(self) -> timedelta:
        return timedelta(seconds=self.clock_offset_seconds if self.sandbox else 0)


def is_platform_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None
