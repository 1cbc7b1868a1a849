"""Tenants of their own for tests that would disturb others: made by the operator's command, filled by their admin."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from infra.local.environments import ROOT
from infra.local.people import PaymentPage, People, Person
from infra.local.running import RunningStack

PASSWORD = "seans-tests-2026"
TRY_149 = {"amount": 14_900, "currency": "TRY"}


def operate(stack: RunningStack, *arguments: str, typed: str = "") -> None:
    """The operator's command line, against ``stack``."""
    command = [sys.executable, "-m", "infra.operate", "--stack-file", str(stack.folder / "stack.json")]
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*command, *arguments],
        cwd=ROOT,
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Tenant:
    """A platform that only one test module knows."""

    stack: RunningStack
    id: str
    webhook_secret: str
    admin: Person

    @classmethod
    def create(cls, stack: RunningStack, platform_id: str, *, sandbox: bool = False) -> "Tenant":
        """With an admin, and connected to the payment provider of this machine."""
        admin = f"admin@{platform_id}.example.com"
        person = ("--email", admin, "--person-name", "Ada", "--country", "TR")
        kind = ["--sandbox"] if sandbox else []
        operate(stack, "create-platform", platform_id, "--name", platform_id, *person, *kind)
        secret_key, webhook_secret = f"sk_test_{platform_id}", f"whsec_{platform_id}"
        operate(stack, "set-stripe-keys", platform_id, typed=f"{secret_key}\n{webhook_secret}\n")
        PaymentPage(stack.payments_url).tell(
            "accounts",
            secret_key=secret_key,
            webhook_url=f"{stack.api_url}/v1/webhooks/{platform_id}/stripe",
            webhook_secret=webhook_secret,
            name=platform_id,
        )
        return cls(stack, platform_id, webhook_secret, sign_in(stack, platform_id, admin))

    @property
    def people(self) -> People:
        return People(self.stack.document())

    @property
    def webhook_path(self) -> str:
        return f"/v1/webhooks/{self.id}/stripe"

    def add(self, role: str, name: str, **details: Any) -> Person:
        """Somebody whom the admin adds by hand, and who has chosen his password."""
        email = f"{name.lower()}@{self.id}.example.com"
        asked = {"email": email, "name": name, "country": "TR", "locale": "tr"} | details
        self.admin.api.post(f"/v1/admin/{role}s", asked)
        return sign_in(self.stack, self.id, asked["email"])

    def add_expert(self, name: str, zone: str = "Europe/Istanbul", horizon_days: int = 60) -> Person:
        """An expert who is there day and night."""
        expert = self.add("expert", name, share_basis_points=4_000)
        hours = [{"weekday": weekday, "from": "00:00", "to": "24:00"} for weekday in range(7)]
        calendar = {
            "zone": zone,
            "weekly": hours,
            "minimum_notice_minutes": 0,
            "horizon_days": horizon_days,
        }
        expert.api.put(f"/v1/experts/{expert.id}/calendar", calendar, if_match='"0"')
        return expert

    def publish(self) -> tuple[str, str]:
        """The ids of a credit package and of an appointment package of two sessions, both on sale."""
        kinds = {"credit": credit_package(), "appointment": appointment_package()}
        ids = [self.admin.api.post(f"/v1/admin/{kind}-packages", kinds[kind])["id"] for kind in kinds]
        etag = self.admin.api.call("GET", "/v1/admin/catalogue/changes").etag
        self.admin.api.post("/v1/admin/catalogue/apply", if_match=etag)
        return ids[0], ids[1]

    def pay(self, buyer: Person, package_id: str) -> dict[str, Any]:
        """Order a credit package and pay it."""
        page = PaymentPage(self.stack.payments_url)
        order = buyer.api.post("/v1/orders", {"package_id": package_id})
        page.press(order["payment_url"], "pay")
        page.settle()
        paid: dict[str, Any] = buyer.api.get(f"/v1/orders/{order['id']}")
        assert paid["state"] == "paid"
        return paid

    def book(self, customer: Person, expert: Person, package_id: str) -> dict[str, Any]:
        """The next slot that begins in more than an hour."""
        now = datetime.fromisoformat(self.admin.api.get("/v1/admin/clock")["now"])
        days = {"from": now.date(), "to": now.date() + timedelta(days=2)}
        path = f"/v1/experts/{expert.id}/slots"
        free = customer.api.get(
            path, package_id=package_id, **{f"{name}_": day for name, day in days.items()}
        )
        starts = [slot["starts_at"] for slot in free["items"]]
        later = next(start for start in starts if datetime.fromisoformat(start) > now + timedelta(hours=1))
        asked = {"package_id": package_id, "expert_id": expert.id, "starts_at": later, "pay_with": "credits"}
        booking: dict[str, Any] = customer.api.post("/v1/bookings", asked)
        return booking

    def book_series_again(self, booking: dict[str, Any]) -> dict[str, Any]:
        """The same at the same time of the next two weeks, on the house."""
        first = datetime.fromisoformat(booking["starts_at"]) + timedelta(weeks=1)
        who = {"customer_id": booking["customer_id"], "expert_id": booking["expert_id"]}
        asked = who | {"package_id": booking["package"]["id"], "pay_with": "on_the_house"}
        asked |= {"weekly": {"first": first.isoformat(), "count": 2}}
        series: dict[str, Any] = self.admin.api.post("/v1/admin/booking-series", asked)
        return series

    def export(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A report's file, once the worker has written it."""
        path = "/v1/admin/reports/exports"
        export_id = self.admin.api.post(path, asked)["id"]
        wait_for(lambda: self.admin.api.get(f"{path}/{export_id}")["state"] == "done")
        export: dict[str, Any] = self.admin.api.get(f"{path}/{export_id}")
        return export

    def settle(self) -> None:
        """Wait until nothing is left to leave the table: the outbox has done what was decided."""
        wait_for(
            lambda: not any("GSI3PK" in item for item in self._own() if item["entity"]["S"] == "receipt")
        )

    def items(self) -> dict[tuple[str, str], Any]:
        """Every item of the platform by its key; of receipts the key alone, for the outbox works on them."""
        return {
            (item["PK"]["S"], item["SK"]["S"]): None if item["entity"]["S"] == "receipt" else item
            for item in self._own()
        }

    def _own(self) -> Iterator[dict[str, Any]]:
        pages = self.stack.client("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=self.stack.outputs["TableName"], ConsistentRead=True):
            for item in page["Items"]:
                if self.id in item["PK"]["S"].split("#") or item["SK"]["S"] == f"PLATFORM#{self.id}":
                    yield item


def wait_for(happened: Callable[[], bool]) -> None:
    """Until what others do in their own time is done."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it does not come to its end"
        time.sleep(0.2)


def sign_in(stack: RunningStack, platform_id: str, email: str) -> Person:
    """Somebody who was invited, with the password that he chooses at his first sign-in."""
    choose_password(stack, f"{platform_id}:{email}")
    return People(stack.document()).sign_in(platform_id, email, PASSWORD)


def choose_password(stack: RunningStack, username: str) -> None:
    stack.client("cognito-idp").admin_set_user_password(
        UserPoolId=stack.outputs["UserPoolId"], Username=username, Password=PASSWORD, Permanent=True
    )


def credit_package(**changed: Any) -> dict[str, Any]:
    """As an admin types it."""
    package = {"name": "100 Kredi", "credits": 100, "price": TRY_149, "country": "TR", "short_info": "Deneme"}
    return package | changed


def appointment_package(**changed: Any) -> dict[str, Any]:
    """As an admin types it."""
    package = {
        "title": "Görüşme",
        "description": "25 + 5",
        "appointment_type": "online",
        "service": "video",
        "duration_minutes": 25,
        "break_minutes": 5,
        "fee": TRY_149,
        "credits": 40,
        "sessions": 2,
        "country": "TR",
        "currency": "TRY",
        "how_it_ends": "automatic",
        "when_it_ends": "scheduled_end",
    }
    return package | changed


def session_package(service_id: str, **changed: Any) -> dict[str, Any]:
    """As an admin types it (D5)."""
    package = {
        "name": "Cilt Bakımı Paketi – 6 Seans",
        "total_sessions": 6,
        "services": [{"package_id": service_id}],
        "price": TRY_149,
        "country": "TR",
        "currency": "TRY",
    }
    return package | changed
