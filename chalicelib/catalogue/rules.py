"""Pure decisions: order of display, differences, pages."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from chalicelib.catalogue.errors import CoveredServiceMissing, OrderIncomplete
from chalicelib.catalogue.model import (
    AppointmentPackage,
    ChangeKind,
    CreditPackage,
    FieldChange,
    Package,
    PackageChange,
    PackageKind,
)
from chalicelib.catalogue.session_package import SessionPackage
from chalicelib.platforms.model import AppointmentSettings

Changed = Package | AppointmentSettings


def by_display(package: Package) -> tuple[int, str]:
    """Equal listing orders stand by id, which is by time of birth (A12, E23)."""
    return package.listing_order, package.id


def next_listing_order(packages: Iterable[Package]) -> int:
    """The last of its kind, and one more; the first is 1."""
    return max((package.listing_order for package in packages), default=0) + 1


def renumbered(packages: Iterable[Package], package_ids: Sequence[str]) -> list[tuple[str, int]]:
    """Id and new number of each package whose number changes when they stand so (A18, A20)."""
    present = {package.id: package.listing_order for package in packages}
    if len(package_ids) != len(present) or set(package_ids) != set(present):
        raise OrderIncomplete(field="package_ids")
    places = enumerate(package_ids, start=1)
    return [(package_id, place) for place, package_id in places if present[package_id] != place]


def kind_of(package: Package) -> PackageKind:
    """Which of the kinds a package is of."""
    if isinstance(package, CreditPackage):
        return PackageKind.CREDIT
    return PackageKind.APPOINTMENT if isinstance(package, AppointmentPackage) else PackageKind.SESSION


def name_of(package: Package) -> str:
    """What people call it, whichever its kind."""
    return package.title if isinstance(package, AppointmentPackage) else package.name


def changes(drafts: Iterable[Package], live: Iterable[Package]) -> list[PackageChange]:
    """What applying the drafts would do to what is live, by kind, country and id."""
    before = {package.id: package for package in live}
    after = {package.id: package for package in drafts}
    added = [_change(ChangeKind.ADDED, after[each]) for each in after.keys() - before.keys()]
    removed = [_change(ChangeKind.REMOVED, before[each]) for each in before.keys() - after.keys()]
    edited = [
        _change(ChangeKind.CHANGED, after[each], field_changes(before[each], after[each]))
        for each in after.keys() & before.keys()
        if after[each] != before[each]
    ]
    return sorted([*added, *edited, *removed], key=lambda each: (each.kind, each.country, each.package_id))


def _change(change: ChangeKind, package: Package, fields: list[FieldChange] | None = None) -> PackageChange:
    return PackageChange(
        kind=kind_of(package),
        change=change,
        package_id=package.id,
        name=name_of(package),
        country=package.country,
        fields=fields or [],
    )


def field_changes(before: Changed, after: Changed) -> list[FieldChange]:
    """What differs, field by field."""
    old, new = _plain(before), _plain(after)
    return [
        FieldChange(field=name, before=old[name], after=new[name]) for name in new if old[name] != new[name]
    ]


def _plain(record: Changed) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(record)
    return plain


def by_country(packages: Iterable[Package]) -> dict[str, list[Package]]:
    """Each country's packages: credit, then appointment, then session packages, each in order of display."""
    countries: dict[str, list[Package]] = {}
    kinds = list(PackageKind)
    for package in sorted(packages, key=lambda each: (kinds.index(kind_of(each)), by_display(each))):
        countries.setdefault(package.country, []).append(package)
    return countries


def check_covered(packages: Iterable[Package]) -> None:
    """Every service of a session package is on sale in its country too (D4). ``CoveredServiceMissing``."""
    present = list(packages)
    services = {(each.country, each.id) for each in present if isinstance(each, AppointmentPackage)}
    for package in present:
        if not isinstance(package, SessionPackage):
            continue
        for place, service in enumerate(package.services):
            if (package.country, service.package_id) not in services:
                raise CoveredServiceMissing(field=f"{package.id}.services[{place}].package_id")


def in_pages(packages: Sequence[Package], max_bytes: int) -> Iterator[list[Package]]:
    """The packages in parts of at most ``max_bytes`` of JSON; at least one part, and one package in each."""
    page: list[Package] = []
    size = 0
    for package in packages:
        package_size = len(msgspec.json.encode(package))
        if page and size + package_size > max_bytes:
            yield page
            page, size = [], 0
        page.append(package)
        size += package_size
    yield page
