"""What an admin gives or takes by hand, with a reason and an audit record."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.accounts.model import AccountNotFound
from chalicelib.accounts.service import Accounts
from chalicelib.audit.model import AuditRecord, stated
from chalicelib.audit.service import prepare_record
from chalicelib.audit.views import AuditRecordView
from chalicelib.core.clock import stamp
from chalicelib.core.ids import new_id
from chalicelib.core.money import MINOR_DIGITS
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import read
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.wallet.ledger import Journal
from chalicelib.wallet.model import (
    AdjustmentNotWhole,
    AdjustmentZero,
    CurrencyNotAdjustable,
    ExpiryNotAllowed,
    Grant,
    Origin,
    OriginNotAllowed,
    Wallet,
    check_asset,
)
from chalicelib.wallet.service import Movement, Wallets
from chalicelib.wallet.views import AdjustmentRequest

ADJUSTED = "wallet.adjusted"
_GIVEN = (Origin.GIFT, Origin.ADJUSTMENT)


class Adjustments:
    def __init__(self, wallets: Wallets, platforms: Platforms, accounts: Accounts) -> None:
        self._wallets = wallets
        self._platforms = platforms
        self._accounts = accounts

    def adjust(self, operation: Operation, owner_id: str, asset: str, asked: AdjustmentRequest) -> Answer:
        """Give or take ``amount`` of a customer's; answered with the audit record.

        ``ReasonRequired``, ``AdjustmentZero``, ``AdjustmentNotWhole``, ``CurrencyNotAdjustable``,
        ``OriginNotAllowed``, ``ExpiryNotAllowed``, ``AdjustmentTooLarge``, ``AccountNotFound``,
        ``TooManyLots``.
        """
        reason, amount = stated(asked.reason), _checked(asset, asked)
        platform_id = operation.platform_id
        wanted = [
            self._platforms.key(platform_id),
            self._accounts.key(platform_id, owner_id),
            self._wallets.key(platform_id, owner_id, asset),
        ]

        def decide(loaded: read.Loaded) -> Decision:
            platform = self._platforms.load(loaded, platform_id)
            if self._accounts.load(loaded, platform_id, owner_id).role is not Role.CUSTOMER:
                raise AccountNotFound
            before = self._wallets.load(loaded, platform_id, owner_id, asset)
            audit_id = new_id("aud")
            moved = self._moved(before, amount, asked, platform, audit_id)
            record = AuditRecord(
                id=audit_id,
                platform_id=platform_id,
                actor_id=operation.actor.id,
                at=moved.transaction.at,
                action=ADJUSTED,
                subject_id=owner_id,
                reason=reason,
                reference={"asset": asset, "transaction_id": moved.transaction.id},
                before=_numbers(before),
                after=_numbers(moved.wallet) | _told_expiry(amount, asked, moved.transaction.at),
            )
            writes = [*moved.writes, prepare_record(record)]
            return Decision(answer=AuditRecordView.of(record), writes=writes)

        return perform(operation, wanted, decide)

    def _moved(
        self, wallet: Wallet, amount: int, asked: AdjustmentRequest, platform: Platform, audit_id: str
    ) -> Movement:
        now, reference = platform.now(), {"audit_id": audit_id}
        journal = Journal(operation=f"adjust:{audit_id}", kind="adjustment", at=now, reference=reference)
        if amount < 0:
            order: Sequence[str] = platform.settings.spend_order
            return self._wallets.prepare_deduction(wallet, -amount, journal, order=order)
        grant = Grant(
            origin=asked.origin or Origin.ADJUSTMENT,
            amount=amount,
            reference=reference,
            expires_at=_expires_at(asked, now),
        )
        return self._wallets.prepare_grant(wallet, grant, journal)


def _checked(asset: str, asked: AdjustmentRequest) -> int:
    """The amount, if the request can be one."""
    if asset in MINOR_DIGITS:
        raise CurrencyNotAdjustable(field="asset")
    check_asset(asset)
    if not isinstance(asked.amount, int):
        raise AdjustmentNotWhole(field="amount")
    if asked.amount == 0:
        raise AdjustmentZero(field="amount")
    taken = asked.amount < 0
    if asked.origin is not None and (taken or asked.origin not in _GIVEN):
        raise OriginNotAllowed(field="origin")
    if asked.expires_in_days is not None and taken:
        raise ExpiryNotAllowed(field="expires_in_days")
    return asked.amount


def _expires_at(asked: AdjustmentRequest, given_at: datetime) -> datetime | None:
    days = asked.expires_in_days
    return given_at + timedelta(days=days) if days else None


def _told_expiry(amount: int, asked: AdjustmentRequest, given_at: datetime) -> dict[str, int | str | None]:
    """When what was given expires, which stands in no line of the ledger."""
    if amount < 0:
        return {}
    expires_at = _expires_at(asked, given_at)
    return {"expires_at": stamp(expires_at) if expires_at else None}


def _numbers(wallet: Wallet) -> dict[str, int | str | None]:
    return {"balance": wallet.balance, "held": wallet.held, "owed": wallet.owed}
