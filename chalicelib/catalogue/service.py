"""What is on sale, as buyers and the steps that sell read it: published pages only (A26)."""

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from chalicelib.catalogue import store
from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.catalogue.model import AppointmentPackage, CataloguePage, CreditPackage, Package, Service
from chalicelib.catalogue.phones import PhoneLines
from chalicelib.catalogue.session_package import SessionPackage
from chalicelib.catalogue.views import CatalogueView
from chalicelib.core.countries import check_country
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys
from chalicelib.table.keys import Key
from chalicelib.table.read import CursorInvalid, Loaded


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a country sees now; ``hidden`` tells which are left out, since the longest go first."""

    view: CatalogueView
    hidden: int

    @property
    def tag(self) -> str:
        """Another one whenever the page is another."""
        return f'"{self.view.revision}-{self.hidden}"' if self.hidden else f'"{self.view.revision}"'


class Catalogue:
    """The published catalogue; ``drafts.Drafts`` edits and applies it."""

    def __init__(self, platforms: Platforms, phones: Callable[[], PhoneLines]) -> None:
        """``phones`` are asked for where something by phone is on the page, and so not at each cold start."""
        self._platforms = platforms
        self._phones = phones

    def key(self, platform_id: str, country: str) -> Key:
        """What a step that sells reads along."""
        return keys.catalogue(platform_id, country)

    def credit_package(
        self, loaded: Loaded, platform_id: str, country: str, package_id: str
    ) -> CreditPackage:
        """What is sold under this id in this country (A21). ``PackageNotOnSale`` where nothing is."""
        first = store.first_page(loaded, platform_id, country)
        found = _found(first, package_id)
        if not isinstance(found, CreditPackage):
            raise PackageNotOnSale(field="package_id")
        return found

    def appointment_package(
        self, loaded: Loaded, platform_id: str, country: str, package_id: str
    ) -> AppointmentPackage:
        """The same for an appointment package."""
        first = store.first_page(loaded, platform_id, country)
        found = _found(first, package_id)
        if not isinstance(found, AppointmentPackage):
            raise PackageNotOnSale(field="package_id")
        return found

    def session_package(
        self, loaded: Loaded, platform_id: str, country: str, package_id: str
    ) -> SessionPackage:
        """The same for a session package."""
        first = store.first_page(loaded, platform_id, country)
        found = _found(first, package_id)
        if not isinstance(found, SessionPackage):
            raise PackageNotOnSale(field="package_id")
        return found

    def published(
        self, platform_id: str, country: str, *, expert_id: str | None = None, cursor: str | None = None
    ) -> Shown:
        """One page of what a country sees, by one get (A19, E23); empty where nothing was published.

        One get more where packages by phone are on it: what the balance does not cover is left out (E34).
        """
        check_country(country)
        self._platforms.key(platform_id)
        page = self._page(platform_id, country, cursor)
        if page is None:
            self._platforms.get(platform_id)
            return Shown(view=CatalogueView.empty(country), hidden=0)
        left, hidden = self._without_short(page)
        return Shown(view=CatalogueView.of(left, expert_id), hidden=hidden)

    def _without_short(self, page: CataloguePage) -> tuple[CataloguePage, int]:
        """The page without the packages by phone that are longer than the balance covers, and how many."""
        by_phone = [each for each in page.appointment_packages if each.service is Service.PHONE]
        if not by_phone:
            return page, 0
        covered = self._phones().minutes_covered(page.platform_id)
        short = {each.id for each in by_phone if each.duration_minutes > covered}
        left = [each for each in page.appointment_packages if each.id not in short]
        return replace(page, appointment_packages=left), len(short)

    def _page(self, platform_id: str, country: str, cursor: str | None) -> CataloguePage | None:
        if cursor is None:
            return store.read_first_page(platform_id, country)
        revision, _, number = cursor.partition(".")
        if not (revision.isdecimal() and number.isdecimal()):
            raise CursorInvalid(field="cursor")
        page = store.read_page(platform_id, country, int(revision), int(number))
        if page is None:
            raise CursorInvalid(field="cursor")
        return page


def _found(first: CataloguePage | None, package_id: str) -> Package | None:
    """The first page is at hand; only a package of a long catalogue costs more reads."""
    if first is None:
        return None
    if package := _on(first, package_id):
        return package
    pages = (_on(page, package_id) for page in store.further_pages(first))
    return next((package for package in pages if package), None)


def _on(page: CataloguePage, package_id: str) -> Package | None:
    packages: list[Package] = [*page.credit_packages, *page.appointment_packages, *page.session_packages]
    return next((package for package in packages if package.id == package_id), None)
