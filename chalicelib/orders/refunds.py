"""Money that went back, as its order remembers it: refunds, disputes, and what is left to give back.

A refund is ours, asked for and sent by its id, or it was made at the provider's and came to light. Each takes
effect when it is asked for, and loses it when it fails. A dispute takes while it is open or lost.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from chalicelib.core import payments
from chalicelib.core.errors import Busy, Conflict, NotFound
from chalicelib.core.payments import Dispute, DisputeState, Refunded

# So that an order's item stays small; who gives back more often does so by hand.
MAX_REFUNDS = 50

# Longer than a function that asks may live, and than a provider is at what nobody listens to any more: what
# was asked for before is known there, or will never be done.
ASKING_LASTS = timedelta(minutes=2)

# The effect that asks the provider to give back; the payload is ``order_id`` and ``refund_id``.
REFUND_SENT = "payment.refund"


class RefundTooLarge(Conflict):
    code = "REFUND_TOO_LARGE"
    message = "More than what is left of the payment cannot be given back."


class RefundsTooMany(Conflict):
    code = "REFUNDS_TOO_MANY"
    message = f"An order has at most {MAX_REFUNDS} refunds."


class RefundNotFound(NotFound):
    code = "REFUND_NOT_FOUND"
    message = "This order has no such refund."


class RefundNotByHand(Conflict):
    code = "REFUND_NOT_BY_HAND"
    message = "Nobody has to send this refund by hand; the provider says what becomes of it."


class RefundBeingSent(Busy):
    code = "REFUND_BEING_SENT"
    message = "Somebody else is asking the provider for this refund."


class RefundState(StrEnum):
    """``requested`` → ``sent`` → ``succeeded`` | ``failed``.

    ``by_hand`` is for a person to send, since the provider cannot. A bank may still fail one that succeeded.
    """

    REQUESTED = "requested"
    SENT = "sent"
    BY_HAND = "by_hand"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks the provider at the moment, and since when in real time."""

    id: str
    since: datetime


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """``amount`` in minor units of the payment. One made at the provider's was asked for by nobody here.

    ``asking`` is there while the provider is asked for it: by one alone, since not every provider knows a
    refund again that comes twice at once.
    """

    id: str
    amount: int
    reason: str
    requested_by: str | None
    state: RefundState
    at: datetime
    reference: str | None = None
    asking: Asking | None = None

    def asked_by(self, asking: Asking) -> "Refund":
        """``RefundBeingSent`` while another asks."""
        before = self.asking
        if before and before.id != asking.id and asking.since < before.since + ASKING_LASTS:
            raise RefundBeingSent
        return replace(self, asking=asking)

    def is_to_send(self) -> bool:
        return self.state in (RefundState.REQUESTED, RefundState.SENT)

    @property
    def is_ours(self) -> bool:
        return self.requested_by is not None

    def told(self, refunded: Refunded) -> "Refund":
        """As the provider says that it stands."""
        states = {
            payments.RefundState.PENDING: RefundState.SENT,
            payments.RefundState.DONE: RefundState.SUCCEEDED,
            payments.RefundState.FAILED: RefundState.FAILED,
        }
        return replace(self, state=states[refunded.state], reference=refunded.reference)


class Disputed(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute and what of it was taken back here, which may be less where the rest was refunded."""

    id: str
    amount: int
    state: DisputeState
    taken: int


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """All that went back of one payment of ``captured`` minor units (P3)."""

    captured: int
    refunds: list[Refund]
    disputes: list[Disputed]

    @property
    def total(self) -> int:
        return self.refunded + sum(dispute.taken for dispute in self.disputes)

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds if refund.state is not RefundState.FAILED)

    @property
    def left(self) -> int:
        return self.captured - self.total

    def with_refund(self, refund: Refund) -> "Returned":
        """``RefundTooLarge`` where less is left; ``RefundsTooMany``."""
        if refund.amount > self.left or refund.amount <= 0:
            raise RefundTooLarge(f"{self.left} can be given back.", field="amount", left=self.left)
        if len(self.refunds) >= MAX_REFUNDS:
            raise RefundsTooMany
        return replace(self, refunds=[*self.refunds, refund])

    def with_states(self, told: Mapping[str, Refunded]) -> "Returned":
        """What the provider says of refunds of ours, by their ids."""
        refunds = [refund.told(told[refund.id]) if refund.id in told else refund for refund in self.refunds]
        return replace(self, refunds=refunds)

    def with_total_of_provider(self, refunded: int, made_there: Refund) -> "Returned":
        """Account for refunds made at the provider's, of which we only know the total.

        What is not accounted for was ``made_there``. Where the provider says less than has succeeded, one
        that was made there has failed. What we asked for, and do not know to be sent, counts as ours.
        """
        if (extra := min(refunded - self.refunded, self.left)) > 0:
            return replace(self, refunds=[*self.refunds, replace(made_there, amount=extra)])
        succeeded = [refund for refund in self.refunds if refund.state is RefundState.SUCCEEDED]
        short = sum(refund.amount for refund in succeeded) - refunded
        failed = set()
        for refund in reversed(succeeded):
            if not refund.is_ours and refund.amount <= short:
                failed.add(refund.id)
                short -= refund.amount
        refunds = [_failed(refund, failed) for refund in self.refunds]
        if short > 0 and not any(refund.is_ours for refund in succeeded):
            refunds = _split(refunds, replace(made_there, amount=short, state=RefundState.FAILED))
        return replace(self, refunds=refunds)

    def with_dispute(self, dispute: Dispute) -> "Returned":
        """Open or lost takes what is left, won gives it back; what has ended stays as it ended."""
        known = next((each for each in self.disputes if each.id == dispute.id), None)
        state = known.state if known and known.state is not DisputeState.OPEN else dispute.state
        taken = known.taken if known else 0
        wanted = 0 if state is DisputeState.WON else min(dispute.amount, self.left + taken)
        now = Disputed(id=dispute.id, amount=dispute.amount, state=state, taken=wanted)
        kept = [now if each is known else each for each in self.disputes]
        return replace(self, disputes=kept if known else [*kept, now])

    def to_ask_about(self, refunded: int) -> list[Refund]:
        """Refunds of ours that may stand otherwise at the provider's, who says that so much was refunded."""
        succeeded = sum(r.amount for r in self.refunds if r.state is RefundState.SUCCEEDED)
        states = {RefundState.SENT} | ({RefundState.SUCCEEDED} if succeeded > refunded else set())
        return [refund for refund in self.refunds if refund.is_ours and refund.state in states]


def _failed(refund: Refund, failed: set[str]) -> Refund:
    return replace(refund, state=RefundState.FAILED) if refund.id in failed else refund


def _split(refunds: list[Refund], failed: Refund) -> list[Refund]:
    """Several that were made there may have come to light as one, of which a part has failed."""
    whole = next(each for each in reversed(refunds) if each.state is RefundState.SUCCEEDED)
    rest = replace(whole, amount=whole.amount - failed.amount)
    return [*(rest if each is whole else each for each in refunds), failed]
