"""A booking's call is brought to what is stored of it: begun with the session, and over with it."""

from typing import Any

from chalicelib.accounts.service import Accounts
from chalicelib.core.telephony import PhoneCall, Telephony
from chalicelib.table.operation import Effect
from chalicelib.telephony import store
from chalicelib.telephony.model import (
    ExpertPhoneMissing,
    PhoneMissing,
    Reservation,
    ReservationState,
)

PHONE_CALL = "phone.call"


def call_effect(booking_id: str) -> Effect:
    """No number is in it: whoever carries it out reads the people's."""
    return Effect(kind=PHONE_CALL, payload={"booking_id": booking_id})


class Calls:
    """Carries out the effect ``phone.call``, which may come late, twice, or after that of a later step."""

    def __init__(self, accounts: Accounts, telephony: Telephony) -> None:
        self._accounts = accounts
        self._telephony = telephony

    def bring(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Call both while the session runs, hang up once it is over. ``TelephonyFailed``."""
        booking_id = str(payload["booking_id"])
        reservation = store.find_reservation(platform_id, booking_id)
        if reservation is None or reservation.called_at is None:
            return
        if reservation.state is ReservationState.CALLING:
            self._telephony.start_call(self._call(reservation))
            reservation = store.find_reservation(platform_id, booking_id)  # it may be over meanwhile
        if reservation is None or not reservation.state.is_open:
            self._telephony.end_call(_id_of(booking_id))

    def _call(self, reservation: Reservation) -> PhoneCall:
        customer = self._accounts.get(reservation.platform_id, reservation.customer_id)
        expert = self._accounts.get(reservation.platform_id, reservation.expert_id)
        if customer.phone is None:
            raise PhoneMissing
        if expert.phone is None:
            raise ExpertPhoneMissing
        return PhoneCall(
            id=_id_of(reservation.booking_id),
            customer_number=customer.phone,
            expert_number=expert.phone,
            max_minutes=reservation.minutes,
        )


def _id_of(booking_id: str) -> str:
    """One booking makes one call, however often it is asked for."""
    return f"call-{booking_id}"
