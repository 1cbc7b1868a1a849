"""Session packages by card: assigned once when the money has come, and taken back as it goes back."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from chalicelib.accounts.model import AccountNotFound
from chalicelib.assignments import store
from chalicelib.assignments.by_card import SessionPackageFulfilment
from chalicelib.assignments.model import (
    Assignment,
    AssignmentEmpty,
    AssignmentState,
    ParticipantRepeated,
    Source,
)
from chalicelib.assignments.views import AssignmentsQuery, AssignmentView
from chalicelib.booking.views import BookingView, CancelRequest
from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.core import clock
from chalicelib.core.payments import DisputeState, FailureReason, RefundState, SignalKind
from chalicelib.orders import store as order_store
from chalicelib.orders.checkout import Checkout
from chalicelib.orders.fulfilment import NotForThisProduct
from chalicelib.orders.giving_back import Refunds
from chalicelib.orders.journal import OrderEntry, OrderEntryItem
from chalicelib.orders.lines import FailedPayment, Sale
from chalicelib.orders.model import Order, OrderState, ProductKind
from chalicelib.orders.providers import PaymentProviders
from chalicelib.orders.service import Orders
from chalicelib.orders.settlement import Settlements
from chalicelib.orders.views import OrderRequest, OrderView, ParticipantRequest, RefundRequest
from chalicelib.orders.webhooks import Webhooks
from chalicelib.reports import rules as report_rules
from chalicelib.reports.model import Filters, Show
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Operation, Receipt
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    PLATFORM,
    CallCount,
    accounts,
    assigning,
    assignments,
    booked,
    catalogue,
    changes,
    instant,
    open_studio,
    operation,
    package,
    platforms,
    set_on_sale,
)
from tests.store.orders.fake_provider import FakeProvider

COMPLETED, EXPIRED = "checkout.session.completed", "checkout.session.expired"
PRICE = 600_000


class Till:
    """Orders of session packages, with a provider that the test plays."""

    def __init__(self) -> None:
        self.provider = FakeProvider()
        providers = PaymentProviders({"stripe": lambda: self.provider}, lambda *_: True)
        fulfilment = SessionPackageFulfilment(catalogue, assigning, assignments)
        fulfilments = {ProductKind.SESSION_PACKAGE: fulfilment}
        settlements = Settlements(platforms, providers, fulfilments)
        self.checkout = Checkout(platforms, accounts, providers, settlements, fulfilments)
        self.orders = Orders(platforms, settlements)
        self.refunds = Refunds(platforms, providers, settlements)
        self._webhooks = Webhooks(platforms, providers, settlements)

    def order(self, package_id: str = "spk_skin", **more: Any) -> Order:
        input_hash = sha256(f"{package_id}{more}".encode()).hexdigest()
        step = Operation(actor=ADA, name="POST /v1/orders", key=package_id, input_hash=input_hash)
        view = self.checkout.start(step, OrderRequest(package_id=package_id, **more)).read_as(OrderView)
        return kept(view.id)

    def tell(self, order: Order, event_type: str, **changes: object) -> None:
        event = self.provider.event(str(order.payment_reference), event_type, **changes)
        headers = {"stripe-signature": "good"}
        self._webhooks.receive(PLATFORM, "stripe", headers, msgspec.json.encode(event))

    def pay(self, order: Order) -> Order:
        self.provider.pay(str(order.payment_reference))
        self.tell(order, COMPLETED)
        return order

    def decline(self, order: Order) -> None:
        failure = self.provider.decline(str(order.payment_reference), clock.now())
        self.tell(order, "payment_intent.payment_failed", failure=failure)

    def bought(self, package_id: str = "spk_skin", **more: Any) -> Order:
        return self.pay(self.order(package_id, **more))

    def refund(self, order: Order, amount: int | None = None, key: str = "refund") -> None:
        asked = operation(key, ADMIN, "POST /v1/admin/orders/{order_id}/refunds")
        self.refunds.request(asked, order.id, RefundRequest(amount=amount, reason="Moved away."))


@pytest.fixture
def till(table, moving_clock) -> Iterator[Till]:
    open_studio()
    yield Till()
    assert list(verify(every_item())) == []


def kept(order_id: str) -> Order:
    found = order_store.find(PLATFORM, order_id)
    assert found is not None
    return found


def given() -> AssignmentView:
    (view,) = assignments.list_of(ADA, "ada", AssignmentsQuery()).items
    return view


def none_given() -> bool:
    return assignments.list_of(ADA, "ada", AssignmentsQuery()).items == []


def payloads(kind: str) -> list[dict[str, Any]]:
    receipts = [item.record for item in every_item() if isinstance(item.record, Receipt)]
    return [effect.payload for receipt in receipts for effect in receipt.effects if effect.kind == kind]


def sales() -> list[Sale]:
    return [msgspec.convert(payload, Sale) for payload in payloads("report.sale")]


def use(start: str, package_id: str = "apk_classic") -> BookingView:
    return booked(start, package_id, pay_with="assignment")


def call_off(booking_id: str) -> None:
    changes.cancel(operation(f"off{booking_id}"), booking_id, CancelRequest())


def test_d6_d8_d17_the_payment_assigns_the_package_once(till: Till) -> None:
    order = till.order()
    assert none_given()
    for _ in range(3):
        till.pay(order)
    till.tell(order, EXPIRED)
    bought = given()
    assert (bought.customer_id, bought.source, bought.product_id) == (
        "ada",
        Source.SESSION_PACKAGE,
        "spk_skin",
    )
    assert (bought.state, bought.total, bought.left) == (AssignmentState.ACTIVE, 6, 6)
    assert [each.package.title for each in bought.services] == ["Klasik cilt bakımı", "Nem bakımı"]
    (sale,) = sales()
    (part,) = sale.parts
    assert (sale.id.partition("_")[2], sale.product_type) == (order.id.partition("_")[2], "session_package")
    assert (sale.sale_type, part.payment_type, part.amount, part.unit) == ("card", "card", PRICE, "TRY")
    assert (sale.expert_id, part.share) == (None, 0)


def test_l1_the_money_is_posted_with_it(till: Till) -> None:
    order = till.bought()
    (entry,) = [item.record for item in every_item() if isinstance(item.record, OrderEntry)]
    posted = {posting.account: (posting.asset, posting.amount) for posting in entry.postings}
    assert entry.operation == f"fulfil:{order.id}"
    assert posted == {"provider:stripe": ("TRY", -PRICE), "revenue": ("TRY", PRICE)}


def test_d10_d25_what_was_bought_is_booked_on_by_itself(till: Till) -> None:
    till.bought()
    first = booked("07:00", "apk_classic", pay_with=None)
    assert (first.paid_with, first.assignment_id, first.ordinal, first.total) == (
        "assignment",
        given().id,
        1,
        6,
    )


def test_b7_b27_it_stands_under_packages_in_both_reports(till: Till) -> None:
    order = till.order()
    till.decline(order)
    (failed,) = [msgspec.convert(each, FailedPayment) for each in payloads("report.failed_payment")]
    assert (failed.product_type, failed.product_name) == ("session_package", "Cilt Bakımı Paketi – 6 Seans")
    assert (failed.reason, failed.amount, failed.unit) == (FailureReason.CARD_DECLINED, PRICE, "TRY")
    till.pay(order)
    (sale,) = sales()
    year = Filters(since=instant("2026-01-01T00:00:00"), until=instant("2027-01-01T00:00:00"))
    packages, appointments = replace(year, show=Show.PACKAGES), replace(year, show=Show.APPOINTMENTS)
    assert report_rules.shows_sale(packages, sale)
    assert report_rules.shows_failed_payment(packages, failed)
    assert not report_rules.shows_sale(appointments, sale)
    assert not report_rules.shows_failed_payment(appointments, failed)


def test_v21_it_expires_so_many_days_after_it_was_paid(till: Till, moving_clock) -> None:
    order = till.order("spk_month")
    moving_clock.forward(minutes=10)
    till.pay(order)
    bought = given()
    assert bought.expires_at is not None
    assert (bought.expires_at - bought.created_at).days == 30
    assert bought.created_at == kept(order.id).paid_at


def test_e39_what_is_edited_after_the_order_changes_nothing_of_it(till: Till) -> None:
    order = till.order()
    set_on_sale(package(id="apk_classic", title="Dearer care", credits=900))
    till.pay(order)
    assert [each.package.title for each in given().services] == ["Klasik cilt bakımı", "Nem bakımı"]


def test_who_comes_may_be_named_with_the_order(till: Till) -> None:
    people = [ParticipantRequest(name="Bora", account_id="bora"), ParticipantRequest(name="Zeynep")]
    till.bought(participants=people)
    bought = given()
    assert [each.name for each in bought.participants] == ["Bora", "Zeynep"]
    (his,) = assignments.list_of(ADMIN, "bora", AssignmentsQuery()).items
    assert his.id == bought.id
    news = {each["account_id"]: each["data"] for each in payloads("notice")}
    assert news == {each: {"assignment_id": bought.id, "sessions": 6} for each in ("ada", "bora")}


def test_what_is_not_on_sale_cannot_be_ordered(till: Till) -> None:
    for package_id in ("spk_by_hand", "spk_nothing"):
        with pytest.raises(PackageNotOnSale):
            till.order(package_id)
    with pytest.raises(NotForThisProduct) as refused:
        till.order(expert_id="elif")
    assert refused.value.field == "expert_id"
    twice = [ParticipantRequest(name="Bora"), ParticipantRequest(name="Bora")]
    with pytest.raises(ParticipantRepeated):
        till.order(participants=twice)
    with pytest.raises(AccountNotFound):
        till.order(participants=[ParticipantRequest(name="Cem", account_id="nobody")])
    assert not any(isinstance(item.record, Order) for item in every_item())


def test_a_page_that_nobody_paid_gives_nothing(till: Till) -> None:
    order = till.order()
    till.provider.expire(str(order.payment_reference))
    till.tell(order, EXPIRED)
    assert (kept(order.id).state, none_given(), sales()) == (OrderState.EXPIRED, True, [])


def test_p2_money_that_comes_late_is_delivered_all_the_same(till: Till) -> None:
    order = till.order()
    till.provider.expire(str(order.payment_reference))
    till.tell(order, EXPIRED)
    till.pay(order)
    assert (kept(order.id).state, given().left, len(sales())) == (OrderState.PAID, 6, 1)


def test_p3_all_the_money_back_takes_all_the_sessions(till: Till) -> None:
    order = till.bought()
    till.refund(order)
    back, sold = sorted(sales(), key=lambda sale: sale.amount)
    assert (back.reverses, back.amount, back.quantity) == (sold.id, -PRICE, -1)
    assert (given().state, given().left, given().withdrawn) == (AssignmentState.CANCELLED, 0, 6)


def test_p3_a_part_of_the_money_takes_its_part_of_the_sessions(till: Till) -> None:
    order = till.bought()
    till.refund(order, PRICE // 4)
    assert (given().left, given().withdrawn) == (5, 1)
    till.refund(order, PRICE // 4, "second")
    assert (given().left, given().withdrawn) == (3, 3)
    till.refund(order, key="rest")
    assert (given().left, sum(sale.amount for sale in sales())) == (0, 0)


def test_p3_what_is_booked_stays_booked_and_does_not_come_back(till: Till) -> None:
    """Three of six go back while five are booked: of those that are called off, only what was paid is free."""
    order = till.bought()
    made = [use(f"{hour:02}:00") for hour in range(10, 15)]
    till.refund(order, PRICE // 2)
    assert (given().held, given().left, given().withdrawn) == (5, 0, 3)
    with pytest.raises(AssignmentEmpty):
        booked("07:00", "apk_classic", pay_with=None, assignment_id=given().id)
    for booking in made[:2]:
        call_off(booking.id)
    assert (given().held, given().left) == (3, 0)
    call_off(made[2].id)
    assert (given().held, given().left) == (2, 1)


def test_p3_a_refund_that_fails_gives_the_sessions_again(till: Till) -> None:
    order = till.bought()
    till.refund(order)
    refund = kept(order.id).refunds[0]
    till.provider.refunds_end_as = RefundState.FAILED
    till.refunds.send(PLATFORM, {"order_id": order.id, "refund_id": refund.id})
    assert (given().state, given().left, given().withdrawn) == (AssignmentState.ACTIVE, 6, 0)
    assert sum(sale.amount for sale in sales()) == PRICE


def test_p3_a_dispute_takes_the_sessions_and_a_won_one_gives_them_again(till: Till) -> None:
    order = till.bought()
    for state, left in ((DisputeState.OPEN, 0), (DisputeState.WON, 6)):
        till.provider.dispute(str(order.payment_reference), "dp_1", PRICE, state)
        till.tell(order, f"charge.dispute.{state}", kind=SignalKind.CONCERNS)
        assert given().left == left
    assert sum(sale.amount for sale in sales()) == PRICE


# ------------------------------------------------------------------------------- what the verifier sees


def spoil(**changed: Any) -> None:
    """A mistake that nobody made by the product's own steps."""
    assignment = assignments.find(PLATFORM, given().id)
    transact.commit([store.saved(replace(assignment, **changed))], f"spoil{sorted(changed)}")


def found() -> list[str]:
    return [f"{each.rule} {each.name}" for each in verify(every_item())]


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"total": 7}, ["P1 fulfilment-other-amount"]),
        ({"customer_id": "bora"}, ["B2 package-not-listed", "P1 fulfilment-of-another"]),
        ({"withdrawn": 1}, ["P1 sessions-not-withdrawn"]),
        ({"order_id": None}, ["P1 desk-sale-not-booked", "P1 payment-without-fulfilment"]),
        (
            {"order_id": "ord_another"},
            ["P1 fulfilment-without-payment", "P1 payment-without-fulfilment"],
        ),
    ],
)
def test_p1_the_verifier_names_what_is_not_as_it_was_bought(
    table, moving_clock, changed: dict[str, Any], names: list[str]
) -> None:
    open_studio()
    Till().bought()
    assert found() == []
    spoil(**changed)
    assert sorted(found()) == names


def test_p1_the_verifier_names_a_second_assignment_of_one_order(table, moving_clock) -> None:
    open_studio()
    Till().bought()
    again = replace(assignments.find(PLATFORM, given().id), id="asg_again", version=0)
    transact.commit(assignments.prepare_given(again), "again")
    assert found() == ["P1 fulfilled-twice"]


def test_p1_the_verifier_names_sessions_whose_money_is_not_in_the_books(table, moving_clock) -> None:
    open_studio()
    order = Till().bought()
    place = keys.order_entry(PLATFORM, order.id, f"fulfil:{order.id}")
    entry = read.get(place, OrderEntry)
    assert entry is not None
    transact.commit([transact.delete(OrderEntryItem, place, entry)], "gone")
    assert found() == ["P1 fulfilment-other-price"]


def test_an_order_is_one_read_and_its_delivery_one_transaction(till: Till) -> None:
    order = till.order()
    till.provider.pay(str(order.payment_reference))
    count = CallCount()
    till.tell(order, COMPLETED)
    assert count.names.count("TransactWriteItems") == 1
    assert read.get(assignments.key(PLATFORM, order.details["assignment_id"]), Assignment) is not None
