"""A platform with an expert who is open, a customer with credits and packages on sale; and a count of AWS calls."""

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from chalicelib import aws
from chalicelib.accounts import store as account_store
from chalicelib.accounts.model import Account, AccountState, Locale
from chalicelib.accounts.service import Accounts
from chalicelib.accounts.store import AccountItem
from chalicelib.assignments.assigning import Assigning
from chalicelib.assignments.service import Assignments
from chalicelib.booking.changes import Changes
from chalicelib.booking.desk import Desk
from chalicelib.booking.lists import BookingLists
from chalicelib.booking.returning import Returns
from chalicelib.booking.selling import Selling
from chalicelib.booking.series import RecurringBookings
from chalicelib.booking.series_cancelling import SeriesCancelling
from chalicelib.booking.series_starts import Starts
from chalicelib.booking.service import Bookings
from chalicelib.booking.single import SingleBookings
from chalicelib.booking.slots import Slots
from chalicelib.booking.sold_slots import SoldSlots
from chalicelib.booking.views import BookingRequest, BookingView
from chalicelib.calendar.free_slots import FreeSlots
from chalicelib.calendar.hours import OpeningHours
from chalicelib.calendar.model import Agenda, Calendar, Location, OpenHours
from chalicelib.calendar.service import Calendars
from chalicelib.calendar.shared import SharedCalendars
from chalicelib.calendar.store import CalendarItem
from chalicelib.catalogue.model import (
    AppointmentPackage,
    AppointmentType,
    CataloguePage,
    HowItEnds,
    Service,
    WhenItEnds,
)
from chalicelib.catalogue.service import Catalogue
from chalicelib.catalogue.session_package import CoveredService, SessionPackage
from chalicelib.catalogue.store import CataloguePageItem
from chalicelib.core import clock
from chalicelib.core.actor import Actor, system
from chalicelib.core.money import Money
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.platforms.store import PlatformItem
from chalicelib.sessions.news import marked_missed
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Answer, Decision, Operation, by_system, perform
from chalicelib.telephony.service import Phones
from chalicelib.wallet.ledger import Journal
from chalicelib.wallet.model import Grant, Origin, Wallet
from chalicelib.wallet.service import Wallets

PLATFORM = "studio"
OPEN_DAY = "2026-11-23"  # a Monday; the tests' clock stands at 09:00 UTC of the Sunday before it
platforms = Platforms()
accounts = Accounts(platforms, identity=None)  # nobody signs up here
phones = Phones(accounts)
catalogue = Catalogue(platforms, lambda: phones)
wallets = Wallets()
calendars = Calendars()
free_slots = FreeSlots(
    platforms, accounts, catalogue, calendars, phones, lambda: SoldSlots(assignments, bookings)
)
opening_hours = OpeningHours(platforms, accounts)
shared_calendars = SharedCalendars(platforms, accounts)
ROOM = Location(id="room", name="Studio", address="Moda Caddesi 1")
assignments = Assignments(platforms, accounts)
assigning = Assigning(platforms, accounts, catalogue)
bookings = Bookings(assignments, phones)
slots = Slots(platforms, accounts, calendars, phones)
selling = Selling(accounts, catalogue, wallets, assignments)
single = SingleBookings(platforms, accounts, calendars, assignments, slots, selling)
changes = Changes(platforms, calendars, bookings, Returns(wallets, assignments), marked_missed)
desk = Desk(platforms, accounts, catalogue, bookings, single, slots)
lists = BookingLists(bookings)
starts = Starts(accounts, calendars, slots)
recurring = RecurringBookings(platforms, accounts, catalogue, assignments, selling, starts, desk)
series_cancelling = SeriesCancelling(changes)


def actor(
    person_id: str, role: Role = Role.CUSTOMER, country: str | None = "TR", platform_id: str = PLATFORM
) -> Actor:
    return Actor(id=person_id, platform_id=platform_id, roles=frozenset({role}), country=country)


ADA = actor("ada")
ADMIN = actor("boss", Role.ADMIN, None)
EXPERT = actor("elif", Role.EXPERT)


def put(*items: Any) -> None:
    transact.commit(
        [transact.create(item) for item in items], str(clock.now()) + str([item.pk for item in items])
    )


def account(person_id: str, role: Role, **fields: Any) -> AccountItem:
    record = Account(
        id=person_id,
        platform_id=PLATFORM,
        role=role,
        state=AccountState.ACTIVE,
        email=f"{person_id}@example.com",
        name=person_id.title(),
        locale=Locale.TURKISH,
        created_at=clock.now(),
        **{"country": "TR"} | fields,
    )
    listed = keys.account_in_list(PLATFORM, role, record.created_at, person_id)
    return AccountItem.of(keys.account(PLATFORM, person_id), record, owner=listed)


def package(**fields: Any) -> AppointmentPackage:
    """50 minutes and a break of 10 for 100 credits, over video."""
    online = AppointmentPackage(
        id="apk_hour",
        title="Hour",
        description="",
        appointment_type=AppointmentType.ONLINE,
        service=Service.VIDEO,
        duration_minutes=50,
        break_minutes=10,
        fee=None,
        credits=100,
        sessions=1,
        country="TR",
        currency="TRY",
        listing_order=0,
        how_it_ends=HowItEnds.AUTOMATIC,
        when_it_ends=WhenItEnds.SCHEDULED_END,
        expert_ids=[],
    )
    return replace(online, **fields)


ON_SALE = [
    package(),
    package(id="apk_short", duration_minutes=15, break_minutes=5, credits=30),
    package(id="apk_three", sessions=3, credits=250),
    package(id="apk_phone", service=Service.PHONE),
    package(id="apk_money", fee=Money(90_000, "TRY"), credits=None),
    package(id="apk_other", expert_ids=["deniz"]),
    package(
        id="apk_classic",
        title="Klasik cilt bakımı",
        appointment_type=AppointmentType.FACE_TO_FACE,
        service=None,
    ),
    package(
        id="apk_moisture", title="Nem bakımı", appointment_type=AppointmentType.FACE_TO_FACE, service=None
    ),
    package(id="apk_face", appointment_type=AppointmentType.FACE_TO_FACE, service=None),
]


def session_package(**fields: Any) -> SessionPackage:
    """D5: Cilt Bakımı Paketi – 6 Seans: klasik cilt bakımı + nem bakımı."""
    skin_care = SessionPackage(
        id="spk_skin",
        name="Cilt Bakımı Paketi – 6 Seans",
        total_sessions=6,
        services=[CoveredService(package_id="apk_classic"), CoveredService(package_id="apk_moisture")],
        price=Money(600_000, "TRY"),
        country="TR",
        currency="TRY",
        listing_order=0,
        short_info="Klasik cilt bakımı + nem bakımı",
        expires_after_days=None,
    )
    return replace(skin_care, **fields)


SESSIONS_ON_SALE = [
    session_package(),
    session_package(id="spk_month", expires_after_days=30),
    session_package(
        id="spk_counted",
        services=[
            CoveredService(package_id="apk_classic", count=4),
            CoveredService(package_id="apk_moisture", count=2),
        ],
    ),
    session_package(id="spk_by_hand", price=None),
]


def page(country: str, packages: list[AppointmentPackage]) -> CataloguePageItem:
    record = CataloguePage(
        platform_id=PLATFORM,
        country=country,
        revision=1,
        page=1,
        pages=1,
        published_at=clock.now(),
        credit_packages=[],
        appointment_packages=packages,
        session_packages=SESSIONS_ON_SALE if country == "TR" else [],
    )
    return CataloguePageItem.of(keys.catalogue(PLATFORM, country), record)


def set_on_sale(*packages: AppointmentPackage) -> None:
    """These alone, in the place of what was."""
    key = keys.catalogue(PLATFORM, "TR")
    before = read.get(key, CataloguePage)
    assert before is not None
    after = replace(before, appointment_packages=list(packages))
    transact.commit([transact.save(CataloguePageItem.of(key, after))], f"page{before.version}")


def open_studio(
    *, zone: str = "Europe/Istanbul", share: int = 6_500, sandbox: bool = False, **hours: Any
) -> None:
    """The expert is open from 09:00 to 18:00 of every day, Istanbul's time: 06:00 to 15:00 UTC, in his room."""
    platform = Platform(id=PLATFORM, name="Studio", sandbox=sandbox, created_at=clock.now())
    weekly = [OpenHours(weekday=day, opens="09:00", closes="18:00", location_id="room") for day in range(7)]
    calendar = Calendar(
        **{
            "platform_id": PLATFORM,
            "expert_id": "elif",
            "zone": zone,
            "weekly": weekly,
            "locations": [ROOM],
        }
        | hours
    )
    put(
        PlatformItem.of(keys.platform(PLATFORM), platform),
        account("elif", Role.EXPERT, share_basis_points=share),
        account("deniz", Role.EXPERT),
        account("ada", Role.CUSTOMER),
        account("bora", Role.CUSTOMER),
        CalendarItem.of(keys.calendar(PLATFORM, "elif"), calendar),
        page("TR", ON_SALE),
    )


def speaks(person_id: str, locale: Locale) -> None:
    """The person reads another language from now on."""
    found = accounts.get(PLATFORM, person_id)
    transact.commit([account_store.saved(replace(found, locale=locale))], person_id)


def set_settings(**changed: Any) -> None:
    platform = platforms.get(PLATFORM)
    edited = replace(platform, settings=replace(platform.settings, **changed))
    transact.commit(
        [transact.save(PlatformItem.of(keys.platform(PLATFORM), edited))], f"settings{platform.version}"
    )


def give(
    amount: int, origin: Origin = Origin.PURCHASE, cost: Money | None = None, owner: str = "ada"
) -> None:
    name = f"{owner}{origin}{amount}{cost}"
    journal = Journal(operation=f"give:{name}", kind="test", at=clock.now(), reference={})

    def decide(loaded: read.Loaded) -> Decision:
        wallet = wallets.load(loaded, PLATFORM, owner)
        given = wallets.prepare_grant(wallet, Grant(origin=origin, amount=amount, cost=cost), journal)
        return Decision(answer=None, writes=given.writes)

    perform(by_system(system(PLATFORM), "give", name), [wallets.key(PLATFORM, owner)], decide)


def operation(key: str, who: Actor = ADA, name: str = "POST /v1/bookings", input_hash: str = "") -> Operation:
    return Operation(actor=who, name=name, key=key, input_hash=input_hash or key)


def book(
    start: str,
    package_id: str = "apk_hour",
    *,
    key: str = "",
    input_hash: str = "",
    who: Actor = ADA,
    **more: Any,
) -> Answer:
    """Book with the expert at a UTC time such as ``07:00`` of the open day, or at a whole instant."""
    request = BookingRequest(
        starts_at=instant(start),
        **{"package_id": package_id, "expert_id": "elif", "pay_with": "credits"} | more,
    )
    asked = operation(key or f"{start}{package_id}", who, input_hash=input_hash)
    return single.book(asked, request)


def booked(start: str, package_id: str = "apk_hour", **more: Any) -> BookingView:
    return book(start, package_id, **more).read_as(BookingView)


def use(assignment_id: str, start: str, *, key: str = "", who: Actor = ADA) -> BookingView:
    """Book a further session of a package."""
    request = BookingRequest(starts_at=instant(start), assignment_id=assignment_id)
    return single.book(operation(key or f"{assignment_id}{start}", who), request).read_as(BookingView)


def instant(text: str) -> datetime:
    whole = f"{OPEN_DAY}T{text}" if len(text) == 5 else text
    return datetime.fromisoformat(whole).replace(tzinfo=UTC)


def agenda(day: str = OPEN_DAY) -> Agenda | None:
    return read.get(keys.agenda(PLATFORM, "elif", day), Agenda)


def wallet(owner: str = "ada") -> Wallet:
    return wallets.load(read.batch([wallets.key(PLATFORM, owner)]), PLATFORM, owner)


class CallCount:
    """Every call that is made to the table, in order, with its parameters."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        aws.client("dynamodb").meta.events.register("provide-client-params.dynamodb.*", self._note)

    def _note(self, params: Any, model: Any, **_: Any) -> None:
        self.calls.append((model.name, params))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def sent(self, name: str) -> Any:
        (params,) = [params for called, params in self.calls if called == name]
        return params
