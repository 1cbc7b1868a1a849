"""Where drafts and published pages are kept. Nothing here commits."""

from collections.abc import Iterator
from typing import Any

from chalicelib.catalogue.model import (
    AppointmentDraft,
    CataloguePage,
    CatalogueState,
    CreditDraft,
    Draft,
    PackageKind,
    SessionDraft,
    SettingsDraft,
)
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.transact import Write

_READ_AT_ONCE = 100


class CreditDraftItem(Item, discriminator="credit-draft"):
    record = RecordAttribute(CreditDraft)


class AppointmentDraftItem(Item, discriminator="appointment-draft"):
    record = RecordAttribute(AppointmentDraft)


class SessionDraftItem(Item, discriminator="session-draft"):
    record = RecordAttribute(SessionDraft)


class SettingsDraftItem(Item, discriminator="settings-draft"):
    record = RecordAttribute(SettingsDraft)


class CatalogueStateItem(Item, discriminator="catalogue-state"):
    record = RecordAttribute(CatalogueState)


class CataloguePageItem(Item, discriminator="catalogue-page"):
    record = RecordAttribute(CataloguePage)


def draft_key(platform_id: str, kind: PackageKind, package_id: str) -> Key:
    return keys.draft(platform_id, kind.upper(), package_id)


def saved_draft(platform_id: str, draft: Draft) -> Write:
    if isinstance(draft, CreditDraft):
        key = draft_key(platform_id, PackageKind.CREDIT, draft.package.id)
        return transact.save(CreditDraftItem.of(key, draft))
    if isinstance(draft, SessionDraft):
        key = draft_key(platform_id, PackageKind.SESSION, draft.package.id)
        return transact.save(SessionDraftItem.of(key, draft))
    key = draft_key(platform_id, PackageKind.APPOINTMENT, draft.package.id)
    return transact.save(AppointmentDraftItem.of(key, draft))


def settings_key(platform_id: str) -> Key:
    return keys.draft(platform_id, "SETTINGS", "APPOINTMENTS")


def saved_settings(platform_id: str, draft: SettingsDraft) -> Write:
    return transact.save(SettingsDraftItem.of(settings_key(platform_id), draft))


def saved_state(state: CatalogueState) -> Write:
    return transact.save(CatalogueStateItem.of(keys.draft_state(state.platform_id), state))


def live_page(page: CataloguePage) -> Write:
    """The first page, where readers look; ``page.version`` is that of the page whose place it takes."""
    return transact.save(CataloguePageItem.of(keys.catalogue(page.platform_id, page.country), page))


def kept_page(page: CataloguePage) -> Write:
    """A page of a revision, written once and never changed."""
    key = keys.catalogue_page(page.platform_id, page.country, page.revision, page.page)
    return transact.create(CataloguePageItem.of(key, page))


def draft(loaded: read.Loaded, platform_id: str, kind: PackageKind, package_id: str) -> Draft | None:
    key = draft_key(platform_id, kind, package_id)
    if kind is PackageKind.CREDIT:
        return loaded.get(key, CreditDraft)
    if kind is PackageKind.SESSION:
        return loaded.get(key, SessionDraft)
    return loaded.get(key, AppointmentDraft)


def drafts(platform_id: str, kind: PackageKind) -> Iterator[Any]:
    """Every draft of one kind, also the removed ones, by their ids."""
    prefix = draft_key(platform_id, kind, "")
    return read.query_all(prefix.pk, prefix=prefix.sk, limit=_READ_AT_ONCE)


def first_page(loaded: read.Loaded, platform_id: str, country: str) -> CataloguePage | None:
    return loaded.get(keys.catalogue(platform_id, country), CataloguePage)


def read_first_page(platform_id: str, country: str) -> CataloguePage | None:
    return read.get(keys.catalogue(platform_id, country), CataloguePage)


def read_page(platform_id: str, country: str, revision: int, page: int) -> CataloguePage | None:
    return read.get(keys.catalogue_page(platform_id, country, revision, page), CataloguePage)


def further_pages(first: CataloguePage) -> Iterator[CataloguePage]:
    """The pages after the first, one get each."""
    for number in range(2, first.pages + 1):
        page = read_page(first.platform_id, first.country, first.revision, number)
        if page is None:
            raise LookupError(f"page {number} of revision {first.revision} in {first.country} is missing")
        yield page
