"""The platform's balance for calls, for the features that sell and hold sessions by phone."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.core.ids import new_id
from chalicelib.platforms.model import Platform
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.telephony import rules, store
from chalicelib.telephony.model import (
    DestinationChanged,
    ExpertPhoneMissing,
    PhoneBalanceShort,
    PhoneEntry,
    PhoneMissing,
    Reservation,
    ReservationState,
)
from chalicelib.telephony.rules import Step
from chalicelib.wallet.postings import check_balanced


class Phones:
    """``prepare_*`` of a booking read what they decide on: only a booking by phone costs that read."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def key(self, platform_id: str) -> Key:
        """What tells whether a session by phone can be had at all."""
        return keys.phone_balance(platform_id)

    def minutes_covered(self, platform_id: str) -> int:
        """For how many minutes the balance pays at the cheapest destination (E34). One get."""
        return rules.minutes_covered(store.find_balance(platform_id))

    def check_offered(self, platform_id: str, customer_id: str | None, expert_id: str, minutes: int) -> None:
        """As ``prepare_reserve`` would refuse this client, or as the catalogue shows it to all. One read."""
        if customer_id is None:
            if self.minutes_covered(platform_id) < minutes:
                raise PhoneBalanceShort
            return
        loaded, rate = self._asked(platform_id, customer_id, expert_id)
        rules.reserved(store.balance(loaded, platform_id), rate * minutes)

    def prepare_reserve(
        self, platform: Platform, booking_ids: Sequence[str], customer_id: str, expert_id: str, minutes: int
    ) -> list[Write]:
        """Set rate × minutes aside for each booking, in their own transaction (E8). One read.

        ``PhoneMissing``, ``ExpertPhoneMissing``, ``DestinationNotServed``, ``PhoneBalanceShort``.
        """
        loaded, rate = self._asked(platform.id, customer_id, expert_id)
        reservations = [
            Reservation(
                booking_id=booking_id,
                platform_id=platform.id,
                customer_id=customer_id,
                expert_id=expert_id,
                micros_per_minute=rate,
                minutes=minutes,
                reserved_at=platform.now(),
            )
            for booking_id in booking_ids
        ]
        amount = sum(each.amount for each in reservations)
        step = rules.reserved(store.balance(loaded, platform.id), amount)
        first = booking_ids[0]
        entry = _written(
            step, f"call-reserved:{first}", "call_reserved", platform.now(), {"booking_id": first}
        )
        return [*entry, *(store.saved_reservation(each) for each in reservations)]

    def prepare_start(self, platform: Platform, booking_id: str) -> list[Write]:
        """Both are there: they are called (E34). The effect ``PHONE_CALL`` does it. One read, or two.

        ``PhoneBalanceShort`` where nothing is set aside, ``DestinationChanged``, and what ``_rate`` refuses.
        """
        reservation = store.find_reservation(platform.id, booking_id)
        if reservation is None or reservation.state is not ReservationState.RESERVED:
            raise PhoneBalanceShort
        person = self._accounts.key(platform.id, reservation.customer_id)
        loaded = read.batch([keys.phone_rates(platform.id), person])
        if self._rate(loaded, platform.id, reservation.customer_id) > reservation.micros_per_minute:
            raise DestinationChanged
        calling = replace(reservation, state=ReservationState.CALLING, called_at=platform.now())
        return [store.saved_reservation(calling)]

    def prepare_settle(self, platform_id: str, booking_id: str, call: timedelta, at: datetime) -> list[Write]:
        """What the call took is spent, in begun minutes; the rest is free again, or all without a call.

        One that the provider refused took nothing. Nothing where it was settled before. One read.
        """
        place = keys.phone_reservation(platform_id, booking_id)
        loaded = read.batch([self.key(platform_id), place])
        reservation = store.reservation(loaded, platform_id, booking_id)
        if reservation is None or not reservation.state.is_open:
            return []
        used = 0 if reservation.call_refused else rules.minutes_of(call)
        closed = rules.closed(reservation, used, at)
        step = rules.settled(store.balance(loaded, platform_id), closed)
        reference = {"booking_id": booking_id}
        entry = _written(step, f"call-settled:{booking_id}", f"call_{closed.state}", at, reference)
        return [*entry, store.saved_reservation(closed)]

    def is_refused(self, platform_id: str, booking_id: str) -> bool:
        """Whether the provider will not make the booking's call. One get."""
        reservation = store.find_reservation(platform_id, booking_id)
        return reservation is not None and reservation.call_refused is not None

    def _asked(self, platform_id: str, customer_id: str, expert_id: str) -> tuple[Loaded, int]:
        """What a reservation is decided on, and its rate; both people can be called."""
        people = [self._accounts.key(platform_id, each) for each in (customer_id, expert_id)]
        loaded = read.batch([self.key(platform_id), keys.phone_rates(platform_id), *people])
        if self._accounts.load_expert(loaded, platform_id, expert_id).phone is None:
            raise ExpertPhoneMissing
        return loaded, self._rate(loaded, platform_id, customer_id)

    def _rate(self, loaded: Loaded, platform_id: str, customer_id: str) -> int:
        """A minute to the client's number. ``PhoneMissing``, ``DestinationNotServed``."""
        number = self._accounts.load(loaded, platform_id, customer_id).phone
        if number is None:
            raise PhoneMissing
        return rules.rate_of(store.rates(loaded, platform_id).rates, number)

    def prepare_top_up(self, loaded: Loaded, platform: Platform, amount: int, order_id: str) -> list[Write]:
        """What an order paid for comes in (E8); the caller has read ``key``."""
        step = rules.added(store.balance(loaded, platform.id), amount, "issued:purchase")
        return _written(step, f"top-up:{order_id}", "top_up", platform.now(), {"order_id": order_id})

    def prepare_reversal(
        self, loaded: Loaded, platform: Platform, amount: int, operation: str, order_id: str
    ) -> list[Write]:
        """What went back of an order's money is taken back; an ``amount`` below zero came again."""
        balance = store.balance(loaded, platform.id)
        if amount < 0:
            step = rules.added(balance, -amount, "refunded:phone")
        else:
            step = rules.taken_back(balance, amount, "refunded:phone")
        return _written(step, f"phone-{operation}", "top_up_reversed", platform.now(), {"order_id": order_id})


def _written(step: Step, operation: str, kind: str, at: datetime, reference: dict[str, str]) -> list[Write]:
    check_balanced(step.postings)
    balance = step.balance
    entry = PhoneEntry(
        id=new_id("phe"),
        platform_id=balance.platform_id,
        sequence=balance.entries,
        operation=operation,
        kind=kind,
        at=at,
        postings=step.postings,
        reference=reference,
        free_after=balance.free,
        held_after=balance.held,
        owed_after=balance.owed,
    )
    return [store.saved_balance(balance), store.written(entry)]
