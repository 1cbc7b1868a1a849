"""How the balance moves, and what a call costs: pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from chalicelib.telephony.model import (
    FREE,
    HELD,
    OWED,
    USD_MICROS,
    Balance,
    DestinationNotServed,
    PhoneBalanceShort,
    Rate,
    RateRepeated,
    Reservation,
    ReservationState,
)
from chalicelib.wallet.ledger import Posting

_MINUTE = timedelta(minutes=1)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """The balance after a step, and the postings that made it so."""

    balance: Balance
    postings: list[Posting]


def added(balance: Balance, amount: int, source: str) -> Step:
    """``amount`` came in from the counter-account ``source``; what is owed is paid of it first."""
    return _moved(balance, incoming=amount, counter={source: -amount})


def taken_back(balance: Balance, amount: int, into: str) -> Step:
    """``amount`` goes back; what is not free any more is owed."""
    taken = min(balance.free, amount)
    return _moved(balance, incoming=-taken, owing=amount - taken, counter={into: amount})


def reserved(balance: Balance, amount: int) -> Step:
    """``amount`` is set aside. ``PhoneBalanceShort`` where it is not free."""
    if balance.owed or amount > balance.free:
        raise PhoneBalanceShort
    return _moved(balance, incoming=-amount, holding=amount, counter={})


def settled(balance: Balance, reservation: Reservation) -> Step:
    """What a closed reservation used is spent, and the rest is free again."""
    used, back = reservation.used, reservation.amount - reservation.used
    return _moved(balance, incoming=back, holding=-reservation.amount, counter={"phone:used": used})


def closed(reservation: Reservation, used_minutes: int, at: datetime) -> Reservation:
    """Captured up to what was set aside; released where nothing was used."""
    used = min(used_minutes, reservation.minutes)
    state = ReservationState.CAPTURED if used else ReservationState.RELEASED
    return replace(reservation, state=state, used_minutes=used, closed_at=at)


def minutes_covered(balance: Balance) -> int:
    """For how long somebody at the cheapest destination could be called; 0 where nobody can be."""
    if balance.cheapest_micros is None or balance.owed:
        return 0
    return balance.free // balance.cheapest_micros


def rate_of(rates: Sequence[Rate], number: str) -> int:
    """Micro-dollars a minute to a number in E.164. ``DestinationNotServed`` where no prefix fits."""
    fitting = [rate for rate in rates if number.startswith(rate.prefix)]
    if not fitting:
        raise DestinationNotServed
    return max(fitting, key=lambda rate: len(rate.prefix)).micros_per_minute


def check_rates(rates: Iterable[Rate]) -> None:
    """``RateRepeated`` with the path of the second one."""
    seen: set[str] = set()
    for place, rate in enumerate(rates):
        if rate.prefix in seen:
            raise RateRepeated(field=f"rates[{place}].prefix")
        seen.add(rate.prefix)


def with_rates(balance: Balance, rates: Iterable[Rate], alert_below: int) -> Balance:
    """The balance that knows of these rates; nothing of it moves."""
    cheapest = min((rate.micros_per_minute for rate in rates), default=None)
    return _watched(replace(balance, cheapest_micros=cheapest, alert_below=alert_below))


def minutes_of(call: timedelta) -> int:
    """Begun minutes count as whole ones."""
    return max(0, -(-call // _MINUTE))


def _moved(
    balance: Balance, *, incoming: int, counter: dict[str, int], holding: int = 0, owing: int = 0
) -> Step:
    """``incoming`` to what is free, less what it pays of a debt."""
    paid = min(max(incoming, 0), balance.owed)
    changes = {FREE: incoming - paid, HELD: holding, OWED: paid - owing} | counter
    after = replace(
        balance,
        free=balance.free + changes[FREE],
        held=balance.held + holding,
        owed=balance.owed - changes[OWED],
        entries=balance.entries + 1,
    )
    postings = [
        Posting(account=account, asset=USD_MICROS, amount=amount)
        for account, amount in changes.items()
        if amount
    ]
    return Step(balance=_watched(after), postings=postings)


def _watched(balance: Balance) -> Balance:
    """The next time that it is low is told again."""
    return balance if balance.is_low else replace(balance, alerted=False)
