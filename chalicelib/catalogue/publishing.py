"""*Apply changes*: from the drafts to what buyers see, for all changed countries at once (A17, E31)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain

import msgspec
from msgspec.structs import replace

from chalicelib.catalogue import rules, store
from chalicelib.catalogue.drafts import not_removed, state_of
from chalicelib.catalogue.errors import NothingToApply, TooManyCountries
from chalicelib.catalogue.model import (
    AppointmentPackage,
    CataloguePage,
    CatalogueState,
    CreditPackage,
    Package,
    PackageKind,
)
from chalicelib.catalogue.session_package import SessionPackage
from chalicelib.catalogue.settings import SettingsDrafts
from chalicelib.catalogue.views import AppliedView, ChangesView
from chalicelib.core.versions import check_version
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read, transact
from chalicelib.table.keys import Key
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import StaleDecision

MAX_COUNTRIES = 90
MAX_PAGE_BYTES = 300_000
# One transaction holds 4 MB, and the first pages of all changed countries go live in one.
_MAX_FLIP_BYTES = 3_500_000


class _Live(msgspec.Struct, frozen=True, kw_only=True):
    """What buyers see: each country's first page, and every package of it."""

    first_pages: dict[str, CataloguePage]
    packages: list[Package]


class Publishing:
    """Shows what applying would change, and applies it."""

    def __init__(self, platforms: Platforms, settings_drafts: SettingsDrafts) -> None:
        self._platforms = platforms
        self._settings_drafts = settings_drafts

    def changes(self, platform_id: str) -> ChangesView:
        """The difference between the drafts and what is live, package by package."""
        loaded = read.batch(self._keys(platform_id))
        state = state_of(loaded, platform_id)
        settings = self._settings_drafts.draft(loaded, platform_id).settings
        return ChangesView(
            version=state.version,
            draft_revision=state.draft_revision,
            published_revision=state.published_revision,
            changes=rules.changes(_drafted(platform_id), _live(state).packages),
            settings=rules.field_changes(
                self._platforms.load(loaded, platform_id).settings.appointments, settings
            ),
        )

    def apply(self, operation: Operation, edited_version: int) -> Answer:
        """Make the drafts live, as they are at ``edited_version`` of their state.

        ``NothingToApply``, ``CoveredServiceMissing``, ``TooManyCountries``.

        The pages are written first, under a revision that nobody reads yet: the draft's own, so that two
        who apply the same drafts write the same pages. Then all changed countries change in one step.
        """
        platform_id = operation.platform_id

        def decide(loaded: Loaded) -> Decision:
            state = state_of(loaded, platform_id)
            check_version(state.version, edited_version)
            platform = self._platforms.load(loaded, platform_id)
            now, live = platform.now(), _live(state)
            settled = self._settled(loaded, platform)
            standing = list(_drafted(platform_id))
            rules.check_covered(standing)
            drafted = rules.by_country(standing)
            changed = _changed(drafted, rules.by_country(live.packages))
            if not changed and not settled:
                raise NothingToApply
            page_bytes = min(MAX_PAGE_BYTES, _MAX_FLIP_BYTES // max(len(changed), 1))
            books = [_book(state, country, drafted.get(country, []), page_bytes, now) for country in changed]
            for page in chain.from_iterable(books):
                _keep(operation, page)
            applied = _applied(state, set(live.first_pages) | set(changed))
            flips = [_flip(book[0], live.first_pages.get(book[0].country)) for book in books]
            view = _view(applied, changed, now)
            return Decision(answer=view, writes=[store.saved_state(applied), *flips, *settled])

        return perform(operation, self._keys(platform_id), decide)

    def _keys(self, platform_id: str) -> list[Key]:
        return [
            keys.draft_state(platform_id),
            store.settings_key(platform_id),
            self._platforms.key(platform_id),
        ]

    def _settled(self, loaded: Loaded, platform: Platform) -> list[transact.Write]:
        """The drafted settings of appointments, where they differ from those that hold."""
        drafted = self._settings_drafts.draft(loaded, platform.id).settings
        if drafted == platform.settings.appointments:
            return []
        return self._platforms.prepare_appointments(platform, drafted)


def _drafted(platform_id: str) -> Iterator[Package]:
    for kind in PackageKind:
        for draft in not_removed(platform_id, kind):
            yield draft.package


def _live(state: CatalogueState) -> _Live:
    loaded = read.batch(keys.catalogue(state.platform_id, country) for country in state.countries)
    found = (store.first_page(loaded, state.platform_id, country) for country in state.countries)
    first_pages = {page.country: page for page in found if page}
    packages = [package for first in first_pages.values() for package in _packages(first)]
    return _Live(first_pages=first_pages, packages=packages)


def _packages(first: CataloguePage) -> Iterator[Package]:
    for page in (first, *store.further_pages(first)):
        yield from page.credit_packages
        yield from page.appointment_packages
        yield from page.session_packages


def _changed(drafted: dict[str, list[Package]], live: dict[str, list[Package]]) -> list[str]:
    countries = sorted(drafted.keys() | live.keys())
    changed = [country for country in countries if drafted.get(country, []) != live.get(country, [])]
    if len(changed) > MAX_COUNTRIES:
        raise TooManyCountries
    return changed


def _book(
    state: CatalogueState, country: str, packages: Sequence[Package], page_bytes: int, now: datetime
) -> list[CataloguePage]:
    """A country's pages at the draft's revision."""
    parts = list(rules.in_pages(packages, page_bytes))
    return [
        CataloguePage(
            platform_id=state.platform_id,
            country=country,
            revision=state.draft_revision,
            page=number,
            pages=len(parts),
            published_at=now,
            credit_packages=[each for each in part if isinstance(each, CreditPackage)],
            appointment_packages=[each for each in part if isinstance(each, AppointmentPackage)],
            session_packages=[each for each in part if isinstance(each, SessionPackage)],
        )
        for number, part in enumerate(parts, start=1)
    ]


def _keep(operation: Operation, page: CataloguePage) -> None:
    """Write a page once; where another try has kept it already, it is the same page."""
    token = f"{operation.receipt_key}{page.country}{page.revision}{page.page}{page.published_at}"
    try:
        transact.commit([store.kept_page(page)], token)
    except StaleDecision:
        if store.read_page(page.platform_id, page.country, page.revision, page.page) is None:
            raise


def _flip(first: CataloguePage, present: CataloguePage | None) -> transact.Write:
    return store.live_page(replace(first, version=present.version if present else 0))


def _applied(state: CatalogueState, countries: Iterable[str]) -> CatalogueState:
    return replace(state, published_revision=state.draft_revision, countries=sorted(countries))


def _view(applied: CatalogueState, changed: list[str], now: datetime) -> AppliedView:
    return AppliedView(
        version=applied.version + 1,
        revision=applied.published_revision,
        published_at=now,
        countries=changed,
    )
