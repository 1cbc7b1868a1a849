"""Seed 003 over HTTP, on all that is deployed: a salon defines a package, sells it, and its sessions are drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from infra.local.api import Reply
from infra.local.people import PaymentPage, Person
from infra.local.running import RunningStack
from tests.deployed.tenants import Tenant, appointment_package, session_package
from tests.deployed.world import inside

PRICE = {"amount": 600_000, "currency": "TRY"}
AROUND_NOW = {
    "from_": (datetime.now(UTC) - timedelta(days=30)).isoformat(),
    "to": (datetime.now(UTC) + timedelta(days=300)).isoformat(),
}
ROOM = {"id": "moda", "name": "Moda", "address": "Moda Caddesi 1"}


@dataclass
class Salon:
    """A sandbox platform with an expert in her room, three services, and the package of two of them (D5)."""

    tenant: Tenant
    expert: Person
    services: dict[str, str]
    package_id: str
    hours: Iterator[int]

    def client(self, name: str) -> Person:
        return self.tenant.add("customer", name)

    def hour(self) -> str:
        """A whole hour that nobody was given before, from the day after tomorrow on."""
        now = datetime.fromisoformat(self.tenant.admin.api.get("/v1/admin/clock")["now"])
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
        return (day + timedelta(hours=next(self.hours))).isoformat()

    def wanted(self, service: str, **more: Any) -> dict[str, Any]:
        start = {"expert_id": self.expert.id, "starts_at": self.hour()}
        return {"package_id": self.services[service]} | start | more

    def book(self, client: Person, service: str, **more: Any) -> dict[str, Any]:
        booking: dict[str, Any] = client.api.post("/v1/bookings", self.wanted(service, **more))
        return booking

    def refused(self, client: Person, service: str, **more: Any) -> str | None:
        reply: Reply = client.api.call("POST", "/v1/bookings", self.wanted(service, **more))
        assert reply.status >= 400, reply
        return reply.code

    def complete(self, client: Person, booking: dict[str, Any]) -> Reply:
        """Both are there, and the expert ends it."""
        early = datetime.fromisoformat(booking["starts_at"]) - timedelta(minutes=2)
        self.tenant.admin.api.put("/v1/admin/clock", {"now": early.isoformat()})
        for person in (self.expert, client):
            person.api.post(f"/v1/sessions/{booking['id']}/join")
        return self.end(booking)

    def end(self, booking: dict[str, Any]) -> Reply:
        return self.expert.api.call("POST", f"/v1/sessions/{booking['id']}/end")

    def assign(self, client: Person, **more: Any) -> dict[str, Any]:
        body = {"session_package_id": self.package_id} | more
        path = f"/v1/admin/customers/{client.id}/assignments"
        given: dict[str, Any] = self.tenant.admin.api.post(path, body)
        return given

    def sales(self, client: Person) -> list[dict[str, Any]]:
        self.tenant.settle()
        report = self.tenant.admin.api.get(
            "/v1/admin/reports/sales", show="packages", customer_id=client.id, **AROUND_NOW
        )
        rows: list[dict[str, Any]] = report["items"]
        return rows


@pytest.fixture(scope="module")
def salon(stack: RunningStack) -> Salon:
    tenant = Tenant.create(stack, f"salon-{uuid4().hex[:8]}", sandbox=True)
    expert = tenant.add("expert", "Elif", share_basis_points=4_000)
    hours = [{"weekday": day, "from": "00:00", "to": "24:00", "location_id": "moda"} for day in range(7)]
    calendar = {"zone": "UTC", "weekly": hours, "locations": [ROOM], "horizon_days": 60}
    path = f"/v1/experts/{expert.id}/calendar"
    expert.api.put(path, calendar | {"minimum_notice_minutes": 0}, if_match='"0"')
    titles = {"classic": "Klasik cilt bakımı", "moisture": "Nem bakımı", "massage": "Masaj"}
    in_person = {"appointment_type": "face_to_face", "service": None, "sessions": 1}
    length = {"duration_minutes": 50, "break_minutes": 10}
    services = {
        name: tenant.admin.api.post(
            "/v1/admin/appointment-packages", appointment_package(title=title, **in_person, **length)
        )["id"]
        for name, title in titles.items()
    }
    covered = [{"package_id": services[name]} for name in ("classic", "moisture")]
    skin_care = session_package("", services=covered, price=PRICE)
    package_id = tenant.admin.api.post("/v1/admin/session-packages", skin_care)["id"]
    etag = tenant.admin.api.call("GET", "/v1/admin/catalogue/changes").etag
    tenant.admin.api.post("/v1/admin/catalogue/apply", if_match=etag)
    return Salon(tenant, expert, services, package_id, iter(range(1_000)))


@pytest.fixture(autouse=True)
def verified(salon: Salon, stack: RunningStack) -> Iterator[None]:
    yield
    salon.tenant.settle()
    with inside(stack):
        own = [item for item in every_item() if salon.tenant.id in f"{item.key.pk}#{item.key.sk}".split("#")]
        assert [str(found) for found in verify(own)] == []


def tab(client: Person) -> dict[str, Any]:
    """The only package that the client has, as he sees it."""
    (package,) = client.api.get("/v1/me/assignments")["items"]
    shown: dict[str, Any] = package
    return shown


def counts(client: Person) -> tuple[int, int, int]:
    package = tab(client)
    return package["held"], package["used"], package["left"]


def buy(salon: Salon, client: Person, press: str = "pay", **more: Any) -> dict[str, Any]:
    page = PaymentPage(salon.tenant.stack.payments_url)
    order = client.api.post("/v1/orders", {"package_id": salon.package_id} | more)
    page.press(order["payment_url"], press)
    page.settle()
    known: dict[str, Any] = client.api.get(f"/v1/orders/{order['id']}")
    return known


def test_d05_d10_d12_d13_d17_a_skin_care_package_is_bought_booked_and_drawn(salon: Salon) -> None:
    """D5: six sessions of classic skin care and moisture care, paid together by card."""
    client = salon.client("Ayse")
    public = salon.tenant.people.public
    (shown,) = public.get(f"/v1/public/{salon.tenant.id}/catalogue", country="TR")["session_packages"]
    assert (shown["name"], shown["total_sessions"], shown["price"]) == (
        "Cilt Bakımı Paketi – 6 Seans",
        6,
        PRICE,
    )
    order = buy(salon, client, participants=[{"name": "Zeynep"}])
    assert (order["state"], order["product"]["kind"]) == ("paid", "session_package")
    bought = tab(client)
    assert (bought["state"], bought["total"], bought["left"]) == ("active", 6, 6)
    assert [each["package"]["title"] for each in bought["services"]] == ["Klasik cilt bakımı", "Nem bakımı"]
    first = salon.book(client, "classic")
    assert (first["paid_with"], first["assignment_id"]) == ("assignment", bought["id"])
    assert (first["ordinal"], first["total"], counts(client)) == (1, 6, (1, 0, 5))
    second = salon.book(client, "moisture", participant="Zeynep")
    assert (second["ordinal"], second["participant"], counts(client)) == (2, "Zeynep", (2, 0, 4))
    assert salon.complete(client, first).status == 200
    assert counts(client) == (1, 1, 4)
    (row,) = salon.sales(client)
    assert (row["product_type"], row["sale_type"], row["expert_id"]) == ("session_package", "card", None)


def test_d11_d21_nothing_is_drawn_for_what_the_package_does_not_cover(salon: Salon) -> None:
    client = salon.client("Berna")
    given = salon.assign(client)
    assert salon.refused(client, "massage", assignment_id=given["id"]) == "SERVICE_NOT_IN_PACKAGE"
    assert salon.refused(client, "massage", pay_with="assignment") == "NO_PACKAGE_FITS"
    assert salon.refused(client, "massage") == "PAYMENT_UNCLEAR"
    assert counts(client) == (0, 0, 6)


def test_d19_d20_d23_a_count_set_at_assignment_bounds_what_is_booked(salon: Salon) -> None:
    client = salon.client("Ceren")
    given = salon.assign(client, total_sessions=2)
    kept, called_off = salon.book(client, "classic"), salon.book(client, "classic")
    assert counts(client) == (2, 0, 0)
    assert salon.refused(client, "classic", assignment_id=given["id"]) == "ASSIGNMENT_EMPTY"
    client.api.post(f"/v1/bookings/{called_off['id']}/cancel", {})
    assert counts(client) == (1, 0, 1)
    again = salon.book(client, "moisture")
    assert (kept["ordinal"], called_off["ordinal"], again["ordinal"]) == (1, 2, 2)
    path = f"/v1/admin/assignments/{given['id']}/adjustments"
    salon.tenant.admin.api.post(path, {"total_sessions": 3, "reason": "She waited."})
    assert counts(client) == (2, 0, 1)
    (row,) = salon.sales(client)
    assert row["sale_type"] == "offline"


def test_d22_d24_completed_twice_draws_once_and_the_last_uses_it_up(salon: Salon) -> None:
    client = salon.client("Derya")
    salon.assign(client, total_sessions=1, on_the_house=True)
    booking = salon.book(client, "classic")
    assert salon.complete(client, booking).status == 200
    salon.end(booking)
    assert (counts(client), tab(client)["state"]) == ((0, 1, 0), "used_up")
    assert salon.refused(client, "classic", pay_with="assignment") == "NO_PACKAGE_FITS"
    assert salon.sales(client) == []


def test_d14_d18_admin_and_client_see_the_same_tab_and_nobody_else_does(salon: Salon) -> None:
    client, other = salon.client("Esra"), salon.client("Fatma")
    given = salon.assign(client)
    tabs = salon.tenant.admin.api.get(f"/v1/admin/customers/{client.id}/assignments")["items"]
    assert tabs == client.api.get("/v1/me/assignments")["items"]
    assert other.api.call("GET", f"/v1/assignments/{given['id']}").status == 404


def test_a_declined_card_gives_nothing_and_stands_in_the_report(salon: Salon) -> None:
    client = salon.client("Gonca")
    order = buy(salon, client, "decline")
    assert order["state"] == "pending"
    assert client.api.get("/v1/me/assignments")["items"] == []
    salon.tenant.settle()
    report = salon.tenant.admin.api.get(
        "/v1/admin/reports/failed-payments", show="packages", customer_id=client.id, **AROUND_NOW
    )
    (row,) = report["items"]
    assert (row["product_type"], row["reason"]) == ("session_package", "card_declined")


def test_a_third_of_the_money_back_takes_two_of_six_sessions(salon: Salon) -> None:
    client = salon.client("Hale")
    order = buy(salon, client)
    salon.book(client, "classic")
    path = f"/v1/admin/orders/{order['id']}/refunds"
    salon.tenant.admin.api.post(path, {"amount": PRICE["amount"] // 3, "reason": "Moved away."})
    assert (counts(client), tab(client)["withdrawn"]) == ((1, 0, 3), 2)
    paid = sorted(row["actual"]["amount"] for row in salon.sales(client))
    assert paid == [-PRICE["amount"] // 3, PRICE["amount"]]


def test_a_cancelled_package_gives_no_more_sessions_and_keeps_what_is_booked(salon: Salon) -> None:
    client = salon.client("Iris")
    given = salon.assign(client)
    booking = salon.book(client, "classic")
    path, body = f"/v1/admin/assignments/{given['id']}/cancel", {"reason": "Moved away.", "paid_back": PRICE}
    assert salon.tenant.admin.api.post(path, body)["state"] == "cancelled"
    assert counts(client) == (1, 0, 0)
    assert salon.refused(client, "classic", pay_with="assignment") == "NO_PACKAGE_FITS"
    assert salon.complete(client, booking).status == 200
    assert counts(client) == (0, 1, 0)
    audit = salon.tenant.admin.api.get("/v1/admin/audit", account_id=client.id)["items"]
    assert [record["action"] for record in audit] == ["assignment.cancelled", "assignment.given"]
