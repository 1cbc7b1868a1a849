"""What a session package is sold for: the line of the report, and the postings of money at the desk."""

from datetime import datetime

from chalicelib.assignments.model import Assignment, AssignmentEntry
from chalicelib.core.ids import new_id
from chalicelib.core.money import Money
from chalicelib.orders.lines import PaymentType, ProductType, Sale, SalePart, SaleType
from chalicelib.wallet.ledger import Posting


def sale_of(
    assignment: Assignment, country: str, price: Money, sale_type: SaleType, payment_type: PaymentType
) -> Sale:
    """All sessions paid together, in advance (D17); it stands under *Packages*, and no expert shares it.

    That of an order has its number.
    """
    return Sale(
        id=f"sal_{(assignment.order_id or assignment.id).partition('_')[2]}",
        platform_id=assignment.platform_id,
        sold_at=assignment.created_at,
        product_type=ProductType.SESSION_PACKAGE,
        product_id=assignment.product_id,
        product_name=assignment.name,
        quantity=1,
        customer_id=assignment.customer_id,
        expert_id=None,
        sale_type=sale_type,
        parts=[SalePart(payment_type=payment_type, amount=price.amount, unit=price.currency)],
        share_basis_points=0,
        country=country,
    )


def desk_sale(assignment: Assignment, price: Money) -> Sale:
    """The sale of one that was paid at the desk; it is of the country of its services."""
    country = assignment.covers[0].package.country
    return sale_of(assignment, country, price, SaleType.OFFLINE, PaymentType.OFFLINE)


def desk_entry(assignment: Assignment, step: str, money: Money, at: datetime) -> AssignmentEntry:
    """The money came over the desk, or below zero went back over it; no expert has a share of it."""
    amounts = {"desk": -money.amount, "revenue": money.amount}
    return AssignmentEntry(
        id=new_id("ltx"),
        platform_id=assignment.platform_id,
        assignment_id=assignment.id,
        operation=f"{step}:{assignment.id}",
        kind="session_package_sale" if money.amount > 0 else "refund",
        at=at,
        postings=[
            Posting(account=account, asset=money.currency, amount=amount)
            for account, amount in amounts.items()
        ],
    )
