"""From what an admin sends to a draft, and from a draft to what he is shown. Pure."""

from collections.abc import Iterable
from typing import Any

import msgspec

from chalicelib.catalogue import rules
from chalicelib.catalogue.checks import checked_money
from chalicelib.catalogue.model import (
    AppointmentDraft,
    AppointmentPackage,
    CreditDraft,
    CreditPackage,
    Draft,
    PackageKind,
    SessionDraft,
)
from chalicelib.catalogue.session_package import CoveredService, SessionPackage
from chalicelib.catalogue.session_package_views import (
    SessionPackageList,
    SessionPackageRequest,
    SessionPackageView,
)
from chalicelib.catalogue.views import (
    AppointmentPackageList,
    AppointmentPackageRequest,
    AppointmentPackageView,
    CreditPackageList,
    CreditPackageRequest,
    CreditPackageView,
    DraftsQuery,
    Price,
)
from chalicelib.core.money import Money
from chalicelib.table.read import CursorInvalid

PackageRequest = CreditPackageRequest | AppointmentPackageRequest | SessionPackageRequest
PackageView = CreditPackageView | AppointmentPackageView | SessionPackageView
PackageList = CreditPackageList | AppointmentPackageList | SessionPackageList
LISTS: dict[PackageKind, Any] = {
    PackageKind.CREDIT: CreditPackageList,
    PackageKind.APPOINTMENT: AppointmentPackageList,
    PackageKind.SESSION: SessionPackageList,
}


def kind_asked(request: PackageRequest) -> PackageKind:
    """Which kind of package the request describes."""
    if isinstance(request, CreditPackageRequest):
        return PackageKind.CREDIT
    return PackageKind.APPOINTMENT if isinstance(request, AppointmentPackageRequest) else PackageKind.SESSION


def experts_of(request: PackageRequest) -> list[str]:
    """Whom the request names; only an appointment package names anybody."""
    return request.expert_ids if isinstance(request, AppointmentPackageRequest) else []


def services_of(request: PackageRequest) -> list[str]:
    """Which appointment packages the request covers (D4)."""
    if isinstance(request, SessionPackageRequest):
        return [service.package_id for service in request.services]
    return []


def drafted(request: PackageRequest, package_id: str, listing_order: int) -> Draft:
    """The draft that the request describes; ``listing_order`` is used where the request names none."""
    if request.listing_order is not None:
        listing_order = request.listing_order
    if isinstance(request, CreditPackageRequest):
        return CreditDraft(package=_credit_package(request, package_id, listing_order))
    if isinstance(request, SessionPackageRequest):
        return SessionDraft(package=_session_package(request, package_id, listing_order))
    return AppointmentDraft(package=_appointment_package(request, package_id, listing_order))


def _credit_package(request: CreditPackageRequest, package_id: str, listing_order: int) -> CreditPackage:
    return CreditPackage(
        id=package_id,
        name=request.name.strip(),
        credits=request.credits,
        price=_money(request.price, "price"),
        country=request.country,
        short_info=request.short_info,
        listing_order=listing_order,
        expires_after_days=request.expires_after_days,
    )


def _appointment_package(
    request: AppointmentPackageRequest, package_id: str, listing_order: int
) -> AppointmentPackage:
    return AppointmentPackage(
        id=package_id,
        title=request.title.strip(),
        description=request.description,
        appointment_type=request.appointment_type,
        service=request.service,
        duration_minutes=request.duration_minutes,
        break_minutes=request.break_minutes,
        fee=_money(request.fee, "fee") if request.fee else None,
        credits=request.credits,
        sessions=request.sessions,
        country=request.country,
        currency=request.currency,
        listing_order=listing_order,
        how_it_ends=request.how_it_ends,
        when_it_ends=request.when_it_ends,
        expert_ids=list(request.expert_ids),
    )


def _session_package(request: SessionPackageRequest, package_id: str, listing_order: int) -> SessionPackage:
    return SessionPackage(
        id=package_id,
        name=request.name.strip(),
        total_sessions=request.total_sessions,
        services=[CoveredService(package_id=each.package_id, count=each.count) for each in request.services],
        price=_money(request.price, "price") if request.price else None,
        country=request.country,
        currency=request.currency,
        listing_order=listing_order,
        short_info=request.short_info,
        expires_after_days=request.expires_after_days,
    )


def _money(price: Price, field: str) -> Money:
    return checked_money(price.amount, price.currency, field)


def view_of(draft: Draft) -> PackageView:
    """The package's fields and the draft's version."""
    plain = {**msgspec.to_builtins(draft.package), "version": draft.version}
    if isinstance(draft, CreditDraft):
        return msgspec.convert(plain, CreditPackageView)
    if isinstance(draft, SessionDraft):
        return msgspec.convert(plain, SessionPackageView)
    return msgspec.convert(plain, AppointmentPackageView)


def listed(drafts: Iterable[Draft], query: DraftsQuery) -> tuple[list[Draft], str | None]:
    """One page of the drafts in order of display, and the cursor of the next. ``CursorInvalid``."""
    after = _position(query.cursor) if query.cursor else (-1, "")
    left = sorted(
        (
            draft
            for draft in drafts
            if query.country in {None, draft.package.country} and rules.by_display(draft.package) > after
        ),
        key=lambda draft: rules.by_display(draft.package),
    )
    page = left[: query.limit]
    return page, "{}.{}".format(*rules.by_display(page[-1].package)) if len(left) > len(page) else None


def _position(cursor: str) -> tuple[int, str]:
    listing_order, _, package_id = cursor.partition(".")
    if not (listing_order.isdecimal() and package_id):
        raise CursorInvalid(field="cursor")
    return int(listing_order), package_id
