"""The outward shapes of the catalogue."""

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct
from msgspec.structs import asdict

from chalicelib.accounts.views import AccountId
from chalicelib.catalogue import checks, model
from chalicelib.catalogue.model import (
    AppointmentPackage,
    AppointmentType,
    CataloguePage,
    CreditPackage,
    FieldChange,
    HowItEnds,
    PackageChange,
    Service,
    SettingsDraft,
    WhenItEnds,
)
from chalicelib.catalogue.session_package import SessionPackage
from chalicelib.platforms.views import AppointmentSettingsRequest

Name = Annotated[str, Meta(min_length=1, max_length=checks.MAX_NAME_LENGTH)]
Credits = Annotated[int, Meta(ge=1, le=model.MAX_CREDITS)]
ListingOrder = Annotated[
    int, Meta(ge=0, le=model.MAX_LISTING_ORDER, description="Ascending; left out, a new package is the last.")
]
ExpiresAfterDays = Annotated[
    int, Meta(ge=1, le=model.MAX_EXPIRY_DAYS, description="Days after the purchase; left out, never (V21).")
]
Country = Annotated[str, Meta(min_length=2, max_length=2, description="ISO 3166-1 alpha-2.")]
Currency = Annotated[str, Meta(min_length=3, max_length=3, description="ISO 4217.")]
PackageId = Annotated[str, Meta(min_length=1, max_length=64)]


class Price(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``amount`` in minor units, at least 1."""

    amount: Annotated[int, Meta(le=checks.MAX_AMOUNT_MINOR)]
    currency: Currency


class CreditPackageRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A8 to A15; the package's currency (A14) is that of its price."""

    name: Name
    credits: Credits
    price: Price
    country: Country
    short_info: Annotated[str, Meta(max_length=model.MAX_SHORT_INFO_LENGTH)] = ""
    listing_order: ListingOrder | None = None
    expires_after_days: ExpiresAfterDays | None = None


class AppointmentPackageRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """E4 to E30. ``fee``, ``credits`` or both; no ``expert_ids`` means every expert."""

    title: Name
    description: Annotated[str, Meta(max_length=model.MAX_DESCRIPTION_LENGTH)] = ""
    appointment_type: AppointmentType
    service: Service | None = None
    duration_minutes: Annotated[int, Meta(ge=1, le=model.MAX_DURATION_MINUTES)]
    break_minutes: Annotated[int, Meta(ge=0, le=model.MAX_DURATION_MINUTES)] = 0
    fee: Price | None = None
    credits: Credits | None = None
    sessions: Annotated[int, Meta(ge=1, le=model.MAX_SESSIONS)] = 1
    country: Country
    currency: Currency
    listing_order: ListingOrder | None = None
    how_it_ends: HowItEnds
    when_it_ends: WhenItEnds
    expert_ids: Annotated[list[AccountId], Meta(max_length=model.MAX_EXPERTS)] = []


class ListingOrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every package of the kind, in the order of display (A18)."""

    package_ids: Annotated[list[PackageId], Meta(max_length=1_000)]


class CreditPackageView(Struct, frozen=True, kw_only=True):
    """A draft; ``version`` is its ETag."""

    id: str
    name: str
    credits: int
    price: Price
    country: str
    short_info: str
    listing_order: int
    expires_after_days: int | None
    version: int


class AppointmentPackageView(Struct, frozen=True, kw_only=True):
    """A draft; ``version`` is its ETag."""

    id: str
    title: str
    description: str
    appointment_type: AppointmentType
    service: Service | None
    duration_minutes: int
    break_minutes: int
    fee: Price | None
    credits: int | None
    sessions: int
    country: str
    currency: str
    listing_order: int
    how_it_ends: HowItEnds
    when_it_ends: WhenItEnds
    expert_ids: list[str]
    version: int


class CreditPackageList(Struct, frozen=True, kw_only=True):
    """Drafts in their order of display."""

    items: list[CreditPackageView]
    cursor: str | None


class AppointmentPackageList(Struct, frozen=True, kw_only=True):
    """Drafts in their order of display."""

    items: list[AppointmentPackageView]
    cursor: str | None


class ListingOrderView(Struct, frozen=True, kw_only=True):
    """The order of display as it now is."""

    package_ids: list[str]


class DraftsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which drafts to list."""

    country: Country | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    cursor: Annotated[str, Meta(max_length=100)] | None = None


class ChangesView(Struct, frozen=True, kw_only=True):
    """What applying would do; ``version`` is what ``If-Match`` of *apply* must name.

    ``settings`` are the fields of the appointment settings that would change.
    """

    version: int
    draft_revision: int
    published_revision: int
    changes: list[PackageChange]
    settings: list[FieldChange]


class AppointmentSettingsView(AppointmentSettingsRequest, frozen=True, kw_only=True):
    """The draft; ``version`` is its ETag, 0 before the first edit."""

    version: int

    @classmethod
    def of(cls, draft: SettingsDraft) -> Self:
        return cls(**asdict(draft.settings), version=draft.version)


class AppliedView(Struct, frozen=True, kw_only=True):
    """What is live now."""

    version: int
    revision: int
    published_at: datetime
    countries: list[str]


class CatalogueQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``expert_id`` leaves the appointment packages that this expert holds (E23)."""

    country: Country
    expert_id: AccountId | None = None
    cursor: Annotated[str, Meta(max_length=40)] | None = None


class CatalogueView(Struct, frozen=True, kw_only=True):
    """What a country sees; ``cursor`` leads to the rest of a long catalogue, at the same revision."""

    country: str
    revision: int
    published_at: datetime | None
    credit_packages: list[CreditPackage]
    appointment_packages: list[AppointmentPackage]
    session_packages: list[SessionPackage]
    cursor: str | None

    @classmethod
    def empty(cls, country: str) -> Self:
        return cls(
            country=country,
            revision=0,
            published_at=None,
            credit_packages=[],
            appointment_packages=[],
            session_packages=[],
            cursor=None,
        )

    @classmethod
    def of(cls, page: CataloguePage, expert_id: str | None) -> Self:
        held = [each for each in page.appointment_packages if expert_id is None or each.held_by(expert_id)]
        return cls(
            country=page.country,
            revision=page.revision,
            published_at=page.published_at,
            credit_packages=page.credit_packages,
            appointment_packages=held,
            session_packages=page.session_packages,
            cursor=f"{page.revision}.{page.page + 1}" if page.page < page.pages else None,
        )
