"""Payments, experts' time, bookings and sessions: a clean story gives nothing, each planted fault is named."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.assignments.model import Assignment, Cover, Draw, Source
from chalicelib.assignments.store import Assigned, AssignedItem, AssignmentItem
from chalicelib.audit.model import AuditRecord
from chalicelib.booking.model import Booking, BookingState
from chalicelib.booking.rules import sale_for_credits, shared_out
from chalicelib.booking.store import BookingItem
from chalicelib.calendar.model import Agenda, Taken
from chalicelib.calendar.store import AgendaItem
from chalicelib.catalogue.model import (
    AppointmentPackage,
    AppointmentType,
    HowItEnds,
    Service,
    WhenItEnds,
)
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.clock import stamp
from chalicelib.orders.credit_packages import CreditFulfilment
from chalicelib.orders.model import Order, OrderState, ProductKind
from chalicelib.orders.reversals import Reversal
from chalicelib.orders.store import OrderItem
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.platforms.store import PlatformItem
from chalicelib.sessions.model import EndedBy, Session, SessionState
from chalicelib.sessions.store import SessionItem
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item
from chalicelib.table.keys import Key
from chalicelib.telephony.service import Phones
from chalicelib.verifier.repair import times
from chalicelib.verifier.repair.mending import NothingToRepair, Task
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.ledger import Journal
from chalicelib.wallet.model import Wallet
from chalicelib.wallet.service import Wallets
from chalicelib.wiring import repairs
from tests.store.orders.shop import package

P, ADA, DR = "studio", "ada", "dr"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # where the tests' clock stands
wallets = Wallets()
PLATFORM = Platform(id=P, name="P", created_at=NOW)
PACKAGE = package("cpk_1")
MEETING = AppointmentPackage(
    id="apk_1",
    title="Seans",
    description="",
    appointment_type=AppointmentType.ONLINE,
    service=Service.VIDEO,
    duration_minutes=25,
    break_minutes=5,
    fee=None,
    credits=100,
    sessions=1,
    country="TR",
    currency="TRY",
    listing_order=1,
    how_it_ends=HowItEnds.AUTOMATIC,
    when_it_ends=WhenItEnds.SCHEDULED_END,
    expert_ids=[],
)
COUPLE = replace(MEETING, id="apk_2", credits=50, sessions=2)
ORDER = Order(
    id="ord_1",
    platform_id=P,
    customer_id=ADA,
    locale="tr",
    state=OrderState.PAID,
    product_kind=ProductKind.CREDIT_PACKAGE,
    product=msgspec.to_builtins(PACKAGE),
    price=PACKAGE.price,
    country="TR",
    provider="stripe",
    created_at=NOW,
    paid_at=NOW,
)


def booking(name: str, starts_at: datetime, **other: Any) -> Booking:
    package = other.pop("package", MEETING)
    return Booking(
        id=f"bkg_{name}",
        platform_id=P,
        customer_id=ADA,
        expert_id=DR,
        package=package,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=package.duration_minutes),
        paid_with=other.pop("paid_with", "credits"),
        created_at=NOW,
        **other,
    )


FAR = NOW + timedelta(days=9)
COMING = booking("coming", NOW + timedelta(days=1))
# Across midnight, so that it stands in two days of the agenda.
OVER = booking(
    "over",
    datetime(2026, 11, 20, 23, 50, tzinfo=UTC),
    package=COUPLE,
    assignment_id="asg_1",
    ordinal=1,
    total=2,
    state=BookingState.COMPLETED,
)
RUNNING = booking(
    "running",
    NOW - timedelta(minutes=5),
    package=COUPLE,
    assignment_id="asg_1",
    ordinal=2,
    total=2,
    paid_with="assignment",
)
GONE = booking("gone", NOW + timedelta(days=1), state=BookingState.CANCELLED)
ASSIGNMENT = Assignment(
    id="asg_1",
    platform_id=P,
    customer_id=ADA,
    source=Source.APPOINTMENT_PACKAGE,
    product_id=COUPLE.id,
    name=COUPLE.title,
    covers=[Cover(package=COUPLE)],
    expert_id=DR,
    sale_id="sal_1",
    total=2,
    created_at=NOW,
    held=[Draw(booking_id=RUNNING.id, package_id=COUPLE.id, ordinal=2)],
    used=[Draw(booking_id=OVER.id, package_id=COUPLE.id, ordinal=1)],
)
ENDED_SESSION = replace(
    Session.waiting(OVER),
    customer_joined_at=OVER.starts_at,
    state=SessionState.ENDED,
    ended_at=OVER.ends_at,
    ended_by=EndedBy.CLOCK,
    wakes_at=None,
)
RUNNING_SESSION = replace(Session.waiting(RUNNING), customer_joined_at=RUNNING.starts_at, generation=1)

WALLET = keys.wallet(P, ADA, "credit")
ORDER_KEY = keys.order(P, ORDER.id)
ASSIGNMENT_KEY = keys.assignment(P, ASSIGNMENT.id)
LISTED_KEY = keys.assigned(P, ADA, ASSIGNMENT.id)


def entry(sequence: int) -> Key:
    return keys.entry(P, ADA, "credit", sequence)


def put(*items: Item) -> None:
    transact.commit(
        [transact.create(item) for item in items], "".join(f"{item.pk}{item.sk}" for item in items)
    )


def load_wallet() -> Any:
    return wallets.load(read.batch([WALLET]), P, ADA)


def put_sold(sold: Booking, share_basis_points: int = 6500) -> None:
    """The booking with its spend and its sale, as buying it writes them."""
    price = sold.package.credits or 0
    reference = {"booking_id": sold.id}
    spent = wallets.prepare_spend(
        load_wallet(),
        price,
        shared_out(price, share_basis_points, DR),
        Journal(operation=f"book:{sold.id}", kind="booking", at=NOW, reference=reference),
    )
    sale = sale_for_credits(f"sal_{sold.id}", sold, share_basis_points, spent.parts)
    transact.commit(spent.writes, sold.id)
    put(BookingItem.of(keys.booking(P, sold.id), replace(sold, sale=sale)))


def agenda_items(*bookings: Booking) -> Iterator[Item]:
    days: dict[str, list[Taken]] = {}
    for sold in bookings:
        ends_at = sold.ends_at + timedelta(minutes=5)
        claim = Taken(starts_at=sold.starts_at, ends_at=ends_at, break_minutes=5, claim_id=sold.id)
        for day in {sold.starts_at.date(), (ends_at - timedelta(seconds=1)).date()}:
            days.setdefault(day.isoformat(), []).append(claim)
    for day, taken in days.items():
        record = Agenda(platform_id=P, expert_id=DR, day=day, taken=taken)
        yield AgendaItem.of(keys.agenda(P, DR, day), record)


@pytest.fixture(autouse=True)
def story(table: None, moving_clock: Any) -> None:
    """Ada's journal: 1 is what she paid for, 2 to 4 are what she booked."""
    put(
        PlatformItem.of(keys.platform(P), PLATFORM),
        OrderItem.of(ORDER_KEY, ORDER),
        OrderItem.of(
            keys.order(P, "ord_2"), replace(ORDER, id="ord_2", state=OrderState.EXPIRED, paid_at=None)
        ),
    )
    delivery = CreditFulfilment(
        Catalogue(Platforms(), lambda: Phones(Accounts(Platforms(), identity=None))), wallets
    ).deliver(ORDER, read.batch([WALLET]), PLATFORM)
    transact.commit(delivery.writes, "deliver")
    for sold in (COMING, OVER, GONE):
        put_sold(sold)
    put(
        BookingItem.of(keys.booking(P, RUNNING.id), RUNNING),
        AssignmentItem.of(ASSIGNMENT_KEY, ASSIGNMENT),
        AssignedItem.of(LISTED_KEY, Assigned(assignment_id=ASSIGNMENT.id)),
        SessionItem.of(keys.session(P, OVER.id), ENDED_SESSION),
        SessionItem.of(keys.session(P, RUNNING.id), RUNNING_SESSION),
        *agenda_items(COMING, OVER, RUNNING),
    )


def agenda_key(sold: Booking) -> Key:
    return keys.agenda(P, DR, sold.starts_at.date().isoformat())


def test_a_clean_story_gives_nothing() -> None:
    assert [str(difference) for difference in verify(every_item())] == []


def test_p1_payment_without_fulfilment(plant, names) -> None:
    plant.record(keys.order(P, "ord_2"), lambda record: record.update(state="paid"))
    assert names() == {"P1 payment-without-fulfilment"}


@pytest.mark.parametrize("state", ["pending", "processing", "expired", "review"])
def test_p1_fulfilment_without_payment(plant, names, state: str) -> None:
    plant.record(ORDER_KEY, lambda record: record.update(state=state))
    assert names() == {"P1 fulfilment-without-payment"}


def test_p1_a_purchase_that_names_no_order(plant, names) -> None:
    plant.record(entry(1), lambda record: record["reference"].pop("order_id"))
    assert names() == {"P1 fulfilment-without-payment", "P1 payment-without-fulfilment"}


def test_p1_fulfilled_twice(names) -> None:
    again = CreditFulfilment(
        Catalogue(Platforms(), lambda: Phones(Accounts(Platforms(), identity=None))), wallets
    ).deliver(ORDER, read.batch([WALLET]), PLATFORM)
    transact.commit(again.writes, "again")
    assert names() == {"P1 fulfilled-twice", "L5 operation-twice"}


def test_p3_more_goes_back_than_came(plant, names) -> None:
    back = {"id": "dp_1", "amount": 200_000, "state": "lost", "taken": 149_001}
    plant.record(ORDER_KEY, lambda record: record.update(disputes=[back]))
    assert names() == {"P3 more-back-than-captured", "P3 refund-not-booked"}


def test_p3_what_went_back_stands_in_no_book(plant, names) -> None:
    back = {"id": "dp_1", "amount": 1_000, "state": "lost", "taken": 1_000}
    plant.record(ORDER_KEY, lambda record: record.update(disputes=[back]))
    assert names() == {"P3 refund-not-booked"}


def test_p3_the_books_tell_of_what_the_order_does_not(names) -> None:
    step = Reversal(id="r1", price=ORDER.price, before=0, amount=1_000)
    back = CreditFulfilment(
        Catalogue(Platforms(), lambda: Phones(Accounts(Platforms(), identity=None))), wallets
    ).reverse(ORDER, step, read.batch([WALLET]), PLATFORM)
    transact.commit(back.writes, "back")
    assert names() == {"P3 refund-not-booked"}


def test_p1_another_amount_than_sold(plant, names) -> None:
    plant.record(ORDER_KEY, lambda record: record["product"].update(credits=499))
    assert names() == {"P1 fulfilment-other-amount"}


@pytest.mark.parametrize(
    "price", [{"amount": 148_999, "currency": "TRY"}, {"amount": 149_000, "currency": "EUR"}]
)
def test_p1_another_price_or_currency(plant, names, price: dict[str, Any]) -> None:
    plant.record(ORDER_KEY, lambda record: record.update(price=price))
    assert names() == {"P1 fulfilment-other-price"}


def test_p1_money_that_came_in_another_amount(plant, names) -> None:
    def less(record: dict[str, Any]) -> None:
        for posting in record["postings"]:
            if posting["asset"] == "TRY":
                posting["amount"] //= 2

    plant.record(entry(1), less)
    assert names() == {"P1 fulfilment-other-price"}


def test_p1_given_to_another(plant, names) -> None:
    plant.record(ORDER_KEY, lambda record: record.update(customer_id="bob"))
    assert names() == {"P1 fulfilment-of-another"}


@pytest.mark.parametrize("minutes", [-29, 0, 29])
def test_b1_sold_twice(plant, names, minutes: int) -> None:
    other = COMING.starts_at + timedelta(minutes=minutes)

    def at_the_same_time(record: dict[str, Any]) -> None:
        record["starts_at"] = stamp(other)
        record["ends_at"] = stamp(other + timedelta(minutes=25))

    plant.record(keys.booking(P, RUNNING.id), at_the_same_time)
    assert {"B1 sold-twice", "B2 booking-without-time", "B2 time-without-booking"} == names()


def test_b1_the_next_slot_is_free(plant, names) -> None:
    def right_after(record: dict[str, Any]) -> None:
        record["starts_at"] = stamp(COMING.starts_at + timedelta(minutes=30))
        record["ends_at"] = stamp(COMING.starts_at + timedelta(minutes=55))

    plant.record(keys.booking(P, RUNNING.id), right_after)
    assert "B1 sold-twice" not in names()


def test_b1_taken_twice(plant, names) -> None:
    def and_again(record: dict[str, Any]) -> None:
        record["taken"].append(record["taken"][0] | {"claim_id": "bkg_other"})

    plant.record(agenda_key(COMING), and_again)
    assert names() == {"B1 taken-twice", "B2 time-without-booking"}


def test_b2_booking_without_time(plant, names) -> None:
    plant.record(agenda_key(COMING), lambda record: record["taken"].clear())
    assert names() == {"B2 booking-without-time"}


def test_b2_a_booking_across_midnight_takes_both_days(plant, names) -> None:
    plant.remove(keys.agenda(P, DR, "2026-11-21"))
    assert names() == {"B2 booking-without-time"}


def test_b2_time_of_a_cancelled_booking(plant, names) -> None:
    plant.record(keys.booking(P, COMING.id), lambda record: record.update(state="cancelled"))
    assert names() == {"B2 time-without-booking"}


def test_b2_booking_without_spend(plant, names) -> None:
    plant.record(keys.booking(P, RUNNING.id), lambda record: record.update(paid_with="credits"))
    assert names() == {"B2 booking-without-spend"}


def test_b2_booking_spent_twice(plant, names) -> None:
    plant.record(entry(4), lambda record: record["reference"].update(booking_id=COMING.id))
    assert names() == {"B2 booking-spent-twice", "B2 booking-without-spend"}


def test_b2_a_session_bought_before_is_not_paid_again(plant, names) -> None:
    plant.record(keys.booking(P, COMING.id), lambda record: record.update(paid_with="assignment"))
    assert names() == {"B2 booking-spent-twice"}


def test_b2_spend_without_booking(plant, names) -> None:
    plant.remove(keys.booking(P, GONE.id))
    assert names() == {"B2 spend-without-booking"}


def test_b2_spend_of_another(plant, names) -> None:
    plant.record(keys.booking(P, COMING.id), lambda record: record.update(customer_id="bob"))
    assert names() == {"B2 spend-of-another"}


def test_b2_another_price_than_sold(plant, names) -> None:
    plant.record(keys.booking(P, COMING.id), lambda record: record["package"].update(credits=99))
    assert "B2 spend-other-price" in names()


def test_b2_spend_without_sale(plant, names) -> None:
    plant.record(keys.booking(P, COMING.id), lambda record: record.update(sale=None))
    assert names() == {"B2 spend-without-sale"}


def test_r1_share_that_was_not_posted(plant, names) -> None:
    def another_share(record: dict[str, Any]) -> None:
        expert, platform = record["postings"][1:]
        expert["amount"] += 1
        platform["amount"] -= 1

    plant.record(entry(2), another_share)
    assert names() == {"R1 expert-share"}


def test_r1_parts_that_are_not_the_price(plant, names) -> None:
    def one_less(record: dict[str, Any]) -> None:
        record["sale"]["parts"][0]["amount"] -= 1

    plant.record(keys.booking(P, COMING.id), one_less)
    assert names() == {"R1 sale-parts"}


def test_b2_package_overdrawn(plant, names) -> None:
    plant.record(ASSIGNMENT_KEY, lambda record: record.update(total=1))
    assert names() == {"B2 package-overdrawn"}


def drawn(booking_id: str, ordinal: int, package_id: str = COUPLE.id) -> dict[str, Any]:
    return {"booking_id": booking_id, "package_id": package_id, "ordinal": ordinal}


@pytest.mark.parametrize(
    "change",
    [
        {"held": []},
        {"used": []},
        {"held": [drawn(RUNNING.id, 2)] * 2},
        {"used": [drawn(OVER.id, 1)] * 2},
        {"held": [drawn(RUNNING.id, 3)]},
    ],
)
def test_b2_a_package_s_session_stands_once_where_it_must(plant, names, change: dict[str, Any]) -> None:
    plant.record(ASSIGNMENT_KEY, lambda record: record.update(change))
    assert "B2 package-session" in names()


def test_b2_a_service_s_own_count_overdrawn(plant, names) -> None:
    plant.record(ASSIGNMENT_KEY, lambda record: record["covers"][0].update(count=1))
    assert names() == {"B2 service-overdrawn"}


def test_b2_a_session_of_a_service_that_is_not_covered(plant, names) -> None:
    change = {"held": [drawn(RUNNING.id, 2, "apk_other")]}
    plant.record(ASSIGNMENT_KEY, lambda record: record.update(change))
    assert names() == {"B2 service-not-covered", "B2 package-session"}


def test_b2_two_sessions_of_one_number(plant, names) -> None:
    change = {"held": [drawn(RUNNING.id, 1)]}
    plant.record(ASSIGNMENT_KEY, lambda record: record.update(change))
    assert names() == {"B2 session-number-double", "B2 package-session"}


def test_b2_session_without_booking(plant, names) -> None:
    plant.record(ASSIGNMENT_KEY, lambda record: record.update(held=[drawn("bkg_lost", 2)]))
    assert names() == {"B2 package-session", "B2 session-without-booking"}


def test_s1_ended_early(plant, names) -> None:
    early = stamp(OVER.ends_at - timedelta(milliseconds=1))
    plant.record(keys.session(P, OVER.id), lambda record: record.update(ended_at=early))
    assert names() == {"S1 ended-early"}


def test_s1_ended_late(plant, names) -> None:
    late = stamp(OVER.ends_at + timedelta(milliseconds=1))
    plant.record(keys.session(P, OVER.id), lambda record: record.update(ended_at=late))
    assert names() == {"S1 ended-late"}


def test_s1_a_person_may_end_it_at_any_time(plant, names) -> None:
    early = {"ended_at": stamp(OVER.starts_at + timedelta(minutes=1)), "ended_by": "expert"}
    plant.record(keys.session(P, OVER.id), lambda record: record.update(early))
    assert names() == set()


def test_s1_the_clock_waits_for_the_expert_who_ends_it(plant, names) -> None:
    late = {"ended_at": stamp(OVER.ends_at + timedelta(hours=1)), "how_it_ends": "by_expert"}
    plant.record(keys.session(P, OVER.id), lambda record: record.update(late))
    assert names() == set()


@pytest.mark.parametrize("lost", ["ended_at", "ended_by"])
def test_s1_half_ended(plant, names, lost: str) -> None:
    plant.record(keys.session(P, OVER.id), lambda record: record.update({lost: None}))
    assert "S1 half-ended" in names()


def test_s1_ended_and_still_waking(plant, names) -> None:
    plant.record(keys.session(P, OVER.id), lambda record: record.update(wakes_at=stamp(NOW)))
    assert names() == {"S1 half-ended"}


def test_s1_the_booking_is_closed_with_its_session(plant, names) -> None:
    plant.record(keys.booking(P, OVER.id), lambda record: record.update(state="confirmed"))
    assert names() == {"S1 booking-not-as-session", "B2 package-session"}


def test_s1_completed_without_session(plant, names) -> None:
    plant.remove(keys.session(P, OVER.id))
    assert names() == {"S1 completed-without-session"}


def test_s1_overdue(moving_clock, names) -> None:
    moving_clock.instant = RUNNING.ends_at + timedelta(minutes=5)
    assert names() == set()
    moving_clock.forward(milliseconds=1)
    assert names() == {"S1 overdue"}


def test_s1_a_booking_that_nobody_attended_is_missed(plant, moving_clock, names) -> None:
    plant.record(keys.session(P, RUNNING.id), lambda record: record.update(wakes_at=stamp(FAR)))
    moving_clock.instant = COMING.ends_at + timedelta(days=1, minutes=5)
    assert names() == set()
    moving_clock.forward(milliseconds=1)
    assert names() == {"S1 not-missed"}
    plant.remove(keys.booking(P, COMING.id))
    assert "S1 not-missed" not in names()


def test_b2_a_package_that_its_owner_does_not_see(plant, names) -> None:
    plant.remove(LISTED_KEY)
    assert names() == {"B2 package-not-listed"}


def test_b2_a_package_that_is_listed_and_gone(plant, names) -> None:
    plant.copy(
        LISTED_KEY, keys.assigned(P, ADA, "asg_9"), lambda record: record.update(assignment_id="asg_9")
    )
    assert names() == {"B2 listed-package-missing"}


def test_a_wallet_ahead_of_its_journal_is_folded_again(plant, names) -> None:
    """What the lost line took is not taken again of a booking that was called off: a person decides."""
    plant.remove(entry(4))
    assert {"L3 sequence-gap", "B2 booking-without-spend"} <= names()
    repaired = repairs().run()
    assert [line.split(" ")[1] for line in repaired.done] == ["sequence-gap"]
    (line,) = repaired.left
    assert line.endswith("[it is called off, of a series, or has no sale]")
    assert names() == {"B2 booking-without-spend"}


def test_two_repairs_of_one_thing_mend_it_once(plant, names) -> None:
    """The slower one decides on what the quicker one has left, and has nothing to do."""
    agenda = agenda_key(COMING)
    plant.record(agenda, lambda record: record["taken"].clear())
    (found,) = verify(every_item())
    assert times.mend_time(Task(run="one", difference=found)).startswith(f"{COMING.id} has its time")
    with pytest.raises(NothingToRepair):
        times.mend_time(Task(run="two", difference=found))
    assert names() == set()
    records = [item.record for item in every_item() if isinstance(item.record, AuditRecord)]
    assert [(each.action, each.subject_id) for each in records] == [("repair", DR)]


def test_what_somebody_else_has_is_left_for_a_person(plant) -> None:
    plant.record(keys.booking(P, GONE.id), lambda record: record.update(state="confirmed"))
    repaired = repairs().run()
    (line,) = [line for line in repaired.left if "booking-without-time" in line]
    assert line.endswith("[somebody else has this time]")
    assert repaired.done == []


def test_what_bought_a_package_that_stands_is_not_paid_back_when_its_booking_is_lost(plant, names) -> None:
    """Its sessions are the customer's, so he has what he paid; in no round is the one undone by the other."""
    plant.remove(keys.booking(P, OVER.id))
    assert {"B2 spend-without-booking", "B2 session-without-booking"} <= names()
    balance = wallet_balance()
    left = {line.split(" ")[1]: line for line in repairs().run().left}
    assert left["spend-without-booking"].endswith("[a package that was bought with it stands]")
    assert "which bought the package" in left["session-without-booking"]
    assert wallet_balance() == balance


def wallet_balance() -> int:
    found = read.get(keys.wallet(P, ADA, "credit"), Wallet)
    assert found is not None
    return int(found.balance)
