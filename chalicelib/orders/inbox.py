"""What providers tell us is kept before anything is done about it."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from chalicelib.core.payments import Payment

KEPT_FOR = timedelta(days=90)
# So long may an order that an event names be missing before we stop asking to be told again.
ORDER_MAY_BE_LATE = timedelta(hours=1)


class InboxState(StrEnum):
    """``received`` is still to be done; ``quarantined`` waits for a person."""

    RECEIVED = "received"
    DONE = "done"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"


class InboxEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated event as it came. ``received_at`` is real time; ``order_id`` is what it is about."""

    platform_id: str
    provider: str
    event_id: str
    type: str
    body: str
    state: InboxState
    order_id: str | None
    received_at: datetime
    version: int = 0

    @property
    def expires_at(self) -> datetime:
        return self.received_at + KEPT_FOR

    def moved(self, state: InboxState) -> "InboxEvent":
        return replace(self, state=state)

    def is_closed(self) -> bool:
        """True where nothing is left to do. Quarantined is not: the order may have turned up since."""
        return self.state in (InboxState.DONE, InboxState.IGNORED)

    def may_still_be_early(self, now: datetime) -> bool:
        return now < self.received_at + ORDER_MAY_BE_LATE


def of_second_payment(platform_id: str, provider: str, payment: Payment, now: datetime) -> InboxEvent:
    """What no event told of, kept for a person: an order that is paid was paid again, by another page."""
    return InboxEvent(
        platform_id=platform_id,
        provider=provider,
        event_id=f"second-{payment.reference}",
        type="payment.second",
        body=msgspec.json.encode(payment).decode(),
        state=InboxState.QUARANTINED,
        order_id=payment.order_id,
        received_at=now,
    )
