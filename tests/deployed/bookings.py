"""Bookings, sessions and effects: the steps that are crashed, and how they stand in the table."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib import aws, background, wiring
from chalicelib.adapters.scheduler import Scheduler
from chalicelib.booking.model import Booking, BookingState
from chalicelib.booking.views import BookingRequest
from chalicelib.calendar.model import Agenda
from chalicelib.core import clock
from chalicelib.reports.model import SaleRow
from chalicelib.sessions.model import EndedBy, Session, SessionState
from chalicelib.settings import settings
from chalicelib.table import keys, operation, read, transact
from chalicelib.table.keys import Key
from chalicelib.table.operation import Operation, Receipt, ReceiptItem
from chalicelib.table.transact import Write
from chalicelib.wallet.model import InsufficientCredits
from tests.deployed.mailbox import mails_about
from tests.deployed.world import ARENA, PRICE, Arena, Customer, Slot, wallet_of

LATER = timedelta(hours=2)
UNTIL_DUE_AGAIN = timedelta(seconds=20)  # when an effect has failed twice: once here, and once for the stream


@dataclass(frozen=True)
class Wanted:
    """A booking that is asked for, and what its customer has before it."""

    slot: Slot
    operation: Operation
    balance: int
    entries: int


@dataclass(frozen=True)
class Book:
    """A customer books with credits: his time, his booking and his credits move together, once."""

    arena: Arena
    customer: Customer

    def prepare(self) -> Wanted:
        wallet = wallet_of(self.customer)
        operation = self.customer.operation("POST /v1/bookings")
        return Wanted(self.arena.slot(), operation, wallet.balance, wallet.entries)

    def act(self, subject: Wanted) -> bytes:
        request = BookingRequest(
            package_id=self.arena.half_hour_id,
            expert_id=subject.slot.expert_id,
            starts_at=subject.slot.starts_at,
            pay_with="credits",
        )
        return wiring.single_bookings().book(subject.operation, request).body

    def check(self, subject: Wanted) -> None:
        wallet, slot = wallet_of(self.customer), subject.slot
        assert (wallet.balance, wallet.entries) == (subject.balance - PRICE, subject.entries + 1)
        agenda = read.get(keys.agenda(ARENA, slot.expert_id, slot.starts_at.date().isoformat()), Agenda)
        assert agenda is not None
        (claim,) = [claim for claim in agenda.taken if claim.starts_at == slot.starts_at]
        assert booking(claim.claim_id).state is BookingState.CONFIRMED


@dataclass(frozen=True)
class Refuse:
    """A customer without credits books: he is refused, and the report is promised one line of it."""

    arena: Arena
    customer: Customer  # who could pay, and does not take part

    def prepare(self) -> tuple[Book, Wanted]:
        book = Book(self.arena, self.arena.customer())
        return book, book.prepare()

    def act(self, subject: tuple[Book, Wanted]) -> str:
        book, wanted = subject
        try:
            book.act(wanted)
        except InsufficientCredits as refusal:
            return refusal.code
        return "booked"

    def check(self, subject: tuple[Book, Wanted]) -> None:
        book, wanted = subject
        assert wallet_of(book.customer).entries == 0
        step = wanted.operation.step(f"refused-{wanted.operation.input_hash[:16]}")
        promise = read.get(step.receipt_key, Receipt)
        assert promise is not None
        (line,) = promise.effects
        assert line.payload["customer_id"] == book.customer.id


@dataclass(frozen=True)
class Attended:
    booking_id: str
    expert_joins: Operation
    joins: Operation
    ends: Operation


@dataclass(frozen=True)
class Attend:
    """The expert and the customer join, and the expert ends it: one session, ended once."""

    arena: Arena
    customer: Customer

    def prepare(self) -> Attended:
        book = Book(self.arena, self.customer)
        wanted = book.prepare()
        made = json.loads(book.act(wanted))
        expert = self.arena.experts.index(wanted.slot.expert_id)
        of_expert = replace(self.customer.operation("join"), actor=self.arena.expert(expert))
        ends = replace(of_expert, name="end")
        return Attended(made["id"], of_expert, self.customer.operation("join"), ends)

    def act(self, subject: Attended) -> list[bytes]:
        sessions, booking_id = wiring.sessions(), subject.booking_id
        return [
            sessions.join(subject.expert_joins, booking_id).body,
            sessions.join(subject.joins, booking_id).body,
            sessions.end(subject.ends, booking_id).body,
        ]

    def check(self, subject: Attended) -> None:
        session = read.get(keys.session(ARENA, subject.booking_id), Session)
        assert session is not None
        assert (session.state, session.ended_by) == (SessionState.ENDED, EndedBy.EXPERT)
        assert session.version == 3
        assert booking(subject.booking_id).state is BookingState.COMPLETED


@dataclass(frozen=True)
class Promised:
    """A receipt whose effects are still to come, and the booking that it is about."""

    receipt: Key
    booking_id: str


class Drain:
    """The effects of a receipt are carried out by this process, whose clock is ahead, further each time."""

    def __init__(self, arena: Arena, customer: Customer) -> None:
        self.arena, self.customer = arena, customer
        self._times = 0

    def act(self, subject: Promised) -> None:
        self._times += 1
        ahead = LATER + self._times * UNTIL_DUE_AGAIN
        previous = clock.set_source(lambda: datetime.now(UTC) + ahead)
        try:
            background.outbox().drain(subject.receipt)
        finally:
            clock.set_source(previous)

    def check(self, subject: Promised) -> None:
        kept = read.get(subject.receipt, Receipt)
        assert kept is not None
        assert {effect.state for effect in kept.effects} == {"done"}
        assert kept.next_at is None


class DrainSale(Drain):
    """A sale comes to the report once, and is told by mail at least once: to its customer and its expert."""

    def prepare(self) -> Promised:
        book = Book(self.arena, self.customer)
        wanted = book.prepare()
        with left_by_the_stream():
            made = json.loads(book.act(wanted))
        return Promised(wanted.operation.receipt_key, made["id"])

    def check(self, subject: Promised) -> None:
        super().check(subject)
        sale = booking(subject.booking_id).sale
        assert sale is not None
        assert read.get(keys.sale(ARENA, f"{sale.sold_at:%Y-%m}", sale.sold_at, sale.id), SaleRow) is not None
        mails = Counter(mail["To"][0] for mail in mails_about(self.arena.stack, subject.booking_id))
        assert len(mails) == 2
        assert max(mails.values()) <= 2


class DrainJoin(Drain):
    """A session has begun, and gets its schedule."""

    def prepare(self) -> Promised:
        with left_by_the_stream():
            attended = Attend(self.arena, self.customer).prepare()
            wiring.sessions().join(attended.joins, attended.booking_id)
        return Promised(attended.joins.receipt_key, attended.booking_id)

    def check(self, subject: Promised) -> None:
        super().check(subject)
        assert schedules(subject.booking_id) == [schedule_of(subject.booking_id)]


class DrainEnd(Drain):
    """A session has ended, and its schedule goes."""

    def prepare(self) -> Promised:
        attend = Attend(self.arena, self.customer)
        with left_by_the_stream():
            attended = attend.prepare()
            attend.act(attended)
        Scheduler().create(schedule_of(attended.booking_id), datetime.now(UTC) + timedelta(days=1), {})
        return Promised(attended.ends.receipt_key, attended.booking_id)

    def check(self, subject: Promised) -> None:
        super().check(subject)
        assert schedules(subject.booking_id) == []


@contextmanager
def left_by_the_stream() -> Iterator[None]:
    """What is decided here looks as if its effects had failed once, so that the stream leaves them until then.

    What it did of them meanwhile would be in the way of the drain that is struck: people's feeds are one each.
    """
    write_receipt = operation._with_receipt

    def tried(*given: Any) -> list[Write]:
        write, *others = write_receipt(*given)
        receipt: Receipt = write.item.record
        effects = [replace(effect, tries=1) for effect in receipt.effects]
        pending = replace(receipt, effects=effects, next_at=receipt.at + LATER / 2 if effects else None)
        return [transact.create(ReceiptItem.for_receipt(pending)), *others]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operation, "_with_receipt", tried)
        yield


def booking(booking_id: str) -> Booking:
    found = read.get(keys.booking(ARENA, booking_id), Booking)
    assert found is not None
    return found


def schedule_of(booking_id: str) -> str:
    return f"s-{booking_id.removeprefix('bkg_')}-1"


def schedules(booking_id: str) -> list[str]:
    prefix = schedule_of(booking_id).removesuffix("1")
    found = aws.client("scheduler").list_schedules(GroupName=settings().schedule_group, NamePrefix=prefix)
    return [schedule["Name"] for schedule in found["Schedules"]]
