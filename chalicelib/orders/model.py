"""What a buyer wants to pay for, what became of it, and the two frozen lines that the reports are made of."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.money import Money
from chalicelib.core.payments import FailedAttempt, FailureReason, Purchase

# An order keeps the attempts that failed; a card tester's endless ones must not outgrow its item.
MAX_FAILURES = 50

# The effects that bring a frozen line to the report; the payload is the line itself, as plain values.
SALE_REPORTED = "report.sale"
FAILED_PAYMENT_REPORTED = "report.failed_payment"

# The effect that tells the buyer of credits that he has them; the payload is ``order_id``.
PURCHASE_MAILED = "mail.credits_bought"


class OrderNotFound(NotFound):
    code = "ORDER_NOT_FOUND"
    message = "There is no such order."


class OrderClosed(Conflict):
    code = "ORDER_CLOSED"
    message = "This order can no longer be paid. Send a new order with a new Idempotency-Key."


class OrderState(StrEnum):
    """``paid`` and ``review`` are final; a success is still accepted from ``expired``."""

    PENDING = "pending"
    PROCESSING = "processing"
    PAID = "paid"
    EXPIRED = "expired"
    REVIEW = "review"


class ProductKind(StrEnum):
    """What an order can be for; each kind has a fulfilment."""

    CREDIT_PACKAGE = "credit_package"
    APPOINTMENT_PACKAGE = "appointment_package"
    SESSION_PACKAGE = "session_package"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order. ``product``, ``price``, ``country`` and ``details`` are as sold and never change (A25).

    ``payment_reference`` names the provider's payment page and ``payment_id`` the payment that began there.
    ``expires_at`` and ``check_at`` (when the sweeper looks next; ``None`` in a final state) are real time;
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
    details: dict[str, str] = {}
    provider: str
    attempt_number: int = 1
    payment_reference: str | None = None
    payment_id: str | None = None
    payment_url: str | None = None
    expires_at: datetime | None = None
    check_at: datetime | None = None
    created_at: datetime
    paid_at: datetime | None = None
    failures: list[FailedAttempt] = []
    version: int = 0

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

    def is_final(self) -> bool:
        """True where nothing that the provider says changes the state any more."""
        return self.state in (OrderState.PAID, OrderState.REVIEW)

    def payment_url_at(self, now: datetime) -> str | None:
        """The payment page while it takes money; ``now`` is real time."""
        if self.state is OrderState.PENDING and self.expires_at and now < self.expires_at:
            return self.payment_url
        return None


class ProductType(StrEnum):
    """The product types of both reports (B32)."""

    CREDIT = "credit"
    APPOINTMENT = "appointment"
    EVENT = "event"
    SESSION_PACKAGE = "session_package"


class SaleType(StrEnum):
    """Paid with credit already owned, or by card (B11-B13); or to the business itself, as an admin says."""

    CREDIT = "credit"
    CARD = "card"
    OFFLINE = "offline"


class PaymentType(StrEnum):
    """What a part of a sale was paid with (B20): bought credit, card, campaign or gift credit."""

    CREDIT = "credit"
    CARD = "card"
    CAMPAIGN = "campaign"
    GIFT = "gift"
    OFFLINE = "offline"


class SalePart(msgspec.Struct, frozen=True, kw_only=True):
    """What was really paid (B21): ``amount`` in ``unit``, which is ``credit`` or a currency, in minor units.

    ``cost`` is what the spent credits had cost when bought; ``share`` is in the part's own unit (B42).
    """

    payment_type: PaymentType
    amount: int
    unit: str
    cost: Money | None = None
    share: int = 0


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """One sale as it was sold (B41); a sale paid from several kinds of credit lists its parts.

    One that ``reverses`` another takes it back, wholly or in part: its amounts are negative.
    """

    id: str
    platform_id: str
    sold_at: datetime
    product_type: ProductType
    product_id: str
    product_name: str
    quantity: int
    customer_id: str
    expert_id: str | None
    sale_type: SaleType
    parts: list[SalePart]
    share_basis_points: int
    country: str
    reverses: str | None = None

    @property
    def amount(self) -> int:
        """What all parts come to; they are in one unit."""
        return sum(part.amount for part in self.parts)


class Rail(StrEnum):
    """What the payer tried to pay with."""

    CARD = "card"
    WALLET = "wallet"


class FailedPayment(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the failed payments report (B25-B35); ``order_id`` is ``None`` where no order was made.

    The price is ``amount`` in ``unit``, which is ``credit`` or a currency, in minor units. ``raw_code`` is
    the provider's own word, or for the wallet the refusal's code.
    """

    id: str
    platform_id: str
    failed_at: datetime
    customer_id: str
    reason: FailureReason
    raw_code: str
    rail: Rail
    product_type: ProductType
    product_id: str
    product_name: str
    amount: int
    unit: str
    country: str
    order_id: str | None
