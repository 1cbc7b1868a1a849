"""What a platform sells: packages as they are edited (drafts) and as they are published (pages)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from chalicelib.catalogue.checks import check_line, check_price, check_range, check_text
from chalicelib.catalogue.errors import (
    BreakLongerThanDuration,
    CurrencyMismatch,
    ExpertRepeated,
    PriceMissing,
    ServiceNotAllowed,
    ServiceRequired,
)
from chalicelib.catalogue.session_package import SessionPackage
from chalicelib.core.countries import check_country
from chalicelib.core.money import Money, minor_digits
from chalicelib.platforms.model import AppointmentSettings

MAX_SHORT_INFO_LENGTH = 500
MAX_DESCRIPTION_LENGTH = 2_000
MAX_CREDITS = 10_000_000
MAX_DURATION_MINUTES = 1_440
MAX_SESSIONS = 1_000
MAX_EXPIRY_DAYS = 3_650
MAX_LISTING_ORDER = 1_000_000
MAX_EXPERTS = 90


class PackageKind(StrEnum):
    """The kinds of package that the catalogue holds; each has its own order of display."""

    CREDIT = "credit"
    APPOINTMENT = "appointment"
    SESSION = "session"


class AppointmentType(StrEnum):
    """E4."""

    ONLINE = "online"
    FACE_TO_FACE = "face_to_face"


class Service(StrEnum):
    """E5: what both parties speak through: audio and video on the platform, phone over GSM (E6, E7, E9)."""

    AUDIO = "audio"
    PHONE = "phone"
    VIDEO = "video"


class HowItEnds(StrEnum):
    """E24 and E25."""

    AUTOMATIC = "automatic"
    BY_EXPERT = "by_expert"


class WhenItEnds(StrEnum):
    """E26 and E28."""

    SCHEDULED_END = "scheduled_end"
    FULL_SERVICE_TIME = "full_service_time"


class ChangeKind(StrEnum):
    """What applying does to a package."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class CreditPackage(msgspec.Struct, frozen=True, kw_only=True):
    """Sells ``credits`` for ``price``, by card only, in one country (A8 to A15).

    They expire ``expires_after_days`` after they were bought; where it is empty, never (V21).
    """

    id: str
    name: str
    credits: int
    price: Money
    country: str
    short_info: str
    listing_order: int
    expires_after_days: int | None = None

    def __post_init__(self) -> None:
        check_line(self.name, "name")
        check_text(self.short_info, "short_info", MAX_SHORT_INFO_LENGTH)
        check_range(self.credits, "credits", 1, MAX_CREDITS)
        check_price(self.price, "price")
        check_country(self.country)
        check_range(self.listing_order, "listing_order", 0, MAX_LISTING_ORDER)
        if self.expires_after_days is not None:
            check_range(self.expires_after_days, "expires_after_days", 1, MAX_EXPIRY_DAYS)

    def expiry(self, bought_at: datetime) -> datetime | None:
        """When what is bought at that instant expires."""
        return bought_at + timedelta(days=self.expires_after_days) if self.expires_after_days else None


class AppointmentPackage(msgspec.Struct, frozen=True, kw_only=True):
    """Sells ``sessions`` meetings with an expert for ``fee`` or for ``credits`` (E4 to E30).

    An empty ``expert_ids`` means every expert of the platform.
    """

    id: str
    title: str
    description: str
    appointment_type: AppointmentType
    service: Service | None
    duration_minutes: int
    break_minutes: int
    fee: Money | None
    credits: int | None
    sessions: int
    country: str
    currency: str
    listing_order: int
    how_it_ends: HowItEnds
    when_it_ends: WhenItEnds
    expert_ids: list[str]

    def __post_init__(self) -> None:
        check_line(self.title, "title")
        check_text(self.description, "description", MAX_DESCRIPTION_LENGTH)
        self._check_service()
        self._check_time()
        self.check_prices()
        check_range(self.sessions, "sessions", 1, MAX_SESSIONS)
        check_country(self.country)
        check_range(self.listing_order, "listing_order", 0, MAX_LISTING_ORDER)
        self._check_experts()

    @property
    def slot_minutes(self) -> int:
        """The step of the expert's grid; the break is part of it and is never sold (E32)."""
        return self.duration_minutes + self.break_minutes

    def held_by(self, expert_id: str) -> bool:
        return not self.expert_ids or expert_id in self.expert_ids

    def _check_service(self) -> None:
        online = self.appointment_type is AppointmentType.ONLINE
        if online and self.service is None:
            raise ServiceRequired(field="service")
        if not online and self.service is not None:
            raise ServiceNotAllowed(field="service")

    def _check_time(self) -> None:
        check_range(self.duration_minutes, "duration_minutes", 1, MAX_DURATION_MINUTES)
        check_range(self.break_minutes, "break_minutes", 0, MAX_DURATION_MINUTES)
        if self.break_minutes > self.duration_minutes:
            raise BreakLongerThanDuration(field="break_minutes")

    def check_prices(self) -> None:
        """Two independent prices of one thing, at least one of them (E33)."""
        minor_digits(self.currency)
        if self.fee is None and self.credits is None:
            raise PriceMissing(field="fee")
        if self.credits is not None:
            check_range(self.credits, "credits", 1, MAX_CREDITS)
        if self.fee is not None:
            check_price(self.fee, "fee")
            if self.fee.currency != self.currency:
                raise CurrencyMismatch(field="fee.currency")

    def _check_experts(self) -> None:
        check_range(len(self.expert_ids), "expert_ids", 0, MAX_EXPERTS)
        for place, expert_id in enumerate(self.expert_ids):
            if expert_id in self.expert_ids[:place]:
                raise ExpertRepeated(field=f"expert_ids[{place}]")


Package = CreditPackage | AppointmentPackage | SessionPackage


class CreditDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A credit package as the admin edits it; one that he removed stays, marked."""

    package: CreditPackage
    removed: bool = False
    version: int = 0


class AppointmentDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment package as the admin edits it."""

    package: AppointmentPackage
    removed: bool = False
    version: int = 0


class SessionDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A session package as the admin edits it."""

    package: SessionPackage
    removed: bool = False
    version: int = 0


Draft = CreditDraft | AppointmentDraft | SessionDraft


class SettingsDraft(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of appointments as the admin edits them (B47)."""

    settings: AppointmentSettings
    version: int = 0


class CatalogueState(msgspec.Struct, frozen=True, kw_only=True):
    """How far the drafts are, and which of their revisions is live, in which countries (A17, A26)."""

    platform_id: str
    draft_revision: int = 0
    published_revision: int = 0
    countries: list[str] = []
    version: int = 0


class CataloguePage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what one country sees; ``page`` counts from 1. Packages stand in their order of display."""

    platform_id: str
    country: str
    revision: int
    page: int
    pages: int
    published_at: datetime
    credit_packages: list[CreditPackage]
    appointment_packages: list[AppointmentPackage]
    session_packages: list[SessionPackage] = []
    version: int = 0


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a field is on the live package, and what it will be."""

    field: str
    before: Any
    after: Any


class PackageChange(msgspec.Struct, frozen=True, kw_only=True):
    """One package that applying would add, change or remove; ``fields`` stands for a changed one only."""

    kind: PackageKind
    change: ChangeKind
    package_id: str
    name: str
    country: str
    fields: list[FieldChange]
