"""What an admin does to a client's package by hand: sold at the desk, cancelled, with another count; on moto."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from chalicelib.assignments import store
from chalicelib.assignments.changing import AssignmentChanges
from chalicelib.assignments.model import (
    AssignmentClosed,
    AssignmentEmpty,
    AssignmentEntry,
    AssignmentNotFound,
    AssignmentState,
    NoPackageFits,
    NotPaidAtDesk,
    PaymentNotTold,
    SessionsTaken,
)
from chalicelib.assignments.store import AssignmentEntryItem
from chalicelib.assignments.views import (
    AssignmentAdjustmentRequest,
    AssignmentCancelRequest,
    AssignmentRequest,
    AssignmentView,
)
from chalicelib.audit.model import AuditRecord
from chalicelib.audit.service import Audits
from chalicelib.audit.views import AuditQuery
from chalicelib.booking.views import CancelRequest
from chalicelib.catalogue.errors import CurrencyMismatch, SessionsNotCovered
from chalicelib.catalogue.views import Price
from chalicelib.orders.lines import Sale
from chalicelib.orders.refunds import RefundTooLarge
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Decision, Effect, Receipt, by_system, perform
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from tests.store.booking.studio import (
    ADA,
    ADMIN,
    PLATFORM,
    assigning,
    assignments,
    booked,
    bookings,
    changes,
    lists,
    open_studio,
    operation,
    platforms,
)

by_hand = AssignmentChanges(platforms)
GIVE = "POST /v1/admin/customers/{account_id}/assignments"


@pytest.fixture(autouse=True)
def studio(table, moving_clock) -> Iterator[None]:
    open_studio()
    yield
    assert list(verify(every_item())) == []


def assign(package_id: str = "spk_skin", *, key: str = "give", **more: Any) -> AssignmentView:
    request = AssignmentRequest(session_package_id=package_id, **more)
    return assigning.assign(operation(key, ADMIN, GIVE), "ada", request).read_as(AssignmentView)


def cancel(assignment_id: str, paid_back: Price | None = None, key: str = "cancel") -> AssignmentView:
    asked = operation(f"{key}{paid_back}", ADMIN, "POST /v1/admin/assignments/{assignment_id}/cancel")
    request = AssignmentCancelRequest(reason="She moved away.", paid_back=paid_back)
    return by_hand.cancel(asked, assignment_id, request).read_as(AssignmentView)


def adjust(assignment_id: str, total: int) -> AssignmentView:
    asked = operation(f"{total}", ADMIN, "POST /v1/admin/assignments/{assignment_id}/adjustments")
    request = AssignmentAdjustmentRequest(total_sessions=total, reason="A session for the delay.")
    return by_hand.adjust(asked, assignment_id, request).read_as(AssignmentView)


def use(start: str, package_id: str = "apk_classic") -> str:
    return booked(start, package_id, pay_with="assignment").id


def miss(booking_id: str) -> None:
    """Nobody came: the session is used."""

    def decide(loaded: read.Loaded) -> Decision:
        booking = bookings.load(loaded, PLATFORM, booking_id)
        return Decision(answer=None, writes=bookings.prepare_miss(booking, booking.ends_at))

    by = by_system(ADMIN, "miss", booking_id)
    perform(by, [keys.booking(PLATFORM, booking_id)], decide)


def now(assignment_id: str) -> AssignmentView:
    return assignments.view(ADA, assignment_id)


def test_a_booking_says_session_2_of_6_as_it_was_booked() -> None:
    """Where an admin makes the 6 an 8, what was booked keeps its words; what is booked after has the new."""
    given = assign()
    use("07:00")
    second = booked("09:00", "apk_classic", pay_with="assignment")
    adjust(given.id, 8)
    third = booked("11:00", "apk_classic", pay_with="assignment")
    shown = [lists.booking(ADA, each.id) for each in (second, third)]
    assert [(each.ordinal, each.total) for each in shown] == [(2, 6), (3, 8)]
    assert now(given.id).total == 8


def sales() -> list[Sale]:
    return [msgspec.convert(effect.payload, Sale) for effect in effects("report.sale")]


def effects(kind: str) -> list[Effect]:
    receipts = [item.record for item in every_item() if isinstance(item.record, Receipt)]
    return [effect for receipt in receipts for effect in receipt.effects if effect.kind == kind]


def posted() -> dict[str, dict[str, int]]:
    """What each step of the desk posted, by account."""
    entries = [item.record for item in every_item() if isinstance(item.record, AssignmentEntry)]
    return {each.kind: {posting.account: posting.amount for posting in each.postings} for each in entries}


def audited(action: str) -> list[AuditRecord]:
    records = [item.record for item in every_item() if isinstance(item.record, AuditRecord)]
    return [record for record in records if record.action == action]


# ------------------------------------------------------------------------------------ sold at the desk


def test_d17_what_is_paid_at_the_desk_is_posted_and_sold() -> None:
    given = assign()
    (sale,) = sales()
    assert (sale.sale_type, sale.amount, sale.parts[0].unit) == ("offline", 600_000, "TRY")
    assert posted() == {"session_package_sale": {"desk": -600_000, "revenue": 600_000}}
    (record,) = audited("assignment.given")
    assert (record.actor_id, record.subject_id, record.reference) == (
        "boss",
        "ada",
        {"assignment_id": given.id},
    )
    assert record.before == record.after == {"total": 6, "price": "600000 TRY"}


def test_an_admin_s_own_price_and_count_are_kept_beside_the_definition_s() -> None:
    paid = Price(amount=450_000, currency="TRY")
    assign(paid=paid, total_sessions=5, note="A friend of the house.")
    assert sales()[0].amount == 450_000
    (record,) = audited("assignment.given")
    assert record.reason == "A friend of the house."
    assert record.before == {"total": 6, "price": "600000 TRY"}
    assert record.after == {"total": 5, "price": "450000 TRY"}


def test_on_the_house_is_no_sale_and_posts_nothing() -> None:
    assign(on_the_house=True)
    assert (sales(), posted()) == ([], {})
    assert audited("assignment.given")[0].after == {"total": 6, "price": None}


def test_what_has_no_price_needs_one() -> None:
    with pytest.raises(PaymentNotTold):
        assign("spk_by_hand")
    assert assign("spk_by_hand", paid=Price(amount=1, currency="EUR")).left == 6


def test_the_posting_is_made_once() -> None:
    assert assign() == assign()
    assert len(sales()) == len(posted()) == 1


# ------------------------------------------------------------------------------------------- cancelled


def test_d24_a_cancelled_package_gives_no_more_sessions() -> None:
    given = assign()
    booking = use("14:00")
    ended = cancel(given.id)
    assert (ended.state, ended.held, ended.left) == (AssignmentState.CANCELLED, 1, 0)
    assert now(given.id) == ended
    with pytest.raises(AssignmentClosed):
        booked("07:00", "apk_classic", pay_with=None, assignment_id=given.id)
    with pytest.raises(NoPackageFits):
        use("07:00")
    (record,) = audited("assignment.cancelled")
    assert (record.reason, record.before["left"], record.after["left"]) == ("She moved away.", 5, 0)
    told = [each.payload for each in effects("notice") if each.payload["kind"] == "package_cancelled"]
    assert [(each["account_id"], each["data"]["sessions"]) for each in told] == [("ada", 5)]
    miss(booking)
    assert (now(given.id).held, now(given.id).used, now(given.id).left) == (0, 1, 0)


def test_what_was_booked_on_it_does_not_come_back_when_it_is_called_off() -> None:
    given = assign()
    booking = use("14:00")
    cancel(given.id)
    changes.cancel(operation("off"), booking, CancelRequest())
    assert (now(given.id).held, now(given.id).left) == (0, 0)
    with pytest.raises(NoPackageFits):
        use("13:00")


def test_it_is_cancelled_once_and_repeated_it_is_the_same() -> None:
    given = assign()
    assert cancel(given.id) == cancel(given.id)
    with pytest.raises(AssignmentClosed):
        cancel(given.id, key="again")
    assert len(audited("assignment.cancelled")) == 1


def test_what_is_used_up_or_not_there_cannot_be_cancelled() -> None:
    given = assign(total_sessions=1)
    miss(use("07:00"))
    with pytest.raises(AssignmentEmpty):
        cancel(given.id)
    with pytest.raises(AssignmentNotFound):
        cancel("asg_00000000000000000000000000")


def test_what_goes_back_over_the_desk_reverses_the_sale() -> None:
    given = assign()
    cancel(given.id, Price(amount=400_000, currency="TRY"))
    sold, back = sorted(sales(), key=lambda sale: -sale.amount)
    assert (back.reverses, back.amount, back.quantity, back.sale_type) == (sold.id, -400_000, 0, "offline")
    assert posted()["refund"] == {"desk": 400_000, "revenue": -400_000}
    assert audited("assignment.cancelled")[0].after["paid_back"] == 400_000


def test_no_more_goes_back_than_came_and_only_over_the_desk() -> None:
    given = assign()
    with pytest.raises(RefundTooLarge):
        cancel(given.id, Price(amount=600_001, currency="TRY"))
    with pytest.raises(CurrencyMismatch):
        cancel(given.id, Price(amount=1, currency="EUR"))
    free = assign(key="free", on_the_house=True)
    with pytest.raises(NotPaidAtDesk):
        cancel(free.id, Price(amount=1, currency="TRY"))
    assert (now(given.id).left, now(free.id).left, audited("assignment.cancelled")) == (6, 6, [])


# ------------------------------------------------------------------------------------- another count


def test_d23_an_admin_changes_the_count_afterwards() -> None:
    given = assign()
    assert (adjust(given.id, 8).left, adjust(given.id, 3).left) == (8, 3)
    later, first = sorted(audited("assignment.adjusted"), key=lambda record: record.id, reverse=True)
    assert (first.before["total"], first.after["total"], later.after["total"]) == (6, 8, 3)
    assert first.reason == "A session for the delay."


def test_a_used_up_package_is_active_again_with_another_session() -> None:
    given = assign(total_sessions=1)
    miss(use("07:00"))
    assert now(given.id).state is AssignmentState.USED_UP
    assert adjust(given.id, 2).state is AssignmentState.ACTIVE
    use("14:00")


def test_no_fewer_than_are_booked_or_used() -> None:
    given = assign()
    for start in ("13:00", "14:00"):
        use(start)
    with pytest.raises(SessionsTaken) as refused:
        adjust(given.id, 1)
    assert (refused.value.field, refused.value.extra["least"]) == ("total_sessions", 2)
    assert adjust(given.id, 2).left == 0


def test_no_more_than_the_services_counts_cover() -> None:
    given = assign("spk_counted")
    with pytest.raises(SessionsNotCovered):
        adjust(given.id, 7)
    cancel(given.id)
    with pytest.raises(AssignmentClosed):
        adjust(given.id, 5)


# ------------------------------------------------------------------------------ what the verifier sees


def found() -> list[str]:
    return [f"{each.rule} {each.name}" for each in verify(every_item())]


def test_p1_the_verifier_names_a_desk_sale_that_is_not_in_the_books() -> None:
    given = assignments.find(PLATFORM, assign().id)
    place = keys.assignment_entry(PLATFORM, given.id, f"assign:{given.id}")
    entry = read.get(place, AssignmentEntry)
    assert entry is not None
    transact.commit([transact.delete(AssignmentEntryItem, place, entry)], "gone")
    assert found() == ["P1 desk-sale-not-booked"]
    transact.commit([store.posted(replace(entry, version=0))], "back")


def test_l1_the_verifier_names_a_posting_that_does_not_balance() -> None:
    given = assignments.find(PLATFORM, assign().id)
    place = keys.assignment_entry(PLATFORM, given.id, f"assign:{given.id}")
    entry = read.get(place, AssignmentEntry)
    assert entry is not None
    spoilt = replace(entry, postings=[replace(entry.postings[0]), replace(entry.postings[1], amount=1)])
    transact.commit([transact.save(AssignmentEntryItem.of(place, spoilt))], "spoil")
    assert found() == ["L1 unbalanced"]
    mended = read.get(place, AssignmentEntry)
    assert mended is not None
    kept = replace(entry, version=mended.version)
    transact.commit([transact.save(AssignmentEntryItem.of(place, kept))], "mend")


def test_the_list_of_what_was_done_by_hand_shows_it() -> None:
    given = assign()
    cancel(given.id)
    shown = Audits().list(PLATFORM, AuditQuery(account_id="ada")).items
    assert sorted(record.action for record in shown) == ["assignment.cancelled", "assignment.given"]
