"""The chapters of the story, in the order in which they are told."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.people import Person
from infra.local.story import (
    LIVE,
    SANDBOX,
    SWEEPER_WAITS_SECONDS,
    NotAsTold,
    Story,
    booking_of,
    clock_time,
    instant,
    wait_for,
)

ISTANBUL = ZoneInfo("Europe/Istanbul")
TRY_1490 = {"amount": 149_000, "currency": "TRY"}
TRY_900 = {"amount": 90_000, "currency": "TRY"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The packages that the story's admin made, by their ids."""

    credits_500: str
    video: str
    three_minutes: str


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that runs while the rest is told."""

    customer: Person
    booking_id: str
    due_end: datetime


def publish(story: Story, admin: Person) -> Catalogue:
    """The admin makes packages, sees them as unpublished changes, and applies."""
    credits_500 = admin.api.post("/v1/admin/credit-packages", credit_package("500 Kredi", 500, TRY_1490))
    appointments = "/v1/admin/appointment-packages"
    video = admin.api.post(appointments, appointment_package("Görüntülü görüşme", 25, 5, 300))
    short = admin.api.post(appointments, appointment_package("Üç dakika", 3, 0, 30))
    made = Catalogue(credits_500["id"], video["id"], short["id"])
    story.tell(f"{admin.name} makes “500 Kredi” (500 credits, 1 490,00 TRY, TR): {made.credits_500}")
    story.tell(f"… and “Görüntülü görüşme” (video, 25 + 5 min, 900,00 TRY or 300 credits): {made.video}")
    reply = admin.api.call("GET", "/v1/admin/catalogue/changes")
    added = {change["package_id"] for change in reply.body["changes"] if change["change"] == "added"}
    story.expect("He sees them as unpublished changes", set(), {made.credits_500, made.video} - added)
    story.expect("Buyers do not see them yet", set(), {made.credits_500, made.video} & cards(story, "TR"))
    first = [made.credits_500] + [p["id"] for p in drafts(admin) if p["id"] != made.credits_500]
    admin.api.put("/v1/admin/credit-packages/order", {"package_ids": first})
    etag = admin.api.call("GET", "/v1/admin/catalogue/changes").etag
    applied = admin.api.post("/v1/admin/catalogue/apply", if_match=etag)
    story.tell(f"He puts “500 Kredi” first and applies the changes: revision {applied['revision']}")
    return made


def see_the_cards(story: Story, made: Catalogue, in_turkey: Person, in_germany: Person) -> None:
    """Who sees what, and in which order."""
    page = story.people.public.get(f"/v1/public/{LIVE}/catalogue", country="TR")
    order = [package["listing_order"] for package in page["credit_packages"]]
    names = [package["name"] for package in page["credit_packages"]]
    story.expect(f"{in_turkey.name} in TR sees the cards in listing order: {names}", sorted(order), order)
    story.expect("… “500 Kredi” first", made.credits_500, page["credit_packages"][0]["id"])
    story.expect(f"{in_germany.name} in DE does not see it", set(), {made.credits_500} & cards(story, "DE"))
    asked = {"package_id": made.credits_500}
    story.refused("… and cannot buy it", "PACKAGE_NOT_ON_SALE", in_germany, "/v1/orders", asked)


def begin_live_session(story: Story, made: Catalogue, customer: Person, expert: Person) -> LiveSession:
    """Three minutes on the live platform, joined now; EventBridge Scheduler is to end them."""
    today = datetime.now(UTC).date()
    soon = datetime.now(UTC) + timedelta(seconds=2)
    free = story.slots(customer, expert.id, made.three_minutes, today, days=2)
    starts_at = next(slot["starts_at"] for slot in free if instant(slot["starts_at"]) > soon)
    booking = story.book(customer, made.three_minutes, expert.id, starts_at)
    story.tell(f"{customer.name} books three minutes at {clock_time(starts_at)}: {booking['id']}")
    expert.api.post(f"/v1/sessions/{booking['id']}/join")
    session = customer.api.post(f"/v1/sessions/{booking['id']}/join")
    story.tell(f"He and {expert.name} join; the clock will end it at {clock_time(session['due_end'])}")
    return LiveSession(customer, booking["id"], instant(session["due_end"]))


def pay(story: Story, made: Catalogue, buyer: Person) -> None:
    """Declined, then insufficient; left; paid, with the webhooks twice and out of order."""
    first = story.order(buyer, made.credits_500)
    for button, reason in (("decline", "card_declined"), ("insufficient", "insufficient_funds")):
        story.page.press(first["payment_url"], button)
        story.page.settle()
        order = story.order_now(buyer, first["id"])
        story.expect(
            f"Order {order['id']}: {button}; it stays {order['state']}",
            ("pending", reason),
            (order["state"], order["failures"][-1]["reason"]),
        )
    left = story.order(buyer, made.credits_500)
    story.page.press(left["payment_url"], "leave")
    story.page.expire(left["payment_url"])
    order = story.order_now(buyer, left["id"])
    story.expect(
        f"Order {left['id']}: she leaves the page, and its time runs out",
        ("expired", ["pay_not_pressed"]),
        (order["state"], [failure["reason"] for failure in order["failures"]]),
    )
    story.expect("Nothing was credited", 0, story.balance(buyer))
    paid = pay_in_disorder(story, made, buyer)
    story.expect(f"Order {paid['id']} is paid", "paid", paid["state"])


def pay_in_disorder(story: Story, made: Catalogue, buyer: Person) -> dict[str, Any]:
    order = story.order(buyer, made.credits_500)
    key = story.document["webhooks"][LIVE]["stripe"]["secret_key"]
    story.page.tell("webhooks", secret_key=key, hold=True, repeat=2)
    story.page.press(order["payment_url"], "pay")
    sent = story.page.tell("webhooks/flush", secret_key=key, seed=7)["events"]
    story.page.settle()
    story.page.tell("webhooks", secret_key=key)
    story.tell(f"Order {order['id']}: she pays; {len(sent)} webhooks come, each twice and out of order")
    return story.order_now(buyer, order["id"])


def ask_why(story: Story, buyer: Person) -> None:
    """Her wallet says 500, and why."""
    story.expect("Her wallet says 500", 500, story.balance(buyer))
    entries = buyer.api.get("/v1/me/wallets/credit/entries")["items"]
    why = [(entry["kind"], entry["amount"], entry["balance_after"]) for entry in entries]
    story.expect(f"… because of one purchase: {entries[0]['reference']}", 1, len(why))


def book(story: Story, made: Catalogue, buyer: Person, other: Person, expert: Person) -> None:
    """10:00 is hers; 10:05 is no slot; another's 10:00 comes too late."""
    tomorrow = (datetime.now(ISTANBUL) + timedelta(days=1)).date()
    free = story.slots(buyer, expert.id, made.video, tomorrow, days=14)
    ten = next(slot for slot in free if "T10:00:00" in slot["local_start"])
    booking = story.book(buyer, made.video, expert.id, ten["starts_at"])
    story.tell(f"She books {ten['local_start']} of {expert.name} (Europe/Istanbul): {booking['id']}")
    story.expect("… for 300 credits; 200 are left", 200, story.balance(buyer))
    five_past = (instant(ten["starts_at"]) + timedelta(minutes=5)).isoformat()
    asked = booking_of(made.video, expert.id, five_past)
    story.refused("10:05 is refused", "SLOT_NOT_OFFERED", buyer, "/v1/bookings", asked)
    asked = booking_of(made.video, expert.id, ten["starts_at"])
    story.refused(f"{other.name}'s 10:00 is refused", "SLOT_TAKEN", other, "/v1/bookings", asked)


def move_the_clock(story: Story) -> None:
    """On the sandbox platform: thirty minutes, joined five minutes late, ended when 25 are up (E27)."""
    admin = story.people.login(SANDBOX, "admin")
    expert = story.people.login(SANDBOX, "expert")
    customer = story.sign_up(SANDBOX, "Deniz", "TR")
    page = story.people.public.get(f"/v1/public/{SANDBOX}/catalogue", country="TR")
    package = next(found for found in page["appointment_packages"] if length(found) == (30, 0))
    paid = story.buy(customer, page["credit_packages"][0]["id"])
    story.expect(f"On the sandbox platform {customer.name} buys credits", "paid", paid["state"])
    now = instant(admin.api.get("/v1/admin/clock")["now"])
    free = story.slots(customer, expert.id, package["id"], now.date(), days=3)
    starts_at = next(slot["starts_at"] for slot in free if instant(slot["starts_at"]) > now)
    booking = story.book(customer, package["id"], expert.id, starts_at)
    story.tell(f"… and books {clock_time(starts_at)} by that platform's clock: {booking['id']}")
    late, end = instant(starts_at) + timedelta(minutes=5), instant(starts_at) + timedelta(minutes=30)
    admin.api.put("/v1/admin/clock", {"now": late.isoformat()})
    session = customer.api.post(f"/v1/sessions/{booking['id']}/join")
    remaining = instant(session["due_end"]) - instant(session["customer_joined_at"])
    story.expect(
        "The clock is moved; he joins 5 minutes late, and 25 minutes remain",
        25,
        round(remaining.total_seconds() / 60),
    )
    admin.api.put("/v1/admin/clock", {"now": end.isoformat()})
    session = story.ended(customer, booking["id"], 60)
    story.expect(
        f"The clock is moved by 25 minutes; it ends the session at {clock_time(session['ended_at'])}",
        (end, "clock"),
        (instant(session["ended_at"]), session["ended_by"]),
    )


def see_live_session_end(story: Story, live: LiveSession) -> None:
    """EventBridge Scheduler ends it, before the sweeper would look at it."""
    left = (live.due_end - datetime.now(UTC)).total_seconds()
    story.tell(f"The three minutes have {max(0, left):.0f} s left; waiting")
    session = story.ended(live.customer, live.booking_id, max(0, left) + 90)
    late = (datetime.now(UTC) - live.due_end).total_seconds()
    if late >= SWEEPER_WAITS_SECONDS:
        raise NotAsTold(f"the session was ended {late:.0f} s late, by the sweeper and not by its timer")
    story.expect(
        f"EventBridge Scheduler ended it; seen {late:.1f} s after {clock_time(live.due_end)}",
        (live.due_end, "clock"),
        (instant(session["ended_at"]), session["ended_by"]),
    )


def length(package: dict[str, Any]) -> tuple[int, int]:
    """The minutes of the session and of the break after it."""
    return package["duration_minutes"], package["break_minutes"]


def cards(story: Story, country: str) -> set[str]:
    """Every package that is on sale in a country."""
    page = story.people.public.get(f"/v1/public/{LIVE}/catalogue", country=country)
    return {package["id"] for package in page["credit_packages"] + page["appointment_packages"]}


def drafts(admin: Person) -> list[Any]:
    items: list[Any] = wait_for(
        "there are drafts", lambda: admin.api.get("/v1/admin/credit-packages", limit=100)["items"], 5
    )
    return items


def credit_package(name: str, amount: int, price: dict[str, Any], country: str = "TR") -> dict[str, Any]:
    """A credit package as an admin types it."""
    info = f"{amount} kredi, bütün randevularda geçerli"
    return {"name": name, "credits": amount, "price": price, "country": country, "short_info": info}


def appointment_package(title: str, duration: int, pause: int, price_credits: int) -> dict[str, Any]:
    """An online video appointment sold in Turkey, ended by the clock at its end time."""
    return {
        "title": title,
        "description": f"{duration} dakika, ardından {pause} dakika ara",
        "appointment_type": "online",
        "service": "video",
        "duration_minutes": duration,
        "break_minutes": pause,
        "fee": TRY_900,
        "credits": price_credits,
        "sessions": 1,
        "country": "TR",
        "currency": "TRY",
        "how_it_ends": "automatic",
        "when_it_ends": "scheduled_end",
    }
