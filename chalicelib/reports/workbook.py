"""The Excel file of sales: both tabs, what they were filtered by, and what the sales come to (B36, B45).

Imported by the worker only, for the spreadsheet library is heavy.
"""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from chalicelib.accounts.model import Locale
from chalicelib.orders.lines import PaymentType
from chalicelib.reports.book import Book
from chalicelib.reports.cells import Value, amount, percent
from chalicelib.reports.model import Filters, Group
from chalicelib.reports.names import Names
from chalicelib.reports.views import Amount, FailedPaymentView, SaleLineView, TotalView

# Titles and widths, in the order of the tab; what the seed names comes first and in its order.
_SALE_COLUMNS = {
    "date": 20,
    "sale_type": 16,
    "expert": 24,
    "quantity": 8,
    "customer": 24,
    "payment_type": 16,
    "actual": 16,
    "unit": 14,
    "share": 12,
    "shared": 16,
    "country": 8,
    "product_type": 14,
    "product_name": 32,
    "cost": 16,
    "shared_cost": 18,
    "cost_currency": 12,
    "sale_id": 34,
    "customer_id": 38,
    "expert_id": 38,
}
_FAILED_COLUMNS = {
    "date": 20,
    "customer": 24,
    "reason": 28,
    "product_type": 14,
    "product_name": 32,
    "price": 16,
    "unit": 14,
    "country": 8,
    "rail": 14,
    "raw_code": 28,
    "order_id": 34,
    "customer_id": 38,
}
_TOTAL_COLUMNS = {"expert": 34, "payment_type": 16, "unit": 14, "quantity": 10, "actual": 16, "shared": 16}


class ReportBook(Book):
    """Sales and failed payments."""

    def __init__(self, locale: Locale, zone: ZoneInfo) -> None:
        super().__init__(locale, zone)
        self._sales = self._table("sheet.sales", self._titled(_SALE_COLUMNS))
        self._failed = self._table("sheet.failed", self._titled(_FAILED_COLUMNS))

    @property
    def sale_rows(self) -> int:
        return self._sales.rows

    @property
    def failed_rows(self) -> int:
        return self._failed.rows

    def add_sales(self, lines: Iterable[SaleLineView]) -> None:
        """The next lines of the first tab (B17 to B24)."""
        for line in lines:
            cost, shared_cost = line.cost, line.shared_cost
            self._sales.append(
                [
                    self._date(line.sold_at),
                    self._word("sale_type", line.sale_type),
                    line.expert_name,
                    line.quantity,
                    line.customer_name,
                    self._word("payment_type", line.payment_type),
                    amount(line.actual.amount, line.actual.unit),
                    self._unit(line.actual, line.payment_type),
                    percent(line.share_basis_points),
                    amount(line.shared.amount, line.shared.unit),
                    line.country,
                    self._word("product_type", line.product_type),
                    line.product_name,
                    amount(cost.amount, cost.currency) if cost else None,
                    amount(shared_cost.amount, shared_cost.currency) if shared_cost else None,
                    cost.currency if cost else None,
                    line.sale_id,
                    line.customer_id,
                    line.expert_id,
                ]
            )

    def add_failed_payments(self, lines: Iterable[FailedPaymentView]) -> None:
        """The next lines of the second tab (B29 to B35)."""
        for line in lines:
            self._failed.append(
                [
                    self._date(line.failed_at),
                    line.customer_name,
                    self._word("reason", line.reason),
                    self._word("product_type", line.product_type),
                    line.product_name,
                    amount(line.price.amount, line.price.unit),
                    self._unit(line.price, PaymentType.CREDIT),
                    line.country,
                    self._word("rail", line.rail),
                    line.raw_code,
                    line.order_id,
                    line.customer_id,
                ]
            )

    def add_totals(self, totals: Iterable[TotalView], group: Group) -> None:
        """The last tab: what the sales come to, each unit apart (B40)."""
        rest = self._texts["no_expert" if group is Group.EXPERT else "everyone"]
        table = self._table("sheet.totals", self._titled(_TOTAL_COLUMNS))
        for total in totals:
            table.append(
                [
                    total.expert_name or total.expert_id or rest,
                    self._word("payment_type", total.payment_type),
                    self._unit(total.actual, total.payment_type),
                    total.quantity,
                    amount(total.actual.amount, total.actual.unit),
                    amount(total.shared.amount, total.shared.unit),
                ]
            )

    def _filters(self, filters: Filters, names: Names) -> list[tuple[str, Value]]:
        since, until, zone, customer, expert = super()._filters(filters, names)
        show = ("show", self._word("show", filters.show))
        sale_type = ("sale_type", self._word("sale_type", filters.sale_type))
        group = ("group", self._word("group", filters.group))
        return [since, until, zone, show, customer, expert, sale_type, group]

    def _unit(self, actual: Amount, payment_type: str) -> str:
        """A currency's code; credits are told apart by where they came from (B21)."""
        return self._word("payment_type", payment_type) if actual.unit == "credit" else actual.unit
