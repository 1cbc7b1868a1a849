"""The outward shapes of session packages as they are edited."""

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.catalogue import session_package as model
from chalicelib.catalogue.views import Country, Currency, ListingOrder, Name, PackageId, Price

Sessions = Annotated[int, Meta(ge=1, le=model.MAX_SESSIONS)]


class CoveredServiceRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An appointment package of the same country; ``count``: at most so many of the sessions (D4)."""

    package_id: PackageId
    count: Sessions | None = None


class SessionPackageRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """D2 to D5. One without a ``price`` is only assigned by an admin."""

    name: Name
    total_sessions: Sessions
    services: Annotated[list[CoveredServiceRequest], Meta(min_length=1, max_length=model.MAX_SERVICES)]
    price: Price | None = None
    country: Country
    currency: Currency
    listing_order: ListingOrder | None = None
    short_info: Annotated[str, Meta(max_length=model.MAX_SHORT_INFO_LENGTH)] = ""
    expires_after_days: Annotated[int, Meta(ge=1, le=model.MAX_VALID_DAYS)] | None = None


class SessionPackageView(Struct, frozen=True, kw_only=True):
    """A draft; ``version`` is its ETag."""

    id: str
    name: str
    total_sessions: int
    services: list[model.CoveredService]
    price: Price | None
    country: str
    currency: str
    listing_order: int
    short_info: str
    expires_after_days: int | None
    version: int


class SessionPackageList(Struct, frozen=True, kw_only=True):
    """Drafts in their order of display."""

    items: list[SessionPackageView]
    cursor: str | None
