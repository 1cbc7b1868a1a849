"""A payment provider in memory, which keeps the port's promises: one page an attempt, its own truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

import msgspec
from msgspec.structs import replace

from chalicelib.adapters.stripe_words import check_payable
from chalicelib.core.errors import Refusal
from chalicelib.core.money import Money
from chalicelib.core.payments import (
    Dispute,
    DisputeState,
    FailedAttempt,
    FailureReason,
    Payment,
    PaymentPage,
    PaymentRequest,
    PaymentState,
    Refunded,
    RefundRefused,
    RefundState,
    Signal,
    SignalKind,
    Started,
    WebhookRefused,
)


@dataclass
class FakeProvider:
    """``failing`` is raised by the next call; ``through`` stands in the way of every call."""

    name: str = "stripe"
    closes_pages: bool = True
    tells_refunds: bool = True
    takes_when_asked: bool = False
    pages: dict[str, Payment] = field(default_factory=dict)
    requests: list[PaymentRequest] = field(default_factory=list)
    missed: list[Signal] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    failing: Refusal | None = None
    loses_response: bool = False
    refunds: dict[str, tuple[str, int, RefundState]] = field(default_factory=dict)
    refunds_end_as: RefundState = RefundState.DONE
    _references: dict[str, str] = field(default_factory=dict)
    _numbers: count = field(default_factory=lambda: count(1))

    def check_payable(self, price: Money) -> None:
        check_payable(price)

    def start(self, request: PaymentRequest) -> Started:
        self._called("start")
        key = f"{request.purchase.order_id}-{request.attempt_number}"
        if key not in self._references:
            self._references[key] = f"cs_{len(self._references) + 1}"
            self.pages[self._references[key]] = _open_page(request, self._references[key])
            self.requests.append(request)
        if self.loses_response:
            self.loses_response = False
            raise self._taken_failure()
        reference = self._references[key]
        return Started(
            reference=reference, url=f"https://pay.test/{reference}", expires_at=request.expires_at
        )

    def signal(self, platform_id: str, headers: Mapping[str, str], body: bytes) -> Signal:
        if headers.get("stripe-signature") != "good":
            raise WebhookRefused
        return msgspec.json.decode(body, type=Signal)

    def fetch(self, page: PaymentPage) -> Payment:
        self._called("fetch")
        return self.pages[page.reference]

    def cancel(self, platform_id: str, reference: str) -> None:
        self._called("cancel")
        if self.closes_pages and self.pages[reference].state is PaymentState.PENDING:
            self.expire(reference)

    def pending(self, platform_id: str, since: datetime) -> Sequence[Signal]:
        return self.missed

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.failing and not self.loses_response:
            raise self._taken_failure()

    def _taken_failure(self) -> Refusal:
        failing, self.failing = self.failing, None
        assert failing is not None
        return failing

    def refund(self, platform_id: str, payment_id: str, money: Money, key: str) -> Refunded:
        self._called("refund")
        page = next(page for page in self.pages.values() if page.payment_id == payment_id)
        if key not in self.refunds:
            if money.amount > page.amount - page.refunded or money.currency != page.currency:
                raise RefundRefused
            self.refunds[key] = (page.reference, money.amount, self.refunds_end_as)
            if self.refunds_end_as is not RefundState.FAILED:
                self._change(page.reference, refunded=page.refunded + money.amount)
        if self.loses_response:
            self.loses_response = False
            raise self._taken_failure()
        return Refunded(reference=f"re_{key}", state=self.refunds[key][2])

    def refunded(self, platform_id: str, payment_id: str, key: str) -> Refunded | None:
        self._called("refunded")
        return Refunded(reference=f"re_{key}", state=self.refunds[key][2]) if key in self.refunds else None

    def fail_refund(self, key: str) -> None:
        """A bank sends back what a refund had sent."""
        reference, amount, _ = self.refunds[key]
        self.refunds[key] = (reference, amount, RefundState.FAILED)
        self._change(reference, refunded=self.pages[reference].refunded - amount)

    def refund_there(self, reference: str, amount: int) -> None:
        """Somebody gives back by the provider's own console; below zero, such a refund fails."""
        self._change(reference, refunded=self.pages[reference].refunded + amount)

    def dispute(self, reference: str, dispute_id: str, amount: int, state: DisputeState) -> None:
        others = [each for each in self.pages[reference].disputes if each.id != dispute_id]
        now = Dispute(id=dispute_id, amount=amount, state=state)
        self._change(reference, disputes=[*others, now])

    # What buyers and time do to a page.

    def pay(self, reference: str, **paid: object) -> None:
        self._change(
            reference, state=PaymentState.PAID, payment_id=self._payment_id(reference), failure=None, **paid
        )

    def pay_later(self, reference: str) -> None:
        self._change(reference, state=PaymentState.PROCESSING, payment_id=self._payment_id(reference))

    def decline(
        self, reference: str, at: datetime, reason: FailureReason = FailureReason.CARD_DECLINED
    ) -> FailedAttempt:
        failure = FailedAttempt(
            attempt_id=f"ch_{next(self._numbers)}", reason=reason, raw_code="do_not_honor", at=at
        )
        self._change(reference, payment_id=self._payment_id(reference), failure=failure)
        return failure

    def expire(self, reference: str) -> None:
        self._change(reference, state=PaymentState.EXPIRED)

    def event(
        self, reference: str, event_type: str, failure: FailedAttempt | None = None, **changes: object
    ) -> Signal:
        """A new event about a page, as the adapter would read it."""
        page = self.pages[reference]
        request = next(each for each in self.requests if each.purchase.order_id == page.order_id)
        event = Signal(
            event_id=f"evt_{next(self._numbers)}",
            type=event_type,
            kind=SignalKind.SETTLES,
            body="{}",
            order_id=page.order_id,
            purchase=request.purchase,
            reference=reference if event_type.startswith("checkout") else None,
            payment_id=page.payment_id,
            failure=failure,
        )
        return replace(event, **changes)  # type: ignore[arg-type] - a test's own words

    def _payment_id(self, reference: str) -> str:
        return self.pages[reference].payment_id or f"pi_{reference}"

    def _change(self, reference: str, **changes: object) -> None:
        self.pages[reference] = replace(self.pages[reference], **changes)  # type: ignore[arg-type] - as above


def _open_page(request: PaymentRequest, reference: str) -> Payment:
    return Payment(
        order_id=request.purchase.order_id,
        reference=reference,
        state=PaymentState.PENDING,
        payment_id=None,
        amount=request.price.amount,
        currency=request.price.currency,
    )
