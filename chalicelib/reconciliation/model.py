"""What a day's comparison with a payment provider brought to light."""

from datetime import datetime
from enum import StrEnum

import msgspec

from chalicelib.core.errors import Conflict

# What one report keeps, so that its item stays small; the number of all is kept besides.
MAX_TOLD = 200


class PaymentsTooMany(Conflict):
    """The report was cut: what is in it was compared, and the rest was not."""

    code = "PAYMENTS_TOO_MANY"
    message = "There are more payments on this day than one reconciliation compares."


class DifferenceKind(StrEnum):
    """``order_unknown``: money for an order that is not there. ``not_settled``: paid there, not here.

    ``paid_twice``: another payment for the order than the one that it knows, and it was not given back.
    ``amount``: another amount or currency. ``refunded``: another sum went back. ``disputed``: another
    dispute, or in another state. ``not_paid``: here alone.
    """

    ORDER_UNKNOWN = "order_unknown"
    NOT_SETTLED = "not_settled"
    PAID_TWICE = "paid_twice"
    AMOUNT = "amount"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    NOT_PAID = "not_paid"


class ProviderDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One payment on which we and the provider differ; where ``mended``, no more: what was missed is done."""

    kind: DifferenceKind
    order_id: str | None
    reference: str | None
    ours: str
    theirs: str
    mended: bool


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's payments of one UTC day beside ours.

    ``failed`` is the code of what failed last: a look at one of them, or what broke the report off.
    """

    platform_id: str
    provider: str
    day: str
    looked_at: datetime
    compared: int
    mended: int
    unmended: int
    differences: list[ProviderDifference]
    failed: str | None = None
    version: int = 0
