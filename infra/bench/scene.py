"""A platform of the benchmark's own on a running stack, and its routes, called in this process."""

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import stripe

from chalicelib import wiring
from chalicelib.accounts.views import ExpertRequest, PersonRequest
from chalicelib.core import clock
from chalicelib.core.actor import system
from chalicelib.core.permissions import Role
from chalicelib.table.operation import Decision, by_system, perform
from chalicelib.wallet.ledger import Journal
from chalicelib.wallet.model import Grant, Origin
from infra import operate
from infra.bench.events import as_json, proxy_event
from infra.local.people import PaymentPage, People, Person

_PASSWORD = "correct-horse-4-battery"  # noqa: S105 - of people who live as long as the benchmark


class NotAnswered(Exception):
    """A route refused what the benchmark asked; the message holds the answer."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the platform, as the gateway would tell of him."""

    id: str
    email: str
    claims: Mapping[str, str]


class Scene:
    """``document`` is ``stack.json``; the environment names that stack already (``operate.work_on``)."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = dict(document)
        self.platform_id = f"bench-{uuid4().hex[:8]}"
        self._secret_key, self._secret = f"sk_test_{self.platform_id}", f"whsec_{self.platform_id}"
        self._page = PaymentPage(document["payments_url"])
        operate.create_platform(self.platform_id, "Bench", sandbox=False)
        self._connect_payments()
        self.admin = self.add(Role.ADMIN, "admin")
        self.expert = self.add(Role.EXPERT, "expert", share_basis_points=4_000)
        self.credits_id, self.hour_id, self.short_id = self._sell()

    def add(self, role: Role, name: str, **details: Any) -> Member:
        """Somebody new, who can sign in."""
        email = f"{name}@{self.platform_id}.example.com"
        asked = {"email": email, "name": name.title(), "country": "TR", "locale": "tr"} | details
        request = (ExpertRequest if role is Role.EXPERT else PersonRequest)(**asked)
        account_id = operate.add_person(self.platform_id, role, request, _PASSWORD).id
        claims = {
            "sub": account_id,
            "token_use": "id",
            "custom:platform": self.platform_id,
            "custom:country": "TR",
            "cognito:groups": role.value,
        }
        return Member(account_id, email, claims)

    def add_customer(self, name: str, granted: int = 1_000) -> Member:
        """A client with so many credits."""
        member = self.add(Role.CUSTOMER, name)
        journal = Journal(operation=f"bench:{member.id}", kind="grant", at=clock.now(), reference={})
        wallets = wiring.wallets()

        def decide(loaded: Any) -> Decision:
            wallet = wallets.load(loaded, self.platform_id, member.id)
            grant = Grant(origin=Origin.GIFT, amount=granted, cost=None)
            return Decision(answer=None, writes=wallets.prepare_grant(wallet, grant, journal).writes)

        operation = by_system(system(self.platform_id), "bench.grant", member.id)
        perform(operation, [wallets.key(self.platform_id, member.id)], decide)
        return member

    def signed_in(self, member: Member) -> Person:
        """The same person over HTTP."""
        return People(self.document).sign_in(self.platform_id, member.email, _PASSWORD)

    def event(
        self, member: Member, method: str, resource: str, body: Any = None, **more: Any
    ) -> dict[str, Any]:
        """The request as the gateway would hand it over, with a new idempotency key."""
        headers = {"Idempotency-Key": str(uuid4())} | more.pop("headers", {})
        sent = as_json({} if body is None else body) if method != "GET" else None
        return proxy_event(method, resource, body=sent, headers=headers, claims=member.claims, **more)

    def call(self, member: Member, method: str, resource: str, body: Any = None, **more: Any) -> Any:
        """The body of the answer to one request, which must succeed."""
        return self.answer(self.event(member, method, resource, body, **more))["body"]

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Run the function in this process; ``body`` is read. ``NotAnswered``."""
        import app

        answer: dict[str, Any] = app.app(event, None)
        if answer["statusCode"] >= 400:
            raise NotAnswered(f"{event['httpMethod']} {event['path']}: {answer['body']}")
        return answer | {"body": json.loads(answer["body"] or "null")}

    def booking(self, package_id: str, starts_at: str) -> dict[str, str]:
        """The body that books a slot."""
        return {
            "package_id": package_id,
            "expert_id": self.expert.id,
            "starts_at": starts_at,
            "pay_with": "credits",
        }

    def mixed_order(self, package_id: str, starts_at: str) -> dict[str, Any]:
        """The body that orders a slot, half of it with credits."""
        wanted = {"package_id": package_id, "expert_id": self.expert.id, "starts_at": starts_at}
        return wanted | {"use_credits": 1}

    def slots(self, member: Member, package_id: str, day: int) -> list[str]:
        """The free slots' starts of a day, counted from today, in UTC, that are still to come."""
        date = (datetime.now(UTC) + timedelta(days=day)).date()
        query = {"package_id": package_id, "from": date.isoformat(), "to": date.isoformat()}
        path = {"expert_id": self.expert.id}
        found = self.call(member, "GET", "/v1/experts/{expert_id}/slots", path=path, query=query)
        return [slot["starts_at"] for slot in found["items"]]

    def edit_and_apply_event(self, title: str) -> dict[str, Any]:
        """Change one package, and the request that publishes it."""
        self.call(self.admin, "POST", "/v1/admin/appointment-packages", _appointment(title, 25, 5))
        return self._apply_event()

    def webhook_event(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Pay the order's page, and the provider's request that tells of it, which is held back."""
        self._page.tell("webhooks", secret_key=self._secret_key, hold=True)
        self._page.press(order["payment_url"], "pay")
        event = next(each for each in self._provider_events() if _completes(each, order["id"]))
        body = as_json(event)
        signature = stripe.WebhookSignature.generate_signature_header(body, self._secret)
        return proxy_event(
            "POST",
            "/v1/webhooks/{platform_id}/{provider}",
            path={"platform_id": self.platform_id, "provider": "stripe"},
            body=body,
            headers={"Stripe-Signature": signature},
        )

    def _provider_events(self) -> list[dict[str, Any]]:
        request = urllib.request.Request(f"{self._page.url}/v1/events")
        request.add_header("Authorization", f"Bearer {self._secret_key}")
        with urllib.request.urlopen(request) as answer:
            found: list[dict[str, Any]] = json.load(answer)["data"]
        return found

    @property
    def provider_keys(self) -> dict[str, Any]:
        """What is kept of the platform's account at the provider."""
        return {"secret_key": self._secret_key, "webhook_secrets": [self._secret]}

    def _connect_payments(self) -> None:
        operate.set_stripe_keys(self.platform_id, **self.provider_keys)
        self._page.tell(
            "accounts",
            secret_key=self._secret_key,
            webhook_url=f"{self.document['api_url']}/v1/webhooks/{self.platform_id}/stripe",
            webhook_secret=self._secret,
            name=self.platform_id,
        )

    def _sell(self) -> tuple[str, str, str]:
        """The expert is there day and night; a credit package and two appointment packages are on sale."""
        hours = [{"weekday": weekday, "from": "00:00", "to": "24:00"} for weekday in range(7)]
        calendar = {"zone": "UTC", "weekly": hours, "minimum_notice_minutes": 0, "horizon_days": 60}
        path, first = {"expert_id": self.expert.id}, {"If-Match": '"0"'}
        self.call(self.admin, "PUT", "/v1/experts/{expert_id}/calendar", calendar, path=path, headers=first)
        price = {"amount": 14_900, "currency": "TRY"}
        credit = {"name": "100 Kredi", "credits": 100, "price": price, "country": "TR", "short_info": ""}
        asked = [("credit", credit)] + [
            ("appointment", _appointment(title, *minutes))
            for title, minutes in (("Görüşme", (25, 5)), ("Üç dakika", (3, 0)))
        ]
        made = [self.call(self.admin, "POST", f"/v1/admin/{kind}-packages", body) for kind, body in asked]
        self.answer(self._apply_event())
        credits_id, hour_id, short_id = (package["id"] for package in made)
        return credits_id, hour_id, short_id

    def _apply_event(self) -> dict[str, Any]:
        changes = self.answer(self.event(self.admin, "GET", "/v1/admin/catalogue/changes"))
        named = {"If-Match": changes["headers"]["ETag"]}
        return self.event(self.admin, "POST", "/v1/admin/catalogue/apply", headers=named)


def _completes(event: Mapping[str, Any], order_id: str) -> bool:
    about = event["data"]["object"]
    return event["type"] == "checkout.session.completed" and order_id in as_json(about)


def _appointment(title: str, duration_minutes: int, break_minutes: int) -> dict[str, Any]:
    return {
        "title": title,
        "description": "",
        "appointment_type": "online",
        "service": "video",
        "duration_minutes": duration_minutes,
        "break_minutes": break_minutes,
        "fee": {"amount": 14_900, "currency": "TRY"},
        "credits": 2,
        "sessions": 1,
        "country": "TR",
        "currency": "TRY",
        "how_it_ends": "automatic",
        "when_it_ends": "scheduled_end",
    }
