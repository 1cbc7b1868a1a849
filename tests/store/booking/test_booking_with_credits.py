"""Booking with credits on moto: what is written, what it costs, what is refused and leaves no trace."""

import pytest

from chalicelib.accounts.model import ExpertNotFound
from chalicelib.booking.model import Booking, BookingNotFound, NotSoldForCredits, PaymentUnclear
from chalicelib.booking.views import BookingRequest
from chalicelib.calendar.model import (
    AppointmentsInactive,
    ExpertNotInPackage,
    SlotNotOffered,
    SlotTaken,
    Taken,
)
from chalicelib.calendar.views import CalendarRequest, OpenHoursBody
from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.core.clock import stamp
from chalicelib.core.errors import Refusal
from chalicelib.core.money import Money
from chalicelib.core.permissions import Role
from chalicelib.orders.lines import SalePart
from chalicelib.table import keys, read
from chalicelib.table.operation import Receipt
from chalicelib.telephony.model import ExpertPhoneMissing
from chalicelib.wallet.ledger import LedgerTransaction, Posting
from chalicelib.wallet.model import InsufficientCredits, Origin
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    CallCount,
    account,
    actor,
    agenda,
    book,
    booked,
    bookings,
    give,
    instant,
    open_studio,
    opening_hours,
    operation,
    package,
    page,
    put,
    set_settings,
    wallet,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")


@pytest.fixture(autouse=True)
def studio(table, moving_clock) -> None:
    open_studio()
    give(500, Origin.PURCHASE, Money(149_000, "TRY"))


def stored(booking_id: str) -> Booking:
    found = read.get(keys.booking("studio", booking_id), Booking)
    assert found is not None
    return found


def entry(sequence: int) -> LedgerTransaction:
    found = read.get(keys.entry("studio", "ada", "credit", sequence), LedgerTransaction)
    assert found is not None
    return found


def test_a_booking_is_one_batch_read_and_one_transaction_of_five_items() -> None:
    count = CallCount()
    booked("07:00")
    assert count.names == ["BatchGetItem", "TransactWriteItems"]
    written = [put["Put"]["Item"]["entity"]["S"] for put in count.sent("TransactWriteItems")["TransactItems"]]
    assert sorted(written) == ["agenda", "booking", "ledger-transaction", "receipt", "wallet"]


def test_e1_e12_a_booking_takes_the_credits_and_the_time_and_keeps_what_was_sold() -> None:
    view = booked("07:00")
    booking = stored(view.id)
    assert (booking.state, booking.version, view.version) == ("confirmed", 1, 1)
    assert (booking.starts_at, booking.ends_at) == (instant("07:00"), instant("07:50"))
    assert booking.package == package()
    assert view.credits == 100
    claim = Taken(starts_at=instant("07:00"), ends_at=instant("08:00"), break_minutes=10, claim_id=view.id)
    assert agenda().taken == [claim]
    assert (wallet().balance, wallet().held) == (400, 0)
    assert booking.assignment_id is None


def test_the_experts_share_and_the_platforms_rest_are_the_price() -> None:
    """R1, B42: 65 % of 100 credits."""
    view = booked("07:00")
    assert entry(2).postings == [
        Posting(account="wallet:ada", asset="credit", amount=-100),
        Posting(account="expert:elif", asset="credit", amount=65),
        Posting(account="revenue", asset="credit", amount=35),
    ]
    assert (entry(2).operation, entry(2).reference["booking_id"]) == (f"book:{view.id}", view.id)


def test_the_sale_lists_a_part_for_each_origin_and_leaves_by_the_outbox() -> None:
    """B20, B39: campaign, then gift, then bought credits, as the platform's order says."""
    give(7, Origin.GIFT)
    give(20, Origin.CAMPAIGN)
    sale = stored(booked("07:00", key="k").id).sale
    assert sale.parts == [
        SalePart(payment_type="campaign", amount=20, unit="credit", share=13),
        SalePart(payment_type="gift", amount=7, unit="credit", share=5),
        SalePart(payment_type="credit", amount=73, unit="credit", cost=Money(21_754, "TRY"), share=47),
    ]
    assert sale.quantity == 1
    assert (sale.share_basis_points, sale.product_type, sale.sale_type, sale.country) == (
        6_500,
        "appointment",
        "credit",
        "TR",
    )
    receipt = read.get(operation("k").receipt_key, Receipt)
    effect = receipt.effects[0]
    assert (effect.kind, effect.payload["id"], effect.payload["expert_id"]) == (
        "report.sale",
        sale.id,
        "elif",
    )


def test_the_platforms_spend_order_is_followed() -> None:
    set_settings(spend_order=["purchase", "gift", "campaign", "refund", "adjustment"])
    give(50, Origin.GIFT)
    assert [part.payment_type for part in stored(booked("07:00").id).sale.parts] == ["credit"]


def test_the_same_key_books_once_and_says_the_same() -> None:
    first, again = book("07:00", key="k"), book("07:00", key="k")
    assert (first.body, first.replayed, again.replayed) == (again.body, False, True)
    assert wallet().balance == 400
    assert len(agenda().taken) == 1


def test_a_booking_over_midnight_takes_two_days_in_one_transaction() -> None:
    """Istanbul's 02:40 is 23:40 UTC of the day before."""
    night = [OpenHoursBody(weekday=1, opens="02:40", closes="04:00")]
    request = CalendarRequest(zone="Europe/Istanbul", weekly=night)
    opening_hours.edit(operation("edit", ADMIN), "elif", request, 1)
    count = CallCount()
    view = booked("2026-11-23T23:40")
    assert count.names == ["BatchGetItem", "TransactWriteItems"]
    assert len(count.sent("TransactWriteItems")["TransactItems"]) == 6
    assert [claim.claim_id for claim in agenda("2026-11-23").taken + agenda("2026-11-24").taken] == [
        view.id
    ] * 2
    with pytest.raises(SlotTaken):
        booked("2026-11-23T23:40", key="again")


def nothing_changed() -> bool:
    return wallet().balance == 500 and agenda() is None and wallet().entries == 1


@pytest.mark.parametrize(
    ("package_id", "more", "refusal"),
    [
        ("apk_none", {}, PackageNotOnSale),
        ("apk_other", {}, ExpertNotInPackage),
        ("apk_phone", {}, ExpertPhoneMissing),
        ("apk_money", {}, NotSoldForCredits),
        ("apk_hour", {"expert_id": "nobody"}, ExpertNotFound),
        ("apk_hour", {"expert_id": "ada"}, ExpertNotFound),
        (None, {}, PaymentUnclear),
        ("apk_hour", {"expert_id": None}, PaymentUnclear),
        ("apk_hour", {"pay_with": None}, PaymentUnclear),
        ("apk_hour", {"assignment_id": "asg_1"}, PaymentUnclear),
    ],
)
def test_what_cannot_be_bought_is_refused_and_changes_nothing(package_id, more, refusal) -> None:
    with pytest.raises(refusal):
        book("07:00", package_id, **more)
    assert nothing_changed()


def test_nothing_is_booked_while_the_system_is_off() -> None:
    set_settings(appointment_system_active=False)
    with pytest.raises(AppointmentsInactive):
        book("07:00")
    assert nothing_changed()


def test_a_wallet_that_does_not_hold_enough_refuses() -> None:
    with pytest.raises(InsufficientCredits):
        book("07:00", who=actor("bora"))
    assert agenda() is None


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("2026-11-22T08:00", "in_the_past"),
        ("0001-01-01T00:00", "in_the_past"),
        ("05:00", "outside_hours"),
        ("14:30", "outside_hours"),
        ("07:30", "off_grid"),
        ("07:00:00.000001", "off_grid"),
        ("2027-11-22T07:00", "beyond_horizon"),
        ("9999-12-31T23:59", "beyond_horizon"),
    ],
)
def test_a_start_that_is_not_offered_says_why_and_what_is_near(start, reason) -> None:
    whole = f"2026-11-23T{start}" if len(start) == 15 else start
    with pytest.raises(SlotNotOffered) as refused:
        book(whole)
    assert refused.value.extra["reason"] == reason
    assert nothing_changed()


def test_the_nearest_free_starts_are_named() -> None:
    booked("07:00")
    booked("08:00")
    with pytest.raises(SlotTaken) as refused:
        book("07:00", key="again")
    assert [stamp(near)[11:16] for near in refused.value.extra["nearest"]] == ["06:00", "09:00", "10:00"]
    with pytest.raises(SlotNotOffered) as off:
        book("07:20")
    assert [stamp(near)[11:16] for near in off.value.extra["nearest"]] == ["06:00", "09:00", "10:00"]


def test_another_length_books_only_where_nothing_overlaps() -> None:
    """B1: 07:00 to 08:00 is taken with its break; the short slots before and after are free, its own grid stays."""
    booked("07:00")
    for start in ("07:00", "07:20", "07:40"):
        with pytest.raises(SlotTaken):
            booked(start, "apk_short")
    booked("06:40", "apk_short")
    booked("08:00", "apk_short")
    with pytest.raises(SlotTaken):
        booked("06:00")


def test_what_is_refused_once_is_not_remembered() -> None:
    with pytest.raises(Refusal):
        book("05:00", key="k")
    assert read.get(operation("k").receipt_key, Receipt) is None


def test_the_accounts_country_decides_and_not_the_tokens() -> None:
    put(
        page("DE", [package(id="apk_german", country="DE", currency="EUR")]),
        account("ute", Role.CUSTOMER, country="DE"),
    )
    give(100, owner="ute")
    with pytest.raises(PackageNotOnSale):
        booked("07:00", who=actor("ute", country="TR"))
    assert stored(booked("07:00", "apk_german", who=actor("ute", country="TR")).id).sale.country == "DE"
    give(100, Origin.GIFT, owner="ute")
    assert booked("08:00", "apk_german", who=actor("ute", country=None)).customer_id == "ute"


def test_a_face_to_face_meeting_has_no_service() -> None:
    assert booked("07:00", "apk_face").package.service is None


def test_the_work_index_shows_when_nobody_can_join_any_more(moving_clock) -> None:
    set_settings(reminder_hours=[])
    booked("07:00")
    booking_id = agenda().taken[0].claim_id
    expected = keys.work(booking_id, instant("08:50"))
    assert keys.booking("studio", booking_id) in read.query(expected.pk, index="GSI3").records
    found = read.query(expected.pk, index="GSI3", between=(expected.sk, expected.sk)).records
    assert found == [keys.booking("studio", booking_id)]


def test_a_booking_of_a_platform_is_no_booking_of_another() -> None:
    view = booked("07:00")
    loaded = read.batch([bookings.key("studio", view.id)])
    assert bookings.load_owned(loaded, ADA, view.id).id == view.id
    with pytest.raises(BookingNotFound):
        bookings.load_owned(loaded, actor("ada", platform_id="other"), view.id)
    with pytest.raises(BookingNotFound):
        bookings.load_owned(loaded, actor("bora"), view.id)
    with pytest.raises(BookingNotFound):
        bookings.key("studio", "bkg_nonsense")


def test_the_request_names_one_way_to_pay() -> None:
    alone = BookingRequest(starts_at=instant("07:00"), assignment_id="asg_1")
    assert alone.purchase() is None
    whole = BookingRequest(
        starts_at=instant("07:00"), package_id="apk_1", expert_id="elif", pay_with="credits"
    )
    assert whole.purchase() == ("apk_1", "elif")
