"""Where the reports of reconciliations stand: one item a platform, day and provider."""

from chalicelib.reconciliation.model import Reconciliation
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.transact import Write


class ReconciliationItem(Item, discriminator="reconciliation"):
    record = RecordAttribute(Reconciliation)


def find(platform_id: str, day: str, provider: str) -> Reconciliation | None:
    return read.get(keys.reconciliation(platform_id, day, provider), Reconciliation)


def saved(report: Reconciliation) -> Write:
    key = keys.reconciliation(report.platform_id, report.day, report.provider)
    return transact.save(ReconciliationItem.of(key, report))


def of_platform(platform_id: str, limit: int, cursor: str | None) -> read.Page:
    """The latest day first."""
    partition = keys.reconciliation(platform_id, "", "").pk
    return read.query(partition, limit=limit, cursor=cursor, newest_first=True)
