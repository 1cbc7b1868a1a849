"""The port to a payment provider: what we ask of it and what it tells us, in words of our own.

Every instant here is real time. Amounts are in our minor units: an adapter converts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from chalicelib.core.errors import Conflict, Invalid, Malformed, UpstreamFailed, UpstreamTimeout
from chalicelib.core.money import Money


class WebhookRefused(Malformed):
    code = "WEBHOOK_REFUSED"
    message = "This webhook is not signed by the provider, or was signed too long ago."


class ProviderFailed(UpstreamFailed):
    code = "PROVIDER_FAILED"
    message = "The payment provider failed. Try again with the same Idempotency-Key."


class AttemptSpent(ProviderFailed):
    """The provider keeps this failure under the attempt's key: only another attempt can do better."""


class ProviderTimeout(UpstreamTimeout):
    code = "PROVIDER_TIMEOUT"
    message = "The payment provider did not answer in time. Try again with the same Idempotency-Key."


class ProviderNotConfigured(UpstreamFailed):
    code = "PROVIDER_NOT_CONFIGURED"
    message = "This platform cannot take payments yet."


class CurrencyNotPayable(Invalid):
    code = "CURRENCY_NOT_PAYABLE"
    message = "The payment provider does not take this currency."


class PriceNotPayable(Invalid):
    code = "PRICE_NOT_PAYABLE"
    message = "The payment provider does not take this amount."


class RefundNotSupported(Conflict):
    code = "REFUND_NOT_SUPPORTED"
    message = "This payment provider gives no money back on demand. Refund by hand and record it."


class RefundRefused(Conflict):
    """What the provider will never do, however often it is asked: nothing is left to refund, say."""

    code = "REFUND_REFUSED"
    message = "The payment provider refuses this refund."


class FailureReason(StrEnum):
    """Why an attempt to pay did not succeed (B31, and the two that payment providers add)."""

    PAY_NOT_PRESSED = "pay_not_pressed"
    CARD_DECLINED = "card_declined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    AUTHENTICATION_FAILED = "authentication_failed"
    OTHER = "other"


class FailedAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt that failed, known by the provider's id; ``raw_code`` is the provider's own word."""

    attempt_id: str
    reason: FailureReason
    raw_code: str
    at: datetime


class PaymentState(StrEnum):
    """What the provider says of a payment; ``processing`` is a delayed method that may still fail.

    ``declined`` is a page that closed with its failed attempt: only another page can take money.
    """

    PENDING = "pending"
    PROCESSING = "processing"
    PAID = "paid"
    DECLINED = "declined"
    EXPIRED = "expired"


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """Whose order a payment is for, and of what kind. It travels with the payment, and comes back.

    ``details`` name what else must be read to deliver it, so that one read does.
    """

    platform_id: str
    order_id: str
    customer_id: str
    product_kind: str
    details: dict[str, str] = {}


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a provider wants to know by name; ``country`` is ISO 3166-1 alpha-2."""

    name: str
    email: str
    country: str


class PaymentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer is asked to pay.

    Two requests of one ``attempt_number`` are alike in everything but the buyer, who may have been renamed.
    """

    purchase: Purchase
    buyer: Buyer
    attempt_number: int
    price: Money
    description: str
    locale: str
    expires_at: datetime


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """The payment page that a buyer is sent to."""

    reference: str
    url: str
    expires_at: datetime


class PaymentPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page to ask a provider about, and what we know of it; not every provider tells it back.

    ``payment_id`` is there once something was paid or tried.
    """

    platform_id: str
    order_id: str
    reference: str
    price: Money
    payment_id: str | None
    expires_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        """Whether its time is up, for providers that close no page on demand."""
        return self.expires_at is not None and now >= self.expires_at


class DisputeState(StrEnum):
    """``open``: the money is withdrawn or may be, until the dispute is won or lost."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """The payer wants ``amount`` back by way of his bank; known by the provider's id."""

    id: str
    amount: int
    state: DisputeState


class RefundState(StrEnum):
    """``pending``: asked for, and not on its way yet; it may still fail."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class Refunded(msgspec.Struct, frozen=True, kw_only=True):
    """A refund at the provider's, known by its ``reference``."""

    reference: str
    state: RefundState


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's own truth. ``payment_id`` is ``None`` as long as nobody has tried to pay.

    ``amount`` and ``currency`` are what was paid; they may be other than what the order says. ``refunded``
    is what went back in all refunds together, in minor units.
    """

    order_id: str
    reference: str
    state: PaymentState
    payment_id: str | None
    amount: int
    currency: str
    failure: FailedAttempt | None = None
    refunded: int = 0
    disputes: list[Dispute] = []

    def brings_money(self) -> bool:
        """True where money came, or is on its way."""
        return self.state in (PaymentState.PAID, PaymentState.PROCESSING)

    def holds_money(self) -> bool:
        """True where money came, and not all of it went back."""
        return self.state is PaymentState.PAID and self.refunded < self.amount


class ListedPayment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment in the provider's own list of a day; ``order_id`` or ``reference`` says whose it is.

    ``refunded`` is what ever went back of it. ``disputed``: it was, once at least.
    """

    order_id: str | None
    reference: str | None
    payment_id: str
    amount: int
    currency: str
    refunded: int
    disputed: bool = False


class SignalKind(StrEnum):
    """``settles``: how a payment went. ``concerns``: money went back or is disputed, for a person to see."""

    SETTLES = "settles"
    CONCERNS = "concerns"
    IRRELEVANT = "irrelevant"


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the provider's, authenticated.

    ``order_id`` is there where the event names an order of ours; ``purchase`` where all that we had given
    along came back.
    """

    event_id: str
    type: str
    kind: SignalKind
    body: str
    order_id: str | None
    purchase: Purchase | None
    reference: str | None
    payment_id: str | None
    failure: FailedAttempt | None = None


class PaymentProvider(Protocol):
    """Six operations, a look at a refund, and a list.

    Any may raise ``ProviderFailed``, ``ProviderTimeout`` or ``ProviderNotConfigured``. One that does not
    tell of refunds says of each payment that nothing went back.
    """

    name: str
    tells_refunds: bool
    closes_pages: bool
    """Whether ``cancel`` closes a page; elsewhere time alone does, and a payment may be on its way then."""
    takes_when_asked: bool
    """Whether ``fetch`` takes money that waits: ``pending`` and ``listed`` do not name it from then on."""

    def check_payable(self, price: Money) -> None:
        """``CurrencyNotPayable`` or ``PriceNotPayable`` for what the provider would refuse."""

    def start(self, request: PaymentRequest) -> Started:
        """The payment page: the same one however often this attempt is started.

        ``AttemptSpent``; ``PriceNotPayable``.
        """

    def signal(self, platform_id: str, headers: Mapping[str, str], body: bytes) -> Signal:
        """Authenticate what came in. ``WebhookRefused``; header names are in lower case."""

    def fetch(self, page: PaymentPage) -> Payment:
        """How the payment stands now."""

    def refund(self, platform_id: str, payment_id: str, money: Money, key: str) -> Refunded:
        """Give ``money`` back, once for each ``key`` however often it is asked for and however late.

        ``RefundNotSupported``; ``RefundRefused``.
        """

    def refunded(self, platform_id: str, payment_id: str, key: str) -> Refunded | None:
        """How the refund of this ``key`` stands, or ``None`` where there is none. It sends nothing."""

    def cancel(self, platform_id: str, reference: str) -> None:
        """Close a payment page that is still open, where ``closes_pages``; nothing happens to any other."""

    def pending(self, platform_id: str, since: datetime) -> Sequence[Signal]:
        """What the provider could not tell us or waits for us to take, oldest first."""

    def listed(self, platform_id: str, day: date) -> Iterable[ListedPayment]:
        """Of which something was paid or went back on a UTC day, as far as the provider lists it.

        A payment may be listed more than once.
        """
