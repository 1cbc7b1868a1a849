"""Everything under ``session-packages``."""

from chalicelib.catalogue.drafts import Drafts
from chalicelib.catalogue.errors import (
    CountsExceedTotal,
    CurrencyMismatch,
    OrderIncomplete,
    OrderTooLong,
    OutOfRange,
    PackageNotFound,
    PriceNotPositive,
    ServiceRepeated,
    SessionsNotCovered,
    TextRefused,
    TooManyPackages,
    UnknownService,
)
from chalicelib.catalogue.model import PackageKind
from chalicelib.catalogue.session_package_views import (
    SessionPackageList,
    SessionPackageRequest,
    SessionPackageView,
)
from chalicelib.catalogue.views import DraftsQuery, ListingOrderRequest, ListingOrderView
from chalicelib.core.countries import UnknownCountry
from chalicelib.core.money import UnknownCurrency
from chalicelib.core.permissions import Permission
from chalicelib.table.operation import Answer
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call

_EDIT = Permission.CATALOGUE_EDIT
_ORDER = (OrderIncomplete, OrderTooLong)
_SESSION = (
    CountsExceedTotal,
    CurrencyMismatch,
    OutOfRange,
    PriceNotPositive,
    ServiceRepeated,
    SessionsNotCovered,
    TextRefused,
    UnknownCountry,
    UnknownCurrency,
    UnknownService,
)


def add_session_packages(routes: Blueprint, drafts: Drafts) -> None:
    kind, base = PackageKind.SESSION, "/v1/admin/session-packages"

    @routes.get(base, permission=_EDIT, query=DraftsQuery, answer=SessionPackageList)
    def list_session_packages(call: Call[None, DraftsQuery]) -> object:
        """The session packages as they are edited, in their order of display."""
        return drafts.packages(call.actor.platform_id, kind, call.query)

    @routes.post(
        base,
        permission=_EDIT,
        body=SessionPackageRequest,
        answer=SessionPackageView,
        status=201,
        errors=(*_SESSION, TooManyPackages),
    )
    def create_session_package(call: Call[SessionPackageRequest, None]) -> Answer:
        """Add a session package; buyers see it when the changes are applied."""
        return drafts.create(call.operation, call.body)

    @routes.put(
        f"{base}/order",
        permission=_EDIT,
        body=ListingOrderRequest,
        answer=ListingOrderView,
        errors=_ORDER,
    )
    def order_session_packages(call: Call[ListingOrderRequest, None]) -> Answer:
        """Put the session packages in this order; it writes their ``listing_order``."""
        return drafts.reorder(call.operation, kind, call.body)

    @routes.get(
        f"{base}/{{package_id}}",
        permission=_EDIT,
        answer=SessionPackageView,
        errors=(PackageNotFound,),
    )
    def read_session_package(call: Call[None, None]) -> object:
        """One session package as it is edited."""
        return drafts.package(call.actor.platform_id, kind, call.path["package_id"])

    @routes.put(
        f"{base}/{{package_id}}",
        permission=_EDIT,
        body=SessionPackageRequest,
        answer=SessionPackageView,
        if_match=True,
        errors=(PackageNotFound, *_SESSION),
    )
    def edit_session_package(call: Call[SessionPackageRequest, None]) -> Answer:
        """Replace a session package's fields. Needs ``If-Match``."""
        return drafts.edit(call.operation, call.path["package_id"], call.body, call.edited_version)

    @routes.delete(
        f"{base}/{{package_id}}",
        permission=_EDIT,
        answer=SessionPackageView,
        if_match=True,
        errors=(PackageNotFound,),
    )
    def remove_session_package(call: Call[None, None]) -> Answer:
        """Remove a session package; buyers see it until the changes are applied. Needs ``If-Match``."""
        return drafts.remove(call.operation, kind, call.path["package_id"], call.edited_version)
