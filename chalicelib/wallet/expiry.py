"""What the clock does to a wallet: lots expire, their owner is warned before, and holds end."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from chalicelib.wallet.change import Change, following, moves_out
from chalicelib.wallet.lots import free_of, taken
from chalicelib.wallet.model import HeldPart, Hold, Lot, Wallet

WARNINGS_DAYS = (30, 7, 1)  # before a lot expires; each once


class Warned(msgspec.Struct, frozen=True, kw_only=True):
    """A lot of which ``amount`` is free expires within ``days``."""

    lot: Lot
    amount: int
    days: int


def next_due(wallet: Wallet) -> datetime | None:
    """When the clock has something to do: a hold's end, a lot's warning, a lot's expiry."""
    instants = [hold.expires_at for hold in wallet.holds if hold.expires_at is not None]
    return min([*instants, *_instants(wallet, wallet.lots)], default=None)


def next_due_of(wallet: Wallet, lots: Iterable[Lot]) -> datetime | None:
    """The same of lots that stand on a page."""
    return min(_instants(wallet, lots), default=None)


def due_hold(wallet: Wallet, now: datetime) -> Hold | None:
    """One hold whose term is over."""
    ended = (hold for hold in wallet.holds if hold.expires_at is not None and hold.expires_at <= now)
    return next(ended, None)


def expire_lots(wallet: Wallet, now: datetime) -> Change | None:
    """Take what is free of all expired lots; ``None`` where nothing is. What is held of them stays held."""
    expired = free_of(wallet, [lot for lot in wallet.lots if lot.has_expired(now)])
    if not expired:
        return None
    amount = sum(free for _, free in expired)
    lots, parts = taken(wallet.lots, [HeldPart(lot_id=lot.id, amount=free) for lot, free in expired])
    return Change(
        wallet=following(wallet, balance=wallet.balance - amount, lots=lots),
        amount=-amount,
        lots=moves_out(parts),
        parts=parts,
    )


def warn(wallet: Wallet, now: datetime) -> tuple[Wallet, list[Warned]]:
    """The wallet that remembers each warning that is due, and the warnings: the latest that a lot is due."""
    expiring = free_of(wallet, [lot for lot in wallet.lots if not lot.has_expired(now)])
    warnings = [
        Warned(lot=lot, amount=free, days=days)
        for lot, free in expiring
        if (days := _passed(lot, now)) is not None
    ]
    days_of = {warning.lot.id: warning.days for warning in warnings}
    lots = [replace(lot, warned_days=days_of.get(lot.id, lot.warned_days)) for lot in wallet.lots]
    return replace(wallet, lots=lots), warnings


def extended(lot: Lot, days: int, now: datetime) -> Lot:
    """The lot with ``days`` more; warnings that would be due by now already are not given again."""
    if lot.expires_at is None:
        raise ValueError(f"{lot.id} never expires")
    later = replace(lot, expires_at=lot.expires_at + timedelta(days=days), extended=True, warned_days=None)
    return replace(later, warned_days=_passed(later, now))


def _instants(wallet: Wallet, lots: Iterable[Lot]) -> list[datetime]:
    free = free_of(wallet, [lot for lot in lots if lot.expires_at is not None])
    return [instant for lot, _ in free for _, instant in _expiry_and_warnings(lot)]


def _expiry_and_warnings(lot: Lot) -> list[tuple[int, datetime]]:
    """The instants still to come of an expiring lot, each with its days; a lot's own day 0 is its expiry."""
    if lot.expires_at is None:
        return []
    warned = lot.warned_days if lot.warned_days is not None else WARNINGS_DAYS[0] + 1
    instants = [(days, lot.expires_at - timedelta(days=days)) for days in WARNINGS_DAYS if days < warned]
    return [*((days, instant) for days, instant in instants if instant > lot.at), (0, lot.expires_at)]


def _passed(lot: Lot, now: datetime) -> int | None:
    """The days of the last warning whose instant has come and that was not given."""
    passed = [days for days, instant in _expiry_and_warnings(lot) if days and instant <= now]
    return min(passed, default=None)
