"""The outward shapes of telephony. Amounts are micro-dollars: 13500 is 0.0135 USD."""

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct

from chalicelib.core.patterns import END
from chalicelib.telephony.model import MAX_RATES, Balance, PhoneEntry, Rate, Rates
from chalicelib.wallet.ledger import Posting

Prefix = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{0,14}" + END, description="How E.164 numbers begin.")]
PerMinute = Annotated[int, Meta(ge=1, le=100_000_000, description="Micro-dollars: 13500 is 0.0135 USD.")]
Limit = Annotated[int, Meta(ge=1, le=100)]
Cursor = Annotated[str, Meta(max_length=2048)]


class RateBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a minute costs to numbers that begin so; the longest prefix that fits a number decides."""

    prefix: Prefix
    micros_per_minute: PerMinute


class RatesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rates in the place of those that were. Below ``alert_below_micros`` the admins are told."""

    rates: Annotated[list[RateBody], Meta(max_length=MAX_RATES)]
    alert_below_micros: Annotated[int, Meta(ge=0, le=10**12)] = 0

    def stated(self) -> list[Rate]:
        return [Rate(prefix=each.prefix, micros_per_minute=each.micros_per_minute) for each in self.rates]


class RatesView(Struct, frozen=True, kw_only=True):
    """By prefix."""

    rates: list[RateBody]
    alert_below_micros: int
    version: int

    @classmethod
    def of(cls, rates: Rates, balance: Balance, version: int) -> Self:
        listed = [
            RateBody(prefix=each.prefix, micros_per_minute=each.micros_per_minute) for each in rates.rates
        ]
        return cls(rates=listed, alert_below_micros=balance.alert_below, version=version)


class BalanceView(Struct, frozen=True, kw_only=True):
    """``held_micros`` is set aside for bookings; ``owed_micros`` was taken back after it had been used."""

    free_micros: int
    held_micros: int
    owed_micros: int
    low: Annotated[bool, Meta(description="Below what the admins want to be told of.")]

    @classmethod
    def of(cls, balance: Balance) -> Self:
        return cls(
            free_micros=balance.free,
            held_micros=balance.held,
            owed_micros=balance.owed,
            low=balance.is_low,
        )


class PhoneEntriesQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Limit = 50
    cursor: Cursor | None = None


class PhoneEntryView(Struct, frozen=True, kw_only=True):
    """One step of the balance, with the postings that make it and what was there after it."""

    id: str
    kind: str
    at: datetime
    reference: dict[str, str]
    postings: list[Posting]
    free_after: int
    held_after: int
    owed_after: int

    @classmethod
    def of(cls, entry: PhoneEntry) -> Self:
        return cls(**{name: getattr(entry, name) for name in cls.__struct_fields__})


class PhoneEntriesView(Struct, frozen=True, kw_only=True):
    """Newest first."""

    items: list[PhoneEntryView]
    cursor: str | None
