"""Which rows a report shows, and what they come to. Pure."""

from collections.abc import Iterator

from chalicelib.core.money import Money, share_of
from chalicelib.orders.lines import FailedPayment, PaymentType, ProductType, Sale, SalePart, SaleType
from chalicelib.reports.model import Filters, Group, SaleTypeFilter, Show, Total
from chalicelib.sessions.lines import SessionLine

_PRODUCT_TYPES = {
    Show.APPOINTMENTS: {ProductType.APPOINTMENT},
    Show.PACKAGES: {ProductType.CREDIT, ProductType.SESSION_PACKAGE},
    Show.EVENTS: {ProductType.EVENT},
}


def shows_sale(filters: Filters, sale: Sale) -> bool:
    """Whether the sale passes every filter (B5 to B13)."""
    return (
        _shows_product(filters.show, sale.product_type)
        and (filters.show is not Show.PACKAGES or sale.sale_type is not SaleType.CREDIT)
        and filters.sale_type in {SaleTypeFilter.ALL, sale.sale_type}
        and filters.customer_id in {None, sale.customer_id}
        and filters.expert_id in {None, sale.expert_id}
    )


def shows_failed_payment(filters: Filters, payment: FailedPayment) -> bool:
    """Whether the attempt passes the filters that its report has (B27, B28)."""
    return _shows_product(filters.show, payment.product_type) and filters.customer_id in {
        None,
        payment.customer_id,
    }


def shows_session(filters: Filters, line: SessionLine) -> bool:
    """Whether the session is of the people whom the filters name (V24)."""
    return filters.customer_id in {None, line.customer_id} and filters.expert_id in {None, line.expert_id}


def _shows_product(show: Show, product_type: ProductType) -> bool:
    return show is Show.ALL or product_type in _PRODUCT_TYPES[show]


def lines(sale: Sale) -> Iterator[tuple[SalePart, int | None]]:
    """One line per part; the quantity stands on the first, so that it is counted once (B18)."""
    for place, part in enumerate(sale.parts):
        yield part, None if place else sale.quantity


def shared_cost(sale: Sale, part: SalePart) -> Money | None:
    """The expert's share of what the spent credits had cost; ``None`` where it is not known."""
    if part.cost is None or part.shared_cost:
        return part.shared_cost
    share = share_of(abs(part.cost.amount), sale.share_basis_points)
    return Money(share if part.cost.amount > 0 else -share, part.cost.currency)


class Totals:
    """Adds up sales, each kind of payment and each unit apart (B40)."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._sums: dict[tuple[str | None, PaymentType, str], tuple[int, int, int]] = {}

    def add(self, sale: Sale) -> None:
        """Count one sale in."""
        expert_id = sale.expert_id if self._group is Group.EXPERT else None
        for part, sold in lines(sale):
            key = (expert_id, part.payment_type, part.unit)
            quantity, actual, shared = self._sums.get(key, (0, 0, 0))
            self._sums[key] = (quantity + (sold or 0), actual + part.amount, shared + part.share)

    def expert_ids(self) -> set[str]:
        return {expert_id for expert_id, _, _ in self._sums if expert_id}

    def result(self) -> list[Total]:
        """By kind of payment and unit within each group; groups stand in the order of their first sale."""
        groups = list(dict.fromkeys(expert_id for expert_id, _, _ in self._sums))
        ordered = sorted(self._sums, key=lambda key: (groups.index(key[0]), key[1], key[2]))
        return [_total(key, self._sums[key]) for key in ordered]


def _total(key: tuple[str | None, PaymentType, str], sums: tuple[int, int, int]) -> Total:
    expert_id, payment_type, unit = key
    quantity, actual, shared = sums
    return Total(
        expert_id=expert_id,
        payment_type=payment_type,
        unit=unit,
        quantity=quantity,
        actual=actual,
        shared=shared,
    )
