"""The steps of the product that are struck: every route that writes, every effect, all that falls due, every entry.

A new handler gets a function here: it prepares, and returns the request or the event that is then struck.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from chalicelib.booking.model import Booking
from chalicelib.core.money import Money
from chalicelib.feed.model import NoticeKind
from chalicelib.feed.service import notice
from chalicelib.orders import store as order_store
from chalicelib.orders.model import Order, OrderState
from chalicelib.orders.refunds import RefundState
from chalicelib.table import keys, read, transact
from chalicelib.table.keys import Key
from chalicelib.verifier.scan import every_item
from chalicelib.wallet.lots import place
from chalicelib.wallet.pages import Layout, LotPage
from chalicelib.wallet.store import saved
from infra import operate
from infra.local.chapters import TRY_1490, appointment_package, credit_package
from infra.local.payments.iyzico_api.events import TYPES
from tests.deployed.tenants import session_package
from tests.faults import unseen
from tests.store.accounts.people import CODE
from tests.torture.crashes import SCENARIOS, Act, scenario
from tests.torture.world import (
    CREDITS,
    IYZICO_API_KEY,
    IYZICO_SECRET,
    IYZICO_WEBHOOK,
    LIVE,
    PRICE,
    TWILIO_SID,
    TWILIO_TOKEN,
    ZARINPAL_MERCHANT,
    Request,
    Tenant,
    Undone,
    World,
    start_cold,
)

__all__ = ["SCENARIOS"]

# ---------------------------------------------------------------------------------- platforms


@scenario("PUT /v1/admin/settings")
def settings(world: World) -> Act:
    admin = world.live.admin
    kept = world.call(admin, "GET", "/v1/admin/settings")
    version = kept.pop("version")
    return world.request(admin, "PUT", "/v1/admin/settings", kept | {"terms_version": "2"}, if_match=version)


@scenario("PUT /v1/admin/clock")
def move_clock(world: World) -> Act:
    now = (world.clock.instant + timedelta(hours=3)).isoformat()
    return world.request(world.sandbox.admin, "PUT", "/v1/admin/clock", {"now": now})


@scenario("effect platform.clock_moved")
def clock_moved(world: World) -> Act:
    tenant = world.sandbox
    starts_at = world.clock.instant + timedelta(hours=1)
    tenant.give(PRICE)
    booking_id = tenant.book(starts_at=starts_at).send().json["id"]
    tenant.join(tenant.customer, booking_id).send()
    world.stream()
    move_clock(world)()
    drained, swept = _drained(world), _swept(world)

    def act() -> None:
        """What fails while the clock moves stays due, and is the sweeper's."""
        drained()
        swept()

    return act


# ----------------------------------------------------------------------------------- accounts


@scenario("POST /v1/public/{platform_id}/sign-up")
def sign_up(world: World) -> Act:
    body = {
        "email": "new@example.com", "password": "correct horse 42", "name": "Yeni", "country": "TR",
        "locale": "tr", "terms_version": "1",
    }  # fmt: skip
    path = {"platform_id": LIVE}
    return world.request(None, "POST", "/v1/public/{platform_id}/sign-up", body, path=path)


@scenario("POST /v1/public/{platform_id}/verify-email")
def verify_email(world: World) -> Act:
    sign_up(world)()
    body, path = {"email": "new@example.com", "code": CODE}, {"platform_id": LIVE}
    return world.request(None, "POST", "/v1/public/{platform_id}/verify-email", body, path=path)


@scenario("POST /v1/public/{platform_id}/resend-code")
def resend_code(world: World) -> Act:
    sign_up(world)()
    path = {"platform_id": LIVE}
    body = {"email": "new@example.com"}
    return world.request(None, "POST", "/v1/public/{platform_id}/resend-code", body, path=path)


_PERSON = {"email": "added@example.com", "name": "Eklenen", "country": "TR", "locale": "tr"}


@scenario("POST /v1/admin/customers")
def add_customer(world: World) -> Act:
    return world.request(world.live.admin, "POST", "/v1/admin/customers", _PERSON)


@scenario("POST /v1/admin/experts")
def add_expert(world: World) -> Act:
    body = _PERSON | {"share_basis_points": 5_000}
    return world.request(world.live.admin, "POST", "/v1/admin/experts", body)


@scenario("PUT /v1/admin/experts/{account_id}")
def edit_expert(world: World) -> Act:
    path = {"account_id": world.live.expert.id}
    version = world.call(world.live.admin, "GET", "/v1/admin/experts/{account_id}", path=path)["version"]
    body = {"name": "Elif", "phone": None, "title": "Dr.", "share_basis_points": 4_000}
    return world.request(
        world.live.admin, "PUT", "/v1/admin/experts/{account_id}", body, path=path, if_match=version
    )


# ------------------------------------------------------------------------------------- wallet

_WALLET = "/v1/admin/customers/{account_id}/wallets/{asset}"


def _adjusted(world: World, **sent: int) -> Request:
    path = {"account_id": world.live.customer.id, "asset": "credit"}
    body = {"amount": 5, "reason": "He waited."} | sent
    return world.request(world.live.admin, "POST", f"{_WALLET}/adjustments", body, path=path)


@scenario("POST /v1/admin/customers/{account_id}/wallets/{asset}/adjustments")
def give_by_hand(world: World) -> Act:
    return _adjusted(world)


@scenario("POST /v1/admin/customers/{account_id}/wallets/{asset}/adjustments")
def take_by_hand(world: World) -> Act:
    world.live.give(20)
    return _adjusted(world, amount=-7)


@scenario("POST /v1/admin/customers/{account_id}/wallets/{asset}/lots/{lot_id}/extensions")
def extend_lot(world: World) -> Act:
    _adjusted(world, expires_in_days=10)()
    lot = world.live.wallet().lots[-1]
    path = {"account_id": world.live.customer.id, "asset": "credit", "lot_id": lot.id}
    body = {"reason": "She was ill."}
    return world.request(world.live.admin, "POST", f"{_WALLET}/lots/{{lot_id}}/extensions", body, path=path)


@scenario("due WALLET")
def expired_credits(world: World) -> Act:
    _adjusted(world, expires_in_days=2)()
    world.clock.forward(days=3)
    return _swept(world)


@scenario("due WALLET")
def credits_about_to_expire(world: World) -> Act:
    _adjusted(world, expires_in_days=8)()
    world.clock.forward(days=1)
    return _swept(world)


@scenario("due LOTS")
def credits_on_a_page_about_to_expire(world: World) -> Act:
    """As in a wallet of many lots, of which this one stands on a page."""
    _adjusted(world, expires_in_days=8)()
    wallet = world.live.wallet()
    lot = wallet.lots[-1]
    page = LotPage(
        platform_id=wallet.platform_id,
        owner_id=wallet.owner_id,
        asset=wallet.asset,
        origin=lot.origin,
        start=place(lot),
        lots=[lot],
    )
    paged = replace(wallet, lots=wallet.lots[:-1], paged={lot.origin: page.start})
    transact.commit(saved(Layout(wallet=paged, changed=[page])), f"page:{lot.id}")
    world.clock.forward(days=1)
    return _swept(world)


@scenario("effect mail.credits_expiring")
def warned_of_credits(world: World) -> Act:
    credits_about_to_expire(world)
    world.tick("sweep")
    return _drained(world)


# ---------------------------------------------------------------------------------- catalogue

_CREDITS = credit_package("100 Kredi", 100, TRY_1490)
_HOUR = appointment_package("Saat", 50, 10, PRICE)


@scenario("POST /v1/admin/credit-packages")
def add_credits(world: World) -> Act:
    return world.request(world.live.admin, "POST", "/v1/admin/credit-packages", _CREDITS)


@scenario("PUT /v1/admin/credit-packages/{package_id}")
def edit_credits(world: World) -> Act:
    return _edit(world, "/v1/admin/credit-packages/{package_id}", world.live.credits_id, _CREDITS)


@scenario("DELETE /v1/admin/credit-packages/{package_id}")
def remove_credits(world: World) -> Act:
    return _remove(world, "/v1/admin/credit-packages/{package_id}", world.live.credits_id)


@scenario("PUT /v1/admin/credit-packages/order")
def order_credits(world: World) -> Act:
    added = world.call(world.live.admin, "POST", "/v1/admin/credit-packages", _CREDITS)["id"]
    body = {"package_ids": [added, world.live.credits_id]}
    return world.request(world.live.admin, "PUT", "/v1/admin/credit-packages/order", body)


@scenario("POST /v1/admin/appointment-packages")
def add_appointment(world: World) -> Act:
    return world.request(world.live.admin, "POST", "/v1/admin/appointment-packages", _HOUR)


@scenario("PUT /v1/admin/appointment-packages/{package_id}")
def edit_appointment(world: World) -> Act:
    return _edit(world, "/v1/admin/appointment-packages/{package_id}", world.live.half_hour_id, _HOUR)


@scenario("DELETE /v1/admin/appointment-packages/{package_id}")
def remove_appointment(world: World) -> Act:
    return _remove(world, "/v1/admin/appointment-packages/{package_id}", world.live.half_hour_id)


@scenario("PUT /v1/admin/appointment-packages/order")
def order_appointments(world: World) -> Act:
    body = {"package_ids": [world.live.pair_id, world.live.half_hour_id]}
    return world.request(world.live.admin, "PUT", "/v1/admin/appointment-packages/order", body)


@scenario("POST /v1/admin/session-packages")
def add_sessions(world: World) -> Act:
    return world.request(world.live.admin, "POST", _SESSIONS, _sessions(world))


@scenario("PUT /v1/admin/session-packages/{package_id}")
def edit_sessions(world: World) -> Act:
    added = world.call(world.live.admin, "POST", _SESSIONS, _sessions(world))["id"]
    return _edit(world, f"{_SESSIONS}/{{package_id}}", added, _sessions(world) | {"total_sessions": 7})


@scenario("DELETE /v1/admin/session-packages/{package_id}")
def remove_sessions(world: World) -> Act:
    added = world.call(world.live.admin, "POST", _SESSIONS, _sessions(world))["id"]
    return _remove(world, f"{_SESSIONS}/{{package_id}}", added)


@scenario("PUT /v1/admin/session-packages/order")
def order_sessions(world: World) -> Act:
    added = [world.call(world.live.admin, "POST", _SESSIONS, _sessions(world))["id"] for _ in range(2)]
    return world.request(world.live.admin, "PUT", f"{_SESSIONS}/order", {"package_ids": added[::-1]})


_SESSIONS = "/v1/admin/session-packages"


def _sessions_on_sale(world: World, **changed: Any) -> str:
    sold = _sessions(world) | {"price": TRY_1490} | changed
    package_id: str = world.call(world.live.admin, "POST", _SESSIONS, sold)["id"]
    world.live.apply()()
    return package_id


def _sessions(world: World) -> dict[str, Any]:
    return session_package(world.live.half_hour_id)


@scenario("PUT /v1/admin/appointment-settings")
def draft_settings(world: World) -> Act:
    admin = world.live.admin
    kept = world.call(admin, "GET", "/v1/admin/appointment-settings")
    version = kept.pop("version")
    body = kept | {"join_early_minutes": 9}
    return world.request(admin, "PUT", "/v1/admin/appointment-settings", body, if_match=version)


@scenario("POST /v1/admin/catalogue/apply")
def apply_settings(world: World) -> Act:
    draft_settings(world)()
    return world.live.apply()


@scenario("POST /v1/admin/catalogue/apply")
def apply(world: World) -> Act:
    add_credits(world)()
    return world.live.apply()


def _edit(world: World, resource: str, package_id: str, body: object) -> Request:
    path, admin = {"package_id": package_id}, world.live.admin
    version = world.call(admin, "GET", resource, path=path)["version"]
    return world.request(admin, "PUT", resource, body, path=path, if_match=version)


def _remove(world: World, resource: str, package_id: str) -> Request:
    path, admin = {"package_id": package_id}, world.live.admin
    version = world.call(admin, "GET", resource, path=path)["version"]
    return world.request(admin, "DELETE", resource, path=path, if_match=version)


# ----------------------------------------------------------------------------------- calendar


@scenario("PUT /v1/experts/{expert_id}/calendar")
def edit_calendar(world: World) -> Act:
    body = {"zone": "Europe/Istanbul", "weekly": [{"weekday": 0, "from": "09:00", "to": "12:00"}]}
    return _calendar(world, "PUT", "/v1/experts/{expert_id}/calendar", body)


@scenario("PUT /v1/experts/{expert_id}/calendar/exceptions/{date}")
def put_exception(world: World) -> Act:
    return _calendar(world, "PUT", "/v1/experts/{expert_id}/calendar/exceptions/{date}", {"hours": []})


@scenario("DELETE /v1/experts/{expert_id}/calendar/exceptions/{date}")
def remove_exception(world: World) -> Act:
    put_exception(world)()
    return _calendar(world, "DELETE", "/v1/experts/{expert_id}/calendar/exceptions/{date}", None)


def _calendar(world: World, method: str, resource: str, body: object) -> Request:
    expert = world.live.expert
    path = {"expert_id": expert.id} | ({"date": "2026-12-24"} if "{date}" in resource else {})
    of_expert = {"expert_id": expert.id}
    version = world.call(expert, "GET", "/v1/experts/{expert_id}/calendar", path=of_expert)["version"]
    return world.request(expert, method, resource, body, path=path, if_match=version)


@scenario("PUT /v1/admin/calendar/locations")
def put_locations(world: World) -> Act:
    return _shared(world, "PUT", "locations", {"locations": [{"id": "moda", "name": "Moda"}]})


@scenario("PUT /v1/admin/calendar/holidays/{date}")
def put_holiday(world: World) -> Act:
    return _shared(world, "PUT", "holidays/{date}", {"name": "Yılbaşı"})


@scenario("DELETE /v1/admin/calendar/holidays/{date}")
def remove_holiday(world: World) -> Act:
    put_holiday(world)()
    return _shared(world, "DELETE", "holidays/{date}", None)


def _shared(world: World, method: str, what: str, body: object) -> Request:
    admin, path = world.live.admin, {"date": "2026-12-31"} if "{date}" in what else {}
    version = world.call(admin, "GET", "/v1/admin/calendar")["version"]
    return world.request(admin, method, f"/v1/admin/calendar/{what}", body, path=path, if_match=version)


@scenario("POST /v1/me/feed")
def renew_feed(world: World) -> Act:
    return world.request(world.live.customer, "POST", "/v1/me/feed")


@scenario("DELETE /v1/me/feed")
def revoke_feed(world: World) -> Act:
    renew_feed(world)()
    return world.request(world.live.customer, "DELETE", "/v1/me/feed")


# ------------------------------------------------------------------------------------- orders


@scenario("POST /v1/orders")
def order(world: World) -> Act:
    return world.live.order()


@scenario("POST /v1/webhooks/{platform_id}/{provider}")
def payment(world: World) -> Act:
    return _event(world, "pay", "checkout.session.completed")


@scenario("POST /v1/webhooks/{platform_id}/{provider}")
def payment_by_its_other_event(world: World) -> Act:
    return _event(world, "pay", "payment_intent.succeeded")


@scenario("POST /v1/webhooks/{platform_id}/{provider}")
def decline(world: World) -> Act:
    return _event(world, "decline", "payment_intent.payment_failed")


@scenario("POST /v1/orders")
def order_sessions_by_card(world: World) -> Act:
    return world.live.order(package_id=_sessions_on_sale(world))


@scenario("POST /v1/webhooks/{platform_id}/{provider}")
def payment_of_sessions(world: World) -> Act:
    return _event(world, "pay", "checkout.session.completed", _sessions_on_sale(world))


@scenario("GET /v1/public/{platform_id}/orders/{order_id}/return")
def return_page(world: World) -> Act:
    return _come_back(world, "GET")


@scenario("POST /v1/public/{platform_id}/orders/{order_id}/return")
def return_by_form(world: World) -> Act:
    return _come_back(world, "POST")


def _come_back(world: World, method: str) -> Act:
    order_id, page_id = _ordered(world)
    world.press(page_id, "pay")
    is_form = method == "POST"
    return _comes_back(
        order_id, method, f"token={page_id}" if is_form else None, {} if is_form else {"session_id": page_id}
    )


def _comes_back(
    order_id: str,
    method: str,
    form: str | None,
    query: dict[str, str],
    until: Callable[[str], None] | None = None,
) -> Act:
    come_back = Request(
        method,
        "/v1/public/{platform_id}/orders/{order_id}/return",
        form,
        path={"platform_id": LIVE, "order_id": order_id},
        query=query,
    )

    def act() -> None:
        """A person is told something whatever breaks; he looks again until he is told that it is done."""
        come_back()
        (until or _until_paid)(order_id)

    return act


_REFUND = "/v1/admin/orders/{order_id}/refunds"
_REVIEW = "/v1/admin/orders/{order_id}/review"
_WEBHOOK = "POST /v1/webhooks/{platform_id}/{provider}"


@scenario(_WEBHOOK)
def payment_at_iyzico(world: World) -> Act:
    return _at_iyzico(world, "pay")


@scenario(_WEBHOOK)
def decline_at_iyzico(world: World) -> Act:
    return _at_iyzico(world, "decline")


@scenario("POST /v1/public/{platform_id}/orders/{order_id}/return")
def return_from_iyzico(world: World) -> Act:
    """Iyzico's page lets the browser send a form; the notification is lost."""
    order_id, page_id = _ordered_at_iyzico(world)
    world.press(page_id, "pay")
    return _comes_back(order_id, "POST", f"token={page_id}", {})


@scenario("GET /v1/public/{platform_id}/orders/{order_id}/return")
def return_from_zarinpal(world: World) -> Act:
    """The buyer comes back with his authority, and the payment is verified: the only way to learn of it."""
    order_id, page_id = _ordered_at_zarinpal(world)
    world.press(page_id, "pay")
    return _comes_back(order_id, "GET", None, {"Authority": page_id, "Status": "OK"})


@scenario("GET /v1/public/{platform_id}/orders/{order_id}/return")
def decline_at_zarinpal(world: World) -> Act:
    order_id, page_id = _ordered_at_zarinpal(world)
    world.press(page_id, "decline")
    return _comes_back(order_id, "GET", None, {"Authority": page_id, "Status": "NOK"}, _until_declined)


@scenario("due ORDER")
def paid_at_zarinpal_and_never_back(world: World) -> Act:
    """Nobody tells of it: the payment is verified when the page's time is up."""
    _, page_id = _ordered_at_zarinpal(world)
    world.press(page_id, "pay")
    world.clock.forward(minutes=45)
    return _swept(world)


@scenario("effect payment.refund")
def refund_at_iyzico(world: World) -> Act:
    """Iyzico keeps no idempotency keys: a refund is looked up in its report before it is sent."""
    payment_at_iyzico(world)()
    (order_id,) = [item.record.id for item in every_item() if isinstance(item.record, Order)]
    body, path = {"amount": 49_000, "reason": "asked nicely"}, {"order_id": order_id}
    world.call(world.live.admin, "POST", _REFUND, body, path=path)
    return _drained(world)


def _at_iyzico(world: World, press: str) -> Act:
    order_id, page_id = _ordered_at_iyzico(world)
    (event,) = [event for event in world.press(page_id, press) if event["type"] in TYPES]
    delivery = world.iyzico_webhook(event)

    def act() -> bytes:
        answer = delivery()
        (_until_paid if press == "pay" else _until_declined)(order_id)
        return answer

    return act


def _ordered_at_iyzico(world: World) -> tuple[str, str]:
    """A platform whose lira are taken by iyzico, since it has an account there."""
    operate.set_iyzico_keys(LIVE, IYZICO_API_KEY, IYZICO_SECRET, [IYZICO_WEBHOOK])
    return _ordered(world)


def _ordered_at_zarinpal(world: World) -> tuple[str, str]:
    operate.set_zarinpal_keys(LIVE, ZARINPAL_MERCHANT)
    rial = credit_package("500 Kredi", CREDITS, {"amount": 1_000_000, "currency": "IRR"})
    package_id = world.call(world.live.admin, "POST", "/v1/admin/credit-packages", rial)["id"]
    world.live.apply()()
    order_id: str = world.live.order(package_id=package_id).send().json["id"]
    return order_id, world.live.page_of(order_id)


@scenario("POST /v1/orders")
def order_with_credits_and_card(world: World) -> Act:
    world.live.give(PRICE)
    return world.live.mixed(40)


@scenario(_WEBHOOK)
def payment_beside_credits(world: World) -> Act:
    order_id, page_id = _mixed(world)
    (event,) = [e for e in world.press(page_id, "pay") if e["type"] == "checkout.session.completed"]
    delivery = world.webhook(event)

    def act() -> bytes:
        answer = delivery()
        _until_paid(order_id)
        return answer

    return act


@scenario(_WEBHOOK)
def payment_beside_credits_of_time_that_is_over(world: World) -> Act:
    """Time and credits are free again, and the money goes back, in the step that makes the order paid."""
    order_id, page_id = _mixed(world)
    (event,) = [e for e in world.press(page_id, "pay") if e["type"] == "checkout.session.completed"]
    order = order_store.find(world.live.id, order_id)
    assert order is not None
    starts_at = datetime.fromisoformat(order.details["starts_at"])
    world.clock.forward(seconds=(starts_at + timedelta(hours=1) - world.clock()).total_seconds())
    delivery = world.webhook(event)

    def act() -> bytes:
        answer = delivery()
        _until_sent_back(order_id)
        return answer

    return act


@scenario("due ORDER")
def abandoned_order_that_holds_credits(world: World) -> Act:
    _mixed(world)
    world.clock.forward(minutes=45)
    return _swept(world)


@scenario(f"POST {_REFUND}")
def refund_of_credits_and_card(world: World) -> Act:
    order_id, page_id = _mixed(world)
    (event,) = [e for e in world.press(page_id, "pay") if e["type"] == "checkout.session.completed"]
    world.webhook(event)()
    body, path = {"reason": "asked nicely"}, {"order_id": order_id}
    return world.request(world.live.admin, "POST", _REFUND, body, path=path)


def _mixed(world: World) -> tuple[str, str]:
    """An order that credits pay a part of, and its page."""
    world.live.give(PRICE)
    order_id: str = world.live.mixed(40).send().json["id"]
    return order_id, world.live.page_of(order_id)


@scenario("due ORDER")
def abandoned_order(world: World) -> Act:
    _ordered(world)
    world.clock.forward(minutes=45)
    return _swept(world)


@scenario("entry catch_up")
def catch_up(world: World) -> Act:
    order_id, page_id = _ordered(world)
    world.press(page_id, "pay")

    def act() -> None:
        world.tick("catch_up")
        _until_paid(order_id)

    return act


@scenario("entry catch_up")
def paid_late_at_zarinpal(world: World) -> Act:
    """Of an order that has expired, so that nobody would come to it once its money is taken."""
    start_cold()  # for a minute it is believed that the platform has no account there
    order_id, page_id = _ordered_at_zarinpal(world)
    world.clock.forward(minutes=45)
    world.tick("sweep")
    world.press(page_id, "pay")

    def act() -> None:
        world.tick("catch_up")
        world.tick("sweep")
        _until_paid(order_id)

    return act


@scenario("entry reconcile")
def reconcile(world: World) -> Act:
    """A payment of which nobody told us is found in the provider's list of the day before."""
    order_id, page_id = _ordered(world)
    world.press(page_id, "pay")
    world.clock.forward(days=1)

    def act() -> None:
        world.tick("reconcile")
        _until_paid(order_id)

    return act


@scenario("effect report.sale", "effect mail.credits_bought")
def drain_purchase(world: World) -> Act:
    payment(world)()
    return _drained(world)


@scenario("effect report.failed_payment")
def drain_decline(world: World) -> Act:
    decline(world)()
    return _drained(world)


@scenario("POST /v1/orders/{order_id}/resume")
def resume(world: World) -> Act:
    """The page has closed after a decline: it gives way to another."""
    order_id, page_id = _ordered(world)
    world.press(page_id, "decline")
    world.clock.forward(minutes=32)
    path = {"order_id": order_id}
    return world.request(world.live.customer, "POST", "/v1/orders/{order_id}/resume", path=path)


@scenario(f"POST {_REFUND}")
def refund(world: World) -> Act:
    body, path = {"amount": 49_000, "reason": "asked nicely"}, {"order_id": _paid(world)}
    return world.request(world.live.admin, "POST", _REFUND, body, path=path)


@scenario(f"POST {_REFUND}")
def refund_of_sessions(world: World) -> Act:
    """A third of the money: two of the six sessions go with it."""
    order_id = _paid(world, _sessions_on_sale(world))
    body = {"amount": TRY_1490["amount"] // 3, "reason": "moved away"}
    return world.request(world.live.admin, "POST", _REFUND, body, path={"order_id": order_id})


@scenario("effect payment.refund")
def drain_refund(world: World) -> Act:
    refund(world)()
    return _drained(world)


@scenario(f"POST {_REFUND}/{{refund_id}}")
def record_refund(world: World) -> Act:
    """The provider gives nothing back on demand, so an admin has sent it."""
    order_id = _paid(world)
    path = {"order_id": order_id}
    body = {"amount": 49_000, "reason": "asked nicely"}
    world.call(world.live.admin, "POST", _REFUND, body, path=path)
    found = read.get(keys.order(LIVE, order_id), Order)
    assert found is not None
    by_hand = replace(found, refunds=[replace(found.refunds[0], state=RefundState.BY_HAND)])
    transact.commit([order_store.saved(by_hand)], f"by hand {found.id}")
    path = {"order_id": found.id, "refund_id": found.refunds[0].id}
    return world.request(
        world.live.admin, "POST", f"{_REFUND}/{{refund_id}}", {"outcome": "succeeded"}, path=path
    )


@scenario(f"POST {_REVIEW}")
def grant_review(world: World) -> Act:
    return _decide_review(world, "grant")


@scenario(f"POST {_REVIEW}")
def send_back_review(world: World) -> Act:
    return _decide_review(world, "refund")


def _decide_review(world: World, decision: str) -> Act:
    """The buyer has paid another amount than the order says."""
    order_id, page_id = _ordered(world)
    found = read.get(keys.order(LIVE, order_id), Order)
    assert found is not None
    dearer = replace(found, price=Money(found.price.amount + 1, found.price.currency))
    transact.commit([order_store.saved(dearer)], f"dearer {order_id}")
    (event,) = [e for e in world.press(page_id, "pay") if e["type"] == "checkout.session.completed"]
    world.webhook(event)()
    body, path = {"decision": decision, "reason": "looked at it"}, {"order_id": order_id}
    return world.request(world.live.admin, "POST", _REVIEW, body, path=path)


def _paid(world: World, package_id: str = "") -> str:
    order_id, page_id = _ordered(world, package_id)
    (event,) = [e for e in world.press(page_id, "pay") if e["type"] == "checkout.session.completed"]
    world.webhook(event)()
    return order_id


def _ordered(world: World, package_id: str = "") -> tuple[str, str]:
    """An order, and its page."""
    order_id: str = world.live.order(package_id=package_id).send().json["id"]
    return order_id, world.live.page_of(order_id)


def _event(world: World, press: str, event_type: str, package_id: str = "") -> Act:
    order_id, page_id = _ordered(world, package_id)
    (event,) = [event for event in world.press(page_id, press) if event["type"] == event_type]
    delivery = world.webhook(event)

    def act() -> bytes:
        answer = delivery()
        if press == "pay":
            _until_paid(order_id)
        return answer

    return act


def _until_paid(order_id: str) -> None:
    with unseen():
        found = read.get(keys.order(LIVE, order_id), Order)
    if found is None or found.state is not OrderState.PAID:
        raise Undone(order_id)


def _until_sent_back(order_id: str) -> None:
    with unseen():
        found = read.get(keys.order(LIVE, order_id), Order)
    if found is None or found.state is not OrderState.REFUNDED:
        raise Undone(order_id)


def _until_declined(order_id: str) -> None:
    with unseen():
        found = read.get(keys.order(LIVE, order_id), Order)
    if found is None or not found.failures:
        raise Undone(order_id)


# ------------------------------------------------------------------------ bookings and sessions


@scenario("POST /v1/bookings")
def book(world: World) -> Act:
    world.live.give(PRICE)
    return world.live.book()


@scenario("POST /v1/bookings")
def book_a_package(world: World) -> Act:
    world.live.give(PRICE)
    return world.live.book(world.live.pair_id)


@scenario("POST /v1/bookings")
def book_a_further_session(world: World) -> Act:
    world.live.give(PRICE)
    made = world.live.book(world.live.pair_id).send().json
    body = {"assignment_id": made["assignment_id"], "starts_at": world.free_time().isoformat()}
    return world.request(world.live.customer, "POST", "/v1/bookings", body)


@scenario("POST /v1/bookings")
def book_without_credits(world: World) -> Act:
    return world.live.book()


@scenario("POST /v1/admin/bookings")
def book_on_the_house(world: World) -> Act:
    live = world.live
    who = {"customer_id": live.customer.id, "package_id": live.half_hour_id, "expert_id": live.expert.id}
    body = who | {"pay_with": "on_the_house", "starts_at": world.free_time().isoformat()}
    return world.request(live.admin, "POST", "/v1/admin/bookings", body)


def _series(world: World, **more: Any) -> dict[str, Any]:
    live, first = world.live, world.free_time().isoformat()
    who = {"package_id": live.half_hour_id, "expert_id": live.expert.id}
    return who | {"weekly": {"first": first, "count": 3}} | more


@scenario("POST /v1/booking-series")
def book_series(world: World) -> Act:
    world.live.give(3 * PRICE)
    body = _series(world, pay_with="credits")
    return world.request(world.live.customer, "POST", "/v1/booking-series", body)


@scenario("POST /v1/booking-series")
def book_series_on_a_package(world: World) -> Act:
    _assigned(world).send()
    return world.request(world.live.customer, "POST", "/v1/booking-series", _series(world))


@scenario("POST /v1/admin/booking-series")
def book_series_on_the_house(world: World) -> Act:
    body = _series(world, customer_id=world.live.customer.id, pay_with="on_the_house")
    return world.request(world.live.admin, "POST", "/v1/admin/booking-series", body)


@scenario("POST /v1/booking-series/{series_id}/cancel")
def cancel_series(world: World) -> Act:
    path = {"series_id": book_series(world).send().json["id"]}
    return world.request(world.live.customer, "POST", "/v1/booking-series/{series_id}/cancel", {}, path=path)


@scenario("effect mail.series_confirmed")
def drain_series(world: World) -> Act:
    book_series(world)()
    return _drained(world)


@scenario("PUT /v1/bookings/{booking_id}/note")
def edit_note(world: World) -> Act:
    path, booking_id = "/v1/bookings/{booking_id}/note", world.live.booked()
    version = world.call(world.live.customer, "GET", f"{path}s", path={"booking_id": booking_id})["version"]
    return world.request(
        world.live.customer,
        "PUT",
        path,
        {"note": "Ground floor."},
        path={"booking_id": booking_id},
        if_match=version,
    )


@scenario("POST /v1/bookings/{booking_id}/no-show")
def mark_no_show(world: World) -> Act:
    """The expert was not there, so all that was paid comes back."""
    booking_id = world.live.booked()
    _reminded(world, booking_id)
    world.stream()
    world.clock.instant = world.free_time() + timedelta(minutes=31)
    path, resource = {"booking_id": booking_id}, "/v1/bookings/{booking_id}/no-show"
    return world.request(world.live.admin, "POST", resource, {"no_show": "expert"}, path=path)


@scenario("POST /v1/admin/customers/{account_id}/assignments")
def assign(world: World) -> Act:
    return _assigned(world)


@scenario("POST /v1/admin/assignments/{assignment_id}/cancel")
def cancel_assignment(world: World) -> Act:
    """A part of its price goes back over the desk."""
    paid_back = {"amount": 200_000, "currency": "TRY"}
    return _change_assignment(world, "cancel", {"paid_back": paid_back})


@scenario("POST /v1/admin/assignments/{assignment_id}/adjustments")
def adjust_assignment(world: World) -> Act:
    return _change_assignment(world, "adjustments", {"total_sessions": 7})


def _change_assignment(world: World, what: str, body: dict[str, Any]) -> Request:
    path = {"assignment_id": _assigned(world).send().json["id"]}
    resource = f"/v1/admin/assignments/{{assignment_id}}/{what}"
    return world.request(world.live.admin, "POST", resource, body | {"reason": "She moved."}, path=path)


@scenario("due ASSIGNMENT")
def expired_sessions(world: World) -> Act:
    _assigned(world, expires_after_days=2).send()
    world.stream()
    world.clock.forward(days=3)
    return _swept(world)


def _assigned(world: World, **changed: Any) -> Request:
    live, package_id = world.live, _sessions_on_sale(world, **changed)
    body = {"session_package_id": package_id, "paid": {"amount": 600_000, "currency": "TRY"}}
    resource, path = "/v1/admin/customers/{account_id}/assignments", {"account_id": live.customer.id}
    return world.request(live.admin, "POST", resource, body, path=path)


@scenario("POST /v1/sessions/{booking_id}/join")
def join(world: World) -> Act:
    return world.live.join(world.live.customer, world.live.booked())


@scenario("POST /v1/bookings/{booking_id}/cancel")
def cancel(world: World) -> Act:
    return world.live.of_booking("cancel", world.live.booked(), {"reason": "ill"})


@scenario("POST /v1/bookings/{booking_id}/cancel")
def cancel_a_session_of_a_package(world: World) -> Act:
    return world.live.of_booking("cancel", world.live.booked(world.live.pair_id), {})


@scenario("effect mail.booking_cancelled")
def drain_cancellation(world: World) -> Act:
    booking_id = world.live.booked()
    world.stream()
    world.live.of_booking("cancel", booking_id, {})()
    return _drained(world)


@scenario("POST /v1/bookings/{booking_id}/reschedule")
def reschedule(world: World) -> Act:
    later = {"starts_at": (world.free_time() + timedelta(days=1)).isoformat()}
    return world.live.of_booking("reschedule", world.live.booked(), later)


@scenario("effect mail.booking_moved")
def drain_move(world: World) -> Act:
    move = reschedule(world)
    world.stream()
    move()
    return _drained(world)


@scenario("due BOOKING")
def reminder(world: World) -> Act:
    _remindable(world)
    return _swept(world)


@scenario("effect mail.booking_reminder")
def drain_reminder(world: World) -> Act:
    _remindable(world)
    world.tick("sweep")
    return _drained(world)


def _remindable(world: World) -> None:
    """A booking whose first reminder is due."""
    remind_at = _remind_at(world.live.booked())
    assert remind_at is not None
    world.stream()
    world.clock.instant = remind_at


def _reminded(world: World, booking_id: str) -> None:
    """Of which no reminder is left."""
    while (remind_at := _remind_at(booking_id)) is not None:
        world.clock.instant = remind_at
        world.tick("sweep")
        world.stream()


def _remind_at(booking_id: str) -> datetime | None:
    found = read.get(keys.booking(LIVE, booking_id), Booking)
    assert found is not None
    return found.remind_at


@scenario("POST /v1/sessions/{booking_id}/leave")
def leave(world: World) -> Act:
    path = {"booking_id": _joined(world)}
    return world.request(world.live.customer, "POST", "/v1/sessions/{booking_id}/leave", path=path)


@scenario("POST /v1/sessions/{booking_id}/extension")
def extend(world: World) -> Act:
    """The second of the two who must ask for it."""
    path, resource = {"booking_id": _joined(world)}, "/v1/sessions/{booking_id}/extension"
    world.request(world.live.expert, "POST", resource, {"minutes": 10}, path=path)()
    return world.request(world.live.customer, "POST", resource, {"minutes": 10}, path=path)


@scenario("POST /v1/sessions/{booking_id}/end")
def end(world: World) -> Act:
    return world.live.end(_joined(world))


@scenario("effect mail.booking_confirmed")
def drain_booking(world: World) -> Act:
    world.live.booked()
    return _drained(world)


@scenario("effect session.timer")
def drain_join(world: World) -> Act:
    booking_id = world.live.booked()
    world.stream()
    world.live.join(world.live.customer, booking_id)()
    return _drained(world)


@scenario("effect session.timer", "effect report.session")
def drain_end(world: World) -> Act:
    booking_id = _joined(world)
    world.stream()
    world.live.end(booking_id)()
    return _drained(world)


@scenario("entry on_timer")
def timer(world: World) -> Act:
    booking_id = _joined(world)
    world.stream()
    world.clock.instant = world.free_time() + timedelta(hours=1)
    message = {"platform_id": LIVE, "booking_id": booking_id, "generation": 1}
    return lambda: world.message("on_timer", message)


@scenario("due SESSION")
def session_without_a_timer(world: World) -> Act:
    _reminded(world, _joined(world))
    world.stream()
    world.clock.instant = world.free_time() + timedelta(hours=1)
    return _swept(world)


@scenario("due SESSION")
def session_that_its_expert_has_not_ended(world: World) -> Act:
    """He is notified, and his time is kept."""
    _run_over(world)
    return _swept(world)


@scenario("POST /v1/sessions/{booking_id}/end")
def end_of_an_overrun(world: World) -> Act:
    booking_id = _run_over(world)
    world.tick("sweep")
    world.stream()
    # At a minute's beginning: what a session came to is told in whole minutes, and a try half a minute later ends
    # it half a minute later.
    world.clock.instant = world.free_time() + timedelta(minutes=34)
    return world.live.end(booking_id)


def _run_over(world: World) -> str:
    """A session that its expert ends by hand, when its time is up."""
    admin, path = world.live.admin, "/v1/admin/appointment-packages"
    by_hand = appointment_package("Elle biter", 30, 0, PRICE) | {"how_it_ends": "by_expert"}
    package_id = world.call(admin, "POST", path, by_hand)["id"]
    world.live.apply()()
    booking_id = world.live.booked(package_id)
    for person in (world.live.expert, world.live.customer):
        world.live.join(person, booking_id)()
    world.stream()
    _reminded(world, booking_id)
    world.clock.instant = world.free_time() + timedelta(minutes=32)
    return booking_id


@scenario("due BOOKING")
def missed_booking(world: World) -> Act:
    _reminded(world, world.live.booked(world.live.pair_id))
    world.stream()
    world.clock.instant = world.free_time() + timedelta(hours=2)
    return _swept(world)


@scenario("due RECEIPT", "entry sweep")
def receipt_that_the_stream_missed(world: World) -> Act:
    world.live.booked()
    world.clock.forward(minutes=1)
    return _swept(world, world.due)


def _joined(world: World) -> str:
    booking_id = world.live.booked()
    for person in (world.live.expert, world.live.customer):
        world.live.join(person, booking_id)()
    return booking_id


# ---------------------------------------------------------------------------------- telephony

_RATES = {"rates": [{"prefix": "+90", "micros_per_minute": 13_500}], "alert_below_micros": 1_000_000}


@scenario("PUT /v1/admin/phone/rates")
def phone_rates(world: World) -> Act:
    return world.request(world.sandbox.admin, "PUT", "/v1/admin/phone/rates", _RATES, if_match=0)


@scenario("due BALANCE")
def phone_balance_low(world: World) -> Act:
    phone_rates(world)()
    world.clock.forward(minutes=1)
    return _swept(world)


@scenario("PUT /v1/me/phone")
def own_phone(world: World) -> Act:
    return _numbered(world, world.sandbox)


def _numbered(world: World, house: Tenant) -> Act:
    customer = house.customer
    version = world.call(customer, "GET", "/v1/me")["version"]
    return world.request(customer, "PUT", "/v1/me/phone", {"phone": "+905551112233"}, if_match=version)


@scenario("POST /v1/bookings")
def book_by_phone(world: World) -> Act:
    package_id = _by_phone(world)
    world.sandbox.give(PRICE)
    return world.sandbox.book(package_id)


@scenario("POST /v1/bookings/{booking_id}/cancel")
def cancel_by_phone(world: World) -> Act:
    return world.sandbox.of_booking("cancel", world.sandbox.booked(_by_phone(world)), {})


@scenario("POST /v1/sessions/{booking_id}/join")
def join_by_phone(world: World) -> Act:
    booking_id = world.sandbox.booked(_by_phone(world))
    world.sandbox.join(world.sandbox.expert, booking_id)()
    return world.sandbox.join(world.sandbox.customer, booking_id)


@scenario("POST /v1/sessions/{booking_id}/end")
def end_by_phone(world: World) -> Act:
    booking_id = _called(world)
    # Within the first minute, which is paid for whole: a try half a minute later ends the call half a minute later.
    world.clock.forward(seconds=10)
    return world.sandbox.end(booking_id)


@scenario("effect phone.call")
def drain_call(world: World) -> Act:
    _called(world)
    return _drained(world)


@scenario("effect phone.call")
def drain_call_of_twilio(world: World) -> Act:
    """Twilio keeps no idempotency keys: what a lost answer has made is looked up before it is asked again."""
    operate.set_twilio_keys(LIVE, TWILIO_SID, TWILIO_TOKEN, "+908500000000")
    _called(world, world.live)
    return _drained(world)


@scenario("effect phone.call")
def drain_refused_call(world: World) -> Act:
    operate.set_twilio_keys(LIVE, TWILIO_SID, "another-token", "+908500000000")
    _called(world, world.live)
    return _drained(world)


@scenario("effect phone.call")
def hang_up_at_twilio(world: World) -> Act:
    operate.set_twilio_keys(LIVE, TWILIO_SID, TWILIO_TOKEN, "+908500000000")
    booking_id = _called(world, world.live)
    world.stream()
    world.live.end(booking_id)()
    return _drained(world)


def _called(world: World, tenant: Tenant | None = None) -> str:
    """A session by phone that both have joined."""
    house = tenant or world.sandbox
    booking_id = house.booked(_by_phone(world, house))
    world.stream()
    for person in (house.expert, house.customer):
        house.join(person, booking_id)()
    return booking_id


def _by_phone(world: World, tenant: Tenant | None = None) -> str:
    """A package by phone on sale, people who can be called, and a balance that a paid order brought."""
    house = tenant or world.sandbox
    _topped_up(world, house)()
    world.call(house.admin, "PUT", "/v1/admin/phone/rates", _RATES, if_match=0)
    _numbered(world, house)()
    path = {"account_id": house.expert.id}
    kept = world.call(house.admin, "GET", "/v1/admin/experts/{account_id}", path=path)
    body = {"name": "Elif", "phone": "+905321112233", "title": None, "share_basis_points": 4_000}
    world.call(
        house.admin,
        "PUT",
        "/v1/admin/experts/{account_id}",
        body,
        path=path,
        if_match=kept["version"],
    )
    package = appointment_package("Telefonla", 30, 0, PRICE) | {"service": "phone"}
    made = world.call(house.admin, "POST", "/v1/admin/appointment-packages", package)
    house.apply()()
    return str(made["id"])


@scenario("POST /v1/admin/phone-top-ups")
def order_top_up(world: World) -> Act:
    return _top_up_asked(world, world.sandbox)


def _top_up_asked(world: World, house: Tenant) -> Request:
    return world.request(house.admin, "POST", "/v1/admin/phone-top-ups", {"amount_cents": 5_000})


@scenario("POST /v1/webhooks/{platform_id}/{provider}")
def top_up_paid(world: World) -> Act:
    return _topped_up(world, world.sandbox)


def _topped_up(world: World, house: Tenant) -> Act:
    order_id = _top_up_asked(world, house).send().json["id"]
    events = world.press(house.page_of(order_id), "pay")
    paid = next(event for event in events if event["type"] == "checkout.session.completed")
    return world.webhook(paid, house.id)


# ------------------------------------------------------------------------------------ reports

_EXPORT = {
    "from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "locale": "tr", "zone": "Europe/Istanbul",
}  # fmt: skip


@scenario("POST /v1/admin/reports/exports")
def export(world: World) -> Act:
    return world.request(world.live.admin, "POST", "/v1/admin/reports/exports", _EXPORT)


@scenario("effect report.export")
def drain_export(world: World) -> Act:
    export(world)()
    return _drained(world)


@scenario("entry export_report")
def write_export(world: World) -> Act:
    world.live.booked()
    made = world.call(world.live.admin, "POST", "/v1/admin/reports/exports", _EXPORT)
    world.stream()
    message = {"platform_id": LIVE, "export_id": made["id"]}
    return lambda: world.message("export_report", message)


# --------------------------------------------------------------------------------------- feed


@scenario("effect notice")
def drain_notice(world: World) -> Act:
    told = notice(world.live.customer.id, next(iter(NoticeKind)), world.clock.instant)
    world.live.promise(told)
    return _drained(world)


# ------------------------------------------------------------------------------- how it is done


def _drained(world: World) -> Act:
    """The stream brings the receipts that have work now."""
    found = [key for key in world.due() if key.sk == "RECEIPT"]

    def act() -> None:
        for key in found:
            world.drain(key)

    return act


def _swept(world: World, due: Callable[[], list[Key]] | None = None) -> Act:
    """The sweeper runs until nothing is due, or nothing of what ``due`` says."""
    left = due or world.due_now

    def act() -> None:
        world.tick("sweep")
        with unseen():
            waiting = [key for key in left() if due is None or key.sk == "RECEIPT"]
        if waiting:
            raise Undone(str(waiting))

    return act
