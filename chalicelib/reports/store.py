"""Where the reports' rows and the exports are kept.

A row stands in the partition of its UTC month, and in the lists of its customer and of its expert.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from chalicelib.core.clock import stamp
from chalicelib.reports.model import Export, FailedPaymentRow, Filters, SaleRow, SessionRow
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.transact import Write

_SALE, _FAILED, _SESSION = "SALE", "FAILED", "SESSION"
Row = SaleRow | FailedPaymentRow | SessionRow


class SaleItem(Item, discriminator="sale"):
    record = RecordAttribute(SaleRow)


class FailedPaymentItem(Item, discriminator="failed-payment"):
    record = RecordAttribute(FailedPaymentRow)


class SessionLineItem(Item, discriminator="session-line"):
    record = RecordAttribute(SessionRow)


class ExportItem(Item, discriminator="export"):
    record = RecordAttribute(Export)


class Strand(msgspec.Struct, frozen=True, kw_only=True):
    """One partition that holds a part of a report, in order of time.

    ``without_expert``: only those of its rows are meant that no expert sold.
    """

    pk: str
    index: str | None = None
    without_expert: bool = False

    def means(self, row: Row) -> bool:
        return not (self.without_expert and isinstance(row, SaleRow) and row.sale.expert_id)


def sale_key(platform_id: str, row: SaleRow) -> Key:
    return keys.sale(platform_id, _month(row.sale.sold_at), row.sale.sold_at, row.sale.id)


def failed_payment_key(platform_id: str, row: FailedPaymentRow) -> Key:
    failed_at = row.payment.failed_at
    return keys.failed_payment(platform_id, _month(failed_at), failed_at, row.payment.id)


def created_sale(platform_id: str, row: SaleRow) -> Write:
    sale = row.sale
    owner = keys.of_owner(platform_id, sale.customer_id, _SALE, sale.sold_at, sale.id)
    expert = sale.expert_id and keys.of_expert(platform_id, sale.expert_id, _SALE, sale.sold_at, sale.id)
    return transact.create(SaleItem.of(sale_key(platform_id, row), row, owner=owner, expert=expert or None))


def created_failed_payment(platform_id: str, row: FailedPaymentRow) -> Write:
    payment = row.payment
    owner = keys.of_owner(platform_id, payment.customer_id, _FAILED, payment.failed_at, payment.id)
    return transact.create(FailedPaymentItem.of(failed_payment_key(platform_id, row), row, owner=owner))


def session_key(platform_id: str, row: SessionRow) -> Key:
    starts_at = row.line.starts_at
    return keys.session_line(platform_id, _month(starts_at), starts_at, row.line.booking_id)


def created_session(platform_id: str, row: SessionRow) -> Write:
    line = row.line
    owner = keys.of_owner(platform_id, line.customer_id, _SESSION, line.starts_at, line.booking_id)
    expert = keys.of_expert(platform_id, line.expert_id, _SESSION, line.starts_at, line.booking_id)
    key = session_key(platform_id, row)
    return transact.create(SessionLineItem.of(key, row, owner=owner, expert=expert))


def saved_export(export: Export) -> Write:
    return transact.save(ExportItem.of(keys.export(export.platform_id, export.id), export))


def find_export(platform_id: str, export_id: str) -> Export | None:
    return read.get(keys.export(platform_id, export_id), Export)


def sales_of_months(platform_id: str, filters: Filters, *, without_expert: bool = False) -> list[Strand]:
    """The months of the filters' time, the last one first."""
    return [
        Strand(pk=keys.sale(platform_id, month, filters.since, "").pk, without_expert=without_expert)
        for month in _months(filters)
    ]


def failed_payments_of_months(platform_id: str, filters: Filters) -> list[Strand]:
    return [
        Strand(pk=keys.failed_payment(platform_id, month, filters.since, "").pk) for month in _months(filters)
    ]


def sales_of_customer(platform_id: str, customer_id: str, at: datetime) -> Strand:
    key = keys.of_owner(platform_id, customer_id, _SALE, at, "")
    return Strand(pk=key.pk, index="GSI1")


def failed_payments_of_customer(platform_id: str, customer_id: str, at: datetime) -> Strand:
    key = keys.of_owner(platform_id, customer_id, _FAILED, at, "")
    return Strand(pk=key.pk, index="GSI1")


def sessions_of_months(platform_id: str, filters: Filters) -> list[Strand]:
    return [
        Strand(pk=keys.session_line(platform_id, month, filters.since, "").pk) for month in _months(filters)
    ]


def sessions_of_customer(platform_id: str, customer_id: str, at: datetime) -> Strand:
    key = keys.of_owner(platform_id, customer_id, _SESSION, at, "")
    return Strand(pk=key.pk, index="GSI1")


def sessions_of_expert(platform_id: str, expert_id: str, at: datetime) -> Strand:
    key = keys.of_expert(platform_id, expert_id, _SESSION, at, "")
    return Strand(pk=key.pk, index="GSI2")


def sales_of_expert(platform_id: str, expert_id: str, at: datetime) -> Strand:
    key = keys.of_expert(platform_id, expert_id, _SALE, at, "")
    return Strand(pk=key.pk, index="GSI2")


def rows(strand: Strand, earliest: str, latest: str, read_at_once: int) -> Iterator[Row]:
    """The strand's rows from ``latest`` back to ``earliest``, which bound their places; newest first."""
    bounds = (earliest, latest)
    return read.query_all(
        strand.pk, index=strand.index, between=bounds, limit=read_at_once, newest_first=True
    )


def place_of(row: Row) -> str:
    """Where a row stands in its strand: the same in its month as in the lists."""
    if isinstance(row, SaleRow):
        return sale_key("", row).sk
    if isinstance(row, SessionRow):
        return session_key("", row).sk
    return failed_payment_key("", row).sk


def _month(instant: datetime) -> str:
    return stamp(instant)[:7]


def _months(filters: Filters) -> list[str]:
    last, first = filters.until.astimezone(UTC), filters.since.astimezone(UTC)
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in reversed(months)]
