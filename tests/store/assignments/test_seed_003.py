"""Seed 003, a salon's or a clinic's packages of sessions: each of its examples by its id, on moto."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.accounts.model import AccountNotFound
from chalicelib.assignments.model import (
    AssignmentClosed,
    AssignmentEmpty,
    AssignmentNotFound,
    AssignmentState,
    NoPackageFits,
    ParticipantRepeated,
    ParticipantUnknown,
    PaymentNotTold,
    ServiceNotInPackage,
    ServiceUsedUp,
)
from chalicelib.assignments.views import (
    AssignmentRequest,
    AssignmentsQuery,
    AssignmentView,
    ParticipantRequest,
)
from chalicelib.booking.model import Booking, BookingNotOpen, PaymentUnclear
from chalicelib.booking.views import BookingRequest, BookingView
from chalicelib.catalogue.errors import PackageNotOnSale, PriceNotPositive, SessionsNotCovered
from chalicelib.catalogue.views import Price
from chalicelib.core.actor import Actor, system
from chalicelib.core.money import UnknownCurrency
from chalicelib.orders.lines import PaymentType, ProductType, Sale, SaleType
from chalicelib.table import keys, read
from chalicelib.table.operation import Decision, Receipt, by_system, perform
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    CallCount,
    accounts,
    actor,
    agenda,
    assigning,
    assignments,
    bookings,
    give,
    instant,
    open_studio,
    operation,
    single,
    wallet,
)

pytestmark = pytest.mark.usefixtures("table", "moving_clock")
BORA = actor("bora")


@pytest.fixture(autouse=True)
def studio(table, moving_clock) -> None:
    open_studio()


def assign(package_id: str = "spk_skin", to: str = "ada", *, key: str = "", **more: Any) -> AssignmentView:
    asked = AssignmentRequest(
        session_package_id=package_id, **{"paid": Price(amount=600_000, currency="TRY")} | more
    )
    name = "POST /v1/admin/customers/{account_id}/assignments"
    step = operation(key or f"{package_id}{to}{sorted(more)}", ADMIN, name=name)
    return assigning.assign(step, to, asked).read_as(AssignmentView)


def book(start: str, package_id: str | None = "apk_classic", *, who: Actor = ADA, **more: Any) -> BookingView:
    request = BookingRequest(
        starts_at=instant(start), **{"package_id": package_id, "expert_id": "elif"} | more
    )
    step = operation(f"{start}{package_id}{who.id}{sorted(more)}", who)
    return single.book(step, request).read_as(BookingView)


def complete(booking_id: str, key: str = "once") -> None:
    def decide(loaded: read.Loaded) -> Decision:
        booking = bookings.load(loaded, "studio", booking_id)
        return Decision(answer=None, writes=bookings.prepare_complete(booking, booking.ends_at, timedelta()))

    wanted = [keys.booking("studio", booking_id)]
    perform(by_system(system("studio"), "complete", f"{booking_id}{key}"), wanted, decide)


def cancel(booking_id: str) -> None:
    """What cancelling does to the package's session."""

    def decide(loaded: read.Loaded) -> Decision:
        booking = bookings.load(loaded, "studio", booking_id)
        assignment = assignments.find("studio", str(booking.assignment_id))
        return Decision(answer=None, writes=assignments.prepare_release(assignment, booking.id))

    perform(by_system(system("studio"), "cancel", booking_id), [keys.booking("studio", booking_id)], decide)


def tab(account_id: str = "ada", who: Actor = ADMIN) -> list[AssignmentView]:
    return assignments.list_of(who, account_id, AssignmentsQuery()).items


def counts(account_id: str = "ada") -> tuple[int, int, int]:
    (view,) = tab(account_id)
    return view.held, view.used, view.left


def sales() -> list[Sale]:
    """What the receipts promise to the report."""
    receipts = [each for each in all_records() if isinstance(each, Receipt)]
    effects = [effect for receipt in receipts for effect in receipt.effects]
    return [msgspec.convert(each.payload, Sale) for each in effects if each.kind == "report.sale"]


def all_records() -> list[Any]:
    from chalicelib.verifier.scan import every_item

    return [item.record for item in every_item()]


# ------------------------------------------------------------------------------- steps 1 and 2: D1 to D8


def test_d6_d7_d8_a_package_assigned_to_a_client_is_his_and_active() -> None:
    given = assign()
    assert (given.customer_id, given.product_id, given.total) == ("ada", "spk_skin", 6)
    assert (given.state, given.left, given.name) == ("active", 6, "Cilt Bakımı Paketi – 6 Seans")
    assert [each.package.title for each in given.services] == ["Klasik cilt bakımı", "Nem bakımı"]
    assert tab() == [given]
    assert tab("bora") == []


def test_d1_a_package_that_is_not_defined_cannot_be_assigned() -> None:
    for package_id in ("spk_nothing", "apk_classic"):
        with pytest.raises(PackageNotOnSale):
            assign(package_id)
    assert tab() == []


def test_d23_the_count_at_assignment_may_differ_from_the_definition() -> None:
    assert assign(total_sessions=8).total == 8
    assert assign("spk_counted", total_sessions=3, key="fewer").left == 3
    with pytest.raises(SessionsNotCovered) as refusal:
        assign("spk_counted", total_sessions=7, key="more")
    assert refusal.value.field == "total_sessions"


def test_d7_only_a_client_of_the_platform_is_given_a_package() -> None:
    for account_id in ("nobody", "elif"):
        with pytest.raises(AccountNotFound):
            assign(to=account_id)
    with pytest.raises(AccountNotFound):
        tab("nobody")


def test_d17_what_was_paid_for_all_sessions_together_is_the_sale() -> None:
    given = assign()
    (sale,) = sales()
    assert (sale.product_type, sale.product_id, sale.quantity) == (
        ProductType.SESSION_PACKAGE,
        "spk_skin",
        1,
    )
    assert (sale.sale_type, sale.expert_id, sale.sold_at) == (SaleType.OFFLINE, None, given.created_at)
    (part,) = sale.parts
    assert (part.payment_type, part.amount, part.unit) == (PaymentType.OFFLINE, 600_000, "TRY")


def test_a_package_on_the_house_is_no_sale() -> None:
    assert assign(paid=None, on_the_house=True).left == 6
    assert sales() == []


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"on_the_house": True}, PaymentNotTold),
        ({"paid": Price(amount=0, currency="TRY")}, PriceNotPositive),
        ({"paid": Price(amount=5, currency="TLX")}, UnknownCurrency),
    ],
)
def test_what_was_paid_is_told_and_is_money(more: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        assign(**more)
    assert tab() == []


def test_an_assignment_repeated_is_one() -> None:
    assert assign(key="same") == assign(key="same")
    assert len(tab()) == 1
    assert len(sales()) == 1


# -------------------------------------------------------------------------- step 3: D9 to D11, D21, D25


def test_d9_d10_d25_the_booking_takes_the_package_without_anybody_choosing() -> None:
    given = assign()
    count = CallCount()
    first = book("07:00")
    assert count.names == ["Query", "BatchGetItem", "TransactWriteItems"]
    assert (first.paid_with, first.assignment_id, first.credits) == ("assignment", given.id, None)
    assert (first.ordinal, first.total, first.package.title) == (1, 6, "Klasik cilt bakımı")
    second = book("08:00", "apk_moisture")
    assert (second.ordinal, second.total) == (2, 6)
    assert counts() == (2, 0, 4)


def test_d25_the_soonest_to_expire_is_taken_first_then_the_oldest(moving_clock) -> None:
    oldest = assign(key="oldest")
    moving_clock.forward(minutes=1)
    newer = assign(key="newer")
    expiring = assign("spk_month")
    taken = [book(f"{hour:02}:00").assignment_id for hour in range(6, 13)]
    assert taken == [expiring.id] * 6 + [oldest.id]
    assert newer.id not in taken


def test_d11_nothing_else_is_drawn_unseen() -> None:
    """Without a package that fits, the client must say how he pays; with one, only saying so pays otherwise."""
    give(500)
    with pytest.raises(PaymentUnclear) as refusal:
        book("07:00")
    assert refusal.value.field == "pay_with"
    assert agenda() is None
    assign()
    assert book("07:00").paid_with == "assignment"
    paid = book("08:00", pay_with="credits")
    assert (paid.paid_with, paid.credits, paid.assignment_id) == ("credits", 100, None)
    assert (counts(), wallet().balance) == ((1, 0, 5), 400)


def test_pay_with_assignment_uses_a_package_or_refuses() -> None:
    with pytest.raises(NoPackageFits):
        book("07:00", pay_with="assignment")
    assign()
    assert book("07:00", pay_with="assignment").ordinal == 1
    with pytest.raises(NoPackageFits):
        book("08:00", "apk_hour", pay_with="assignment")


def test_d21_a_service_outside_the_package_is_refused() -> None:
    given = assign()
    for package_id in ("apk_hour", "apk_nothing"):
        with pytest.raises(ServiceNotInPackage) as refusal:
            book("07:00", package_id, assignment_id=given.id)
        assert refusal.value.field == "package_id"
    assert counts() == (0, 0, 6)


def test_d4_a_service_s_own_count_is_its_bound() -> None:
    given = assign("spk_counted")
    book("07:00", "apk_moisture")
    book("08:00", "apk_moisture")
    with pytest.raises(ServiceUsedUp):
        book("09:00", "apk_moisture", assignment_id=given.id)
    with pytest.raises(NoPackageFits):
        book("09:00", "apk_moisture", pay_with="assignment")
    assert book("09:00", "apk_classic").ordinal == 3
    (view,) = tab()
    assert [(each.count, each.held, each.left) for each in view.services] == [(4, 1, 3), (2, 2, 0)]


def test_an_assignment_that_is_named_needs_its_service_where_it_has_several() -> None:
    given = assign()
    with pytest.raises(PaymentUnclear) as refusal:
        book("07:00", None, assignment_id=given.id)
    assert refusal.value.field == "package_id"
    with pytest.raises(PaymentUnclear) as refusal:
        book("07:00", assignment_id=given.id, expert_id=None)
    assert refusal.value.field == "expert_id"
    with pytest.raises(PaymentUnclear) as refusal:
        book("07:00", assignment_id=given.id, pay_with="credits")
    assert refusal.value.field == "assignment_id"


# ------------------------------------------------------------------ step 4: D12, D13, D19, D20, D22, D24


def test_d12_d13_completion_draws_one_session_and_the_rest_is_told() -> None:
    assign()
    booking = book("07:00")
    assert counts() == (1, 0, 5)
    complete(booking.id)
    assert counts() == (0, 1, 5)


def test_d19_no_more_is_booked_than_there_is() -> None:
    given = assign(total_sessions=2)
    book("07:00")
    book("08:00")
    with pytest.raises(AssignmentEmpty):
        book("09:00", assignment_id=given.id)
    with pytest.raises(NoPackageFits):
        book("09:00", pay_with="assignment")
    assert len(agenda().taken) == 2


def test_d20_a_cancelled_booking_gives_its_session_and_its_number_back() -> None:
    assign(total_sessions=2)
    first, second = book("07:00"), book("08:00")
    cancel(first.id)
    assert counts() == (1, 0, 1)
    assert (book("09:00").ordinal, second.ordinal) == (1, 2)


def test_d22_completed_twice_draws_once() -> None:
    assign()
    booking = book("07:00")
    complete(booking.id)
    complete(booking.id)
    with pytest.raises(BookingNotOpen):
        complete(booking.id, "again")
    assert counts() == (0, 1, 5)


def test_d24_defined_active_used_up() -> None:
    given = assign(total_sessions=1)
    booking = book("07:00")
    assert tab()[0].state is AssignmentState.ACTIVE
    complete(booking.id)
    assert tab()[0].state is AssignmentState.USED_UP
    with pytest.raises(AssignmentEmpty):
        book("08:00", assignment_id=given.id)


# --------------------------------------------------------------------------------- step 5: D14 to D16, D18


def test_d14_d15_d16_d18_the_packages_tab_of_admin_and_client() -> None:
    first, second = assign(), assign(total_sessions=1, key="second")
    complete(book("07:00", assignment_id=second.id).id)
    book("08:00")
    for who in (ADMIN, ADA):
        shown = {view.id: view for view in tab("ada", who)}
        assert (shown[first.id].state, shown[first.id].left, shown[first.id].held) == ("active", 5, 1)
        assert (shown[second.id].state, shown[second.id].left, shown[second.id].used) == ("used_up", 0, 1)
        assert [(each.ordinal, each.state) for each in shown[second.id].sessions] == [(1, "used")]
    assert assignments.view(ADA, first.id) == assignments.view(ADMIN, first.id)
    with pytest.raises(AssignmentNotFound):
        assignments.view(BORA, first.id)


def test_a_page_of_the_tab_is_a_query_and_a_batch() -> None:
    for key in ("a", "b", "c"):
        assign(key=key)
    count = CallCount()
    page = assignments.list_of(ADA, "ada", AssignmentsQuery(limit=2))
    assert count.names == ["Query", "BatchGetItem"]
    rest = assignments.list_of(ADA, "ada", AssignmentsQuery(limit=2, cursor=page.cursor))
    assert (len(page.items), len(rest.items), rest.cursor) == (2, 1, None)


# --------------------------------------------------------------------------- who bought and who comes


def test_a_participant_with_an_account_sees_and_books_it() -> None:
    people = [ParticipantRequest(name="Bora", account_id="bora"), ParticipantRequest(name="Zeynep")]
    given = assign(participants=people)
    assert [view.id for view in tab("bora", BORA)] == [given.id]
    his = book("07:00", who=BORA)
    assert (his.customer_id, his.participant, his.assignment_id) == ("bora", "Bora", given.id)
    child = book("08:00", participant="Zeynep")
    assert (child.customer_id, child.participant) == ("ada", "Zeynep")
    for_him = book("09:00", participant="Bora")
    assert (for_him.customer_id, for_him.participant) == ("bora", "Bora")
    herself = book("10:00")
    assert (herself.customer_id, herself.participant) == ("ada", None)
    assert counts() == (4, 0, 2)


def test_nobody_else_comes_on_it() -> None:
    given = assign(participants=[ParticipantRequest(name="Bora", account_id="bora")])
    for who, name in ((ADA, "Cem"), (BORA, "Ada")):
        with pytest.raises(ParticipantUnknown):
            book("07:00", who=who, participant=name, assignment_id=given.id)
    assert counts() == (0, 0, 6)


@pytest.mark.parametrize(
    ("people", "refusal", "field"),
    [
        ([("Bora", None), ("Bora", None)], ParticipantRepeated, "participants[1]"),
        ([("Bora", "bora"), ("Cem", "bora")], ParticipantRepeated, "participants[1]"),
        ([("Cem", "nobody")], AccountNotFound, None),
        ([("Elif", "elif")], AccountNotFound, "participants[0].account_id"),
    ],
)
def test_participants_are_clients_and_are_told_apart(
    people: list[tuple[str, str | None]], refusal: type[Any], field: str | None
) -> None:
    with pytest.raises(refusal) as caught:
        assign(participants=[ParticipantRequest(name=name, account_id=account) for name, account in people])
    assert caught.value.field == field


# ------------------------------------------------------------------------------------------------ expiry


def test_a_session_starts_before_the_package_expires(moving_clock) -> None:
    given = assign("spk_month")
    assert given.expires_at == given.created_at + timedelta(days=30)
    for start in ("2026-12-22T10:00", "2026-12-23T07:00"):
        with pytest.raises(AssignmentClosed):
            book(start, assignment_id=given.id)
        with pytest.raises(NoPackageFits):
            book(start, pay_with="assignment")


def test_the_clock_closes_what_has_expired_and_booked_sessions_stay(moving_clock) -> None:
    given = assign("spk_month")
    booking = book("07:00")
    assignments.sweep("studio", given.id)
    assert assignments.find("studio", given.id).expired_at is None
    assert due(given.id) == [keys.assignment("studio", given.id)]
    moving_clock.forward(days=30)
    assert tab()[0].state is AssignmentState.EXPIRED
    assignments.sweep("studio", given.id)
    assignments.sweep("studio", given.id)
    assert assignments.find("studio", given.id).expired_at == given.expires_at
    assert due(given.id) == []
    complete(booking.id)
    assert (tab()[0].state, counts()) == (AssignmentState.EXPIRED, (0, 1, 5))


def due(assignment_id: str) -> list[Any]:
    shard = keys.work(assignment_id, instant("07:00")).pk
    return read.query(shard, index="GSI3", prefix="2026-12-22").records


def test_what_was_booked_is_as_it_was_assigned() -> None:
    """E39: the service is the assignment's copy, whatever is on sale when it is booked."""
    assign()
    booking = book("07:00")
    stored = read.get(keys.booking("studio", booking.id), Booking)
    assert stored is not None
    assert stored.package == assignments.find("studio", str(booking.assignment_id)).covers[0].package
    assert accounts.get("studio", "ada").id == booking.customer_id
