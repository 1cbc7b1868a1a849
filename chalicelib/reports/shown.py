"""From the rows of a report to the lines that people read."""

from collections.abc import Iterable, Sequence

from chalicelib.reports import rules
from chalicelib.reports.model import FailedPaymentRow, SaleRow, SessionRow
from chalicelib.reports.names import Names
from chalicelib.reports.rules import Totals
from chalicelib.reports.views import Amount, FailedPaymentView, SaleLineView, SessionLineView, TotalView
from chalicelib.sessions.lines import SessionLine


def sale_lines(rows: Sequence[SaleRow], names: Names) -> list[SaleLineView]:
    """The sales' lines, one per part, with the names of the people in them."""
    names.look_up(person for row in rows for person in (row.sale.customer_id, row.sale.expert_id))
    return [line for row in rows for line in _lines(row, names)]


def _lines(row: SaleRow, names: Names) -> Iterable[SaleLineView]:
    sale = row.sale
    for part, quantity in rules.lines(sale):
        yield SaleLineView(
            sale_id=sale.id,
            sold_at=sale.sold_at,
            sale_type=sale.sale_type,
            expert_id=sale.expert_id,
            expert_name=names.of(sale.expert_id),
            quantity=quantity,
            customer_id=sale.customer_id,
            customer_name=names.of(sale.customer_id),
            payment_type=part.payment_type,
            actual=Amount(amount=part.amount, unit=part.unit),
            cost=part.cost,
            share_basis_points=sale.share_basis_points,
            shared=Amount(amount=part.share, unit=part.unit),
            shared_cost=rules.shared_cost(sale, part),
            country=sale.country,
            product_type=sale.product_type,
            product_id=sale.product_id,
            product_name=sale.product_name,
        )


def failed_payments(rows: Sequence[FailedPaymentRow], names: Names) -> list[FailedPaymentView]:
    """The attempts, with the names of those who made them."""
    names.look_up(row.payment.customer_id for row in rows)
    return [_failed_payment(row, names) for row in rows]


def _failed_payment(row: FailedPaymentRow, names: Names) -> FailedPaymentView:
    payment = row.payment
    return FailedPaymentView(
        id=payment.id,
        failed_at=payment.failed_at,
        customer_id=payment.customer_id,
        customer_name=names.of(payment.customer_id),
        reason=payment.reason,
        raw_code=payment.raw_code,
        rail=payment.rail,
        product_type=payment.product_type,
        product_id=payment.product_id,
        product_name=payment.product_name,
        price=Amount(amount=payment.amount, unit=payment.unit),
        country=payment.country,
        order_id=payment.order_id,
    )


def session_lines(rows: Sequence[SessionRow], names: Names) -> list[SessionLineView]:
    """The sessions, with the names of their parties."""
    names.look_up(person for row in rows for person in (row.line.customer_id, row.line.expert_id))
    return [_session_line(row.line, names) for row in rows]


def _session_line(line: SessionLine, names: Names) -> SessionLineView:
    told = {name: getattr(line, name) for name in line.__struct_fields__ if name != "platform_id"}
    return SessionLineView(
        customer_name=names.of(line.customer_id), expert_name=names.of(line.expert_id), **told
    )


def totals(counted: Totals, names: Names) -> list[TotalView]:
    """What was counted, with the names of the groups."""
    names.look_up(counted.expert_ids())
    return [
        TotalView(
            expert_id=total.expert_id,
            expert_name=names.of(total.expert_id),
            payment_type=total.payment_type,
            quantity=total.quantity,
            actual=Amount(amount=total.actual, unit=total.unit),
            shared=Amount(amount=total.shared, unit=total.unit),
        )
        for total in counted.result()
    ]
