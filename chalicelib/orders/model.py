"""What a buyer wants to pay for, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.money import Money
from chalicelib.core.payments import FailedAttempt, Purchase
from chalicelib.orders.refunds import Disputed, Refund, Returned

# An order keeps the attempts that failed; a card tester's endless ones must not outgrow its item.
MAX_FAILURES = 50
# Pages of one order: each stays known, since money may come by it.
MAX_PAGES = 20

# The effect that tells the buyer of credits that he has them; the payload is ``order_id``.
PURCHASE_MAILED = "mail.credits_bought"


class OrderNotFound(NotFound):
    code = "ORDER_NOT_FOUND"
    message = "There is no such order."


class OrderClosed(Conflict):
    code = "ORDER_CLOSED"
    message = "This order can no longer be paid. Send a new order with a new Idempotency-Key."


class PageClosing(Conflict):
    code = "PAGE_CLOSING"
    message = "A payment on the page that has just closed may still come in. Try again in five minutes."


class OrderNotPaid(Conflict):
    code = "ORDER_NOT_PAID"
    message = "No money has come for this order that could be given back."


class OrderInReview(Conflict):
    code = "ORDER_IN_REVIEW"
    message = "Decide first what becomes of this order's money."


class OrderNotInReview(Conflict):
    code = "ORDER_NOT_IN_REVIEW"
    message = "This order does not wait for a decision."


class OtherCurrencyPaid(Conflict):
    code = "OTHER_CURRENCY_PAID"
    message = "What was paid in another currency cannot stand for the price. Give it back."


class PartlyReturned(Conflict):
    code = "PARTLY_RETURNED"
    message = "A part of this money went back, so it cannot stand for the price. Give the rest back."


class OrderState(StrEnum):
    """What the provider says changes neither ``paid`` nor ``review``; a success is accepted from ``expired``.

    A review is settled by a person, as ``paid`` or ``refunded``: nothing was delivered for the money.
    """

    PENDING = "pending"
    PROCESSING = "processing"
    PAID = "paid"
    EXPIRED = "expired"
    REVIEW = "review"
    REFUNDED = "refunded"


class Captured(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid where it is not what was ordered; the currency may be one that we do not sell in."""

    amount: int
    currency: str


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """Who decided what became of money that was not what was ordered, and why."""

    decided_by: str
    reason: str
    price: Money
    at: datetime


class ProductKind(StrEnum):
    """What an order can be for; each kind has a fulfilment."""

    CREDIT_PACKAGE = "credit_package"
    APPOINTMENT_PACKAGE = "appointment_package"
    SESSION_PACKAGE = "session_package"
    PHONE_BALANCE = "phone_balance"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order. ``product``, ``price``, ``country`` and ``details`` are as sold and never change (A25).

    Only where a person lets other money stand for the price it becomes the price; ``reviewed`` keeps the old.
    ``delivered_as`` is there where something else was given, since what was ordered could not be.
    ``reversals`` counts the steps by which money went back or came again. ``credits`` are the buyer's own,
    which pay a part beside the card's ``price``: held while the order is open, under its id.

    ``payment_reference`` names the provider's payment page and ``payment_id`` the payment that began there;
    ``pages`` names all that the buyer was ever shown: money that came by one that he left is money.
    ``failed_before`` counts the failures of those that he left.
    ``expires_at`` and ``check_at`` (when the sweeper looks next, if it is to) are real time;
    the other instants are the platform's.
    """

    id: str
    platform_id: str
    customer_id: str
    locale: str
    state: OrderState
    product_kind: ProductKind
    product: dict[str, Any]
    price: Money
    country: str
    credits: int = 0
    details: dict[str, str] = {}
    provider: str
    attempt_number: int = 1
    payment_reference: str | None = None
    pages: list[str] = []
    payment_id: str | None = None
    payment_url: str | None = None
    expires_at: datetime | None = None
    check_at: datetime | None = None
    created_at: datetime
    paid_at: datetime | None = None
    failures: list[FailedAttempt] = []
    failed_before: int = 0
    delivered_as: ProductKind | None = None
    captured: Captured | None = None
    reviewed: Reviewed | None = None
    refunds: list[Refund] = []
    disputes: list[Disputed] = []
    reversals: int = 0
    version: int = 0

    @property
    def paid_money(self) -> Money:
        """What came in, once something has. ``UnknownCurrency`` for money that we know nothing of."""
        return Money(self.captured.amount, self.captured.currency) if self.captured else self.price

    @property
    def returned(self) -> Returned:
        """What of it went back."""
        captured = self.captured.amount if self.captured else self.price.amount
        return Returned(captured=captured, refunds=self.refunds, disputes=self.disputes)

    @property
    def product_id(self) -> str:
        return str(self.product["id"])

    @property
    def product_name(self) -> str:
        return str(self.product["name"])

    @property
    def given_credits(self) -> int | None:
        """What a credit package gives."""
        return self.product["credits"] if self.product_kind is ProductKind.CREDIT_PACKAGE else None

    @property
    def credits_for_price(self) -> int:
        """What the money is worth in credits, where credits are given for it."""
        return int(self.product["credits"]) - self.credits

    @property
    def credits_returned(self) -> int:
        """How many of the buyer's own came back, with the money: whole ones, the last with its last."""
        if self.state is not OrderState.PAID or self.delivered_as:
            return 0
        return self.credits * self.returned.total // self.price.amount

    @property
    def purchase(self) -> Purchase:
        return Purchase(
            platform_id=self.platform_id,
            order_id=self.id,
            customer_id=self.customer_id,
            product_kind=self.product_kind,
            details=self.details,
        )

    def is_open(self) -> bool:
        """True while something is expected of the provider."""
        return self.state in (OrderState.PENDING, OrderState.PROCESSING)

    def has_reserved(self) -> bool:
        """True while what was set aside for it is kept, open or in a person's hands."""
        return self.is_open() or self.state is OrderState.REVIEW

    def is_final(self) -> bool:
        """True once money came in: nothing that the provider says changes the state any more."""
        return self.state in (OrderState.PAID, OrderState.REVIEW, OrderState.REFUNDED)

    def is_unreturned(self) -> bool:
        """True where nothing was delivered for the money, and some of it is still here: a refund failed."""
        return self.state is OrderState.REFUNDED and self.returned.left > 0

    @property
    def earlier_pages(self) -> list[str]:
        """The pages but the present one; once money came in, all but the one that it came by."""
        return [page for page in self.pages if page != self.payment_reference]

    @property
    def last_page(self) -> str | None:
        """The page that the buyer was shown last, which he may have left with no other in its place yet."""
        return self.pages[-1] if self.pages else None

    def payment_url_at(self, now: datetime) -> str | None:
        """The payment page while it takes money; ``now`` is real time."""
        if self.state is OrderState.PENDING and self.expires_at and now < self.expires_at:
            return self.payment_url
        return None
