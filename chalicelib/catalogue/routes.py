"""The catalogue's routes."""

import msgspec
from chalice.app import Response

from chalicelib.catalogue import views
from chalicelib.catalogue.drafts import Drafts
from chalicelib.catalogue.errors import (
    BreakLongerThanDuration,
    CoveredServiceMissing,
    CurrencyMismatch,
    ExpertRepeated,
    NothingToApply,
    OrderIncomplete,
    OrderTooLong,
    OutOfRange,
    PackageNotFound,
    PriceMissing,
    PriceNotPositive,
    ServiceNotAllowed,
    ServiceRequired,
    TextRefused,
    TooManyCountries,
    TooManyPackages,
    UnknownExpert,
)
from chalicelib.catalogue.model import PackageKind
from chalicelib.catalogue.publishing import Publishing
from chalicelib.catalogue.service import Catalogue, Shown
from chalicelib.catalogue.session_package_routes import add_session_packages
from chalicelib.catalogue.settings import SettingsDrafts
from chalicelib.catalogue.views import (
    AppointmentPackageRequest,
    CatalogueQuery,
    CreditPackageRequest,
    DraftsQuery,
    ListingOrderRequest,
)
from chalicelib.core.countries import UnknownCountry
from chalicelib.core.money import UnknownCurrency
from chalicelib.core.permissions import Permission
from chalicelib.platforms.model import PlatformNotFound, SettingInvalid
from chalicelib.platforms.views import AppointmentSettingsRequest
from chalicelib.table.operation import Answer
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call

_EDIT = Permission.CATALOGUE_EDIT
_SHARED = "public, max-age=60"
_CREDIT = (TextRefused, OutOfRange, PriceNotPositive, UnknownCurrency, UnknownCountry)
_APPOINTMENT = (
    *_CREDIT,
    PriceMissing,
    CurrencyMismatch,
    BreakLongerThanDuration,
    ServiceRequired,
    ServiceNotAllowed,
    ExpertRepeated,
    UnknownExpert,
)
_ORDER = (OrderIncomplete, OrderTooLong)


def blueprint(
    catalogue: Catalogue, drafts: Drafts, publishing: Publishing, settings_drafts: SettingsDrafts
) -> Blueprint:
    """Everything under ``catalogue`` and under the three kinds of packages."""
    routes = Blueprint("catalogue")
    _public(routes, catalogue)
    _credit_packages(routes, drafts)
    _appointment_packages(routes, drafts)
    add_session_packages(routes, drafts)
    _publishing(routes, publishing)
    _appointment_settings(routes, settings_drafts)
    return routes


def _public(routes: Blueprint, catalogue: Catalogue) -> None:
    @routes.get(
        "/v1/public/{platform_id}/catalogue",
        permission=Permission.PUBLIC,
        query=CatalogueQuery,
        answer=views.CatalogueView,
        errors=(PlatformNotFound, UnknownCountry),
    )
    def read_catalogue(call: Call[None, CatalogueQuery]) -> Response:
        """The packages on sale in a country, in their order of display.

        ``expert_id`` leaves the appointment packages that this expert holds. ``If-None-Match`` answers 304.
        """
        asked = call.query
        shown = catalogue.published(
            call.actor.platform_id, asked.country, expert_id=asked.expert_id, cursor=asked.cursor
        )
        return _cached(shown, call.headers.get("if-none-match", ""))


def _cached(shown: Shown, known: str) -> Response:
    """304 for what the caller has already; the ETag is the revision, and how many packages are left out."""
    tag = shown.tag
    headers: dict[str, str | list[str]] = {"ETag": tag, "Cache-Control": _SHARED}
    if tag in [each.strip().removeprefix("W/") for each in known.split(",")]:
        return Response("", headers, 304)
    return Response(
        msgspec.json.encode(shown.view).decode(), headers | {"Content-Type": "application/json"}, 200
    )


def _credit_packages(routes: Blueprint, drafts: Drafts) -> None:
    kind, base = PackageKind.CREDIT, "/v1/admin/credit-packages"

    @routes.get(base, permission=_EDIT, query=DraftsQuery, answer=views.CreditPackageList)
    def list_credit_packages(call: Call[None, DraftsQuery]) -> object:
        """The credit packages as they are edited, in their order of display."""
        return drafts.packages(call.actor.platform_id, kind, call.query)

    @routes.post(
        base,
        permission=_EDIT,
        body=CreditPackageRequest,
        answer=views.CreditPackageView,
        status=201,
        errors=(*_CREDIT, TooManyPackages),
    )
    def create_credit_package(call: Call[CreditPackageRequest, None]) -> Answer:
        """Add a credit package; buyers see it when the changes are applied."""
        return drafts.create(call.operation, call.body)

    @routes.put(
        f"{base}/order",
        permission=_EDIT,
        body=ListingOrderRequest,
        answer=views.ListingOrderView,
        errors=_ORDER,
    )
    def order_credit_packages(call: Call[ListingOrderRequest, None]) -> Answer:
        """Put the credit packages in this order; it writes their ``listing_order``."""
        return drafts.reorder(call.operation, kind, call.body)

    @routes.get(
        f"{base}/{{package_id}}", permission=_EDIT, answer=views.CreditPackageView, errors=(PackageNotFound,)
    )
    def read_credit_package(call: Call[None, None]) -> object:
        """One credit package as it is edited."""
        return drafts.package(call.actor.platform_id, kind, call.path["package_id"])

    @routes.put(
        f"{base}/{{package_id}}",
        permission=_EDIT,
        body=CreditPackageRequest,
        answer=views.CreditPackageView,
        if_match=True,
        errors=(PackageNotFound, *_CREDIT),
    )
    def edit_credit_package(call: Call[CreditPackageRequest, None]) -> Answer:
        """Replace a credit package's fields. Needs ``If-Match``."""
        return drafts.edit(call.operation, call.path["package_id"], call.body, call.edited_version)

    @routes.delete(
        f"{base}/{{package_id}}",
        permission=_EDIT,
        answer=views.CreditPackageView,
        if_match=True,
        errors=(PackageNotFound,),
    )
    def remove_credit_package(call: Call[None, None]) -> Answer:
        """Remove a credit package; buyers see it until the changes are applied. Needs ``If-Match``."""
        return drafts.remove(call.operation, kind, call.path["package_id"], call.edited_version)


def _appointment_packages(routes: Blueprint, drafts: Drafts) -> None:
    kind, base = PackageKind.APPOINTMENT, "/v1/admin/appointment-packages"

    @routes.get(base, permission=_EDIT, query=DraftsQuery, answer=views.AppointmentPackageList)
    def list_appointment_packages(call: Call[None, DraftsQuery]) -> object:
        """The appointment packages as they are edited, in their order of display."""
        return drafts.packages(call.actor.platform_id, kind, call.query)

    @routes.post(
        base,
        permission=_EDIT,
        body=AppointmentPackageRequest,
        answer=views.AppointmentPackageView,
        status=201,
        errors=(*_APPOINTMENT, TooManyPackages),
    )
    def create_appointment_package(call: Call[AppointmentPackageRequest, None]) -> Answer:
        """Add an appointment package; buyers see it when the changes are applied."""
        return drafts.create(call.operation, call.body)

    @routes.put(
        f"{base}/order",
        permission=_EDIT,
        body=ListingOrderRequest,
        answer=views.ListingOrderView,
        errors=_ORDER,
    )
    def order_appointment_packages(call: Call[ListingOrderRequest, None]) -> Answer:
        """Put the appointment packages in this order; it writes their ``listing_order``."""
        return drafts.reorder(call.operation, kind, call.body)

    @routes.get(
        f"{base}/{{package_id}}",
        permission=_EDIT,
        answer=views.AppointmentPackageView,
        errors=(PackageNotFound,),
    )
    def read_appointment_package(call: Call[None, None]) -> object:
        """One appointment package as it is edited."""
        return drafts.package(call.actor.platform_id, kind, call.path["package_id"])

    @routes.put(
        f"{base}/{{package_id}}",
        permission=_EDIT,
        body=AppointmentPackageRequest,
        answer=views.AppointmentPackageView,
        if_match=True,
        errors=(PackageNotFound, *_APPOINTMENT),
    )
    def edit_appointment_package(call: Call[AppointmentPackageRequest, None]) -> Answer:
        """Replace an appointment package's fields. Needs ``If-Match``."""
        return drafts.edit(call.operation, call.path["package_id"], call.body, call.edited_version)

    @routes.delete(
        f"{base}/{{package_id}}",
        permission=_EDIT,
        answer=views.AppointmentPackageView,
        if_match=True,
        errors=(PackageNotFound,),
    )
    def remove_appointment_package(call: Call[None, None]) -> Answer:
        """Remove an appointment package; buyers see it until the changes are applied. Needs ``If-Match``."""
        return drafts.remove(call.operation, kind, call.path["package_id"], call.edited_version)


def _publishing(routes: Blueprint, publishing: Publishing) -> None:
    @routes.get("/v1/admin/catalogue/changes", permission=_EDIT, answer=views.ChangesView)
    def list_catalogue_changes(call: Call[None, None]) -> object:
        """What applying would add, change (field by field) and remove."""
        return publishing.changes(call.actor.platform_id)

    @routes.post(
        "/v1/admin/catalogue/apply",
        permission=_EDIT,
        answer=views.AppliedView,
        if_match=True,
        errors=(CoveredServiceMissing, NothingToApply, TooManyCountries),
    )
    def apply_catalogue(call: Call[None, None]) -> Answer:
        """Make the drafts live, in every changed country at once. Needs ``If-Match`` of the changes."""
        return publishing.apply(call.operation, call.edited_version)


def _appointment_settings(routes: Blueprint, settings_drafts: SettingsDrafts) -> None:
    @routes.get(
        "/v1/admin/appointment-settings",
        permission=Permission.SETTINGS_EDIT,
        answer=views.AppointmentSettingsView,
    )
    def read_appointment_settings(call: Call[None, None]) -> views.AppointmentSettingsView:
        """The settings of appointments as they are edited."""
        return settings_drafts.settings(call.actor.platform_id)

    @routes.put(
        "/v1/admin/appointment-settings",
        permission=Permission.SETTINGS_EDIT,
        body=AppointmentSettingsRequest,
        answer=views.AppointmentSettingsView,
        if_match=True,
        errors=(SettingInvalid,),
    )
    def edit_appointment_settings(call: Call[AppointmentSettingsRequest, None]) -> Answer:
        """Replace the draft of the settings; they hold when the changes are applied."""
        return settings_drafts.edit(call.operation, call.body, call.edited_version)
