"""The main job of Seans as a story: ``make demo`` tells it, and a test holds it.

Everything goes through the API, the payment page and Cognito's sign-in, as it would for people. Each line
is told only when it is true; the first that is not ends the story with ``NotAsTold``.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from infra.local.people import PaymentPage, People, Person

LIVE, SANDBOX = "demo", "demo-sandbox"
_PASSWORD = "correct-horse-4-battery"  # noqa: S105 - of people who live as long as the demo
_POLL_SECONDS = 0.25
# The sweeper leaves a session that has a timer alone until so long after its due end.
SWEEPER_WAITS_SECONDS = 45


class NotAsTold(Exception):
    """Something is not as the story tells it."""


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def clock_time(moment: str | datetime) -> str:
    """``10:00:00 UTC``."""
    at = instant(moment) if isinstance(moment, str) else moment
    return f"{at.astimezone(UTC):%H:%M:%S} UTC"


def wait_for(what: str, look: Callable[[], Any], seconds: float) -> Any:
    """The first true answer of ``look``; ``NotAsTold`` when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise NotAsTold(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(_POLL_SECONDS)


@dataclass
class Story:
    """``document`` is ``stack.json``; ``tell`` gets each line as it becomes true."""

    document: dict[str, Any]
    tell: Callable[[str], None]
    people: People = field(init=False)
    page: PaymentPage = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.document)
        self.page = PaymentPage(self.document["payments_url"])
        # The provider dates what fails in whole seconds: the first may be dated before an instant within one.
        self.began_at = datetime.now(UTC).replace(microsecond=0)
        self.run = uuid4().hex[:6]

    def sign_up(self, platform_id: str, name: str, country: str) -> Person:
        email = f"{name.lower().replace('ş', 's')}.{self.run}@example.com"
        person = self.people.sign_up(platform_id, name, email, _PASSWORD, country=country)
        self.tell(f"{name} signs up from {country}, verifies {email}: account {person.id}")
        return person

    def expect(self, line: str, told: object, found: object) -> None:
        """Tell ``line`` if what was found is what is told."""
        if told != found:
            raise NotAsTold(f"{line}\n  told:  {told}\n  found: {found}")
        self.tell(line)

    def refused(self, line: str, code: str, person: Person, path: str, body: Any) -> None:
        """Tell that ``person`` is refused with ``code``."""
        reply = person.api.call("POST", path, body)
        self.expect(f"{line}: {reply.status} {reply.code}", code, reply.code)

    def balance(self, person: Person) -> int:
        balance: int = person.api.get("/v1/me/wallets/credit")["balance"]
        return balance

    def order(self, person: Person, package_id: str) -> dict[str, Any]:
        order: dict[str, Any] = person.api.post("/v1/orders", {"package_id": package_id})
        return order

    def order_now(self, person: Person, order_id: str) -> dict[str, Any]:
        order: dict[str, Any] = person.api.get(f"/v1/orders/{order_id}")
        return order

    def buy(self, person: Person, package_id: str) -> dict[str, Any]:
        """Order, pay, and wait until the webhooks have been answered."""
        order = self.order(person, package_id)
        self.page.press(order["payment_url"], "pay")
        self.page.settle()
        return self.order_now(person, order["id"])

    def slots(self, person: Person, expert_id: str, package_id: str, day: date, days: int = 1) -> list[Any]:
        """Free slots of the dates from ``day`` on, in the expert's zone."""
        found = person.api.get(
            f"/v1/experts/{expert_id}/slots",
            package_id=package_id,
            from_=day.isoformat(),
            to=(day + timedelta(days=days - 1)).isoformat(),
        )
        items: list[Any] = found["items"]
        return items

    def book(self, person: Person, package_id: str, expert_id: str, starts_at: str) -> dict[str, Any]:
        asked = booking_of(package_id, expert_id, starts_at)
        booking: dict[str, Any] = person.api.post("/v1/bookings", asked)
        return booking

    def ended(self, person: Person, booking_id: str, seconds: float) -> dict[str, Any]:
        """The session, once it has ended."""

        def look() -> dict[str, Any] | None:
            session: dict[str, Any] = person.api.get(f"/v1/sessions/{booking_id}")
            return session if session["state"] == "ended" else None

        session: dict[str, Any] = wait_for("the session ends", look, seconds)
        return session


def booking_of(package_id: str, expert_id: str, starts_at: str) -> dict[str, str]:
    """A booking with credits, as it is asked for."""
    return {
        "package_id": package_id,
        "expert_id": expert_id,
        "starts_at": starts_at,
        "pay_with": "credits",
    }
