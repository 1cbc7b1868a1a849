"""P3: refunds and disputes never give back more than came in, in whatever order we hear of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.core import payments
from chalicelib.core.money import Money
from chalicelib.core.payments import Dispute, DisputeState, Refunded
from chalicelib.orders.lines import PaymentType, ProductType, Sale, SalePart, SaleType
from chalicelib.orders.refunds import Refund, RefundState, RefundsTooMany, RefundTooLarge, Returned
from chalicelib.orders.reversals import Reversal, reversed_sale

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
NOTHING = Returned(captured=1_000, refunds=[], disputes=[])


def refund(
    amount: int, refund_id: str = "rfd_1", by: str | None = "admin", state: str = "requested"
) -> Refund:
    return Refund(id=refund_id, amount=amount, reason="why", requested_by=by, state=RefundState(state), at=AT)


THERE = refund(0, "rfd_there", None, "succeeded")


def dispute(amount: int, state: str, dispute_id: str = "dp_1") -> Dispute:
    return Dispute(id=dispute_id, amount=amount, state=DisputeState(state))


@pytest.mark.parametrize("amount", [1_001, 0, -1])
def test_p3_no_more_than_what_is_left(amount: int) -> None:
    with pytest.raises(RefundTooLarge) as refused:
        NOTHING.with_refund(refund(amount))
    assert refused.value.extra == {"left": 1_000}


def test_what_failed_is_left_again() -> None:
    back = NOTHING.with_refund(refund(1_000))
    failed = back.with_states({"rfd_1": Refunded(reference="re_1", state=payments.RefundState.FAILED)})
    assert (back.left, failed.left) == (0, 1_000)


def test_at_most_fifty_refunds() -> None:
    returned = NOTHING
    for number in range(50):
        returned = returned.with_refund(refund(1, f"rfd_{number}"))
    with pytest.raises(RefundsTooMany):
        returned.with_refund(refund(1, "rfd_one_more"))


def test_what_the_provider_gave_back_by_itself_comes_to_light_once() -> None:
    once = NOTHING.with_total_of_provider(300, THERE)
    assert (once.total, once.with_total_of_provider(300, THERE)) == (300, once)
    assert once.with_total_of_provider(500, THERE).total == 500
    assert once.with_total_of_provider(301, THERE).total == 301


def test_what_we_asked_for_is_not_taken_for_the_provider_s_own() -> None:
    asked = NOTHING.with_refund(refund(300))
    assert asked.with_total_of_provider(300, THERE) == asked
    assert asked.with_total_of_provider(0, THERE) == asked


def test_what_was_made_there_can_fail_there() -> None:
    made = NOTHING.with_total_of_provider(300, THERE)
    assert made.with_total_of_provider(0, THERE).total == 0


@pytest.mark.parametrize(("refunded", "states"), [(500, ["succeeded", "failed"]), (0, ["failed"])])
def test_refunds_that_came_to_light_as_one_can_fail_one_by_one(refunded: int, states: list[str]) -> None:
    lump = NOTHING.with_total_of_provider(800, THERE)
    after = lump.with_total_of_provider(refunded, replace(THERE, id="rfd_failed"))
    assert (after.total, [each.state for each in after.refunds]) == (refunded, states)
    assert after.with_total_of_provider(refunded, replace(THERE, id="rfd_again")) == after


def test_where_ours_may_be_what_is_missing_none_that_was_made_there_is_split() -> None:
    """A report that lags behind does not show ours yet."""
    both = NOTHING.with_total_of_provider(500, THERE).with_refund(refund(300, state="succeeded"))
    assert both.with_total_of_provider(500, THERE) == both


@pytest.mark.parametrize(("state", "taken"), [("open", 400), ("lost", 400), ("won", 0)])
def test_a_dispute_takes_while_it_is_open_or_lost(state: str, taken: int) -> None:
    assert NOTHING.with_dispute(dispute(400, state)).total == taken


def test_a_dispute_that_is_won_restores_once_and_stays_won() -> None:
    opened = NOTHING.with_dispute(dispute(400, "open"))
    won = opened.with_dispute(dispute(400, "won"))
    assert (opened.total, won.total) == (400, 0)
    assert won.with_dispute(dispute(400, "open")) == won.with_dispute(dispute(400, "lost")) == won


def test_a_dispute_takes_no_more_than_what_refunds_left() -> None:
    both = NOTHING.with_refund(refund(700)).with_dispute(dispute(1_000, "open"))
    assert (both.total, both.left) == (1_000, 0)


def test_only_what_is_in_doubt_is_asked_about() -> None:
    sent = NOTHING.with_refund(refund(100, "rfd_sent", state="sent"))
    done = sent.with_refund(refund(200, "rfd_done", state="succeeded"))
    there = done.with_total_of_provider(600, THERE)
    assert [each.id for each in there.to_ask_about(600)] == ["rfd_sent"]
    assert [each.id for each in there.to_ask_about(300)] == ["rfd_sent", "rfd_done"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("refund"), st.integers(1, 1_200)),
        st.tuples(st.just("fails"), st.integers(0, 5)),
        st.tuples(st.just("there"), st.integers(0, 1_000)),
        st.tuples(st.sampled_from(["open", "won", "lost"]), st.integers(1, 1_200)),
    ),
    max_size=30,
)


@given(STEPS)
def test_p3_refunds_and_disputes_never_exceed_what_was_captured(steps: list[tuple[str, int]]) -> None:
    returned = NOTHING
    for number, (step, value) in enumerate(steps):
        if step == "refund":
            try:
                returned = returned.with_refund(refund(value, f"rfd_{number}"))
            except RefundTooLarge:
                assert value > returned.left
        elif step == "fails":
            failed = Refunded(reference="re", state=payments.RefundState.FAILED)
            ids = [each.id for each in returned.refunds][value : value + 1]
            returned = returned.with_states(dict.fromkeys(ids, failed))
        elif step == "there":
            returned = returned.with_total_of_provider(value, refund(0, f"rfd_{number}", None, "succeeded"))
        else:
            returned = returned.with_dispute(dispute(value, step, f"dp_{value % 3}"))
        assert 0 <= returned.total <= 1_000


@given(st.lists(st.integers(1, 400), max_size=20), st.integers(1, 5_000))
def test_all_parts_of_a_reversal_are_the_whole(amounts: list[int], whole: int) -> None:
    price, before, taken, pieces = Money(max(1, sum(amounts)), "TRY"), 0, 0, 0
    for amount in amounts:
        step = Reversal(id="r", price=price, before=before, amount=amount)
        taken, pieces, before = taken + step.part_of(whole), pieces + step.pieces_of(whole), before + amount
        assert taken * price.amount >= whole * before
    assert (taken, pieces) == ((whole, whole) if amounts else (0, 0))
    back = Reversal(id="r", price=price, before=before, amount=-before)
    assert (back.part_of(whole), back.pieces_of(whole)) == (-taken, -pieces)


def test_b41_a_sale_is_reversed_with_its_parts_and_shares_as_sold() -> None:
    part = SalePart(payment_type=PaymentType.CARD, amount=1_000, unit="TRY", share=333)
    sale = Sale(
        id="sal_1",
        platform_id="p",
        sold_at=AT,
        product_type=ProductType.APPOINTMENT,
        product_id="apk_1",
        product_name="Seans",
        quantity=1,
        customer_id="c",
        expert_id="e",
        sale_type=SaleType.CARD,
        parts=[part],
        share_basis_points=3_333,
        country="TR",
    )
    later = AT + timedelta(days=3)
    half = reversed_sale(sale, Reversal(id="r1", price=Money(1_000, "TRY"), before=0, amount=500), later)
    rest = reversed_sale(sale, Reversal(id="r2", price=Money(1_000, "TRY"), before=500, amount=500), later)
    assert all((line.sold_at, line.reverses_sold_at) == (later, AT) for line in (half, rest))
    assert [(line.parts[0].amount, line.parts[0].share) for line in (half, rest)] == [
        (-500, -167),
        (-500, -166),
    ]
    assert [(line.quantity, line.reverses, line.id) for line in (half, rest)] == [
        (0, "sal_1", "sal_1-r1"),
        (-1, "sal_1", "sal_1-r2"),
    ]
