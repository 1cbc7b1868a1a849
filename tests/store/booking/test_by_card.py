"""Appointments by card: held while the page is open, sold once when the money has come, free when it does not."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from chalicelib.assignments.changing import AssignmentChanges
from chalicelib.assignments.views import AssignmentAdjustmentRequest
from chalicelib.booking.by_card import AppointmentFulfilment
from chalicelib.booking.model import Booking, BookingNotOpen, BookingState, ChoiceMissing, NotSoldForMoney
from chalicelib.booking.views import CancelRequest
from chalicelib.calendar.model import SlotNotOffered, SlotTaken
from chalicelib.core.money import Money
from chalicelib.core.payments import DisputeState, ProviderFailed, RefundState, SignalKind
from chalicelib.ics.service import CalendarFiles
from chalicelib.orders import store as order_store
from chalicelib.orders.checkout import Checkout
from chalicelib.orders.giving_back import Refunds
from chalicelib.orders.lines import Sale
from chalicelib.orders.model import Order, OrderState, ProductKind
from chalicelib.orders.providers import PaymentProviders
from chalicelib.orders.service import Orders
from chalicelib.orders.settlement import Settlements
from chalicelib.orders.views import OrderRequest, OrderView, RefundRequest, ReviewRequest
from chalicelib.orders.webhooks import Webhooks
from chalicelib.table import keys, read
from chalicelib.table.operation import Operation, Receipt
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.model import Origin
from tests.calendar_text import properties
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    PLATFORM,
    accounts,
    agenda,
    assignments,
    booked,
    bookings,
    calendars,
    catalogue,
    changes,
    give,
    instant,
    lists,
    open_studio,
    operation,
    package,
    platforms,
    selling,
    set_on_sale,
    slots,
    wallet,
    wallets,
)
from tests.store.notices.postman import Postman
from tests.store.orders.fake_provider import FakeProvider

COMPLETED, EXPIRED = "checkout.session.completed", "checkout.session.expired"
CARD = package(id="apk_card", fee=Money(90_000, "TRY"))
THREE = package(id="apk_three", fee=Money(240_000, "TRY"), sessions=3)


class Till:
    """Orders of appointments, with a provider that the test plays."""

    def __init__(self) -> None:
        self.provider = FakeProvider()
        providers = PaymentProviders({"stripe": lambda: self.provider}, lambda *_: True)
        fulfilment = AppointmentFulfilment(accounts, catalogue, calendars, bookings, slots, selling, wallets)
        self.fulfilments: dict[str, Any] = {ProductKind.APPOINTMENT_PACKAGE: fulfilment}
        settlements = Settlements(platforms, providers, self.fulfilments)
        self.checkout = Checkout(platforms, accounts, providers, settlements, self.fulfilments)
        self.orders = Orders(platforms, settlements)
        self.refunds = Refunds(platforms, providers, settlements)
        self._webhooks = Webhooks(platforms, providers, settlements)

    def order(self, package_id: str = "apk_card", start: str | None = "14:00", **more: Any) -> Order:
        asked = OrderRequest(
            package_id=package_id,
            starts_at=instant(start) if start else None,
            **{"expert_id": "elif"} | more,
        )
        key = f"{package_id}{start}{more}"
        step = Operation(
            actor=ADA, name="POST /v1/orders", key=key, input_hash=sha256(key.encode()).hexdigest()
        )
        view = self.checkout.start(step, asked).read_as(OrderView)
        found = order_store.find(PLATFORM, view.id)
        assert found is not None
        return found

    def tell(self, order: Order, event_type: str, **changes: object) -> None:
        event = self.provider.event(str(order.payment_reference), event_type, **changes)
        body = msgspec.json.encode(event)
        self._webhooks.receive(PLATFORM, "stripe", {"stripe-signature": "good"}, body)

    def pay(self, order: Order) -> None:
        self.provider.pay(str(order.payment_reference))
        self.tell(order, COMPLETED)

    def decide(self, order: Order, decision: Any) -> None:
        asked = operation(decision, ADMIN, "POST /v1/admin/orders/{order_id}/review")
        self.refunds.decide_review(asked, order.id, ReviewRequest(decision=decision, reason="Looked at it."))

    def failure(self) -> ProviderFailed:
        return ProviderFailed()

    def expire(self, order: Order) -> None:
        self.provider.expire(str(order.payment_reference))
        self.tell(order, EXPIRED)


@pytest.fixture
def till(table, moving_clock) -> Iterator[Till]:
    open_studio()
    set_on_sale(CARD, THREE, package())
    yield Till()
    assert list(verify(every_item())) == []


def booking_of(order: Order) -> Booking:
    found = read.get(keys.booking(PLATFORM, order.details["booking_id"]), Booking)
    assert found is not None
    return found


def effects(kind: str) -> list[dict[str, str]]:
    receipts = [item.record for item in every_item() if isinstance(item.record, Receipt)]
    return [effect.payload for receipt in receipts for effect in receipt.effects if effect.kind == kind]


def sales() -> list[Sale]:
    return [msgspec.convert(payload, Sale) for payload in effects("report.sale")]


def test_b1_a_slot_is_the_buyer_s_while_he_pays(till: Till) -> None:
    give(100, Origin.ADJUSTMENT)
    order = till.order()
    assert booking_of(order).state is BookingState.PENDING
    assert [claim.claim_id for claim in agenda().taken] == [order.details["booking_id"]]
    with pytest.raises(SlotTaken):
        booked("14:00")
    with pytest.raises(BookingNotOpen):
        changes.cancel(operation("c"), order.details["booking_id"], CancelRequest())


def test_money_confirms_it_and_is_the_sale(till: Till) -> None:
    order = till.order()
    till.pay(order)
    booking = booking_of(order)
    assert (booking.state, booking.paid_with, booking.order_id) == (BookingState.CONFIRMED, "card", order.id)
    (sale,) = sales()
    assert booking.sale == sale
    assert [(p.payment_type, p.amount, p.unit, p.share) for p in sale.parts] == [
        ("card", 90_000, "TRY", 58_500)
    ]
    assert booking.remind_at == instant("2026-11-22T14:00:00")
    assert [mail["to"] for mail in effects("mail.booking_confirmed")] == ["customer", "expert"]


def test_a_calendar_has_it_as_tentative_until_it_is_paid(till: Till) -> None:
    files = CalendarFiles(platforms, accounts, lists, Postman())
    order = till.order()
    booking_id = order.details["booking_id"]
    assert properties(files.file(ADA, booking_id))["STATUS"] == "TENTATIVE"
    till.pay(order)
    assert properties(files.file(ADA, booking_id))["STATUS"] == "CONFIRMED"


def test_p1_it_is_sold_once_however_often_it_is_told(till: Till) -> None:
    order = till.order()
    for _ in range(3):
        till.pay(order)
    till.expire(order)
    assert len(sales()) == 1
    assert booking_of(order).state is BookingState.CONFIRMED


def test_a_page_that_nobody_paid_gives_the_time_back(till: Till) -> None:
    order = till.order()
    till.expire(order)
    till.expire(order)
    assert booking_of(order).state is BookingState.CANCELLED
    assert agenda().taken == []
    give(100, Origin.ADJUSTMENT)
    booked("14:00")


def test_money_that_comes_late_goes_back_where_the_time_was_let_go(till: Till) -> None:
    order = till.order()
    till.expire(order)
    till.pay(order)
    found = order_store.find(PLATFORM, order.id)
    assert found is not None
    assert found.state is OrderState.REFUNDED
    assert booking_of(order).state is BookingState.CANCELLED
    assert sales() == []


@pytest.mark.parametrize(
    ("at", "state"),
    [("14:00", OrderState.PAID), ("14:14", OrderState.PAID), ("14:15", OrderState.REFUNDED)],
)
def test_time_that_nobody_can_join_any_more_is_not_sold(
    till: Till, moving_clock, at: str, state: OrderState
) -> None:
    """Ordered two minutes before its start, without notice; a payment in time to join it stands."""
    set_on_sale(package(id="apk_quarter", fee=Money(30_000, "TRY"), duration_minutes=15, break_minutes=5))
    moving_clock.instant = instant("13:58")
    order = till.order("apk_quarter")
    moving_clock.instant = instant(at)
    till.pay(order)
    till.pay(order)
    found = order_store.find(PLATFORM, order.id)
    assert found is not None
    assert found.state is state
    is_sold = state is OrderState.PAID
    assert booking_of(order).state is (BookingState.CONFIRMED if is_sold else BookingState.CANCELLED)
    assert (len(sales()), len(agenda().taken)) == (is_sold, is_sold)
    sent_back = [] if is_sold else [(30_000, "CANNOT_DELIVER")]
    assert [(refund.amount, refund.reason) for refund in found.refunds] == sent_back


@pytest.mark.parametrize("use_credits", [0, 1])
def test_a_package_whose_first_session_is_over_goes_back_whole(
    till: Till, moving_clock, use_credits: int
) -> None:
    set_on_sale(package(id="apk_triple", fee=Money(240_000, "TRY"), credits=250, sessions=3))
    give(1, Origin.ADJUSTMENT)
    order = till.order("apk_triple", **{"use_credits": use_credits} if use_credits else {})
    moving_clock.instant = instant("14:50")
    till.pay(order)
    assert (booking_of(order).state, booking_of(order).assignment_id) == (BookingState.CANCELLED, None)
    assert (wallet().balance, wallet().held) == (1, 0)


def test_p3_a_refund_takes_back_the_sale_and_what_is_not_booked(till: Till) -> None:
    order = till.order("apk_three")
    till.pay(order)
    asked = operation("refund", ADMIN, "POST /v1/admin/orders/{order_id}/refunds")
    till.refunds.request(asked, order.id, RefundRequest(reason="Closed."))
    back, sold = sorted(sales(), key=lambda sale: sale.amount)
    assert (back.reverses, back.amount, back.quantity) == (sold.id, -240_000, -1)
    assert back.parts[0].share == -sold.parts[0].share
    booking = booking_of(order)
    assert booking.state is BookingState.CONFIRMED
    assert assignments.find(PLATFORM, str(booking.assignment_id)).left == 0


def left_of(order: Order) -> int:
    return assignments.find(PLATFORM, str(booking_of(order).assignment_id)).left


def refunded(till: Till, order: Order, key: str, amount: int | None = None) -> str:
    asked = operation(key, ADMIN, "POST /v1/admin/orders/{order_id}/refunds")
    view = till.refunds.request(asked, order.id, RefundRequest(amount=amount, reason="Closed."))
    return view.read_as(OrderView).refunds[-1].id


def sent(till: Till, order: Order, refund_id: str) -> None:
    till.refunds.send(PLATFORM, {"order_id": order.id, "refund_id": refund_id})


@pytest.mark.parametrize("amount", [None, 140_000])
def test_p3_a_refund_that_the_provider_refuses_brings_the_sessions_again(
    till: Till, amount: int | None
) -> None:
    """All that is left is refused, whether it was asked for at once or after another part had gone."""
    order = till.order("apk_three")
    till.pay(order)
    if amount is not None:
        sent(till, order, refunded(till, order, "first", 100_000))
    till.provider.refunds_end_as = RefundState.FAILED
    refused = refunded(till, order, "rest", amount)
    assert left_of(order) == 0
    sent(till, order, refused)
    assert left_of(order) == 2
    sold, *lines = sorted(sales(), key=lambda sale: sale.id)
    assert sum(line.quantity for line in lines) == 0
    assert sum(line.amount for line in lines) == (0 if amount is None else -100_000)
    assert sold.reverses is None
    till.provider.refunds_end_as = RefundState.DONE
    sent(till, order, refunded(till, order, "again"))
    assert left_of(order) == 0


@pytest.mark.parametrize("amount", [240_000, 80_000])
def test_a_refund_made_at_the_provider_s_counts_alike_by_event_and_by_reconciliation(
    till: Till, amount: int
) -> None:
    told = []
    for start, by_event in (("06:00", True), ("08:00", False)):
        order = till.order("apk_three", start)
        till.pay(order)
        till.provider.refund_there(str(order.payment_reference), amount)
        if by_event:
            till.tell(order, "charge.refunded", kind=SignalKind.CONCERNS)
        else:
            till.orders.look_again(order_store.find(PLATFORM, order.id) or order, None)
        (refund,) = (order_store.find(PLATFORM, order.id) or order).refunds
        line = next(sale for sale in sales() if sale.reverses == f"sal_{order.id.removeprefix('ord_')}")
        told.append((refund.amount, refund.state, left_of(order), line.amount, line.parts[0].share))
    assert told[0] == told[1]
    assert told[0][0] == amount


def test_a_refund_of_ours_that_a_bank_sends_back_is_seen_by_reconciliation_too(till: Till) -> None:
    order = till.order("apk_three")
    till.pay(order)
    refund_id = refunded(till, order, "all")
    sent(till, order, refund_id)
    assert left_of(order) == 0
    till.provider.fail_refund(refund_id)
    till.orders.look_again(order_store.find(PLATFORM, order.id) or order, None)
    assert left_of(order) == 2


def test_p3_a_session_that_comes_free_after_its_money_went_back_is_gone(till: Till) -> None:
    order = till.order("apk_three")
    till.pay(order)
    asked = operation("refund", ADMIN, "POST /v1/admin/orders/{order_id}/refunds")
    till.refunds.request(asked, order.id, RefundRequest(reason="Closed."))
    booking = booking_of(order)
    changes.cancel(operation("c"), booking.id, CancelRequest())
    assert booking_of(order).returned.session  # type: ignore[union-attr] - it was called off
    left = assignments.find(PLATFORM, str(booking.assignment_id))
    assert (left.held, left.left, left.withdrawn) == ([], 0, 3)


@pytest.mark.parametrize(("total", "left"), [(5, 1), (2, 0)])
def test_p3_what_an_admin_gave_or_took_by_hand_stays_so(till: Till, total: int, left: int) -> None:
    """Three were sold, and one of them is booked."""
    order = till.order("apk_three")
    till.pay(order)
    assignment_id = str(booking_of(order).assignment_id)
    by_hand = AssignmentAdjustmentRequest(total_sessions=total, reason="Agreed.")
    AssignmentChanges(platforms).adjust(operation("a", ADMIN, "adjust"), assignment_id, by_hand)
    refunded(till, order, "all")
    after = assignments.find(PLATFORM, assignment_id)
    assert (after.total, after.withdrawn, after.left) == (total, 3, left)


def test_p3_a_dispute_that_is_won_gives_the_sessions_again(till: Till) -> None:
    order = till.order("apk_three")
    till.pay(order)
    assignment_id = str(booking_of(order).assignment_id)
    for state, left in ((DisputeState.OPEN, 0), (DisputeState.WON, 2)):
        till.provider.dispute(str(order.payment_reference), "dp_1", 240_000, state)
        till.tell(order, f"charge.dispute.{state}", kind=SignalKind.CONCERNS)
        assert assignments.find(PLATFORM, assignment_id).left == left
    assert sum(sale.amount for sale in sales()) == 240_000


def test_e13_a_package_of_three_gives_three(till: Till) -> None:
    order = till.order("apk_three")
    till.pay(order)
    booking = booking_of(order)
    assert assignments.find(PLATFORM, str(booking.assignment_id)).left == 2


def test_a_booking_by_card_that_is_called_off_gives_its_session_back(till: Till) -> None:
    order = till.order()
    till.pay(order)
    changes.cancel(operation("c"), booking_of(order).id, CancelRequest())
    returned = booking_of(order).returned
    assert returned is not None
    assert returned.session
    assert assignments.find(PLATFORM, str(booking_of(order).assignment_id)).left == 1


def test_what_cannot_be_ordered_is_refused_and_takes_no_time(till: Till) -> None:
    with pytest.raises(ChoiceMissing):
        till.order(start=None)
    with pytest.raises(NotSoldForMoney):
        till.order("apk_hour")
    for start in ("20:00", "0001-01-01T00:00:00"):
        with pytest.raises(SlotNotOffered):
            till.order(start=start)
    till.order()
    with pytest.raises(SlotTaken):
        till.order("apk_three")
    assert len(agenda().taken) == 1
