"""When a session may be joined, when its time is up and who ends it: the seed's examples and the edges (E24 to E40)."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.catalogue.model import HowItEnds, Service, WhenItEnds
from chalicelib.sessions.model import (
    MAX_STAYS,
    CallState,
    CustomerNotJoined,
    EndedBy,
    Extension,
    ExtensionNotFree,
    ExtensionTooLong,
    ExtensionTooShort,
    JoinTooEarly,
    NotBothJoined,
    Party,
    Session,
    SessionOver,
    SessionState,
)
from chalicelib.sessions.rules import (
    Figures,
    Limits,
    ended_by_hand,
    extended,
    figures,
    joined,
    left,
    needs_timer,
    starts_full_time,
    together,
    woken,
)

TEN = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LIMITS = Limits(join_early=timedelta(minutes=10), safety=timedelta(minutes=60), no_show=timedelta(minutes=45))
AUTOMATIC, BY_EXPERT = HowItEnds.AUTOMATIC, HowItEnds.BY_EXPERT
SCHEDULED, FULL = WhenItEnds.SCHEDULED_END, WhenItEnds.FULL_SERVICE_TIME
CUSTOMER, EXPERT = Party.CUSTOMER, Party.EXPERT


def at(minutes: float) -> datetime:
    """Minutes after ten o'clock, when the appointment of thirty minutes begins."""
    return TEN + timedelta(minutes=minutes)


def waiting(how: HowItEnds = AUTOMATIC, when: WhenItEnds = SCHEDULED) -> Session:
    return Session(
        booking_id="bkg_1",
        platform_id="p",
        customer_id="c",
        expert_id="e",
        service=Service.VIDEO,
        starts_at=TEN,
        duration_minutes=30,
        how_it_ends=how,
        when_it_ends=when,
        due_end=at(30),
        wakes_at=at(30),
    )


def join(session: Session, party: Party, minutes: float, next_taken: float | None = None) -> Session:
    taken = None if next_taken is None else at(next_taken)
    return joined(session, party, at(minutes), LIMITS, taken)


def wake(session: Session, minutes: float) -> Session:
    return woken(session, at(minutes), LIMITS)


def end(session: Session, minutes: float, by: EndedBy = EndedBy.EXPERT) -> Session:
    return ended_by_hand(session, by, at(minutes), LIMITS)


def test_e27_joined_five_minutes_late_it_ends_when_the_remaining_25_are_up() -> None:
    """The seed's worked example; bigbluebutton 7: there a session went on after its end."""
    session = join(waiting(AUTOMATIC, SCHEDULED), CUSTOMER, 5)
    assert session.due_end - at(5) == timedelta(minutes=25)
    assert wake(session, 29.999).state is SessionState.RUNNING
    over = wake(session, 30)
    assert (over.state, over.ended_at, over.ended_by) == (SessionState.ENDED, at(30), EndedBy.CLOCK)


@pytest.mark.parametrize(
    ("when", "joins_at", "next_taken", "due", "cut"),
    [
        (SCHEDULED, -10, None, 30, False),
        (SCHEDULED, 0, None, 30, False),
        (SCHEDULED, 5, None, 30, False),
        (SCHEDULED, 29.9, None, 30, False),
        (SCHEDULED, 5, 31, 30, False),
        (FULL, -10, None, 30, False),
        (FULL, 0, None, 30, False),
        (FULL, 5, None, 35, False),
        (FULL, 5, 34, 34, True),
        (FULL, 5, 35, 35, False),
        (FULL, 5, 36, 35, False),
        (FULL, 29, 30, 30, True),
        (FULL, 29, None, 59, False),
    ],
)
def test_e24_e26_e28_when_the_time_is_up(
    when: WhenItEnds, joins_at: float, next_taken: float | None, due: float, cut: bool
) -> None:
    session = join(waiting(AUTOMATIC, when), CUSTOMER, joins_at, next_taken)
    assert (session.due_end, session.wakes_at, session.cut_short) == (at(due), at(due), cut)
    assert (session.customer_joined_at, session.generation) == (at(joins_at), 1)


@pytest.mark.parametrize("how", HowItEnds)
@pytest.mark.parametrize(("when", "due"), [(SCHEDULED, 30), (FULL, 35)])
def test_e36_all_four_combinations_come_to_their_end(how: HowItEnds, when: WhenItEnds, due: float) -> None:
    session = join(join(waiting(how, when), EXPERT, 0), CUSTOMER, 5)
    assert session.due_end == at(due)
    last = due if how is AUTOMATIC else due + 60
    over = wake(session, 500)
    assert (over.ended_at, over.ended_by, over.notified_at) == (at(last), EndedBy.CLOCK, at(due))
    assert over.wakes_at is None


def test_e25_by_expert_he_is_notified_when_the_time_is_up_and_ends_it_himself() -> None:
    """Codebuddies 463: there everybody was thrown out at the scheduled end."""
    session = join(waiting(BY_EXPERT), CUSTOMER, 5)
    notified = wake(session, 30.5)
    assert (notified.state, notified.notified_at) == (SessionState.RUNNING, at(30))
    assert (notified.due_end, notified.wakes_at) == (at(30), at(90))
    assert notified.generation == session.generation + 1
    over = end(notified, 42)
    assert (over.ended_at, over.ended_by) == (at(42), EndedBy.EXPERT)


def test_e38_an_expert_who_never_ends_meets_the_safety_limit() -> None:
    notified = wake(join(waiting(BY_EXPERT), CUSTOMER, 5), 30)
    assert wake(notified, 89.99) == notified
    assert wake(notified, 93).ended_at == at(90)


def test_waking_twice_does_no_more_than_waking_once() -> None:
    for how in HowItEnds:
        session = join(waiting(how), CUSTOMER, 0)
        for minutes in (30, 90):
            session = wake(session, minutes)
            assert wake(session, minutes) == session


def test_one_may_join_from_ten_minutes_before() -> None:
    with pytest.raises(JoinTooEarly) as refused:
        join(waiting(), CUSTOMER, -10.01)
    assert refused.value.extra == {"opens_at": "2026-11-22T09:50:00.000Z"}
    assert join(waiting(), EXPERT, -10).expert_joined_at == at(-10)


@pytest.mark.parametrize("when", WhenItEnds)
@pytest.mark.parametrize("party", Party)
def test_nobody_joins_first_once_the_appointment_is_over(when: WhenItEnds, party: Party) -> None:
    assert join(waiting(AUTOMATIC, when), party, 29.99).generation == 1
    with pytest.raises(SessionOver):
        join(waiting(AUTOMATIC, when), party, 30)


def test_under_full_service_time_one_comes_back_until_it_is_up() -> None:
    session = join(waiting(AUTOMATIC, FULL), CUSTOMER, 20)
    assert join(session, CUSTOMER, 49.9) == session
    assert join(session, EXPERT, 49.9).due_end == at(50)
    with pytest.raises(SessionOver):
        join(session, CUSTOMER, 50)


def test_by_expert_one_comes_back_until_the_safety_limit() -> None:
    session = wake(join(waiting(BY_EXPERT), CUSTOMER, 0), 30)
    assert join(session, CUSTOMER, 89) == session
    with pytest.raises(SessionOver):
        join(session, CUSTOMER, 90)


def test_an_ended_session_is_not_joined_again() -> None:
    """opentok-meet 147: there one left a meeting whose time was up, and joined it again."""
    over = end(join(waiting(), CUSTOMER, 0), 10)
    with pytest.raises(SessionOver):
        join(over, CUSTOMER, 11)


def test_the_first_join_counts_and_a_second_changes_nothing() -> None:
    session = join(waiting(AUTOMATIC, FULL), CUSTOMER, 5)
    assert join(session, CUSTOMER, 9) == session


def test_e28_e40_the_experts_join_does_not_start_the_full_service_time() -> None:
    """It starts when the customer joins; until then the end is not known."""
    session = join(waiting(AUTOMATIC, FULL), EXPERT, 0)
    assert (session.due_end, session.generation) == (at(75), 1)
    later = join(session, CUSTOMER, 12)
    assert (later.due_end, later.generation) == (at(42), 2)


def test_a_later_join_that_moves_no_end_keeps_the_timer() -> None:
    session = join(join(waiting(), CUSTOMER, 0), EXPERT, 3)
    assert (session.generation, session.expert_joined_at) == (1, at(3))


@pytest.mark.parametrize("how", HowItEnds)
@pytest.mark.parametrize(("when", "last"), [(SCHEDULED, 30), (FULL, 75)])
def test_where_the_customer_never_comes_the_clock_ends_it(
    how: HowItEnds, when: WhenItEnds, last: float
) -> None:
    session = join(waiting(how, when), EXPERT, 0)
    assert wake(session, last - 0.01) == session
    over = wake(session, last)
    assert (over.ended_at, over.ended_by, over.customer_joined_at) == (at(last), EndedBy.CLOCK, None)


def test_the_expert_may_end_early_but_not_before_the_customer_came() -> None:
    session = join(waiting(AUTOMATIC, SCHEDULED), EXPERT, -5)
    with pytest.raises(CustomerNotJoined):
        end(session, 1)
    over = end(join(session, CUSTOMER, 2), 10, EndedBy.ADMIN)
    assert (over.ended_at, over.ended_by, over.notified_at) == (at(10), EndedBy.ADMIN, None)


def test_a_hand_that_comes_after_the_clock_changes_nothing() -> None:
    session = join(waiting(), CUSTOMER, 0)
    late = end(session, 31)
    assert (late.ended_at, late.ended_by) == (at(30), EndedBy.CLOCK)
    with pytest.raises(SessionOver):
        end(late, 32)


def test_only_the_customers_first_join_starts_the_full_service_time() -> None:
    session = waiting(AUTOMATIC, FULL)
    assert starts_full_time(session, CUSTOMER)
    assert not starts_full_time(session, EXPERT)
    assert not starts_full_time(join(session, CUSTOMER, 5), CUSTOMER)
    assert not starts_full_time(waiting(AUTOMATIC, SCHEDULED), CUSTOMER)


def test_the_experts_join_leaves_the_end_that_the_customers_has_set() -> None:
    """His next booking was called off meanwhile; but his time is taken until that end alone."""
    cut = join(waiting(AUTOMATIC, FULL), CUSTOMER, 20, next_taken=30)
    joined = join(cut, EXPERT, 25)
    assert (joined.due_end, joined.cut_short, joined.generation) == (at(30), True, cut.generation)
    assert joined.expert_joined_at == at(25)


def test_no_timer_is_made_for_what_is_due_within_two_minutes() -> None:
    assert not needs_timer(at(2), at(0))
    assert needs_timer(at(2.01), at(0))
    assert not needs_timer(at(-5), at(0))


@pytest.mark.parametrize(
    ("customer", "expert", "until", "minutes"),
    [(5, 7, 30, 23), (7, 5, 30, 23), (None, 5, 30, 0), (5, None, 30, 0), (5, 7, None, 0), (5, 31, 30, 0)],
)
def test_e7_a_call_is_held_open_from_when_both_are_there_until_the_end(
    customer: float | None, expert: float | None, until: float | None, minutes: int
) -> None:
    told = {"customer_joined_at": customer, "expert_joined_at": expert, "ended_at": until}
    instants = {name: None if minute is None else at(minute) for name, minute in told.items()}
    assert together(replace(waiting(), **instants)) == timedelta(minutes=minutes)


def test_only_a_session_by_phone_has_a_call_which_rings_when_both_are_there() -> None:
    assert both().call is None
    by_phone = replace(waiting(), service=Service.PHONE)
    assert by_phone.call is CallState.WAITING
    assert join(by_phone, CUSTOMER, 0).call is CallState.WAITING
    assert join(join(by_phone, CUSTOMER, 0), EXPERT, 1).call is CallState.CALLING
    assert replace(by_phone, state=SessionState.ENDED).call is CallState.OVER


def test_with_no_safety_time_the_clock_ends_at_the_due_end() -> None:
    session = join(waiting(BY_EXPERT), CUSTOMER, 0)
    over = woken(session, at(30), replace(LIMITS, safety=timedelta(0)))
    assert (over.ended_at, over.notified_at) == (at(30), at(30))


def leave(session: Session, party: Party, minutes: float) -> Session:
    return left(session, party, at(minutes))


def both(how: HowItEnds = AUTOMATIC, when: WhenItEnds = SCHEDULED) -> Session:
    return join(join(waiting(how, when), EXPERT, 0), CUSTOMER, 5)


def extend(
    session: Session, party: Party, minutes: int, now: float, next_taken: float | None = None
) -> Session:
    taken = None if next_taken is None else at(next_taken)
    return extended(session, party, minutes, at(now), LIMITS, taken)


def test_who_left_may_come_back_and_his_first_join_counts() -> None:
    session = leave(both(), CUSTOMER, 10)
    assert (session.is_present(CUSTOMER), session.is_present(EXPERT)) == (False, True)
    back = join(session, CUSTOMER, 12)
    assert back.is_present(CUSTOMER)
    assert (back.customer_joined_at, back.due_end, back.generation) == (at(5), at(30), 1)
    assert [(stay.party, stay.joined_at, stay.left_at) for stay in back.stays] == [
        (EXPERT, at(0), None),
        (CUSTOMER, at(5), at(10)),
        (CUSTOMER, at(12), None),
    ]


@pytest.mark.parametrize("how", HowItEnds)
def test_one_who_waits_alone_is_not_thrown_out(how: HowItEnds) -> None:
    """amazon-chime-sdk-js 915: there a meeting with one in it ended by itself, and nobody could set when."""
    alone = leave(both(how), CUSTOMER, 6)
    for minutes in (10, 20, 29.9):
        assert wake(alone, minutes) == alone
    assert join(alone, CUSTOMER, 29.9).is_present(CUSTOMER)
    assert wake(alone, 30).due_end == at(30)


def test_leaving_twice_or_after_the_end_changes_nothing() -> None:
    session = leave(both(), CUSTOMER, 10)
    assert leave(session, CUSTOMER, 11) == session
    over = wake(session, 30)
    assert leave(over, EXPERT, 31) == over


def test_a_line_that_breaks_all_the_time_fills_no_item() -> None:
    session = join(waiting(), EXPERT, 0)
    for minute in range(1, 29):
        for second in (0.0, 0.25, 0.5):
            session = leave(join(session, CUSTOMER, minute + second), CUSTOMER, minute + second + 0.2)
    assert len(session.stays) == MAX_STAYS == 40
    assert session.stays[-1].left_at == at(28.7)
    assert join(session, CUSTOMER, 29).is_present(CUSTOMER)


def test_beyond_the_last_place_the_stays_of_the_other_are_left_as_they_are() -> None:
    session = join(waiting(), CUSTOMER, 0)
    for second in range(1, MAX_STAYS):
        session = leave(join(session, EXPERT, second / 60), EXPERT, second / 60 + 0.01)
    back = join(leave(session, CUSTOMER, 5), CUSTOMER, 6)
    assert back.is_present(CUSTOMER)
    assert back.stays == session.stays


def test_an_end_closes_every_stay_and_the_figures_count_no_more_than_until_then() -> None:
    """B46: minutes there, late by, overrun."""
    session = leave(both(BY_EXPERT), CUSTOMER, 20)
    over = end(join(session, CUSTOMER, 25), 42)
    assert all(stay.left_at is not None for stay in over.stays)
    assert figures(over, at(42)) == Figures(
        customer_minutes=15 + 17,
        expert_minutes=42,
        customer_late_minutes=5,
        expert_late_minutes=0,
        overrun_minutes=12,
    )


def test_who_stays_on_after_the_end_is_counted_until_the_end() -> None:
    late = leave(leave(both(), CUSTOMER, 30.5), EXPERT, 31)
    over = wake(late, 33)
    assert figures(over, at(30)).customer_minutes == 25


def test_the_figures_of_who_never_came() -> None:
    over = wake(join(waiting(), EXPERT, -5), 31)
    told = figures(over, at(30))
    assert (told.customer_minutes, told.customer_late_minutes) == (0, None)
    assert (told.expert_minutes, told.expert_late_minutes, told.overrun_minutes) == (35, 0, 0)


def test_a_session_that_the_customer_never_came_to_did_not_overrun() -> None:
    """B46: its full service time had not begun when the clock gave it up."""
    given_up = wake(join(waiting(when=FULL), EXPERT, 0), 120)
    assert given_up.ended_at == at(75)
    assert figures(given_up, at(75)).overrun_minutes == 0


def test_a_session_lasts_longer_when_both_agree() -> None:
    asked = extend(both(), CUSTOMER, 10, 25)
    assert (asked.due_end, asked.generation) == (at(30), 1)
    assert asked.extension == Extension(minutes=10, asked_by=CUSTOMER, asked_at=at(25))
    agreed = extend(asked, EXPERT, 10, 26)
    assert (agreed.due_end, agreed.wakes_at, agreed.generation) == (at(40), at(40), 2)
    assert (agreed.extension, agreed.extended_minutes) == (None, 10)
    assert wake(agreed, 39.99).state is SessionState.RUNNING
    assert wake(agreed, 45).ended_at == at(40)


def test_nobody_agrees_with_himself_and_another_number_is_another_question() -> None:
    asked = extend(extend(both(), CUSTOMER, 10, 25), CUSTOMER, 10, 26)
    assert asked.due_end == at(30)
    counter = extend(asked, EXPERT, 20, 27)
    assert (counter.due_end, counter.extension and counter.extension.asked_by) == (at(30), EXPERT)
    assert extend(counter, CUSTOMER, 20, 28).due_end == at(50)


def test_by_expert_an_extension_is_counted_from_the_due_end_and_he_is_notified_again() -> None:
    notified = wake(both(BY_EXPERT), 31)
    longer = extend(extend(notified, CUSTOMER, 10, 32), EXPERT, 10, 33)
    assert (longer.due_end, longer.notified_at) == (at(40), None)
    again = wake(longer, 41)
    assert (again.notified_at, again.wakes_at) == (at(40), at(100))


@pytest.mark.parametrize(
    ("minutes", "now", "next_taken", "refusal"),
    [
        (10, 30, None, SessionOver),
        (10, 25, 39.9, ExtensionNotFree),
        (481, 25, None, ExtensionTooLong),
    ],
)
def test_an_extension_that_cannot_be(minutes: int, now: float, next_taken: float | None, refusal) -> None:
    with pytest.raises(refusal):
        extend(both(), CUSTOMER, minutes, now, next_taken)


def test_an_extension_up_to_the_next_booking_is_free() -> None:
    assert extend(both(), CUSTOMER, 10, 25, 40).extension is not None
    assert extend(both(), CUSTOMER, 480, 25).extension is not None
    with pytest.raises(ExtensionNotFree) as refused:
        extend(both(), CUSTOMER, 10, 25, 35)
    assert refused.value.extra == {"free_until": "2026-11-22T10:35:00.000Z"}


def test_an_extension_that_is_over_already_is_too_short() -> None:
    with pytest.raises(ExtensionTooShort):
        extend(wake(both(BY_EXPERT), 31), EXPERT, 10, 40)


def test_a_session_is_extended_by_those_who_are_in_it() -> None:
    with pytest.raises(NotBothJoined):
        extend(join(waiting(), CUSTOMER, 0), CUSTOMER, 10, 5)
