"""What an expert has earned, what went back of it, and from when it is payable (V11, B42).

Folded from the sales' rows, with the shares as they were sold. Units and currencies are never added together.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct, field

from chalicelib.accounts.service import Accounts
from chalicelib.orders.lines import Sale
from chalicelib.platforms.service import Platforms
from chalicelib.reports import store, walk
from chalicelib.reports.model import Filters, TotalsTooLarge
from chalicelib.reports.views import From, To
from chalicelib.table import read

# A statement is one answer, so that its sums are those of its lines.
MAX_SALES = 2_000
READ_AT_ONCE = 500


class StatementQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sales and their reversals from ``from`` up to and without ``to``, at most 13 months."""

    since: From = field(name="from")
    until: To = field(name="to")


class StatementLine(Struct, frozen=True, kw_only=True):
    """The expert's share of one part of a sale, in its unit; below zero where it ``reverses`` one."""

    sale_id: str
    reverses: str | None
    sold_at: datetime
    product_name: str
    unit: str
    share: int
    payable_at: datetime


class StatementTotal(Struct, frozen=True, kw_only=True):
    """Of one unit: ``earned`` less ``reversed`` is ``due``, of which so much is ``payable`` now."""

    unit: str
    earned: int
    reversed: int
    due: int
    payable: int


class Statement(Struct, frozen=True, kw_only=True):
    """Newest first. ``payout_delay_days`` is the platform's present setting (V11)."""

    expert_id: str
    payout_delay_days: Annotated[int, Meta(ge=0)]
    totals: list[StatementTotal]
    lines: list[StatementLine]


class Statements:
    """For an admin, and for the expert himself."""

    def __init__(self, platforms: Platforms, accounts: Accounts) -> None:
        self._platforms = platforms
        self._accounts = accounts

    def of_expert(self, platform_id: str, expert_id: str, query: StatementQuery) -> Statement:
        """``ExpertNotFound``, ``AccountNotFound``, ``RangeInvalid``.

        ``TotalsTooLarge`` for more than 2 000 sales.
        """
        wanted = [self._platforms.key(platform_id), self._accounts.key(platform_id, expert_id)]
        loaded = read.batch(wanted)
        self._accounts.load_expert(loaded, platform_id, expert_id)
        platform = self._platforms.load(loaded, platform_id)
        days = platform.settings.payout_delay_days
        filters = Filters(since=query.since, until=query.until, expert_id=expert_id)
        lines = list(folded(list(_sales(platform_id, filters)), timedelta(days=days)))
        totals = totalled(lines, platform.now())
        return Statement(expert_id=expert_id, payout_delay_days=days, totals=totals, lines=lines)


def folded(sales: Sequence[Sale], delay: timedelta) -> Iterator[StatementLine]:
    """A share is payable some days after the sale.

    What reverses a sale counts with it, wherever the sale lies: a refund within the delay is never paid out,
    and the statements of two months add up to that of both.
    """
    payable = {sale.id: sale.sold_at + delay for sale in sales if sale.reverses is None}
    for sale in sales:
        for part in sale.parts:
            yield StatementLine(
                sale_id=sale.id,
                reverses=sale.reverses,
                sold_at=sale.sold_at,
                product_name=sale.product_name,
                unit=part.unit,
                share=part.share,
                payable_at=_payable_at(sale, payable, delay),
            )


def _payable_at(sale: Sale, payable: Mapping[str, datetime], delay: timedelta) -> datetime:
    """A line that does not know when its sale was sold counts at once where the statement lacks the sale."""
    if sale.reverses_sold_at:
        return sale.reverses_sold_at + delay
    return payable.get(sale.reverses or sale.id, sale.sold_at)


def totalled(lines: Sequence[StatementLine], now: datetime) -> list[StatementTotal]:
    """One for each unit, by name; a line is payable from its instant on."""
    return [
        _total(unit, [line for line in lines if line.unit == unit], now)
        for unit in sorted({line.unit for line in lines})
    ]


def _total(unit: str, lines: Sequence[StatementLine], now: datetime) -> StatementTotal:
    earned = sum(line.share for line in lines if line.reverses is None)
    reversed_ = -sum(line.share for line in lines if line.reverses)
    payable = sum(line.share for line in lines if line.payable_at <= now)
    return StatementTotal(
        unit=unit, earned=earned, reversed=reversed_, due=earned - reversed_, payable=payable
    )


def _sales(platform_id: str, filters: Filters) -> Iterator[Sale]:
    strand = store.sales_of_expert(platform_id, str(filters.expert_id), filters.since)
    for number, step in enumerate(walk.walk([strand], filters, READ_AT_ONCE), start=1):
        if number > MAX_SALES:
            raise TotalsTooLarge(field="to")
        yield step.row.sale
