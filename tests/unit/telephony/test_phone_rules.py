"""How the balance for calls moves, and what a call costs; in micro-dollars."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.telephony import rules
from chalicelib.telephony.model import (
    Balance,
    DestinationNotServed,
    PhoneBalanceShort,
    Rate,
    RateRepeated,
    Reservation,
    ReservationState,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
RATES = [
    Rate(prefix="+90", micros_per_minute=13_500),
    Rate(prefix="+905", micros_per_minute=41_000),
    Rate(prefix="+1", micros_per_minute=7_000),
]


def balance(**fields) -> Balance:
    return Balance(platform_id="p", **fields)


def reservation(minutes: int = 30, rate: int = 13_500, **fields) -> Reservation:
    return Reservation(
        booking_id="bkg_1",
        platform_id="p",
        customer_id="ada",
        expert_id="elif",
        micros_per_minute=rate,
        minutes=minutes,
        reserved_at=NOW,
        **fields,
    )


@pytest.mark.parametrize(
    ("number", "rate"), [("+902121112233", 13_500), ("+905551112233", 41_000), ("+12125550100", 7_000)]
)
def test_e7_the_longest_prefix_decides(number, rate) -> None:
    assert rules.rate_of(RATES, number) == rate


def test_e7_an_unknown_destination_is_refused() -> None:
    with pytest.raises(DestinationNotServed):
        rules.rate_of(RATES, "+4915112345678")


def test_two_rates_of_one_prefix_are_refused_with_the_second_s_path() -> None:
    with pytest.raises(RateRepeated) as refused:
        rules.check_rates([*RATES, RATES[0]])
    assert refused.value.field == "rates[3].prefix"


def test_e8_what_is_set_aside_is_rate_times_minutes_exactly() -> None:
    step = rules.reserved(balance(free=500_000), reservation().amount)
    assert (step.balance.free, step.balance.held) == (500_000 - 405_000, 405_000)
    assert sum(posting.amount for posting in step.postings) == 0


@pytest.mark.parametrize("short", [balance(free=404_999), balance(free=900_000, owed=1)])
def test_e34_a_short_balance_sets_nothing_aside(short) -> None:
    with pytest.raises(PhoneBalanceShort):
        rules.reserved(short, reservation().amount)


@pytest.mark.parametrize(
    ("used", "captured", "state"),
    [
        (0, 0, ReservationState.RELEASED),
        (1, 13_500, ReservationState.CAPTURED),
        (30, 405_000, ReservationState.CAPTURED),
        (45, 405_000, ReservationState.CAPTURED),
    ],
)
def test_e7_what_was_used_is_spent_up_to_what_was_set_aside_and_the_rest_is_free(
    used, captured, state
) -> None:
    before = balance(free=95_000, held=405_000)
    closed = rules.closed(reservation(), used, NOW)
    step = rules.settled(before, closed)
    assert closed.state is state
    assert (step.balance.free, step.balance.held) == (500_000 - captured, 0)
    assert sum(posting.amount for posting in step.postings) == 0


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(-5, 0), (0, 0), (1, 1), (60, 1), (61, 2), (1_799, 30), (1_800, 30)]
)
def test_a_begun_minute_counts_as_a_whole_one(seconds, minutes) -> None:
    assert rules.minutes_of(timedelta(seconds=seconds)) == minutes


def test_e34_it_is_shown_while_the_cheapest_destination_could_be_called() -> None:
    known = rules.with_rates(balance(free=7_000 * 30), RATES, 0)
    assert rules.minutes_covered(known) == 30
    assert rules.minutes_covered(rules.with_rates(balance(free=7_000 * 30 - 1), RATES, 0)) == 29
    assert rules.minutes_covered(balance(free=10**9)) == 0, "without rates nobody can be called"
    assert rules.minutes_covered(rules.with_rates(balance(free=1, owed=1), RATES, 0)) == 0


def test_the_admins_are_told_once_each_time_that_it_is_low() -> None:
    low = rules.with_rates(balance(free=5, alerted=True), RATES, 10)
    assert (low.is_low, low.alerted) == (True, True)
    above = rules.added(low, 5, "issued:purchase").balance
    assert (above.is_low, above.alerted) == (False, False)


_STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "back", "reserve", "settle"]), st.integers(1, 1_000)), max_size=30
)


@given(_STEPS)
def test_whatever_happens_it_balances_and_nothing_falls_below_zero(steps) -> None:
    now, open_holds, came = balance(), [], 0
    for what, amount in steps:
        if what == "add":
            step, came = rules.added(now, amount, "issued:purchase"), came + amount
        elif what == "back":
            step, came = rules.taken_back(now, amount, "refunded:phone"), came - amount
        elif what == "reserve":
            try:
                step = rules.reserved(now, amount)
            except PhoneBalanceShort:
                continue
            open_holds.append(reservation(minutes=amount, rate=1))
        elif open_holds:
            closed = rules.closed(open_holds.pop(), amount // 2, NOW)
            step, came = rules.settled(now, closed), came - closed.used
        else:
            continue
        assert sum(posting.amount for posting in step.postings) == 0
        now = step.balance
        assert min(now.free, now.held, now.owed) >= 0
        assert not (now.owed and now.free), "what comes free pays a debt first"
        assert now.free + now.held - now.owed == came
