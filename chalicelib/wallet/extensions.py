"""An admin puts off the expiry of a lot, once and by as many days as the platform's setting says."""

from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.audit.model import AuditRecord, stated
from chalicelib.audit.service import prepare_record
from chalicelib.audit.views import AuditRecordView
from chalicelib.core.clock import stamp
from chalicelib.core.ids import new_id
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import read
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.wallet import expiry, opening
from chalicelib.wallet.model import (
    ExtensionNotAllowed,
    Lot,
    LotExpired,
    LotExtendedAlready,
    LotNeverExpires,
    LotNotFound,
    Wallet,
    check_asset,
)
from chalicelib.wallet.service import Wallets

EXTENDED = "lot.extended"


class Extensions:
    def __init__(self, wallets: Wallets, platforms: Platforms, accounts: Accounts) -> None:
        self._wallets = wallets
        self._platforms = platforms
        self._accounts = accounts

    def extend(
        self, operation: Operation, owner_id: str, asset: str, lot_id: str, reason: str | None
    ) -> Answer:
        """Answered with the audit record.

        ``ReasonRequired``, ``AccountNotFound``, ``LotNotFound``, ``LotNeverExpires``, ``LotExpired``,
        ``LotExtendedAlready``, ``ExtensionNotAllowed``, ``TooManyLots``.
        """
        check_asset(asset)
        because, platform_id = stated(reason), operation.platform_id
        wanted = [
            self._platforms.key(platform_id),
            self._accounts.key(platform_id, owner_id),
            self._wallets.key(platform_id, owner_id, asset),
        ]

        def decide(loaded: read.Loaded) -> Decision:
            platform = self._platforms.load(loaded, platform_id)
            self._accounts.load(loaded, platform_id, owner_id)
            opened = opening.wholly(self._wallets.load(loaded, platform_id, owner_id, asset))
            wallet = opened.wallet
            lot = _extensible(wallet, lot_id, platform)
            later = expiry.extended(lot, platform.settings.lot_extension_days, platform.now())
            lots = [later if each is lot else each for each in wallet.lots]
            record = _record(operation, owner_id, because, lot, later, platform)
            kept = self._wallets.prepare_kept(opened, replace(wallet, lots=lots))
            return Decision(answer=AuditRecordView.of(record), writes=[*kept, prepare_record(record)])

        return perform(operation, wanted, decide)


def _extensible(wallet: Wallet, lot_id: str, platform: Platform) -> Lot:
    lot = next((each for each in wallet.lots if each.id == lot_id), None)
    if lot is None:
        raise LotNotFound
    if lot.expires_at is None:
        raise LotNeverExpires
    if lot.has_expired(platform.now()):
        raise LotExpired
    if lot.extended:
        raise LotExtendedAlready
    if not platform.settings.lot_extension_days:
        raise ExtensionNotAllowed
    return lot


def _record(
    operation: Operation, owner_id: str, reason: str, before: Lot, after: Lot, platform: Platform
) -> AuditRecord:
    return AuditRecord(
        id=new_id("aud"),
        platform_id=platform.id,
        actor_id=operation.actor.id,
        at=platform.now(),
        action=EXTENDED,
        subject_id=owner_id,
        reason=reason,
        reference={"lot_id": before.id},
        before={"expires_at": _shown(before)},
        after={"expires_at": _shown(after)},
    )


def _shown(lot: Lot) -> str | None:
    return stamp(lot.expires_at) if lot.expires_at else None
