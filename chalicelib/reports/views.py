"""The outward shapes of the reports."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from chalicelib.accounts.model import Locale
from chalicelib.accounts.views import AccountId
from chalicelib.catalogue.model import Service
from chalicelib.core.money import Money
from chalicelib.core.payments import FailureReason
from chalicelib.orders.lines import PaymentType, ProductType, Rail, SaleType
from chalicelib.reports.model import (
    ExportState,
    Filters,
    Group,
    ReportKind,
    SaleTypeFilter,
    SessionTotals,
    Show,
)
from chalicelib.sessions.model import EndedBy

From = Annotated[datetime, Meta(tz=True, description="RFC 3339; what happened then or later.")]
To = Annotated[datetime, Meta(tz=True, description="RFC 3339; what happened before. At most 13 months on.")]
Limit = Annotated[int, Meta(ge=1, le=100)]
Cursor = Annotated[str, Meta(max_length=2048)]


class SalesQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """B4 to B15. ``limit`` counts sales; ``totals`` adds up all of them, not only the page."""

    since: From = field(name="from")
    until: To = field(name="to")
    show: Show = Show.ALL
    customer_id: AccountId | None = None
    expert_id: AccountId | None = None
    sale_type: SaleTypeFilter = SaleTypeFilter.ALL
    group: Group = Group.ALL
    totals: bool = False
    limit: Limit = 50
    cursor: Cursor | None = None

    def filters(self) -> Filters:
        return Filters(
            since=self.since,
            until=self.until,
            show=self.show,
            customer_id=self.customer_id,
            expert_id=self.expert_id,
            sale_type=self.sale_type,
            group=self.group,
        )


class FailedPaymentsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """B26 to B28."""

    since: From = field(name="from")
    until: To = field(name="to")
    show: Show = Show.ALL
    customer_id: AccountId | None = None
    limit: Limit = 50
    cursor: Cursor | None = None

    def filters(self) -> Filters:
        return Filters(since=self.since, until=self.until, show=self.show, customer_id=self.customer_id)


class SessionsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sessions that were to begin in ``[from, to)``, of one expert, one customer, or both (V24)."""

    since: From = field(name="from")
    until: To = field(name="to")
    customer_id: AccountId | None = None
    expert_id: AccountId | None = None
    totals: bool = False
    limit: Limit = 50
    cursor: Cursor | None = None

    def filters(self) -> Filters:
        return Filters(
            since=self.since, until=self.until, customer_id=self.customer_id, expert_id=self.expert_id
        )


class ExportRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The report and its filters, the language of the file, and the IANA zone that its dates are shown in.

    ``show``, ``sale_type`` and ``group`` are filters of sales; sessions have none of them.
    """

    report: ReportKind = ReportKind.SALES
    since: From = field(name="from")
    until: To = field(name="to")
    show: Show = Show.ALL
    customer_id: AccountId | None = None
    expert_id: AccountId | None = None
    sale_type: SaleTypeFilter = SaleTypeFilter.ALL
    group: Group = Group.ALL
    locale: Locale = Locale.ENGLISH
    zone: Annotated[str, Meta(max_length=64)] = "UTC"

    def filters(self) -> Filters:
        of_people = Filters(
            since=self.since, until=self.until, customer_id=self.customer_id, expert_id=self.expert_id
        )
        if self.report is ReportKind.SESSIONS:
            return of_people
        return replace(of_people, show=self.show, sale_type=self.sale_type, group=self.group)


class Amount(Struct, frozen=True, kw_only=True):
    """``unit`` is a currency (``amount`` in its minor units) or ``credit``."""

    amount: int
    unit: str


class SaleLineView(Struct, frozen=True, kw_only=True):
    """One part of a sale (B17 to B24); ``quantity`` stands on a sale's first line only.

    ``cost`` is what the spent credits had cost, ``shared_cost`` the expert's share of that.
    """

    sale_id: str
    sold_at: datetime
    sale_type: SaleType
    expert_id: str | None
    expert_name: str | None
    quantity: int | None
    customer_id: str
    customer_name: str | None
    payment_type: PaymentType
    actual: Amount
    cost: Money | None
    share_basis_points: int
    shared: Amount
    shared_cost: Money | None
    country: str
    product_type: ProductType
    product_id: str
    product_name: str


class TotalView(Struct, frozen=True, kw_only=True):
    """What one kind of payment in one unit comes to; never added to another (B40)."""

    expert_id: str | None
    expert_name: str | None
    payment_type: PaymentType
    quantity: int
    actual: Amount
    shared: Amount


class SalesReport(Struct, frozen=True, kw_only=True):
    """Newest first; grouped by expert, expert by expert, by name. A page may be short before the last one."""

    items: list[SaleLineView]
    cursor: str | None
    totals: list[TotalView] | None


class FailedPaymentView(Struct, frozen=True, kw_only=True):
    """B29 to B35; ``rail`` tells what was to be paid with.

    ``raw_code`` is the provider's own word, or for the wallet the code of the refusal.
    """

    id: str
    failed_at: datetime
    customer_id: str
    customer_name: str | None
    reason: FailureReason
    raw_code: str
    rail: Rail
    product_type: ProductType
    product_id: str
    product_name: str
    price: Amount
    country: str
    order_id: str | None


class FailedPaymentsReport(Struct, frozen=True, kw_only=True):
    """Newest first. A page may be short before the last one."""

    items: list[FailedPaymentView]
    cursor: str | None


class SessionLineView(Struct, frozen=True, kw_only=True):
    """A session that is over (B46); minutes are whole ones, and how late is none for who never joined.

    ``overrun_minutes``: how long it ran past its end as booked; ``missed``: the customer never came.
    It is session ``ordinal`` of a package's ``total``, as booked.
    """

    booking_id: str
    customer_id: str
    customer_name: str | None
    expert_id: str
    expert_name: str | None
    package_id: str
    package_title: str
    service: Service | None
    starts_at: datetime
    duration_minutes: int
    missed: bool
    ended_at: datetime
    ended_by: EndedBy
    customer_minutes: int
    expert_minutes: int
    customer_late_minutes: int | None
    expert_late_minutes: int | None
    overrun_minutes: int
    extended_minutes: int
    ordinal: int | None
    total: int | None


class SessionsReport(Struct, frozen=True, kw_only=True):
    """By their start, newest first. A page may be short before the last; totals are of the whole report."""

    items: list[SessionLineView]
    cursor: str | None
    totals: SessionTotals | None


class ExportView(Struct, frozen=True, kw_only=True):
    """``url`` downloads the file for five minutes; ask again for a new one. ``None`` until it is done."""

    id: str
    report: ReportKind
    state: ExportState
    created_at: datetime
    sale_rows: int | None
    failed_rows: int | None
    session_rows: int | None
    file_name: str
    url: str | None
