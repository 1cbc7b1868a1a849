"""The two frozen lines that the reports are made of: what was sold, and what failed."""

from datetime import datetime
from enum import StrEnum

import msgspec

from chalicelib.core.money import Money
from chalicelib.core.payments import FailureReason

# The effects that bring a frozen line to the report; the payload is the line itself, as plain values.
SALE_REPORTED = "report.sale"
FAILED_PAYMENT_REPORTED = "report.failed_payment"


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
    ``shared_cost`` is kept where a sale is taken back step by step, so that all steps come to what was sold;
    where it is ``None`` it is the expert's share of ``cost``.
    """

    payment_type: PaymentType
    amount: int
    unit: str
    cost: Money | None = None
    share: int = 0
    shared_cost: Money | None = None


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """One sale as it was sold (B41); a sale paid from several kinds of credit lists its parts.

    A line that ``reverses`` another takes back a part of it, or all: its numbers are below zero. It
    keeps when that was sold; ``None`` on lines of before this was kept.
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
    reverses_sold_at: datetime | None = None

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
