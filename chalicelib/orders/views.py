"""The outward shapes of orders."""

from datetime import datetime
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta, Struct

from chalicelib.catalogue.views import Name
from chalicelib.core.money import Money
from chalicelib.core.patterns import END
from chalicelib.core.payments import FailureReason
from chalicelib.orders.model import Order, OrderState, ProductKind
from chalicelib.orders.refunds import Refund, RefundState
from chalicelib.telephony.model import TopUpCents

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\n]*\S" + END)]
MAX_AMOUNT = 10**12
MAX_PARTICIPANTS = 20
MAX_CREDITS = 10**9
Limit = Annotated[int, Meta(ge=1, le=100)]
Cursor = Annotated[str, Meta(max_length=2_000, description="The `cursor` of the page before.")]


class ParticipantRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who may come: an employee, a child. ``account_id`` lets him see and book it himself."""

    name: Name
    account_id: Id | None = None


class OrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A package of the buyer's own country (A21); its id says of what kind.

    An appointment names its expert and its start; a session package may name who comes. A credit package has
    none of it, and is paid by card (B38). Where an appointment has both prices (E33), ``use_credits`` of the
    buyer's own pay their part of it, and the card the rest.
    """

    package_id: Id
    expert_id: Id | None = None
    starts_at: Annotated[datetime, Meta(tz=True)] | None = None
    participants: Annotated[list[ParticipantRequest], Meta(max_length=MAX_PARTICIPANTS)] = []
    use_credits: Annotated[int, Meta(ge=1, le=MAX_CREDITS)] | None = None


class TopUpRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the server's own amounts, in US cents."""

    amount_cents: TopUpCents


class OrderListQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Limit = 50
    cursor: Cursor | None = None


class CustomerOrderListQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    customer_id: Id
    limit: Limit = 50
    cursor: Cursor | None = None


class OrderedProduct(Struct, frozen=True, kw_only=True):
    """As it was sold; later edits of the package change nothing here. ``credits`` are what it gives."""

    kind: ProductKind
    id: str
    name: str
    credits: int | None


class FailedAttemptView(Struct, frozen=True, kw_only=True):
    """``raw_code`` is the provider's own word; only an admin is told it."""

    reason: FailureReason
    raw_code: str | None
    at: datetime


class RefundRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give back ``amount`` in minor units, or all that is left of the payment."""

    amount: Annotated[int, Meta(ge=1, le=MAX_AMOUNT)] | None = None
    reason: Reason


class RefundOutcomeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a refund went that a person had to send; ``reference`` is what his bank calls it."""

    outcome: Literal["succeeded", "failed"]
    reference: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[!-~]+" + END)] | None = None


class ReviewRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``grant``: what was paid stands for the price. ``refund``: all goes back, and nothing is given."""

    decision: Literal["grant", "refund"]
    reason: Reason


class RefundView(Struct, frozen=True, kw_only=True):
    """``amount`` in minor units of the payment; who asked for it, and why, only an admin is told."""

    id: str
    amount: int
    state: RefundState
    at: datetime
    reason: str | None
    requested_by: str | None

    @classmethod
    def of(cls, refund: Refund, *, for_admin: bool) -> Self:
        return cls(
            id=refund.id,
            amount=refund.amount,
            state=refund.state,
            at=refund.at,
            reason=refund.reason if for_admin else None,
            requested_by=refund.requested_by if for_admin else None,
        )


class DisputeView(Struct, frozen=True, kw_only=True):
    """``taken`` is what of ``amount`` was taken back here, in minor units."""

    id: str
    amount: int
    state: str
    taken: int


class CapturedView(Struct, frozen=True, kw_only=True):
    """What was paid where it is not what was ordered."""

    amount: int
    currency: str


class OrderView(Struct, frozen=True, kw_only=True):
    """``payment_url`` is there while the order can be paid, until ``expires_at`` in real time.

    ``paid`` is there where it is not what was ordered; ``returned`` is what went back, in minor units.
    ``price`` is what the card pays, and ``credits`` what the buyer's own credits pay beside it: set aside
    while the order is open. ``credits_returned`` of them came back with the money.
    """

    id: str
    customer_id: str
    state: OrderState
    product: OrderedProduct
    price: Money
    credits: int
    country: str
    payment_url: str | None
    expires_at: datetime | None
    created_at: datetime
    paid_at: datetime | None
    failures: list[FailedAttemptView]
    paid: CapturedView | None
    refunds: list[RefundView]
    disputes: list[DisputeView]
    returned: int
    credits_returned: int

    @classmethod
    def of(cls, order: Order, now: datetime, *, for_admin: bool = False) -> Self:
        """``now`` is real time."""
        return cls(
            id=order.id,
            customer_id=order.customer_id,
            state=order.state,
            product=OrderedProduct(
                kind=order.product_kind,
                id=order.product_id,
                name=order.product_name,
                credits=order.given_credits,
            ),
            price=order.price,
            credits=order.credits,
            country=order.country,
            payment_url=order.payment_url_at(now),
            expires_at=order.expires_at if order.payment_url else None,
            created_at=order.created_at,
            paid_at=order.paid_at,
            failures=[
                FailedAttemptView(
                    reason=failure.reason, raw_code=failure.raw_code if for_admin else None, at=failure.at
                )
                for failure in order.failures
            ],
            paid=CapturedView(**msgspec.structs.asdict(order.captured)) if order.captured else None,
            refunds=[RefundView.of(refund, for_admin=for_admin) for refund in order.refunds],
            disputes=[DisputeView(**msgspec.structs.asdict(dispute)) for dispute in order.disputes],
            returned=order.returned.total,
            credits_returned=order.credits_returned,
        )


class OrderList(Struct, frozen=True, kw_only=True):
    """Newest first."""

    items: list[OrderView]
    cursor: str | None


class WebhookAnswer(Struct, frozen=True, kw_only=True):
    """What became of an event."""

    state: str
