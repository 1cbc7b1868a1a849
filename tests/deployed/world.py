"""A platform of the tests' own on the deployed stack, made as its operator and its admin make one.

Its experts are always open, and its provider sends no webhooks: the tests deliver them, when and as often as
they like. A test may also take the part of a function: ``inside`` gives this process the deployment's
environment, so that the product's services, called here, work on the deployed table.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import stripe

from chalicelib import aws, background, wiring
from chalicelib.accounts.views import ExpertRequest, PersonRequest
from chalicelib.assignments.views import AssignmentRequest, AssignmentView
from chalicelib.core import clock
from chalicelib.core.actor import Actor, system
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import PlatformSettings
from chalicelib.table import read
from chalicelib.table.operation import Decision, Operation, by_system, perform
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.ledger import Journal
from chalicelib.wallet.model import Grant, Origin, Wallet
from infra import operate
from infra.local.api import Api
from infra.local.chapters import TRY_1490, appointment_package, credit_package
from infra.local.people import PaymentPage, People, Person
from infra.local.running import RunningStack, provider_addresses
from infra.verify import environment_on_this_machine
from tests.conftest import _forget
from tests.deployed.tenants import session_package

ARENA = "arena"
PASSWORD = "correct-horse-4-arena"
STRIPE_KEY, STRIPE_SECRET = "sk_test_arena", "whsec_arena"
CREDITS, PRICE = 500, 100  # of the credit package, and of the appointment in credits
SLOT = timedelta(minutes=30)
EXPERTS = 2
_ANY_TIME_MINUTES = 366 * 24 * 60  # so early may a session be joined: a test need not wait for its start


@dataclass(frozen=True)
class Customer:
    """A customer as the API knows him, and as the services do."""

    id: str
    api: Api

    @property
    def actor(self) -> Actor:
        return Actor(id=self.id, platform_id=ARENA, roles=frozenset({Role.CUSTOMER}), country="TR")

    def operation(self, name: str, key: str | None = None) -> Operation:
        return Operation(actor=self.actor, name=name, key=key or str(uuid4()), input_hash="as-it-came")


@dataclass(frozen=True)
class Slot:
    expert_id: str
    starts_at: datetime


@dataclass
class Arena:
    """The platform's people, packages, free time, and payment provider."""

    stack: RunningStack
    experts: list[str] = field(default_factory=list)
    admin: Person = field(init=False)
    credit_package_id: str = ""
    half_hour_id: str = ""
    session_package_id: str = ""
    hour_id: str = ""

    def __post_init__(self) -> None:
        self.page = PaymentPage(self.stack.payments_url)
        self.stripe = stripe.StripeClient(STRIPE_KEY, base_addresses={"api": self.stack.payments_url})
        self._cognito = self.stack.client("cognito-idp")
        self._slots = itertools.count()

    def customer(self) -> Customer:
        """Somebody new, who is signed in. Call it ``inside``."""
        email = f"{uuid4().hex}@arena.example.com"
        request = PersonRequest(email=email, name="Arena", country="TR", locale="tr")
        person = operate.add_person(ARENA, Role.CUSTOMER, request, PASSWORD)
        return Customer(person.id, Api(self.stack.api_url, self._token(email)))

    def slot(self) -> Slot:
        """A free half hour that no test was given before: every expert in turn, day after day."""
        number = next(self._slots)
        tomorrow = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
        return Slot(self.experts[number % EXPERTS], tomorrow + SLOT * (number // EXPERTS))

    def hour(self) -> Slot:
        """Two half hours, from the hour on."""
        while (slot := self.slot()).starts_at.minute:
            pass
        next(self._slots)  # the same half hour of the other expert
        assert self.slot() == Slot(slot.expert_id, slot.starts_at + SLOT)
        return slot

    def booking_of(self, slot: Slot) -> dict[str, str]:
        """What a customer sends to book the slot."""
        starts_at = slot.starts_at.isoformat()
        return {
            "package_id": self.half_hour_id,
            "expert_id": slot.expert_id,
            "starts_at": starts_at,
            "pay_with": "credits",
        }

    def outcome(self, payment_page_id: str, press: str) -> list[dict[str, Any]]:
        """The buyer does something on the payment page; the events that the provider has of it."""
        acted = self.page.tell(f"sessions/{payment_page_id}/{press}")
        return [self.stripe.v1.events.retrieve(event_id).to_dict() for event_id in acted["events"]]

    def expert_api(self, expert_id: str) -> Api:
        email = f"expert-{self.experts.index(expert_id)}@arena.example.com"
        return Api(self.stack.api_url, self._token(email))

    def expert(self, number: int = 0) -> Actor:
        return Actor(id=self.experts[number], platform_id=ARENA, roles=frozenset({Role.EXPERT}))

    def _token(self, email: str) -> str:
        answer = self._cognito.initiate_auth(
            ClientId=self.stack.outputs["UserPoolClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": f"{ARENA}:{email}", "PASSWORD": PASSWORD},
        )
        token: str = answer["AuthenticationResult"]["IdToken"]
        return token


def build_arena(stack: RunningStack) -> Arena:
    """The platform, its admin, two experts, three packages on sale, and its account at the provider."""
    arena = Arena(stack)
    operate.create_platform(
        ARENA, "Arena", sandbox=False, settings=PlatformSettings(join_early_minutes=_ANY_TIME_MINUTES)
    )
    operate.set_stripe_keys(ARENA, STRIPE_KEY, [STRIPE_SECRET])
    arena.page.tell("accounts", secret_key=STRIPE_KEY, name="Arena")
    admin = arena.admin = _admin(stack)
    for number in range(EXPERTS):
        request = ExpertRequest(
            email=f"expert-{number}@arena.example.com",
            name=f"Expert {number}",
            country="TR",
            locale="tr",
            share_basis_points=3_333,
        )
        arena.experts.append(operate.add_person(ARENA, Role.EXPERT, request, PASSWORD).id)
        _open_always(admin, arena.experts[-1])
    made = admin.api.post("/v1/admin/credit-packages", credit_package("500 Kredi", CREDITS, TRY_1490))
    arena.credit_package_id = made["id"]
    made = admin.api.post("/v1/admin/appointment-packages", appointment_package("Yarım saat", 30, 0, PRICE))
    arena.half_hour_id = made["id"]
    made = admin.api.post("/v1/admin/session-packages", session_package(arena.half_hour_id))
    arena.session_package_id = made["id"]
    made = admin.api.post("/v1/admin/appointment-packages", appointment_package("Bir saat", 60, 0, PRICE))
    arena.hour_id = made["id"]
    admin.api.post(
        "/v1/admin/catalogue/apply", if_match=admin.api.call("GET", "/v1/admin/catalogue/changes").etag
    )
    return arena


def _admin(stack: RunningStack) -> Person:
    email = "admin@arena.example.com"
    operate.add_person(
        ARENA, Role.ADMIN, PersonRequest(email=email, name="Admin", country="TR", locale="tr"), PASSWORD
    )
    return People(stack.document()).sign_in(ARENA, email, PASSWORD)


def _open_always(admin: Person, expert_id: str) -> None:
    hours = [{"weekday": weekday, "from": "00:00", "to": "24:00"} for weekday in range(7)]
    calendar = {"zone": "UTC", "weekly": hours, "minimum_notice_minutes": 0, "horizon_days": 366}
    admin.api.put(f"/v1/experts/{expert_id}/calendar", calendar, if_match='"0"')


@contextmanager
def inside(stack: RunningStack, table_name: str | None = None) -> Iterator[None]:
    """Be one of the deployment's functions; on another table than the deployed one if ``table_name`` is given."""
    environment = environment_on_this_machine(stack.document()) | provider_addresses(stack.payments_url)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        if table_name:
            patch.setenv("TABLE_NAME", table_name)
        _forget_all()
        yield
    _forget_all()


def _forget_all() -> None:
    from chalicelib.settings import settings
    from chalicelib.table.base import Item

    _forget(aws, settings, Item)
    start_cold()


def start_cold() -> None:
    """As a function that has just been started: no service, and so no secret, is kept from before."""
    for made in (*vars(wiring).values(), *vars(background).values()):
        if hasattr(made, "cache_clear"):
            made.cache_clear()


def give(customer: Customer, amount: int) -> None:
    """A gift of credits, by the operator."""
    wallets, name = wiring.wallets(), f"gift:{uuid4()}"

    def decide(loaded: read.Loaded) -> Decision:
        grant = Grant(origin=Origin.GIFT, amount=amount)
        journal = Journal(operation=name, kind="gift", at=clock.now(), reference={})
        wallet = wallets.load(loaded, ARENA, customer.id)
        return Decision(answer=None, writes=wallets.prepare_grant(wallet, grant, journal).writes)

    perform(by_system(system(ARENA), "operator.gift", name), [wallets.key(ARENA, customer.id)], decide)


def assign(arena: Arena, customer: Customer, sessions: int) -> str:
    """So many sessions on the house, by the operator; the assignment's id."""
    boss = Actor(id="operator", platform_id=ARENA, roles=frozenset({Role.ADMIN}))
    operation = Operation(actor=boss, name="operator.assign", key=str(uuid4()), input_hash="as-it-came")
    request = AssignmentRequest(
        session_package_id=arena.session_package_id, total_sessions=sessions, on_the_house=True
    )
    return wiring.assigning().assign(operation, customer.id, request).read_as(AssignmentView).id


def wallet_of(customer: Customer) -> Wallet:
    wallets = wiring.wallets()
    return wallets.load(read.batch([wallets.key(ARENA, customer.id)]), ARENA, customer.id)


def is_of_arena(pk: str, sk: str) -> bool:
    """Whether an item with this key is the platform itself or something of it."""
    return pk.startswith(f"PLATFORM#{ARENA}#") or sk == f"PLATFORM#{ARENA}"


def differences() -> list[str]:
    """What the verifier finds in the arena, and finds again: a scan is not one instant, and orders may run out."""
    found = _found_by_the_verifier()
    again = set(_found_by_the_verifier()) if found else set()
    return [each for each in found if each in again]


def _found_by_the_verifier() -> list[str]:
    return [str(found) for found in verify(i for i in every_item() if is_of_arena(i.key.pk, i.key.sk))]
