"""How an order moves by what the provider says of its payment."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.core.money import Money
from chalicelib.core.payments import FailedAttempt, FailureReason, Payment, PaymentState, Started
from chalicelib.orders import rules
from chalicelib.orders.model import MAX_FAILURES, Order, OrderState, ProductKind

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ORDER = Order(
    id="ord_1",
    platform_id="acme",
    customer_id="customer-1",
    locale="tr",
    state=OrderState.PENDING,
    product_kind=ProductKind.CREDIT_PACKAGE,
    product={"id": "cpk_1", "name": "500 Kredi", "credits": 500},
    price=Money(149_000, "TRY"),
    country="TR",
    provider="stripe",
    payment_reference="cs_1",
    payment_url="https://pay.test/cs_1",
    expires_at=NOW + timedelta(minutes=31),
    check_at=NOW + timedelta(minutes=36),
    created_at=NOW,
)
OPEN = Payment(
    order_id="ord_1",
    reference="cs_1",
    state=PaymentState.PENDING,
    payment_id=None,
    amount=149_000,
    currency="TRY",
)
PAID = replace(OPEN, state=PaymentState.PAID, payment_id="pi_1")
PROCESSING = replace(PAID, state=PaymentState.PROCESSING)
LEFT = replace(OPEN, state=PaymentState.EXPIRED)
TRIED_AND_LEFT = replace(PAID, state=PaymentState.EXPIRED)
# How far on a state is: no payment ever takes an order back.
PROGRESS = {
    OrderState.PENDING: 0,
    OrderState.PROCESSING: 1,
    OrderState.EXPIRED: 2,
    OrderState.REVIEW: 3,
    OrderState.PAID: 3,
}


def failed(attempt_id: str, reason: FailureReason = FailureReason.CARD_DECLINED) -> FailedAttempt:
    return FailedAttempt(attempt_id=attempt_id, reason=reason, raw_code="x", at=NOW)


def settled(order: Order, payment: Payment | None, *seen: FailedAttempt) -> Order:
    return rules.settle(order, payment, seen, NOW).order


@pytest.mark.parametrize(
    ("payment", "state"),
    [
        (OPEN, OrderState.PENDING),
        (PROCESSING, OrderState.PROCESSING),
        (LEFT, OrderState.EXPIRED),
        (PAID, OrderState.PAID),
        (replace(PAID, amount=1), OrderState.REVIEW),
        (replace(PAID, amount=149_001), OrderState.REVIEW),
        (replace(PAID, currency="USD"), OrderState.REVIEW),
    ],
)
def test_an_open_order_follows_the_provider(payment, state) -> None:
    assert settled(ORDER, payment).state is state


def test_paid_is_accepted_from_every_open_or_expired_state() -> None:
    for state in (OrderState.PENDING, OrderState.PROCESSING, OrderState.EXPIRED):
        result = rules.settle(replace(ORDER, state=state), PAID, (), NOW)
        assert (result.order.state, result.newly_paid) == (OrderState.PAID, True)


@pytest.mark.parametrize("state", [OrderState.PAID, OrderState.REVIEW])
def test_what_is_final_stays_and_is_not_paid_again(state) -> None:
    for payment in (OPEN, PROCESSING, LEFT, PAID, replace(PAID, amount=1), None):
        result = rules.settle(replace(ORDER, state=state), payment, (), NOW)
        assert (result.order.state, result.newly_paid) == (state, False)


PAYMENTS = st.sampled_from([OPEN, PROCESSING, LEFT, TRIED_AND_LEFT, PAID, replace(PAID, amount=1)])


@given(st.lists(PAYMENTS, max_size=12))
def test_a_state_never_goes_back_and_money_counts_once(payments) -> None:
    order, times_paid = ORDER, 0
    for payment in payments:
        result = rules.settle(order, payment, (), NOW)
        assert PROGRESS[result.order.state] >= PROGRESS[order.state]
        times_paid += result.newly_paid
        order = result.order
    assert times_paid == (order.state is OrderState.PAID)
    assert order.is_open() == (order.check_at is not None)


def test_every_order_of_truths_and_attempts_knows_the_same_in_the_end() -> None:
    truths = [(OPEN, failed("ch_1")), (OPEN, failed("ch_2")), (PAID, None), (PAID, None), (PAID, None)]
    for story in permutations(truths):
        order = ORDER
        for payment, attempt in story:
            order = settled(order, payment, *([attempt] if attempt else []))
        assert order.state is OrderState.PAID
        assert sorted(each.attempt_id for each in order.failures) == ["ch_1", "ch_2"]


def test_an_attempt_that_event_and_truth_both_tell_of_counts_once() -> None:
    payment = replace(OPEN, payment_id="pi_1", failure=failed("ch_1"))
    result = rules.settle(ORDER, payment, [failed("ch_1")], NOW)
    assert [each.attempt_id for each in result.failures] == ["ch_1"]
    assert rules.settle(result.order, payment, [failed("ch_1")], NOW).failures == []


def test_a_page_left_without_a_try_is_one_failure_with_its_own_reason() -> None:
    result = rules.settle(ORDER, LEFT, (), NOW)
    assert [(each.reason, each.attempt_id) for each in result.failures] == [
        (FailureReason.PAY_NOT_PRESSED, "cs_1-left")
    ]
    assert rules.settle(result.order, LEFT, (), NOW).failures == []


@pytest.mark.parametrize("payment", [TRIED_AND_LEFT, replace(LEFT, failure=failed("ch_1"))])
def test_a_page_left_after_a_try_is_not_called_untried(payment) -> None:
    reasons = [each.reason for each in rules.settle(ORDER, payment, (), NOW).failures]
    assert FailureReason.PAY_NOT_PRESSED not in reasons


def test_a_page_that_closes_with_a_decline_leaves_the_order_open_while_its_time_runs() -> None:
    declined = replace(LEFT, state=PaymentState.DECLINED, failure=failed("ch_1"))
    ends_at = ORDER.expires_at
    assert ends_at is not None
    states = [rules.settle(ORDER, declined, (), now).order.state for now in (NOW, ends_at)]
    assert states == [OrderState.PENDING, OrderState.EXPIRED]
    waiting = replace(ORDER, state=OrderState.PROCESSING)
    assert settled(waiting, declined).state is OrderState.EXPIRED
    assert settled(ORDER, replace(LEFT, failure=failed("ch_1"))).state is OrderState.EXPIRED


def test_a_page_left_after_a_known_failure_is_not_called_untried() -> None:
    assert rules.settle(replace(ORDER, failures=[failed("ch_1")]), LEFT, (), NOW).failures == []


def test_failures_are_bounded_and_the_order_can_still_be_paid() -> None:
    many = [failed(f"ch_{number}") for number in range(MAX_FAILURES + 5)]
    order = settled(ORDER, OPEN, *many)
    assert len(order.failures) == MAX_FAILURES
    assert rules.settle(order, OPEN, [failed("ch_new")], NOW).failures == []
    assert settled(order, PAID).state is OrderState.PAID


def test_a_page_that_nobody_was_shown_says_nothing_but_that_money_came() -> None:
    unshown = replace(ORDER, payment_reference=None, payment_url=None)
    assert settled(unshown, LEFT) == unshown
    assert settled(unshown, PROCESSING).state is OrderState.PENDING
    paid = settled(unshown, PAID)
    assert (paid.state, paid.payment_reference) == (OrderState.PAID, "cs_1")


def test_an_order_that_was_given_up_does_not_fail_afterwards() -> None:
    given_up = rules.given_up(replace(ORDER, payment_reference=None, payment_url=None))
    assert rules.settle(given_up, LEFT, (), NOW).failures == []


def test_the_payment_is_remembered_from_the_first_try_on() -> None:
    tried = settled(ORDER, replace(OPEN, payment_id="pi_1"))
    assert (tried.payment_id, settled(tried, PAID).payment_id) == ("pi_1", "pi_1")


def test_a_second_payment_does_not_take_the_place_of_the_one_that_the_money_came_by() -> None:
    paid = settled(ORDER, PAID)
    assert settled(paid, replace(PAID, payment_id="pi_2", reference="cs_2")) == paid


def test_the_sweeper_looks_again_by_state() -> None:
    assert settled(ORDER, OPEN).check_at == ORDER.check_at
    assert settled(ORDER, PROCESSING).check_at == NOW + timedelta(hours=1)
    assert rules.checked_later(ORDER, NOW).check_at == NOW + timedelta(minutes=5)
    assert rules.checked_later(replace(ORDER, state=OrderState.PAID, check_at=None), NOW).check_at is None


def test_an_attempt_can_open_a_page_until_the_provider_s_shortest_time_is_all_that_is_left() -> None:
    expires_at = NOW + rules.PAYABLE_FOR
    assert rules.can_open_page(expires_at, NOW + timedelta(seconds=55))
    assert not rules.can_open_page(expires_at, NOW + timedelta(seconds=56))


def test_a_page_moves_the_order_s_next_check_behind_its_own_end() -> None:
    started = Started(reference="cs_2", url="https://pay.test/cs_2", expires_at=NOW + timedelta(minutes=40))
    order = rules.begun(ORDER, started)
    assert (order.payment_reference, order.payment_url) == ("cs_2", "https://pay.test/cs_2")
    assert order.check_at == NOW + timedelta(minutes=45)


def test_the_page_is_offered_until_it_expires_and_while_the_order_waits() -> None:
    assert ORDER.payment_url_at(NOW) == "https://pay.test/cs_1"
    assert ORDER.payment_url_at(NOW + timedelta(minutes=31)) is None
    assert replace(ORDER, state=OrderState.PROCESSING).payment_url_at(NOW) is None


def test_a_failed_payment_is_reported_with_what_was_to_be_bought() -> None:
    line = rules.failed_payment(ORDER, failed("ch_1", FailureReason.INSUFFICIENT_FUNDS), NOW)
    assert (line.id, line.product_type, line.product_id, line.rail) == (
        "ord_1-ch_1",
        "credit",
        "cpk_1",
        "card",
    )
    assert (line.amount, line.unit, line.country, line.reason) == (
        149_000,
        "TRY",
        "TR",
        FailureReason.INSUFFICIENT_FUNDS,
    )
