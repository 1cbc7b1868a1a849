"""Sessions by phone (E7, E8, E34): what a call may cost is set aside at booking, spent once, or free again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib import wiring
from chalicelib.adapters.telephony import SandboxTelephony
from chalicelib.booking.series_views import SeriesRequest
from chalicelib.booking.views import (
    BookingView,
    CancelRequest,
    DeskBookingRequest,
    NoShowRequest,
    RescheduleRequest,
)
from chalicelib.calendar.slot_views import SlotsQuery
from chalicelib.catalogue.model import HowItEnds, Service
from chalicelib.core import clock
from chalicelib.core.errors import Refusal
from chalicelib.core.money import Money
from chalicelib.core.telephony import TelephonyFailed
from chalicelib.sessions.model import CallNotExtended, CallState
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Receipt
from chalicelib.table.outbox import Outbox
from chalicelib.telephony import asking
from chalicelib.telephony.asking import CallBeingAsked
from chalicelib.telephony.calls import PHONE_CALL, Calls
from chalicelib.telephony.desk import PhoneDesk
from chalicelib.telephony.model import (
    Asking,
    DestinationChanged,
    DestinationNotServed,
    ExpertPhoneMissing,
    PhoneBalanceShort,
    PhoneMissing,
    ReservationState,
    TelephonyNotConfigured,
)
from chalicelib.telephony.store import saved_balance, saved_reservation
from chalicelib.telephony.views import RateBody, RatesRequest
from chalicelib.verifier.scan import every_item
from tests.store.booking import studio
from tests.store.booking.studio import ADA, ADMIN, EXPERT, PLATFORM, instant, operation, package
from tests.store.booking.test_by_card import Till
from tests.store.sessions import hall
from tests.store.telephony.switchboard import (
    PRICE,
    RATE,
    Switch,
    balance,
    names,
    number_of,
    numbers,
    open_switchboard,
    rates,
    reservation,
    top_up,
)

ADAS = "+905551112233"


@pytest.fixture(autouse=True)
def switchboard(table, moving_clock) -> Iterator[Any]:
    open_switchboard()
    yield moving_clock
    assert names() == set()


def phone(start: str = "07:00", **more: Any) -> BookingView:
    return studio.booked(start, "apk_phone", **more)


def unchanged() -> bool:
    return numbers() == (PRICE, 0) and studio.agenda() is None and studio.wallet().balance == 1_000


def test_e8_booking_sets_rate_times_duration_aside_with_the_slot_and_the_price() -> None:
    booked = phone()
    assert numbers() == (0, PRICE)
    kept = reservation(booked.id)
    assert (kept.amount, kept.minutes, kept.state) == (50 * RATE, 50, ReservationState.RESERVED)
    assert ADAS not in str(read.get(keys.phone_entry(PLATFORM, 2), object)), "no number in the journal"


def test_e34_a_balance_that_is_short_by_a_millionth_sells_nothing() -> None:
    phone()
    top_up(PRICE - 1)
    with pytest.raises(PhoneBalanceShort):
        phone("09:00")
    assert numbers() == (PRICE - 1, PRICE)


@pytest.mark.parametrize(
    ("person", "number", "refusal"),
    [
        ("ada", None, PhoneMissing),
        ("ada", "+4915112345678", DestinationNotServed),
        ("ada", "+12125550100", PhoneBalanceShort),
        ("elif", None, ExpertPhoneMissing),
    ],
)
def test_e34_nobody_books_what_could_not_be_called_and_no_slot_is_offered(
    person, number, refusal: type[Refusal]
) -> None:
    number_of(person, number)
    with pytest.raises(refusal):
        phone()
    with pytest.raises(refusal):
        slots()
    assert unchanged()


def test_what_is_offered_is_bookable_and_an_admin_sees_what_anybody_could_book() -> None:
    assert slots(), slots(ADMIN)
    rates({"+90": RATE * 2})
    for who in (ADA, ADMIN):
        with pytest.raises(PhoneBalanceShort):
            slots(who)


def slots(who: Any = ADA) -> list[Any]:
    day = instant("00:00").date()
    asked = SlotsQuery(package_id="apk_phone", first=day, last=day, country="TR")
    return studio.free_slots.of(who, "elif", asked).items


def test_on_the_house_and_with_a_package_a_call_is_set_aside_too() -> None:
    top_up(3 * PRICE)
    studio.set_on_sale(package(id="apk_phone", service=Service.PHONE), package(
        id="apk_calls", service=Service.PHONE, sessions=3, credits=250
    ))  # fmt: skip
    given = DeskBookingRequest(
        customer_id="ada",
        package_id="apk_phone",
        expert_id="elif",
        starts_at=instant("07:00"),
        pay_with="on_the_house",
    )
    studio.desk.book(operation("house", ADMIN, "desk"), given)
    first = studio.booked("09:00", "apk_calls")
    studio.use(str(first.assignment_id), "11:00")
    assert numbers() == (PRICE, 3 * PRICE)


def test_cancelling_frees_it_once_and_moving_keeps_it(switchboard) -> None:
    booked = phone("14:00")
    moved = RescheduleRequest(starts_at=instant("12:00"))
    studio.changes.reschedule(operation("m", ADA, "move"), booked.id, moved)
    assert numbers() == (0, PRICE)
    for _ in range(2):
        studio.changes.cancel(operation("c", ADA, "cancel"), booked.id, CancelRequest())
    assert numbers() == (PRICE, 0)
    assert reservation(booked.id).state is ReservationState.RELEASED


def test_whoever_does_not_come_costs_no_call(switchboard) -> None:
    booked = phone()
    switchboard.instant = instant("07:50")
    studio.changes.mark_missed(operation("n", ADMIN, "miss"), booked.id, NoShowRequest(no_show="customer"))
    assert numbers() == (PRICE, 0)


def test_a_booking_that_the_clock_gives_up_costs_no_call(switchboard) -> None:
    booked = phone()
    switchboard.instant = instant("09:00")
    hall.sessions.sweep(PLATFORM, booked.id)
    assert hall.state_of_booking(booked.id) == "missed"
    assert numbers() == (PRICE, 0)


def test_an_expert_who_waits_alone_costs_no_call(switchboard) -> None:
    booked = phone()
    switchboard.instant = instant("07:00")
    hall.join(booked.id, EXPERT)
    switchboard.instant = instant("09:00")
    hall.sessions.sweep(PLATFORM, booked.id)
    assert (hall.state_of_booking(booked.id), numbers()) == ("missed", (PRICE, 0))


@pytest.mark.parametrize(("seconds", "used"), [(1, 1), (60, 1), (61, 2), (20 * 60, 20)])
def test_e7_what_was_used_is_captured_in_begun_minutes_and_the_rest_is_free(
    switchboard, seconds, used
) -> None:
    booked = phone()
    switchboard.instant = instant("07:00")
    hall.join(booked.id, ADA)
    switchboard.instant = instant("07:05")
    hall.join(booked.id, EXPERT)
    switchboard.instant += timedelta(seconds=seconds)
    hall.end(booked.id, EXPERT)
    assert numbers() == (PRICE - used * RATE, 0)
    assert (reservation(booked.id).state, reservation(booked.id).used_minutes) == ("captured", used)


@pytest.mark.parametrize(("ended", "used"), [(None, 50), ("07:20", 20)], ids=["by_the_clock", "by_hand"])
def test_e36_both_leaving_is_no_end_and_the_line_is_used_until_there_is_one(switchboard, ended, used) -> None:
    booked = phone()
    switchboard.instant = instant("07:00")
    for who in (ADA, EXPERT):
        hall.join(booked.id, who)
    switchboard.instant = instant("07:05")
    left = [hall.leave(booked.id, who) for who in (ADA, EXPERT)][-1]
    assert (left.present, left.ended_at, left.call) == ([], None, CallState.CALLING)
    if ended:
        switchboard.instant = instant(ended)
        assert hall.end(booked.id, EXPERT).call is CallState.OVER
    else:
        switchboard.instant = instant("09:00")
        hall.sessions.sweep(PLATFORM, booked.id)
    assert numbers() == (PRICE - used * RATE, 0)


def test_e7_a_session_that_the_clock_ends_captures_no_more_than_was_set_aside(switchboard) -> None:
    studio.set_on_sale(package(id="apk_phone", service=Service.PHONE, how_it_ends=HowItEnds.BY_EXPERT))
    booked = phone()
    switchboard.instant = instant("06:55")
    for who in (ADA, EXPERT):
        hall.join(booked.id, who)
    switchboard.instant = instant("09:00")
    hall.sessions.sweep(PLATFORM, booked.id)
    hall.sessions.sweep(PLATFORM, booked.id)
    assert (hall.state_of_booking(booked.id), numbers()) == ("completed", (0, 0))


def drained(switch: Switch) -> list[str]:
    """What the outbox has done with every receipt that stands, and once more."""
    calls = Calls(studio.platforms, studio.accounts, switch)
    quiet = dict.fromkeys(
        ("report.sale", "report.session", "session.timer", "notice", "mail.booking_confirmed"),
        lambda *_: None,
    )
    outbox = Outbox({PHONE_CALL: calls.bring, **quiet})
    for shard in keys.work_shards():
        for key in list(read.query_all(shard, index="GSI3")):
            if key.sk == "RECEIPT":
                outbox.drain(key)
    return switch.told


def test_e7_both_are_called_when_both_are_there_and_hung_up_on_at_the_end(switchboard) -> None:
    booked, switch = phone(), Switch()
    switchboard.instant = instant("07:00")
    assert hall.join(booked.id, ADA).call is CallState.WAITING
    assert drained(switch) == []
    assert hall.join(booked.id, EXPERT).call is CallState.CALLING
    assert drained(switch) == ["start"]
    (call,) = switch.calls.values()
    assert (call.customer_number, call.expert_number, call.max_minutes) == (ADAS, "+905321112233", 50)
    assert ADAS not in repr(call)
    hall.leave(booked.id, ADA)
    hall.join(booked.id, ADA)
    assert drained(switch) == ["start"], "who comes back is not called again"
    assert hall.end(booked.id, EXPERT).call is CallState.OVER
    assert drained(switch) == ["start", "end"]


def test_e7_a_call_whose_effect_comes_when_all_is_over_is_not_begun(switchboard) -> None:
    booked, switch = phone(), Switch()
    switchboard.instant = instant("07:00")
    for who in (ADA, EXPERT):
        hall.join(booked.id, who)
    hall.end(booked.id, EXPERT)
    assert drained(switch) == [], "nobody was asked for it, so there is nothing to hang up"


def brought(switch: Switch, booking_id: str) -> None:
    Calls(studio.platforms, studio.accounts, switch).bring(PLATFORM, {"booking_id": booking_id})


def called() -> str:
    """A session by phone that both have joined."""
    booked = phone()
    for who in (ADA, EXPERT):
        hall.join(booked.id, who)
    return booked.id


def test_a_call_whose_answer_was_lost_does_not_ring_twice(switchboard) -> None:
    switchboard.instant = instant("07:00")
    booking_id, switch = called(), Switch()
    switch.loses_answers = True
    with pytest.raises(TelephonyFailed):
        brought(switch, booking_id)
    with pytest.raises(CallBeingAsked):
        brought(switch, booking_id)
    switchboard.instant += asking.LASTS
    brought(switch, booking_id)
    brought(switch, booking_id)
    assert (switch.told, reservation(booking_id).call_reference) == (["start"], "CA0")


def test_one_who_asked_and_did_nothing_is_followed_by_one_who_rings(switchboard) -> None:
    switchboard.instant = instant("07:00")
    booking_id, switch = called(), Switch()
    asking.begin(reservation(booking_id), Asking(id="ask_died", since=clock.now()))
    switchboard.instant += asking.LASTS
    brought(switch, booking_id)
    assert switch.told == ["start"]


def test_a_call_whose_answer_was_lost_is_hung_up_on_once_its_session_is_over(switchboard) -> None:
    switchboard.instant = instant("07:00")
    booking_id, switch = called(), Switch()
    switch.loses_answers = True
    with pytest.raises(TelephonyFailed):
        brought(switch, booking_id)
    hall.end(booking_id, EXPERT)
    with pytest.raises(CallBeingAsked):
        brought(switch, booking_id)
    switchboard.instant += asking.LASTS
    brought(switch, booking_id)
    assert switch.told == ["start", "end"]


def test_e34_a_call_that_the_provider_refuses_is_told_and_costs_nothing(switchboard) -> None:
    switchboard.instant = instant("07:00")
    booking_id, switch = called(), Switch()
    switch.refuses = "21215"
    brought(switch, booking_id)
    brought(switch, booking_id)
    assert hall.sessions.view(ADA, booking_id).call is CallState.REFUSED
    told = [
        effect.payload["account_id"]
        for item in every_item()
        if isinstance(item.record, Receipt)
        for effect in item.record.effects
        if effect.payload.get("kind") == "phone_call_refused"
    ]
    assert {ADA.id, EXPERT.id} <= set(told)
    assert len(told) == len(set(told))
    switchboard.instant += timedelta(minutes=20)
    hall.end(booking_id, EXPERT)
    brought(switch, booking_id)
    assert (numbers(), switch.told) == ((PRICE, 0), [])


def test_e34_a_call_for_which_a_number_is_missing_is_told_and_costs_nothing(switchboard) -> None:
    switchboard.instant = instant("07:00")
    booking_id, switch = called(), Switch()
    number_of("elif", None)
    brought(switch, booking_id)
    assert switch.told == []
    assert hall.sessions.view(ADA, booking_id).call is CallState.REFUSED
    switchboard.instant = instant("07:18")
    hall.end(booking_id, EXPERT)
    assert numbers() == (PRICE, 0)


def test_e34_a_call_that_would_cost_more_than_was_set_aside_is_not_begun(switchboard) -> None:
    booked = phone()
    number_of("ada", "+12125550100")
    switchboard.instant = instant("07:00")
    hall.join(booked.id, EXPERT)
    with pytest.raises(DestinationChanged):
        hall.join(booked.id, ADA)
    number_of("ada", ADAS)
    hall.join(booked.id, ADA)
    assert reservation(booked.id).state is ReservationState.CALLING


def test_e34_without_anything_set_aside_nothing_begins(switchboard) -> None:
    booked = phone()
    kept = reservation(booked.id)
    transact.commit([saved_reservation(replace(kept, state=ReservationState.RELEASED))], "plant")
    switchboard.instant = instant("07:00")
    hall.join(booked.id, EXPERT)
    with pytest.raises(PhoneBalanceShort):
        hall.join(booked.id, ADA)
    assert names() == {"call-not-as-booking", "phone-held-not-reserved"}
    mended = replace(reservation(booked.id), state=ReservationState.RESERVED)
    transact.commit([saved_reservation(mended)], "mend")


def test_a_session_by_phone_is_not_extended(switchboard) -> None:
    booked = phone()
    switchboard.instant = instant("07:00")
    for who in (ADA, EXPERT):
        hall.join(booked.id, who)
    with pytest.raises(CallNotExtended):
        hall.extend(booked.id, ADA, 10)


def test_by_card_it_is_set_aside_while_the_page_is_open_and_free_when_nobody_pays() -> None:
    studio.set_on_sale(package(id="apk_card", service=Service.PHONE, fee=Money(90_000, "TRY"), credits=None))
    till = Till()
    order = till.order()
    assert numbers() == (0, PRICE)
    till.expire(order)
    assert numbers() == (PRICE, 0)
    kept = till.order(start="12:00")
    till.pay(kept)
    assert numbers() == (0, PRICE)


def test_planted_faults_are_found() -> None:
    booked = phone()
    stored = balance()
    transact.commit([saved_balance(replace(stored, held=stored.held + 5))], "plant")
    assert names() == {"phone-balance-not-fold", "phone-held-not-reserved"}
    transact.commit([saved_balance(replace(balance(), held=stored.held))], "mend")
    kept = reservation(booked.id)
    transact.commit([saved_reservation(replace(kept, minutes=49))], "plant2")
    assert names() == {"phone-held-not-reserved"}
    transact.commit([saved_reservation(replace(reservation(booked.id), minutes=50))], "mend2")


def test_a_series_by_phone_sets_each_call_aside_at_once_or_none() -> None:
    starts = [instant("07:00"), instant("09:00"), instant("11:00")]
    asked = SeriesRequest(starts_at=starts, package_id="apk_phone", expert_id="elif", pay_with="credits")
    with pytest.raises(PhoneBalanceShort):
        studio.recurring.book(operation("series", ADA, "series"), asked)
    assert unchanged()
    top_up(2 * PRICE)
    studio.recurring.book(operation("series", ADA, "series"), asked)
    assert numbers() == (0, 3 * PRICE)


def shown() -> set[str]:
    return {each.id for each in studio.catalogue.published(PLATFORM, "TR").view.appointment_packages}


def test_e34_a_package_by_phone_is_listed_only_while_the_balance_covers_it() -> None:
    short = package(id="apk_short_call", service=Service.PHONE, duration_minutes=15)
    studio.set_on_sale(package(), package(id="apk_phone", service=Service.PHONE), short)
    assert shown() == {"apk_hour", "apk_phone", "apk_short_call"}
    rates({"+90": RATE * 2})
    assert shown() == {"apk_hour", "apk_short_call"}
    assert studio.catalogue.published(PLATFORM, "TR").tag == '"1-1"'
    rates({})
    assert shown() == {"apk_hour"}


def test_the_catalogue_costs_one_get_and_one_more_where_something_is_by_phone() -> None:
    count = studio.CallCount()
    shown()
    assert count.names == ["GetItem", "GetItem"]
    studio.set_on_sale(package())
    count.calls.clear()
    shown()
    assert count.names == ["GetItem"]


def test_a_live_platform_sells_no_calls_that_would_not_ring() -> None:
    asked = RatesRequest(rates=[RateBody(prefix="+90", micros_per_minute=1)])
    real = PhoneDesk(studio.platforms, wiring.telephony_provider)
    with pytest.raises(TelephonyNotConfigured):
        real.replace_rates(operation("live", ADMIN, "rates"), asked, 1)
    real.replace_rates(operation("none", ADMIN, "rates"), RatesRequest(rates=[]), 1)
    assert SandboxTelephony().serves(PLATFORM)
