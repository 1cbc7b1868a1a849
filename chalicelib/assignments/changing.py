"""What an admin changes of a client's package by hand, with a reason and an audit record."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from chalicelib.assignments import by_hand, rules, store
from chalicelib.assignments.by_hand import Numbers
from chalicelib.assignments.model import Assignment, AssignmentNotFound
from chalicelib.assignments.news import told
from chalicelib.assignments.sales import desk_entry, desk_sale
from chalicelib.assignments.views import (
    AssignmentAdjustmentRequest,
    AssignmentCancelRequest,
    AssignmentView,
)
from chalicelib.audit.service import prepare_record
from chalicelib.catalogue.checks import check_price, checked_money
from chalicelib.core.money import Money
from chalicelib.feed.model import NoticeKind
from chalicelib.orders.fulfilment import Delivery
from chalicelib.orders.lines import SALE_REPORTED
from chalicelib.orders.reversals import Reversal, reversed_sale
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys
from chalicelib.table.operation import Answer, Decision, Effect, Operation, perform
from chalicelib.table.read import Loaded


class AssignmentChanges:
    """A change is one batch read and one transaction; it answers with the ``AssignmentView``."""

    def __init__(self, platforms: Platforms) -> None:
        self._platforms = platforms

    def cancel(self, operation: Operation, assignment_id: str, asked: AssignmentCancelRequest) -> Answer:
        """Nothing more is booked on it; what is booked is still held, and called off it does not come back.

        ``AssignmentNotFound``, ``AssignmentClosed``, ``AssignmentEmpty``, ``NotPaidAtDesk``,
        ``CurrencyMismatch``, ``RefundTooLarge``, ``PriceNotPositive``, ``UnknownCurrency``.
        """

        def cancelled(before: Assignment, now: datetime) -> Decision:
            after = replace(rules.cancelled(before, now), paid_back=_checked(before, asked))
            decision = _decided(operation, by_hand.CANCELLED, asked.reason, before, after, now)
            back = _paid_back(after, now)
            news = told(before, NoticeKind.PACKAGE_CANCELLED, before.left, now)
            writes, effects = [*decision.writes, *back.writes], [*back.effects, *news]
            return replace(decision, writes=writes, effects=effects)

        return self._perform(operation, assignment_id, cancelled)

    def adjust(self, operation: Operation, assignment_id: str, asked: AssignmentAdjustmentRequest) -> Answer:
        """So many sessions from now on. What ``rules.adjusted`` refuses; ``AssignmentNotFound``."""

        def adjusted(before: Assignment, now: datetime) -> Decision:
            after = rules.adjusted(before, asked.total_sessions, now)
            return _decided(operation, by_hand.ADJUSTED, asked.reason, before, after, now)

        return self._perform(operation, assignment_id, adjusted)

    def _perform(
        self, operation: Operation, assignment_id: str, changed: Callable[[Assignment, datetime], Decision]
    ) -> Answer:
        platform_id = operation.platform_id
        key = keys.assignment(platform_id, assignment_id)

        def decide(loaded: Loaded) -> Decision:
            assignment = loaded.get(key, Assignment)
            if assignment is None:
                raise AssignmentNotFound
            return changed(assignment, self._platforms.load(loaded, platform_id).now())

        return perform(operation, [self._platforms.key(platform_id), key], decide)


def _checked(assignment: Assignment, asked: AssignmentCancelRequest) -> Money | None:
    if asked.paid_back is None:
        return None
    money = checked_money(asked.paid_back.amount, asked.paid_back.currency, "paid_back")
    check_price(money, "paid_back")
    rules.check_paid_back(assignment, money)
    return money


def _paid_back(assignment: Assignment, at: datetime) -> Delivery:
    """The reversing line and postings of what went back over the desk."""
    price, money = assignment.price, assignment.paid_back
    if price is None or money is None:
        return Delivery()
    step = Reversal(id="r1", price=price, before=0, amount=money.amount)
    line = reversed_sale(desk_sale(assignment, price), step, at)
    entry = desk_entry(assignment, "cancel", Money(-money.amount, money.currency), at)
    effect = Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(line))
    return Delivery(writes=[store.posted(entry)], effects=[effect])


def _decided(
    operation: Operation, action: str, reason: str, before: Assignment, after: Assignment, at: datetime
) -> Decision:
    record = by_hand.record(operation, after, action, reason, _numbers(before), _numbers(after), at)
    return Decision(
        answer=AssignmentView.of(replace(after, version=before.version + 1), at),
        writes=[store.saved(after), prepare_record(record)],
    )


def _numbers(assignment: Assignment) -> Numbers:
    return {
        "total": assignment.total,
        "left": assignment.left,
        "paid_back": assignment.paid_back.amount if assignment.paid_back else 0,
    }
