"""From a draft to what buyers see, on moto."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

import msgspec
import pytest

from chalicelib.accounts import store as accounts_store
from chalicelib.accounts.model import Account, AccountState, Locale
from chalicelib.accounts.service import Accounts
from chalicelib.catalogue import drafts as drafts_module
from chalicelib.catalogue import publishing as publishing_module
from chalicelib.catalogue import store
from chalicelib.catalogue.drafts import Drafts
from chalicelib.catalogue.errors import (
    CoveredServiceMissing,
    NothingToApply,
    OrderIncomplete,
    OrderTooLong,
    PackageNotFound,
    PackageNotOnSale,
    TooManyCountries,
    UnknownExpert,
    UnknownService,
)
from chalicelib.catalogue.model import (
    AppointmentType,
    CatalogueState,
    CreditDraft,
    CreditPackage,
    HowItEnds,
    PackageKind,
    Service,
    WhenItEnds,
)
from chalicelib.catalogue.publishing import Publishing
from chalicelib.catalogue.service import Catalogue
from chalicelib.catalogue.session_package import CoveredService
from chalicelib.catalogue.session_package_views import CoveredServiceRequest, SessionPackageRequest
from chalicelib.catalogue.settings import SettingsDrafts
from chalicelib.catalogue.views import (
    AppointmentPackageRequest,
    AppointmentSettingsView,
    CreditPackageRequest,
    DraftsQuery,
    ListingOrderRequest,
    Price,
)
from chalicelib.core.actor import Actor, system
from chalicelib.core.countries import COUNTRIES
from chalicelib.core.errors import Stale
from chalicelib.core.money import Money
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import AppointmentSettings, PlatformNotFound, PlatformSettings, SettingInvalid
from chalicelib.platforms.service import Platforms
from chalicelib.platforms.views import AppointmentSettingsRequest
from chalicelib.table import read, transact
from chalicelib.table.operation import Operation
from chalicelib.table.read import CursorInvalid

pytestmark = pytest.mark.usefixtures("table", "platform")


class WholeDay:
    """A balance for calls that covers whatever is sold by phone."""

    def minutes_covered(self, platform_id: str) -> int:
        return 24 * 60


PLATFORM = "sesli"
numbers = count()
platforms = Platforms()
accounts = Accounts(platforms, None)  # type: ignore[arg-type] - nobody signs up here
catalogue = Catalogue(platforms, WholeDay)
drafts = Drafts(accounts)
settings_drafts = SettingsDrafts(platforms)
publishing = Publishing(platforms, settings_drafts)


@pytest.fixture
def platform(table: None) -> None:
    del table
    founder = Operation(actor=system(PLATFORM), name="create", key="create")
    platforms.create(founder, "Sesli", sandbox=True, settings=PlatformSettings())


def operation(platform_id: str = PLATFORM) -> Operation:
    admin = Actor(id="admin", platform_id=platform_id, roles=frozenset({Role.ADMIN}))
    return Operation(actor=admin, name="test", key=f"key-{next(numbers)}")


def credit_request(**changed: Any) -> CreditPackageRequest:
    fields: dict[str, Any] = {
        "name": "100 Kredi",
        "credits": 100,
        "price": Price(amount=149000, currency="TRY"),
        "country": "TR",
        "short_info": "İlk paket",
    }
    return CreditPackageRequest(**fields | changed)


def appointment_request(**changed: Any) -> AppointmentPackageRequest:
    fields: dict[str, Any] = {
        "title": "Görüşme",
        "appointment_type": AppointmentType.ONLINE,
        "service": Service.AUDIO,
        "duration_minutes": 50,
        "break_minutes": 10,
        "credits": 40,
        "country": "TR",
        "currency": "TRY",
        "how_it_ends": HowItEnds.BY_EXPERT,
        "when_it_ends": WhenItEnds.FULL_SERVICE_TIME,
    }
    return AppointmentPackageRequest(**fields | changed)


def session_request(*package_ids: str, **changed: Any) -> SessionPackageRequest:
    """D5."""
    fields: dict[str, Any] = {
        "name": "Cilt Bakımı Paketi – 6 Seans",
        "total_sessions": 6,
        "services": [CoveredServiceRequest(package_id=package_id) for package_id in package_ids],
        "price": Price(amount=600_000, currency="TRY"),
        "country": "TR",
        "currency": "TRY",
        "short_info": "Klasik cilt bakımı + nem bakımı",
    }
    return SessionPackageRequest(**fields | changed)


def created(request: Any) -> dict[str, Any]:
    view: dict[str, Any] = msgspec.json.decode(drafts.create(operation(), request).body)
    return view


def applied() -> dict[str, Any]:
    version = publishing.changes(PLATFORM).version
    view: dict[str, Any] = msgspec.json.decode(publishing.apply(operation(), version).body)
    return view


def on_sale(country: str = "TR") -> list[str]:
    view = catalogue.published(PLATFORM, country).view
    names = [package.name for package in view.credit_packages]
    names += [package.title for package in view.appointment_packages]
    return names + [package.name for package in view.session_packages]


def an_account(role: Role, account_id: str, platform_id: str = PLATFORM) -> None:
    account = Account(
        id=account_id,
        platform_id=platform_id,
        role=role,
        state=AccountState.ACTIVE,
        email=f"{account_id}@example.com",
        name="Ayşe Yılmaz",
        country="TR",
        locale=Locale.TURKISH,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    transact.commit([accounts_store.saved(account)], f"{platform_id}{account_id}")


def test_a_draft_is_seen_by_nobody_before_it_is_applied_and_by_all_after() -> None:
    """A16, A17, A26."""
    package = created(credit_request())
    assert package["id"].startswith("cpk_")
    assert (package["listing_order"], package["version"]) == (1, 1)
    assert on_sale() == []
    assert applied()["countries"] == ["TR"]
    assert on_sale() == ["100 Kredi"]


def test_every_field_of_a_credit_package_reaches_the_card() -> None:
    """A8 to A15."""
    created(credit_request(listing_order=3))
    applied()
    (card,) = catalogue.published(PLATFORM, "TR").view.credit_packages
    assert (card.name, card.credits, card.price) == ("100 Kredi", 100, Money(149000, "TRY"))
    assert (card.country, card.short_info, card.listing_order) == ("TR", "İlk paket", 3)


@pytest.mark.parametrize("service", list(Service))
def test_e6_e7_e9_e22_e29_e30_every_field_of_an_appointment_package_reaches_the_card(service) -> None:
    """E4 to E30; one of each of the three services."""
    asked = {
        "service": service,
        "title": "Danışmanlık",
        "description": "Elli dakika,\nardından on dakika ara",
        "fee": Price(amount=90_000, currency="TRY"),
        "sessions": 6,
        "listing_order": 3,
    }
    created(appointment_request(**asked))
    created(appointment_request(title="Beratung", country="DE", currency="EUR"))
    applied()
    (card,) = catalogue.published(PLATFORM, "TR").view.appointment_packages
    assert (card.appointment_type, card.service) == (AppointmentType.ONLINE, service)
    assert (card.duration_minutes, card.break_minutes, card.sessions) == (50, 10, 6)
    assert (card.fee, card.credits) == (Money(90_000, "TRY"), 40)
    assert (card.country, card.currency, card.listing_order) == ("TR", "TRY", 3)
    assert (card.how_it_ends, card.when_it_ends) == (HowItEnds.BY_EXPERT, WhenItEnds.FULL_SERVICE_TIME)
    assert (card.title, card.description) == (asked["title"], asked["description"])


def test_v21_a_package_that_expires_says_so_once_it_is_applied() -> None:
    package = created(credit_request())
    applied()
    edited = credit_request(expires_after_days=90)
    drafts.edit(operation(), package["id"], edited, package["version"])
    assert catalogue.published(PLATFORM, "TR").view.credit_packages[0].expires_after_days is None
    (change,) = publishing.changes(PLATFORM).changes
    assert [(each.field, each.before, each.after) for each in change.fields] == [
        ("expires_after_days", None, 90)
    ]
    applied()
    assert catalogue.published(PLATFORM, "TR").view.credit_packages[0].expires_after_days == 90


def test_an_edit_changes_nothing_live_until_it_is_applied() -> None:
    """A25, A26."""
    package = created(credit_request())
    applied()
    drafts.edit(operation(), package["id"], credit_request(name="Yeni"), package["version"])
    assert on_sale() == ["100 Kredi"]
    applied()
    assert on_sale() == ["Yeni"]


def test_an_edit_keeps_the_place_unless_it_names_another() -> None:
    created(credit_request())
    package = created(credit_request())
    edited = drafts.edit(operation(), package["id"], credit_request(credits=7), package["version"])
    view = msgspec.json.decode(edited.body)
    assert (view["credits"], view["listing_order"], view["version"]) == (7, 2, 2)
    again = drafts.edit(operation(), package["id"], credit_request(listing_order=9), 2)
    assert msgspec.json.decode(again.body)["listing_order"] == 9


def test_an_edit_and_a_removal_of_what_has_changed_since_are_refused() -> None:
    package = created(credit_request())
    drafts.edit(operation(), package["id"], credit_request(name="Yeni"), 1)
    with pytest.raises(Stale):
        drafts.edit(operation(), package["id"], credit_request(name="Eski"), 1)
    with pytest.raises(Stale):
        drafts.remove(operation(), PackageKind.CREDIT, package["id"], 1)
    assert drafts.package(PLATFORM, PackageKind.CREDIT, package["id"]).name == "Yeni"  # type: ignore[union-attr] - a credit package


def test_what_was_removed_is_sold_until_it_is_applied_and_never_again() -> None:
    package = created(credit_request())
    applied()
    drafts.remove(operation(), PackageKind.CREDIT, package["id"], 1)
    assert on_sale() == ["100 Kredi"]
    assert drafts.packages(PLATFORM, PackageKind.CREDIT, DraftsQuery()).items == []
    with pytest.raises(PackageNotFound):
        drafts.package(PLATFORM, PackageKind.CREDIT, package["id"])
    with pytest.raises(PackageNotFound):
        drafts.edit(operation(), package["id"], credit_request(), 2)
    with pytest.raises(PackageNotFound):
        drafts.remove(operation(), PackageKind.CREDIT, package["id"], 2)
    applied()
    assert on_sale() == []


def test_a_package_of_another_platform_or_kind_is_not_found() -> None:
    package = created(credit_request())
    with pytest.raises(PackageNotFound):
        drafts.package("other", PackageKind.CREDIT, package["id"])
    with pytest.raises(PackageNotFound):
        drafts.package(PLATFORM, PackageKind.APPOINTMENT, package["id"])
    with pytest.raises(PackageNotFound):
        drafts.edit(operation("other"), package["id"], credit_request(), 1)


def test_the_field_and_the_drag_write_the_same_order() -> None:
    """A12, A18, A20."""
    first, second, third = (created(credit_request(name=name)) for name in ("a", "b", "c"))
    order = ListingOrderRequest(package_ids=[third["id"], first["id"], second["id"]])
    drafts.reorder(operation(), PackageKind.CREDIT, order)
    listed = drafts.packages(PLATFORM, PackageKind.CREDIT, DraftsQuery()).items
    assert [(each.name, each.listing_order) for each in listed] == [("c", 1), ("a", 2), ("b", 3)]  # type: ignore[union-attr] - credit packages
    drafts.edit(operation(), second["id"], credit_request(name="b", listing_order=0), 2)
    applied()
    assert on_sale() == ["b", "c", "a"]


def test_an_order_that_changes_nothing_edits_nothing() -> None:
    package = created(credit_request())
    before = publishing.changes(PLATFORM).version
    drafts.reorder(operation(), PackageKind.CREDIT, ListingOrderRequest(package_ids=[package["id"]]))
    assert publishing.changes(PLATFORM).version == before


def test_an_order_names_every_package_of_its_kind() -> None:
    first, _ = created(credit_request()), created(credit_request())
    created(appointment_request())
    for wrong in ([first["id"]], [first["id"], first["id"]], [first["id"], "cpk_unknown"]):
        with pytest.raises(OrderIncomplete):
            drafts.reorder(operation(), PackageKind.CREDIT, ListingOrderRequest(package_ids=wrong))


def test_only_so_many_packages_move_in_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts_module, "MAX_MOVED", 3)
    packages = [created(credit_request())["id"] for _ in range(4)]
    turned = [*packages[1:], packages[0]]
    with pytest.raises(OrderTooLong):
        drafts.reorder(operation(), PackageKind.CREDIT, ListingOrderRequest(package_ids=turned))
    swapped = [packages[2], packages[1], packages[0], packages[3]]
    drafts.reorder(operation(), PackageKind.CREDIT, ListingOrderRequest(package_ids=swapped))
    page = drafts.packages(PLATFORM, PackageKind.CREDIT, DraftsQuery(limit=1))
    assert page.items[0].id == packages[2]


def test_ninety_countries_go_live_in_one_step_and_no_more() -> None:
    countries = sorted(COUNTRIES)[:91]
    packages = [
        CreditDraft(
            package=CreditPackage(
                id=f"cpk_{country}",
                name=country,
                credits=1,
                price=Money(1, "EUR"),
                country=country,
                short_info="",
                listing_order=1,
            )
        )
        for country in countries
    ]
    state = CatalogueState(platform_id=PLATFORM, draft_revision=1)
    writes = [store.saved_state(state), *(store.saved_draft(PLATFORM, each) for each in packages)]
    transact.commit(writes, "drafts")
    with pytest.raises(TooManyCountries):
        publishing.apply(operation(), 1)
    drafts.remove(operation(), PackageKind.CREDIT, f"cpk_{countries[0]}", 1)
    assert len(applied()["countries"]) == 90
    assert on_sale(countries[90]) == [countries[90]]


def test_changes_tell_each_field_and_applying_leaves_none() -> None:
    package = created(credit_request())
    applied()
    assert publishing.changes(PLATFORM).changes == []
    drafts.edit(operation(), package["id"], credit_request(credits=120), 1)
    (change,) = publishing.changes(PLATFORM).changes
    assert (change.change, change.package_id) == ("changed", package["id"])
    assert [(each.field, each.before, each.after) for each in change.fields] == [("credits", 100, 120)]


def test_drafts_that_changed_since_they_were_read_are_not_applied() -> None:
    created(credit_request())
    seen = publishing.changes(PLATFORM).version
    created(credit_request(name="Sonradan"))
    with pytest.raises(Stale):
        publishing.apply(operation(), seen)
    assert on_sale() == []


def test_an_edit_while_applying_stops_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    created(credit_request())
    seen = publishing.changes(PLATFORM).version
    kept = publishing_module._keep

    def keep(applying: Operation, page: Any) -> None:
        kept(applying, page)
        if not on_sale() and publishing.changes(PLATFORM).version == seen:
            created(credit_request(name="Sonradan"))

    monkeypatch.setattr(publishing_module, "_keep", keep)
    with pytest.raises(Stale):
        publishing.apply(operation(), seen)
    assert on_sale() == []


def test_nothing_new_is_not_applied() -> None:
    with pytest.raises(NothingToApply):
        publishing.apply(operation(), 0)
    package = created(credit_request())
    applied()
    drafts.edit(operation(), package["id"], credit_request(name="Yeni"), 1)
    drafts.edit(operation(), package["id"], credit_request(), 2)
    with pytest.raises(NothingToApply):
        publishing.apply(operation(), publishing.changes(PLATFORM).version)


def test_only_changed_countries_get_a_new_revision_and_old_ones_stay() -> None:
    created(credit_request())
    created(credit_request(name="Paket", country="DE", price=Price(amount=900, currency="EUR")))
    first = applied()
    assert first["countries"] == ["DE", "TR"]
    created(credit_request(name="Zweites", country="DE", price=Price(amount=900, currency="EUR")))
    second = applied()
    assert second["countries"] == ["DE"]
    assert catalogue.published(PLATFORM, "TR").view.revision == first["revision"]
    assert catalogue.published(PLATFORM, "DE").view.revision == second["revision"]
    old = catalogue.published(PLATFORM, "DE", cursor=f"{first['revision']}.1").view
    assert [package.name for package in old.credit_packages] == ["Paket"]


def test_a_package_that_moves_to_another_country_leaves_the_first() -> None:
    """A21."""
    package = created(credit_request())
    applied()
    moved = credit_request(country="DE", price=Price(amount=900, currency="EUR"))
    drafts.edit(operation(), package["id"], moved, 1)
    assert applied()["countries"] == ["DE", "TR"]
    assert (on_sale("TR"), on_sale("DE")) == ([], ["100 Kredi"])


def test_the_same_key_applies_once() -> None:
    created(credit_request())
    once, seen = operation(), publishing.changes(PLATFORM).version
    first = publishing.apply(once, seen)
    again = publishing.apply(once, seen)
    assert (again.replayed, again.body) == (True, first.body)


def test_e23_an_expert_sees_the_packages_that_he_holds_in_their_order() -> None:
    an_account(Role.EXPERT, "expert-1")
    an_account(Role.EXPERT, "expert-2")
    created(appointment_request(title="all"))
    created(appointment_request(title="one", expert_ids=["expert-1"]))
    created(appointment_request(title="first", listing_order=0))
    applied()

    def titles(expert_id: str | None) -> list[str]:
        view = catalogue.published(PLATFORM, "TR", expert_id=expert_id).view
        return [package.title for package in view.appointment_packages]

    assert titles("expert-1") == titles(None) == ["first", "all", "one"]
    assert titles("expert-2") == ["first", "all"]


def test_only_experts_of_this_platform_can_be_named() -> None:
    an_account(Role.EXPERT, "expert-1")
    an_account(Role.CUSTOMER, "customer-1")
    an_account(Role.EXPERT, "expert-2", platform_id="other")
    for stranger in ("customer-1", "expert-2", "nobody"):
        with pytest.raises(UnknownExpert) as refused:
            created(appointment_request(expert_ids=["expert-1", stranger]))
        assert refused.value.field == "expert_ids[1]"
    package = created(appointment_request(expert_ids=["expert-1"]))
    with pytest.raises(UnknownExpert):
        drafts.edit(operation(), package["id"], appointment_request(expert_ids=["nobody"]), 1)


def test_what_is_sold_is_looked_up_among_what_was_read() -> None:
    credit, appointment = created(credit_request()), created(appointment_request())
    applied()
    loaded = read.batch([catalogue.key(PLATFORM, "TR"), catalogue.key(PLATFORM, "DE")])
    assert catalogue.credit_package(loaded, PLATFORM, "TR", credit["id"]).credits == 100
    assert catalogue.appointment_package(loaded, PLATFORM, "TR", appointment["id"]).slot_minutes == 60
    for country, package_id in (("DE", credit["id"]), ("TR", "cpk_no"), ("TR", appointment["id"])):
        with pytest.raises(PackageNotOnSale):
            catalogue.credit_package(loaded, PLATFORM, country, package_id)
    with pytest.raises(PackageNotOnSale):
        catalogue.appointment_package(loaded, PLATFORM, "TR", credit["id"])


def test_a_long_catalogue_stands_on_pages_and_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing_module, "MAX_PAGE_BYTES", 400)
    packages = [created(credit_request(name=f"Paket {number}")) for number in range(7)]
    applied()
    names, cursor, pages = [], None, 0
    while True:
        view = catalogue.published(PLATFORM, "TR", cursor=cursor).view
        names += [package.name for package in view.credit_packages]
        cursor, pages = view.cursor, pages + 1
        if cursor is None:
            break
    assert names == [f"Paket {number}" for number in range(7)]
    assert pages > 2
    loaded = read.batch([catalogue.key(PLATFORM, "TR")])
    assert catalogue.credit_package(loaded, PLATFORM, "TR", packages[6]["id"]).name == "Paket 6"
    with pytest.raises(PackageNotOnSale):
        catalogue.credit_package(loaded, PLATFORM, "TR", "cpk_no")
    drafts.remove(operation(), PackageKind.CREDIT, packages[6]["id"], 1)
    (change,) = publishing.changes(PLATFORM).changes
    assert (change.change, change.name) == ("removed", "Paket 6")


def test_a_page_is_read_by_one_get(monkeypatch: pytest.MonkeyPatch) -> None:
    created(credit_request())
    applied()
    gets = []
    kept = read.get
    monkeypatch.setattr(read, "get", lambda *key: gets.append(key) or kept(*key))
    catalogue.published(PLATFORM, "TR")
    assert len(gets) == 1


@pytest.mark.parametrize("cursor", ["1", "x.y", "99.1", "1.99", "-1.1"])
def test_a_cursor_that_leads_nowhere_is_refused(cursor: str) -> None:
    created(credit_request())
    applied()
    with pytest.raises(CursorInvalid):
        catalogue.published(PLATFORM, "TR", cursor=cursor)


def test_a_platform_that_is_none_has_no_catalogue() -> None:
    assert catalogue.published(PLATFORM, "FR").view.revision == 0
    for nonsense in ("nobody", "A#B"):
        with pytest.raises(PlatformNotFound):
            catalogue.published(nonsense, "TR")


def test_d5_the_skin_care_package_of_six_sessions_covers_two_services() -> None:
    """D1 to D5: defined, and on the public page once it is applied."""
    classic = created(appointment_request(title="Klasik cilt bakımı"))["id"]
    moisture = created(appointment_request(title="Nem bakımı"))["id"]
    package = created(session_request(classic, moisture, expires_after_days=365))
    assert package["id"].startswith("spk_")
    assert (package["total_sessions"], package["listing_order"], package["version"]) == (6, 1, 1)
    assert on_sale() == []
    applied()
    (card,) = catalogue.published(PLATFORM, "TR").view.session_packages
    assert card.services == [CoveredService(package_id=classic), CoveredService(package_id=moisture)]
    assert (card.name, card.price, card.expires_after_days) == (
        "Cilt Bakımı Paketi – 6 Seans",
        Money(600_000, "TRY"),
        365,
    )
    assert catalogue.session_package(live(), PLATFORM, "TR", card.id) == card
    with pytest.raises(PackageNotOnSale):
        catalogue.session_package(live(), PLATFORM, "TR", classic)


def live() -> read.Loaded:
    return read.batch([catalogue.key(PLATFORM, "TR")])


def test_d4_a_service_that_is_not_there_is_refused_with_its_path() -> None:
    here = created(appointment_request())["id"]
    abroad = created(appointment_request(country="DE", currency="EUR"))["id"]
    gone = created(appointment_request())
    drafts.remove(operation(), PackageKind.APPOINTMENT, gone["id"], gone["version"])
    credit = created(credit_request())["id"]
    for other in (abroad, gone["id"], credit, "apk_nonsense", "a#b"):
        with pytest.raises(UnknownService) as refusal:
            created(session_request(here, other))
        assert refusal.value.field == "services[1].package_id"
    assert drafts.packages(PLATFORM, PackageKind.SESSION, DraftsQuery()).items == []


def test_a_covered_service_that_was_removed_cannot_be_left_out_by_applying() -> None:
    service = created(appointment_request())
    package = created(session_request(service["id"]))
    applied()
    drafts.remove(operation(), PackageKind.APPOINTMENT, service["id"], service["version"])
    with pytest.raises(CoveredServiceMissing) as refusal:
        applied()
    assert refusal.value.field == f"{package['id']}.services[0].package_id"
    drafts.remove(operation(), PackageKind.SESSION, package["id"], package["version"])
    applied()
    assert on_sale() == []


def test_session_packages_are_edited_and_ordered_as_their_siblings_are() -> None:
    service = created(appointment_request())["id"]
    first, second = (
        created(session_request(service)),
        created(session_request(service, name="Masaj – 10 Seans")),
    )
    request = ListingOrderRequest(package_ids=[second["id"], first["id"]])
    drafts.reorder(operation(), PackageKind.SESSION, request)
    listed = drafts.packages(PLATFORM, PackageKind.SESSION, DraftsQuery()).items
    assert [view.id for view in listed] == [second["id"], first["id"]]
    applied()
    edited = session_request(service, total_sessions=8)
    drafts.edit(operation(), first["id"], edited, listed[1].version)
    (change,) = publishing.changes(PLATFORM).changes
    assert (change.kind, change.name) == (PackageKind.SESSION, "Cilt Bakımı Paketi – 6 Seans")
    assert [(each.field, each.before, each.after) for each in change.fields] == [("total_sessions", 6, 8)]


# --------------------------------------------------------------------- the settings of appointments (B47)


def draft_settings(version: int = 0, **changed: object) -> AppointmentSettingsView:
    plain = msgspec.to_builtins(AppointmentSettings()) | changed
    request = msgspec.convert(plain, AppointmentSettingsRequest)
    return settings_drafts.edit(operation(), request, version).read_as(AppointmentSettingsView)


def active() -> bool:
    return platforms.get(PLATFORM).settings.appointment_system_active


def test_b47_the_appointment_system_is_switched_off_by_draft_and_apply() -> None:
    assert draft_settings(appointment_system_active=False).version == 1
    assert active()
    shown = publishing.changes(PLATFORM)
    assert [(each.field, each.before, each.after) for each in shown.settings] == [
        ("appointment_system_active", True, False)
    ]
    publishing.apply(operation(), shown.version)
    assert not active()
    assert not platforms.public_view(PLATFORM).appointment_system_active
    assert publishing.changes(PLATFORM).settings == []
    assert settings_drafts.settings(PLATFORM).version == 1
    with pytest.raises(NothingToApply):
        publishing.apply(operation(), publishing.changes(PLATFORM).version)


def test_settings_and_packages_go_live_in_one_step_or_not_at_all(monkeypatch) -> None:
    created(credit_request())
    draft_settings(join_early_minutes=3)
    version = publishing.changes(PLATFORM).version
    saved = transact.commit

    def fail_at_the_flip(writes: list[transact.Write], token: str) -> None:
        if len(writes) > 1:
            raise RuntimeError
        saved(writes, token)

    monkeypatch.setattr(transact, "commit", fail_at_the_flip)
    with pytest.raises(RuntimeError):
        publishing.apply(operation(), version)
    monkeypatch.undo()
    assert platforms.get(PLATFORM).settings.join_early_minutes == 10
    assert catalogue.published(PLATFORM, "TR").view.credit_packages == []
    publishing.apply(operation(), version)
    assert platforms.get(PLATFORM).settings.join_early_minutes == 3
    assert len(catalogue.published(PLATFORM, "TR").view.credit_packages) == 1


def test_a_draft_of_settings_is_edited_as_it_was_read_and_makes_an_apply_stale() -> None:
    version = publishing.changes(PLATFORM).version
    draft_settings(join_early_minutes=3)
    with pytest.raises(Stale):
        draft_settings(join_early_minutes=4)
    with pytest.raises(Stale):
        publishing.apply(operation(), version)
    with pytest.raises(SettingInvalid):
        draft_settings(1, cancel_part_hours=30)
    assert draft_settings(1, join_early_minutes=5).join_early_minutes == 5
    assert settings_drafts.settings("sesli").join_early_minutes == 5
