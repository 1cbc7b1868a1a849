"""From what an admin sends to a draft, and from a draft to what he is shown. Pure."""

from collections.abc import Iterable

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

PackageRequest = CreditPackageRequest | AppointmentPackageRequest
PackageView = CreditPackageView | AppointmentPackageView
PackageList = CreditPackageList | AppointmentPackageList


def kind_asked(request: PackageRequest) -> PackageKind:
    """Which kind of package the request describes."""
    return PackageKind.CREDIT if isinstance(request, CreditPackageRequest) else PackageKind.APPOINTMENT


def experts_of(request: PackageRequest) -> list[str]:
    """Whom the request names; a credit package names nobody."""
    return request.expert_ids if isinstance(request, AppointmentPackageRequest) else []


def drafted(request: PackageRequest, package_id: str, listing_order: int) -> Draft:
    """The draft that the request describes; ``listing_order`` is used where the request names none."""
    if request.listing_order is not None:
        listing_order = request.listing_order
    if isinstance(request, CreditPackageRequest):
        return CreditDraft(package=_credit_package(request, package_id, listing_order))
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


def _money(price: Price, field: str) -> Money:
    return checked_money(price.amount, price.currency, field)


def view_of(draft: Draft) -> PackageView:
    """The package's fields and the draft's version."""
    plain = {**msgspec.to_builtins(draft.package), "version": draft.version}
    if isinstance(draft, CreditDraft):
        return msgspec.convert(plain, CreditPackageView)
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
