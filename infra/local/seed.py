"""The demo data of a stack on this machine: a live platform and a sandbox whose clock can be moved.

The operator makes each platform and its people, as ``infra.operate`` does anywhere; all else goes through
the API, as its admin would do it.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from chalicelib.accounts.views import ExpertRequest, PersonRequest
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import PlatformSettings
from infra import operate
from infra.local.people import PaymentPage, People, Person
from infra.local.running import RunningStack
from infra.verify import environment_on_this_machine

_PASSWORD = "seans-demo-2026"  # noqa: S105 - of people who exist on this machine only
_EVERY_DAY = range(7)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A demo platform; its people's addresses end in its own domain."""

    id: str
    name: str
    sandbox: bool

    @property
    def stripe(self) -> dict[str, str]:
        """Keys that only the sandbox provider of this machine knows."""
        return {"secret_key": f"sk_test_{self.id}", "webhook_secret": f"whsec_{self.id}"}

    @property
    def iyzico(self) -> dict[str, str]:
        keys = {"api_key": f"sandbox-api-{self.id}", "secret_key": f"sandbox-{self.id}"}
        return keys | {"webhook_secret": f"sandbox-webhook-{self.id}"}

    @property
    def zarinpal_merchant(self) -> str:
        return f"zarinpal-{self.id}"

    @property
    def twilio(self) -> dict[str, str]:
        sid = f"AC{hashlib.sha256(self.id.encode()).hexdigest()[:32]}"
        return {"account_sid": sid, "auth_token": f"twilio-{self.id}", "caller_number": "+908500000000"}


# Lira are paid at Stripe here, whose webhooks the story disturbs; an admin's setting leads them to iyzico.
_SETTINGS = PlatformSettings(payment_providers={"TR/TRY": "stripe"})
TENANTS = (
    Tenant("demo", "Demo Danışmanlık", sandbox=False),
    Tenant("demo-sandbox", "Demo Sandbox", sandbox=True),
)


def seed(stack: RunningStack) -> dict[str, Any]:
    """Fill a new stack; returns ``platforms``, ``logins`` and ``webhooks`` as ``stack.json`` tells them."""
    document = stack.document()
    operate.work_on(environment_on_this_machine(document))
    logins: list[dict[str, str]] = []
    for tenant in TENANTS:
        operate.create_platform(tenant.id, tenant.name, sandbox=tenant.sandbox, settings=_SETTINGS)
        _connect_payments(stack, tenant)
        if not tenant.sandbox:
            _connect_calls(stack, tenant)
        logins += _people(tenant)
        _fill(People(document | {"logins": logins}), tenant)
    return {
        "platforms": [{"id": t.id, "name": t.name, "sandbox": t.sandbox} for t in TENANTS],
        "logins": logins,
        "webhooks": {
            tenant.id: {
                "stripe": _webhook(stack, tenant, "stripe", tenant.stripe),
                "iyzico": _webhook(stack, tenant, "iyzico", tenant.iyzico),
            }
            for tenant in TENANTS
        },
    }


def _webhook(stack: RunningStack, tenant: Tenant, provider: str, keys: dict[str, str]) -> dict[str, str]:
    return {
        "url": f"{stack.api_url}/v1/webhooks/{tenant.id}/{provider}",
        "signing_secret": keys["webhook_secret"],
        "secret_key": keys["secret_key"],
    }


def _connect_payments(stack: RunningStack, tenant: Tenant) -> None:
    """Tell both sides of each other: the platform its keys, each provider where its webhooks go."""
    page, stripe, iyzico = PaymentPage(stack.payments_url), tenant.stripe, tenant.iyzico
    operate.set_stripe_keys(tenant.id, stripe["secret_key"], [stripe["webhook_secret"]])
    operate.set_iyzico_keys(tenant.id, iyzico["api_key"], iyzico["secret_key"], [iyzico["webhook_secret"]])
    operate.set_zarinpal_keys(tenant.id, tenant.zarinpal_merchant)
    for provider, keys in (("stripe", stripe), ("iyzico", iyzico)):
        url = _webhook(stack, tenant, provider, keys)["url"]
        page.tell("accounts", protocol=provider, webhook_url=url, name=tenant.name, **keys)
    page.tell("accounts", protocol="zarinpal", secret_key=tenant.zarinpal_merchant, name=tenant.name)


def _connect_calls(stack: RunningStack, tenant: Tenant) -> None:
    keys = tenant.twilio
    operate.set_twilio_keys(tenant.id, **keys)
    account = {"secret_key": keys["auth_token"], "api_key": keys["account_sid"], "name": tenant.name}
    PaymentPage(stack.payments_url).tell("accounts", protocol="twilio", **account)


def _people(tenant: Tenant) -> list[dict[str, str]]:
    """An admin, two experts, and two clients, one of them in Germany."""
    made = [
        (Role.ADMIN, "admin", "Yönetici", "TR", None),
        (Role.EXPERT, "elif", "Elif Uzman", "TR", 3_500),
        (Role.EXPERT, "navid", "Navid Uzman", "TR", 5_000),
        (Role.CUSTOMER, "zeynep", "Zeynep", "TR", None),
        (Role.CUSTOMER, "karl", "Karl", "DE", None),
    ]
    return [_person(tenant, *person) for person in made]


def _person(
    tenant: Tenant, role: Role, name: str, full_name: str, country: str, share: int | None
) -> dict[str, str]:
    email = f"{name}@{tenant.id}.example.com"
    locale = "tr" if country == "TR" else "en"
    asked = {"email": email, "name": full_name, "country": country, "locale": locale}
    request = (
        PersonRequest(**asked)  # type: ignore[arg-type]  # the locale is a plain text here
        if share is None
        else ExpertRequest(**asked, share_basis_points=share, title="Danışman")  # type: ignore[arg-type]  # as above
    )
    operate.add_person(tenant.id, role, request, _PASSWORD)
    return {
        "platform": tenant.id,
        "role": role,
        "email": email,
        "username": f"{tenant.id}:{email}",
        "password": _PASSWORD,
    }


def _fill(people: People, tenant: Tenant) -> None:
    """Calendars and packages, made and published by the admin through the API."""
    admin = people.login(tenant.id, "admin")
    experts = [people.login(tenant.id, "expert", number) for number in range(2)]
    _open(admin, experts[0], "09:00", "18:00")
    _open(admin, experts[1], "00:00", "24:00")
    for package in _credit_packages():
        admin.api.post("/v1/admin/credit-packages", package)
    for package in _appointment_packages():
        admin.api.post("/v1/admin/appointment-packages", package)
    etag = admin.api.call("GET", "/v1/admin/catalogue/changes").etag
    admin.api.post("/v1/admin/catalogue/apply", if_match=etag)


def _open(admin: Person, expert: Person, opens: str, closes: str) -> None:
    hours = [{"weekday": weekday, "from": opens, "to": closes} for weekday in _EVERY_DAY]
    calendar = {"zone": "Europe/Istanbul", "weekly": hours, "minimum_notice_minutes": 0, "horizon_days": 60}
    admin.api.put(f"/v1/experts/{expert.id}/calendar", calendar, if_match='"0"')


def _credit_packages() -> list[dict[str, Any]]:
    return [
        _credits("100 Kredi", 100, 34_900, "TRY", "TR", "Denemek isteyenlere"),
        _credits("1000 Kredi", 1_000, 269_000, "TRY", "TR", "En uygun fiyatlı paket"),
        _credits("100 Credits", 100, 990, "EUR", "DE", "To try it out"),
    ]


def _credits(name: str, granted: int, amount: int, currency: str, country: str, info: str) -> dict[str, Any]:
    price = {"amount": amount, "currency": currency}
    return {"name": name, "credits": granted, "price": price, "country": country, "short_info": info}


def _appointment_packages() -> list[dict[str, Any]]:
    return [
        _appointment("Yarım saat", 30, 0, 100, 30_000, "TRY", "TR"),
        _appointment("Bir saat", 50, 10, 180, 52_500, "TRY", "TR"),
        _appointment("Half an hour", 25, 5, 100, 2_500, "EUR", "DE"),
    ]


def _appointment(
    title: str, duration: int, pause: int, price_credits: int, amount: int, currency: str, country: str
) -> dict[str, Any]:
    return {
        "title": title,
        "description": f"{duration} + {pause} min",
        "appointment_type": "online",
        "service": "video",
        "duration_minutes": duration,
        "break_minutes": pause,
        "fee": {"amount": amount, "currency": currency},
        "credits": price_credits,
        "sessions": 1,
        "country": country,
        "currency": currency,
        "how_it_ends": "automatic",
        "when_it_ends": "scheduled_end",
    }
