"""Packages as the admin edits them. Nothing here is seen by a buyer before it is applied (A26)."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.catalogue import drafting, rules, store
from chalicelib.catalogue.drafting import PackageList, PackageRequest, PackageView
from chalicelib.catalogue.errors import (
    OrderTooLong,
    PackageNotFound,
    TooManyPackages,
    UnknownExpert,
    UnknownService,
)
from chalicelib.catalogue.model import CatalogueState, Draft, PackageKind
from chalicelib.catalogue.views import (
    DraftsQuery,
    ListingOrderRequest,
    ListingOrderView,
)
from chalicelib.core.errors import NotFound
from chalicelib.core.ids import new_id
from chalicelib.core.versions import check_version
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write

MAX_PACKAGES_OF_A_KIND = 1_000
MAX_MOVED = 90
_PREFIXES = {PackageKind.CREDIT: "cpk", PackageKind.APPOINTMENT: "apk", PackageKind.SESSION: "spk"}


class Drafts:
    """Creates, edits, orders and removes packages; each write moves the draft's revision on."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def create(self, operation: Operation, request: PackageRequest) -> Answer:
        """Add a package (A7, E3)."""
        kind = drafting.kind_asked(request)
        package_id = new_id(_PREFIXES[kind])

        def decide(loaded: Loaded) -> Decision:
            self._check_named(loaded, operation.platform_id, request)
            present = [draft.package for draft in not_removed(operation.platform_id, kind)]
            if len(present) >= MAX_PACKAGES_OF_A_KIND:
                raise TooManyPackages
            draft = drafting.drafted(request, package_id, rules.next_listing_order(present))
            return _saved(loaded, operation.platform_id, draft)

        return perform(operation, self._keys(operation.platform_id, request), decide)

    def edit(
        self, operation: Operation, package_id: str, request: PackageRequest, edited_version: int
    ) -> Answer:
        """Replace a package's fields (A16); what was sold keeps its own copy (A25)."""
        platform_id = operation.platform_id
        kind = drafting.kind_asked(request)

        def decide(loaded: Loaded) -> Decision:
            present = _present(loaded, platform_id, kind, package_id)
            check_version(present.version, edited_version)
            self._check_named(loaded, platform_id, request)
            draft = drafting.drafted(request, package_id, present.package.listing_order)
            return _saved(loaded, platform_id, replace(draft, version=present.version))

        draft_key = store.draft_key(platform_id, kind, package_id)
        return perform(operation, [draft_key, *self._keys(platform_id, request)], decide)

    def remove(self, operation: Operation, kind: PackageKind, package_id: str, edited_version: int) -> Answer:
        """Take a package off the drafts; buyers see it until the drafts are applied."""
        platform_id = operation.platform_id

        def decide(loaded: Loaded) -> Decision:
            present = _present(loaded, platform_id, kind, package_id)
            check_version(present.version, edited_version)
            return _saved(loaded, platform_id, replace(present, removed=True))

        draft_key = store.draft_key(platform_id, kind, package_id)
        return perform(operation, [draft_key, keys.draft_state(platform_id)], decide)

    def reorder(self, operation: Operation, kind: PackageKind, request: ListingOrderRequest) -> Answer:
        """Number the packages of one kind as they stand in the request (A18, A20)."""
        platform_id = operation.platform_id

        def decide(loaded: Loaded) -> Decision:
            present = {draft.package.id: draft for draft in not_removed(platform_id, kind)}
            places = rules.renumbered([draft.package for draft in present.values()], request.package_ids)
            if len(places) > MAX_MOVED:
                raise OrderTooLong(field="package_ids")
            moved = [_moved(present[package_id], place) for package_id, place in places]
            writes = _writes(loaded, platform_id, moved) if moved else []
            return Decision(answer=ListingOrderView(package_ids=request.package_ids), writes=writes)

        return perform(operation, [keys.draft_state(platform_id)], decide)

    def package(self, platform_id: str, kind: PackageKind, package_id: str) -> PackageView:
        """One draft. ``PackageNotFound``."""
        key = store.draft_key(platform_id, kind, package_id)
        return drafting.view_of(_present(read.batch([key]), platform_id, kind, package_id))

    def packages(self, platform_id: str, kind: PackageKind, query: DraftsQuery) -> PackageList:
        """The drafts of one kind in their order of display (A6, E2)."""
        page, cursor = drafting.listed(not_removed(platform_id, kind), query)
        items: list[Any] = [drafting.view_of(draft) for draft in page]
        page_of_kind: PackageList = drafting.LISTS[kind](items=items, cursor=cursor)
        return page_of_kind

    def _keys(self, platform_id: str, request: PackageRequest) -> list[Key]:
        experts = [self._accounts.key(platform_id, each) for each in drafting.experts_of(request)]
        services = [
            store.draft_key(platform_id, PackageKind.APPOINTMENT, each)
            for each in drafting.services_of(request)
        ]
        return [keys.draft_state(platform_id), *experts, *services]

    def _check_named(self, loaded: Loaded, platform_id: str, request: PackageRequest) -> None:
        """Experts and services that the request names stand on this platform."""
        self._check_experts(loaded, platform_id, request)
        for place, package_id in enumerate(drafting.services_of(request)):
            service = store.draft(loaded, platform_id, PackageKind.APPOINTMENT, package_id)
            if service is None or service.removed or service.package.country != request.country:
                raise UnknownService(field=f"services[{place}].package_id")

    def _check_experts(self, loaded: Loaded, platform_id: str, request: PackageRequest) -> None:
        for place, expert_id in enumerate(drafting.experts_of(request)):
            try:
                self._accounts.load_expert(loaded, platform_id, expert_id)
            except NotFound:
                raise UnknownExpert(field=f"expert_ids[{place}]") from None


def not_removed(platform_id: str, kind: PackageKind) -> Iterator[Draft]:
    """The drafts of one kind that stand."""
    return (draft for draft in store.drafts(platform_id, kind) if not draft.removed)


def state_of(loaded: Loaded, platform_id: str) -> CatalogueState:
    """How far the drafts are; at first, nothing was drafted and nothing is live."""
    stored = loaded.get(keys.draft_state(platform_id), CatalogueState)
    return stored or CatalogueState(platform_id=platform_id)


def _present(loaded: Loaded, platform_id: str, kind: PackageKind, package_id: str) -> Draft:
    draft = store.draft(loaded, platform_id, kind, package_id)
    if draft is None or draft.removed:
        raise PackageNotFound(field="package_id")
    return draft


def _saved(loaded: Loaded, platform_id: str, draft: Draft) -> Decision:
    shown = drafting.view_of(replace(draft, version=draft.version + 1))
    return Decision(answer=shown, writes=_writes(loaded, platform_id, [draft]))


def _writes(loaded: Loaded, platform_id: str, drafts: Sequence[Draft]) -> list[Write]:
    """The drafts and the state, whose version so tells apply that something was edited."""
    state = state_of(loaded, platform_id)
    edited = replace(state, draft_revision=state.draft_revision + 1)
    return [store.saved_state(edited), *(store.saved_draft(platform_id, draft) for draft in drafts)]


def _moved(draft: Draft, listing_order: int) -> Draft:
    moved: Any = replace(draft.package, listing_order=listing_order)
    return replace(draft, package=moved)
