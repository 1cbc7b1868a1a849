"""The whole product in this process: every handler as Lambda calls it, on moto, beside the payment sandbox.

What happened in it can be taken back: ``kept`` and ``brought_back`` are as quick as a copy of a few hundred items,
so that each crash, and each example of a state machine, begins in the same world.
"""

import importlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import stripe

import app
from chalicelib import aws, background, routing, wiring
from chalicelib.accounts.views import ExpertRequest, PersonRequest
from chalicelib.core import clock
from chalicelib.core.actor import Actor, system
from chalicelib.core.permissions import Role
from chalicelib.orders.model import Order
from chalicelib.platforms.model import PlatformSettings
from chalicelib.settings import settings
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.operation import Decision, Effect, Receipt, by_system, perform
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.ledger import Journal
from chalicelib.wallet.model import Grant, Origin, Wallet
from infra import operate
from infra.bench.events import as_json, proxy_event
from infra.local.chapters import TRY_1490, appointment_package, credit_package
from infra.local.payments.accounts import Account
from infra.local.payments.iyzico_api.events import notification
from infra.local.payments.iyzico_api.signing import webhook_signature
from infra.local.payments.sandbox import Config
from infra.local.payments.server import Server
from infra.local.payments.stripe_api import disputes, outcomes, payments
from infra.local.payments.stripe_api.calls import Call
from infra.local.payments.switches import Switches
from infra.local.payments.work import Work
from tests import quick_table
from tests.conftest import ENVIRONMENT, MovableClock, empty_table
from tests.faults import unseen
from tests.store.accounts.people import Pool, open_pool
from tests.torture.outside import Outside

LIVE, SANDBOX = "arena", "sandbox"
STRIPE_SECRET = "whsec_torture"
IYZICO_API_KEY, IYZICO_SECRET, IYZICO_WEBHOOK = "api-torture", "secret-torture", "whsec-iyzico"
ZARINPAL_MERCHANT = "1344b5d4-0048-11e8-94db-005056a205be"
TWILIO_SID, TWILIO_TOKEN = f"AC{'0a' * 16}", "twilio-torture"
NOWHERE = "http://127.0.0.1:9/"
PASSWORD = "correct-horse-4-torture"
CREDITS, PRICE = 500, 100  # of the credit package, and of the appointment in credits
HALF_HOUR = timedelta(minutes=30)
_ANY_TIME_MINUTES = 366 * 24 * 60  # so early may a session be joined: a test need not wait for its start
_RATE = dict.fromkeys(("version", "account", "region", "detail", "detail-type", "source", "time", "id"), "")
_RATE |= {"resources": []}
_CONTEXT = SimpleNamespace(aws_request_id="torture")


class Undone(Exception):
    """The caller was not told that it is done: he asks again."""


@dataclass(frozen=True)
class Person:
    """Somebody as the gateway tells of him."""

    id: str
    platform_id: str
    role: Role

    @property
    def claims(self) -> Mapping[str, str]:
        return {
            "sub": self.id,
            "token_use": "id",
            "custom:platform": self.platform_id,
            "custom:country": "TR",
            "cognito:groups": self.role.value,
        }

    @property
    def actor(self) -> Actor:
        return Actor(id=self.id, platform_id=self.platform_id, roles=frozenset({self.role}), country="TR")


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")


@dataclass(frozen=True)
class Request:
    """One request that is sent as often as wanted, with one idempotency key; ``person`` is None for the public."""

    method: str
    resource: str
    body: Any = None
    person: Person | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self) -> Reply:
        event = proxy_event(
            self.method,
            self.resource,
            path=self.path,
            query=self.query,
            body=self.body if isinstance(self.body, str) else as_json(self.body or {}),
            headers=self.headers,
            claims=self.person.claims if self.person else None,
        )
        answer = app.app(event, _CONTEXT)
        return Reply(answer["statusCode"], (answer["body"] or "").encode(), answer["headers"])

    def __call__(self) -> bytes:
        """The answer's status and body. ``Undone`` after any that asks the caller to try again."""
        reply = self.send()
        if reply.status >= 500 or reply.status == 429:
            raise Undone(f"{reply.status} {reply.body!r}")
        return b"%d %s" % (reply.status, reply.body)


class World:
    """Two platforms, a live one and a sandbox, with packages on sale and experts who are always open."""

    def __init__(self, clock: MovableClock, server: Server, pool: Pool) -> None:
        self.clock, self.server, self.pool = clock, server, pool
        self.outside = Outside(server, pool)
        self.keys = 0
        self.slots = 0
        self.live = Tenant(self, LIVE, sandbox=False)
        self.sandbox = Tenant(self, SANDBOX, sandbox=True)
        self.stream()

    # ------------------------------------------------------------------ what AWS calls

    def stream(self) -> None:
        """The stream brings every receipt that has work, until none has."""
        for _ in range(10):
            due = [key for key in self.due() if key.sk == "RECEIPT"]
            for key in due:
                with suppress(Undone):  # it is tried again half a minute later
                    self.drain(key)
            if not due:
                return
            self.clock.forward(seconds=30)

    def due(self) -> list[Key]:
        """All that stands in the work index, of whatever instant."""
        partitions = [*keys.work_shards(), keys.sandbox_shard(SANDBOX)]
        return [key for partition in partitions for key in read.query_all(partition, index="GSI3")]

    def due_now(self) -> list[Key]:
        """What has fallen due by the clock of its platform."""
        until = keys.due_until(clock.now())
        found = [read.query_all(shard, index="GSI3", between=until) for shard in keys.work_shards()]
        until = keys.due_until(wiring.platforms().get(SANDBOX).now())
        found.append(read.query_all(keys.sandbox_shard(SANDBOX), index="GSI3", between=until))
        return [key for part in found for key in part]

    def drain(self, key: Key) -> None:
        """The stream tells of one receipt. ``Undone`` while an effect of it is pending."""
        image = {"Keys": {"PK": {"S": key.pk}, "SK": {"S": key.sk}}, "SequenceNumber": "1"}
        done = app.drain_outbox({"Records": [{"dynamodb": image}]}, _CONTEXT)
        with unseen():
            kept = read.get(key, Receipt)
        if done["batchItemFailures"] or (kept is not None and kept.next_at is not None):
            raise Undone(str(done))

    def message(self, entry: str, content: Mapping[str, Any]) -> None:
        """A queue's message comes to a function. ``Undone`` where it fails, and will come again."""
        record = {"messageId": "1", "body": json.dumps(content)}
        if getattr(app, entry)({"Records": [record]}, _CONTEXT)["batchItemFailures"]:
            raise Undone(entry)

    def tick(self, entry: str) -> None:
        """A rate's event comes to a function. ``Undone`` where it fails: it comes again at the next minute."""
        try:
            getattr(app, entry)(_RATE, _CONTEXT)
        except Exception as error:
            raise Undone(repr(error)) from error

    # ------------------------------------------------------------------ what people do

    def request(
        self, person: Person | None, method: str, resource: str, body: Any = None, **more: Any
    ) -> Request:
        """A request under a new idempotency key."""
        self.keys += 1
        headers = {"Idempotency-Key": f"key-{self.keys}"} | more.pop("headers", {})
        if (version := more.pop("if_match", None)) is not None:
            headers["If-Match"] = f'"{version}"'
        return Request(method, resource, body, person, headers=headers, **more)

    def call(self, person: Person | None, method: str, resource: str, body: Any = None, **more: Any) -> Any:
        """The answer to a request that must succeed."""
        reply = self.request(person, method, resource, body, **more).send()
        assert reply.status < 300, reply
        return reply.json

    def press(self, page_id: str, action: str) -> list[dict[str, Any]]:
        """A buyer does something on the payment page, or his bank later; the events that the provider has of it."""
        with self.server.sandbox.work() as work:
            session = work.state.tables["checkout.session"].get(page_id)
            assert session is not None
            (outcomes.ALL | disputes.OUTCOMES)[action](work, session)
            return [_event(work, event_id) for event_id in work.event_ids]

    def give_back(self, page_id: str, amount: int) -> list[dict[str, Any]]:
        """Somebody gives money back by the provider's own console; the events that the provider has of it."""
        account = self.server.sandbox.state.accounts[stripe_key(LIVE)]
        with self.server.sandbox.work() as work:
            session = work.state.tables["checkout.session"].get(page_id)
            assert session is not None
            asked = {"payment_intent": session.object["payment_intent"], "amount": amount}
            payments.create_refund(Call(work, account, "/v1/refunds", "", asked))
            return [_event(work, event_id) for event_id in work.event_ids]

    def webhook(self, event: Mapping[str, Any], platform_id: str = LIVE) -> Request:
        """A delivery of an event, signed now."""
        body = json.dumps(event, ensure_ascii=False)
        signed_at = int(clock.now().timestamp())
        signature = stripe.WebhookSignature.generate_signature_header(body, STRIPE_SECRET, signed_at)
        return Request(
            "POST",
            "/v1/webhooks/{platform_id}/{provider}",
            body,
            path={"platform_id": platform_id, "provider": "stripe"},
            headers={"Stripe-Signature": signature},
        )

    def iyzico_webhook(self, event: Mapping[str, Any]) -> Request:
        """Iyzico's notification of an event, signed with the secret of its webhooks."""
        told = notification(event)
        return Request(
            "POST",
            "/v1/webhooks/{platform_id}/{provider}",
            json.dumps(told),
            path={"platform_id": LIVE, "provider": "iyzico"},
            headers={"X-IYZ-SIGNATURE-V3": webhook_signature(told, IYZICO_WEBHOOK)},
        )

    def free_time(self) -> datetime:
        """A half hour that nobody was given before."""
        self.slots += 1
        begin = datetime(2026, 11, 25, tzinfo=UTC)
        return begin + HALF_HOUR * self.slots

    # ------------------------------------------------------------------ what is true

    def differences(self) -> list[str]:
        return [str(found) for found in verify(every_item())]


class Tenant:
    """One platform, made as its operator and its admin make it."""

    def __init__(self, world: World, platform_id: str, *, sandbox: bool) -> None:
        self.world, self.id = world, platform_id
        operate.create_platform(
            platform_id,
            platform_id.title(),
            sandbox=sandbox,
            settings=PlatformSettings(join_early_minutes=_ANY_TIME_MINUTES),
        )
        operate.set_stripe_keys(platform_id, stripe_key(platform_id), [STRIPE_SECRET])
        self.people = 0
        self.admin = self.person(Role.ADMIN)
        self.expert = self.person(Role.EXPERT)
        self.customer = self.person(Role.CUSTOMER)
        self._open_always()
        for_sale = credit_package("500 Kredi", CREDITS, TRY_1490)
        self.credits_id = self._sell("/v1/admin/credit-packages", for_sale)
        half_hour = appointment_package("Yarım saat", 30, 0, PRICE)
        self.half_hour_id = self._sell("/v1/admin/appointment-packages", half_hour)
        self.pair_id = self._sell("/v1/admin/appointment-packages", half_hour | {"sessions": 2})
        self.apply()()

    def person(self, role: Role) -> Person:
        """Somebody new."""
        self.people += 1
        asked = {
            "email": f"p{self.people}@{self.id}.example.com",
            "name": "Ada",
            "country": "TR",
            "locale": "tr",
        }
        share = {"share_basis_points": 3_333} if role is Role.EXPERT else {}
        request = (ExpertRequest if role is Role.EXPERT else PersonRequest)(**asked | share)
        return Person(operate.add_person(self.id, role, request, PASSWORD).id, self.id, role)

    def apply(self) -> Request:
        version = self.world.call(self.admin, "GET", "/v1/admin/catalogue/changes")["version"]
        return self.world.request(self.admin, "POST", "/v1/admin/catalogue/apply", if_match=version)

    def give(self, amount: int, person: Person | None = None) -> None:
        """A gift of credits, by the operator."""
        wallets, owner = wiring.wallets(), person or self.customer
        self.world.keys += 1
        name = f"gift:{self.world.keys}"

        def decide(loaded: read.Loaded) -> Decision:
            grant = Grant(origin=Origin.GIFT, amount=amount)
            journal = Journal(operation=name, kind="gift", at=clock.now(), reference={})
            wallet = wallets.load(loaded, self.id, owner.id)
            return Decision(answer=None, writes=wallets.prepare_grant(wallet, grant, journal).writes)

        perform(by_system(system(self.id), "operator.gift", name), [wallets.key(self.id, owner.id)], decide)

    def promise(self, effect: Effect) -> None:
        """A receipt that promises one effect and holds nothing else."""
        self.world.keys += 1
        operation = by_system(system(self.id), "promise", f"promise-{self.world.keys}")
        perform(operation, [], lambda _: Decision(answer=None, effects=[effect]))

    def wallet(self, person: Person | None = None) -> Wallet:
        wallets, owner = wiring.wallets(), person or self.customer
        return wallets.load(read.batch([wallets.key(self.id, owner.id)]), self.id, owner.id)

    def book(
        self, package_id: str = "", starts_at: datetime | None = None, person: Person | None = None
    ) -> Request:
        """A customer's request for a time that nobody was given before."""
        body = {
            "package_id": package_id or self.half_hour_id,
            "expert_id": self.expert.id,
            "starts_at": (starts_at or self.world.free_time()).isoformat(),
            "pay_with": "credits",
        }
        return self.world.request(person or self.customer, "POST", "/v1/bookings", body)

    def booked(self, package_id: str = "") -> str:
        """A new booking, paid with a gift."""
        self.give(PRICE)
        booking_id: str = self.book(package_id).send().json["id"]
        return booking_id

    def join(self, person: Person, booking_id: str) -> Request:
        path = {"booking_id": booking_id}
        return self.world.request(person, "POST", "/v1/sessions/{booking_id}/join", path=path)

    def end(self, booking_id: str) -> Request:
        path = {"booking_id": booking_id}
        return self.world.request(self.expert, "POST", "/v1/sessions/{booking_id}/end", path=path)

    def of_booking(self, what: str, booking_id: str, body: Mapping[str, Any]) -> Request:
        """The customer calls it off, or moves it."""
        resource, path = f"/v1/bookings/{{booking_id}}/{what}", {"booking_id": booking_id}
        return self.world.request(self.customer, "POST", resource, body, path=path)

    def mixed(self, use_credits: int) -> Request:
        """An order of a half hour, of which the customer's credits pay a part."""
        body = {
            "package_id": self.half_hour_id,
            "expert_id": self.expert.id,
            "starts_at": self.world.free_time().isoformat(),
            "use_credits": use_credits,
        }
        return self.world.request(self.customer, "POST", "/v1/orders", body)

    def order(self, person: Person | None = None, package_id: str = "") -> Request:
        body = {"package_id": package_id or self.credits_id}
        return self.world.request(person or self.customer, "POST", "/v1/orders", body)

    def page_of(self, order_id: str) -> str:
        """The payment page that is open for an order."""
        order = read.get(keys.order(self.id, order_id), Order)
        assert order is not None
        reference: str = order.payment_reference
        return reference

    def receipts(self) -> list[Key]:
        """The receipts with effects that are still to come."""
        return [key for key in self.world.due() if key.sk == "RECEIPT"]

    def _sell(self, resource: str, package: Mapping[str, Any]) -> str:
        made: str = self.world.call(self.admin, "POST", resource, package)["id"]
        return made

    def _open_always(self) -> None:
        hours = [{"weekday": weekday, "from": "00:00", "to": "24:00"} for weekday in range(7)]
        calendar = {"zone": "UTC", "weekly": hours, "minimum_notice_minutes": 0, "horizon_days": 366}
        path = {"expert_id": self.expert.id}
        self.world.call(
            self.admin, "PUT", "/v1/experts/{expert_id}/calendar", calendar, path=path, if_match=0
        )


def _event(work: Work, event_id: str) -> dict[str, Any]:
    found = work.state.tables["event"].get(event_id)
    assert found is not None
    event: dict[str, Any] = json.loads(json.dumps(found.object))
    return event


@contextmanager
def open_world() -> Iterator[World]:
    """A world of its own; one at a time in a process."""
    moving = MovableClock()
    with (
        pytest.MonkeyPatch.context() as patch,
        Path(os.devnull).open("w") as nowhere,
        redirect_stderr(nowhere),
    ):
        server = Server(Config(clock=lambda: moving().timestamp(), tick_seconds=3_600, retry_seconds=()))
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setenv(
            "AWS_EXECUTION_ENV", "AWS_Lambda"
        )  # to which Chalice adds its name for each app that is made
        patch.setenv("STRIPE_API_BASE", server.url)
        patch.setenv("IYZICO_API_BASE", f"{server.url}/iyzico")
        patch.setenv("ZARINPAL_API_BASE", f"{server.url}/zarinpal")
        patch.setenv("TWILIO_API_BASE", f"{server.url}/twilio")
        patch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)  # before the SDK tries again
        server.start()
        previous = clock.set_source(moving)
        try:
            with empty_table():
                quick_table.install(patch, ENVIRONMENT["AWS_REGION"], ENVIRONMENT["TABLE_NAME"])
                yield _furnished(moving, server, patch)
        finally:
            clock.set_source(previous)
            server.stop()


def _furnished(moving: MovableClock, server: Server, patch: pytest.MonkeyPatch) -> World:
    """What the template deploys beside the table, and the merchants' accounts at the provider."""
    pool = open_pool(patch)
    aws.client("scheduler").create_schedule_group(Name=ENVIRONMENT["SCHEDULE_GROUP"])
    aws.client("sesv2").create_email_identity(EmailIdentity="example.com")
    region = {"LocationConstraint": ENVIRONMENT["AWS_REGION"]}
    bucket = ENVIRONMENT["EXPORTS_BUCKET"]
    aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=region)
    queue = aws.client("sqs").create_queue(QueueName="exports")["QueueUrl"]
    patch.setenv("EXPORT_QUEUE_URL", queue)
    aws.client("ssm").put_parameter(
        Name="/seans/test/api_url", Value="https://api.test/api/", Type="SecureString"
    )
    for platform_id in (LIVE, SANDBOX):
        account = Account(f"acct_{platform_id}", stripe_key(platform_id), platform_id, NOWHERE, STRIPE_SECRET)
        server.sandbox.state.accounts[account.secret_key] = account
        server.sandbox.webhooks.switchboard.set(account.id, Switches(drop=1_000_000))
    accounts = server.sandbox.state.accounts
    accounts[IYZICO_SECRET] = Account("acct_iyzico", IYZICO_SECRET, protocol="iyzico", api_key=IYZICO_API_KEY)
    accounts[TWILIO_TOKEN] = Account("acct_twilio", TWILIO_TOKEN, protocol="twilio", api_key=TWILIO_SID)
    accounts[ZARINPAL_MERCHANT] = Account("acct_zarinpal", ZARINPAL_MERCHANT, protocol="zarinpal")
    settings.cache_clear()
    start_cold()
    return World(moving, server, pool)


def start_cold() -> None:
    """As functions that have just been started: no service, and so no secret, is kept from before."""
    for made in (*vars(wiring).values(), *vars(background).values(), *vars(routing).values()):
        if hasattr(made, "cache_clear"):
            made.cache_clear()
    os.environ.pop("AWS_EXECUTION_ENV", None)  # to which Chalice adds its name each time
    importlib.reload(app)


def stripe_key(platform_id: str) -> str:
    return f"sk_test_torture_{platform_id}"
