"""One alone asks the provider for a call: it keeps no idempotency keys, and asked twice would ring twice.

A lease is written before it is asked. Whoever comes after one that left no answer waits until the lease is
over, and then looks among the calls that were made since the first lease, before he asks.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.core.telephony import TelephonyFailed
from chalicelib.table.revising import revised
from chalicelib.telephony import store
from chalicelib.telephony.model import Asking, Reservation

# Longer than the two requests of one that asks can take, with their time-outs of ten seconds each.
LASTS = timedelta(seconds=30)


class CallBeingAsked(TelephonyFailed):
    code = "CALL_BEING_ASKED"
    message = "Somebody else is asking the provider for this call."


def begin(reservation: Reservation, asking: Asking) -> Reservation:
    """As it stands now, with ``asking`` if it is this one's turn. ``CallBeingAsked`` while another asks."""

    def asked(before: Reservation) -> Reservation:
        if not before.is_to_call or before.asking == asking:
            return before  # the latter by a commit whose response was lost
        check_free(before, asking.since)
        return replace(before, asking=asking, asked_since=before.asked_since or asking.since)

    return _changed(reservation, asked, asking.id)


def keep(reservation: Reservation, asking: Asking, reference: str) -> Reservation:
    """The provider has made the call; as it stands now, when it may be over."""

    def made(before: Reservation) -> Reservation:
        return replace(before, asking=None, call_reference=reference)

    return _changed(reservation, made, f"{asking.id}made")


def check_free(reservation: Reservation, now: datetime) -> None:
    """``CallBeingAsked`` while somebody asks."""
    if reservation.asking and now < reservation.asking.since + LASTS:
        raise CallBeingAsked


def _changed(
    reservation: Reservation, change: Callable[[Reservation], Reservation], token: str
) -> Reservation:
    platform_id, booking_id = reservation.platform_id, reservation.booking_id

    def again() -> Reservation | None:
        return store.find_reservation(platform_id, booking_id)

    after = revised(reservation, change, store.saved_reservation, again, token)
    if after is None:
        raise CallBeingAsked
    return after
