"""The sweeper's part of a wallet: one step after another, until nothing is due by the platform's clock."""

from datetime import datetime
from typing import Any

from chalicelib.core.actor import system
from chalicelib.core.clock import stamp
from chalicelib.platforms.service import Platforms
from chalicelib.table import read
from chalicelib.table.keys import Key, owner_of
from chalicelib.table.operation import Decision, Effect, by_system, perform
from chalicelib.wallet import expiry
from chalicelib.wallet.expiry import Warned
from chalicelib.wallet.ledger import Journal
from chalicelib.wallet.lots import place
from chalicelib.wallet.model import CREDITS_EXPIRING, Wallet
from chalicelib.wallet.pages import LotPage, Opened, opened_here
from chalicelib.wallet.service import Wallets

MAX_STEPS = 20  # of one wallet in one run; what is left is still due in the next


class Expiries:
    def __init__(self, wallets: Wallets, platforms: Platforms) -> None:
        self._wallets = wallets
        self._platforms = platforms

    def sweep(self, key: Key) -> None:
        """End the holds whose term is over, book expired lots as breakage, and warn of those to come."""
        platform_id, thing = owner_of(key)
        owner_id, asset = thing.split("#")
        for _ in range(MAX_STEPS):
            if not self._step(platform_id, owner_id, asset, key):
                return

    def _step(self, platform_id: str, owner_id: str, asset: str, due_key: Key) -> bool:
        """One transaction. False where nothing is due of the wallet's item or of the page that was due."""
        wallet_key = self._wallets.key(platform_id, owner_id, asset)
        wanted = list(dict.fromkeys([self._platforms.key(platform_id), wallet_key, due_key]))

        def due(loaded: read.Loaded) -> tuple[Wallet, Decision | None]:
            wallet = self._wallets.load(loaded, platform_id, owner_id, asset)
            page = None if due_key == wallet_key else loaded.get(due_key, LotPage)
            return wallet, self._due(wallet, page, self._platforms.load(loaded, platform_id).now())

        wallet, decision = due(read.batch(wanted))
        if decision is None:
            return False
        operation = by_system(system(platform_id), "wallet.expire", f"{owner_id}:{asset}:{wallet.version}")
        perform(operation, wanted, lambda loaded: due(loaded)[1] or Decision(answer=None))
        return True

    def _due(self, wallet: Wallet, page: LotPage | None, now: datetime) -> Decision | None:
        """Holds come first, since what they set free may have expired."""
        if hold := expiry.due_hold(wallet, now):
            journal = _journal(f"expire-hold:{hold.id}", "hold_expired", now, hold.reference)
            return Decision(answer=None, writes=self._wallets.prepare_expiry(wallet, hold.id, journal).writes)
        journal = _journal(f"expire:{wallet.owner_id}:{wallet.entries}", "expiry", now, {})
        if movement := self._wallets.prepare_breakage(wallet, journal):
            return Decision(answer=None, writes=movement.writes)
        opened = opened_here(Opened(wallet=wallet), page) if page else Opened(wallet=wallet)
        warned, warnings = expiry.warn(opened.wallet, now)
        if not warnings:
            return None
        effects = [Effect(kind=CREDITS_EXPIRING, payload=_told(wallet, warning)) for warning in warnings]
        return Decision(answer=None, writes=self._wallets.prepare_kept(opened, warned), effects=effects)


def _journal(operation: str, kind: str, at: datetime, reference: dict[str, str]) -> Journal:
    return Journal(operation=operation, kind=kind, at=at, reference=reference)


def _told(wallet: Wallet, warning: Warned) -> dict[str, Any]:
    return {
        "owner_id": wallet.owner_id,
        "asset": wallet.asset,
        "lot_id": warning.lot.id,
        "origin": warning.lot.origin.value,
        "place": place(warning.lot),
        "amount": warning.amount,
        "days": warning.days,
        "expires_at": stamp(warning.lot.expires_at) if warning.lot.expires_at else None,
    }
