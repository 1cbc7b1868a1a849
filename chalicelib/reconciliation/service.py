"""Once a day: our orders beside each provider's payments, what differs, and what of it can be mended safely.

Mended is by the orders' own path alone: the provider's truth is fetched again and brings about what an event
would have. Nothing is corrected by hand here, and money that nobody ordered is told, never granted.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Refusal
from chalicelib.core.log import log
from chalicelib.core.payments import ListedPayment, PaymentState
from chalicelib.orders.lines import SaleType
from chalicelib.orders.model import Order, OrderState
from chalicelib.orders.providers import PaymentProviders
from chalicelib.orders.service import Orders
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.reconciliation import rules, store
from chalicelib.reconciliation.model import (
    MAX_TOLD,
    DifferenceKind,
    PaymentsTooMany,
    ProviderDifference,
    Reconciliation,
)
from chalicelib.reconciliation.views import ReconciliationList, ReconciliationView
from chalicelib.reports.model import Filters
from chalicelib.reports.service import Reports
from chalicelib.table import transact

# Of the provider's list and of ours, in one report.
MAX_COMPARED = 10_000
# Who fails so often in one report is down: nobody waits for his silence ten thousand times.
MAX_FAILURES = 10

T = TypeVar("T")
# What a comparison found, or the code of what it failed of.
_Outcome = tuple[ProviderDifference | None, str | None]


class Reconciliations:
    def __init__(
        self, platforms: Platforms, providers: PaymentProviders, orders: Orders, reports: Reports
    ) -> None:
        self._platforms = platforms
        self._providers = providers
        self._orders = orders
        self._reports = reports

    def run(self) -> None:
        """Yesterday, by UTC, of every platform and provider; one failure does not stop the rest."""
        day, differences = (clock.now() - timedelta(days=1)).date(), 0
        for platform in self._platforms.all():
            try:
                differences += self._reconciled(platform, day)
            except Exception as error:
                differences += 1
                log("reconciliation_failed", platform_id=platform.id, error=repr(error))
        log("reconciled", differences=differences)

    def _reconciled(self, platform: Platform, day: date) -> int:
        """How much of the platform's day is left for a person."""
        providers = self._providers.configured(platform.id)
        reports = [self.reconcile(platform, provider, day) for provider in providers]
        return sum(report.unmended + bool(report.failed) for report in reports)

    def reconcile(self, platform: Platform, provider: str, day: date) -> Reconciliation:
        """Compare one day and keep the report, in the place of an earlier one of the same day."""
        found: list[ProviderDifference] = []
        failures: list[str] = []
        compared = 0
        for difference, failure in self._outcomes(platform, provider, day):
            compared += failure is None
            found += [difference] if difference else []
            failures += [failure] if failure else []
            if len(failures) == MAX_FAILURES:
                break
        mended = sum(difference.mended for difference in found)
        report = Reconciliation(
            platform_id=platform.id,
            provider=provider,
            day=day.isoformat(),
            looked_at=clock.now(),
            compared=compared,
            mended=mended,
            unmended=len(found) - mended,
            differences=sorted(found, key=lambda each: each.mended)[:MAX_TOLD],
            failed=failures[-1] if failures else None,
        )
        self._keep(report)
        return report

    def _keep(self, report: Reconciliation) -> None:
        before = store.find(report.platform_id, report.day, report.provider)
        kept = replace(report, version=before.version if before else 0)
        token = f"reconciliation:{report.platform_id}:{report.provider}:{report.day}:{kept.version}"
        try:
            transact.commit([store.saved(kept)], token)
        except transact.StaleDecision:
            log("reconciliation_kept", day=report.day)  # by this very call, or by a run at the same time
        facts = {"platform_id": report.platform_id, "provider": report.provider, "day": report.day}
        log("reconciliation", **facts, unmended=report.unmended, mended=report.mended, failed=report.failed)

    def _outcomes(self, platform: Platform, provider: str, day: date) -> Iterator[_Outcome]:
        """Of each payment that was to be compared; last, what broke the day off."""
        try:
            for compare in self._comparisons(platform, provider, day):
                yield _outcome(compare)
        except Exception as error:
            yield None, _code_of(error)

    def _comparisons(
        self, platform: Platform, provider: str, day: date
    ) -> Iterator[Callable[[], ProviderDifference | None]]:
        """One for each payment of the day; each gives ``None`` where both say the same."""
        payments, orders = set(), set()
        for payment in _bounded(self._providers.of(provider).listed(platform.id, day)):
            if payment.payment_id in payments:
                continue  # paid and given back on one day
            order = self._order_of(platform.id, provider, payment)
            payments.add(payment.payment_id)
            orders.add(order.id if order else None)
            yield partial(self._compared, order, payment)
        for order in self._sold(platform, provider, day):
            if order.id not in orders:
                orders.add(order.id)
                yield partial(self._asked, order)

    def _order_of(self, platform_id: str, provider: str, payment: ListedPayment) -> Order | None:
        if payment.order_id is not None:
            order = self._orders.known(platform_id, payment.order_id)
            return order if order and order.provider == provider else None
        return self._orders.of_reference(platform_id, provider, payment.reference or payment.payment_id)

    def _compared(self, order: Order | None, payment: ListedPayment) -> ProviderDifference | None:
        if order is None:
            return rules.told(DifferenceKind.ORDER_UNKNOWN, None, payment, mended=False)
        if order.is_final() and not self._is_known(order, payment):
            is_back = payment.refunded >= payment.amount
            return None if is_back else rules.told(DifferenceKind.PAID_TWICE, order, payment, mended=False)
        kind = rules.differing(order, payment)
        if kind is None and not rules.may_have_gone_back(order, payment):
            return None
        after = self._orders.look_again(order, payment.reference)
        if after.is_final() and not order.is_final():
            after = self._orders.look_again(
                after, payment.reference
            )  # at what went back before it was paid here
        left = rules.differing(after, payment) or self._gone_back(after)
        found = kind or rules.learned(order, after) or left
        return rules.told(found, order, payment, mended=left is None) if found else None

    def _is_known(self, order: Order, payment: ListedPayment) -> bool:
        """Whether it is the payment that came by the order's own page, which may follow declined ones."""
        if rules.knows(order, payment):
            return True
        truth = self._orders.truth(order)
        return truth is None or truth.payment_id == payment.payment_id

    def _gone_back(self, order: Order) -> DifferenceKind | None:
        truth = self._orders.truth(order)
        tells_refunds = self._providers.of(order.provider).tells_refunds
        return rules.gone_back(order, truth, tells_refunds=tells_refunds) if truth else None

    def _asked(self, order: Order) -> ProviderDifference | None:
        """An order paid here and not in the list: it is in another day's, or nowhere."""
        payment = self._orders.truth(order)
        if payment is None or payment.state is not PaymentState.PAID:
            return rules.not_paid(order)
        listed = ListedPayment(
            order_id=order.id,
            reference=payment.reference,
            payment_id=payment.payment_id or payment.reference,
            amount=payment.amount,
            currency=payment.currency,
            refunded=payment.refunded,
        )
        return self._compared(order, listed)

    def _sold(self, platform: Platform, provider: str, day: date) -> Iterator[Order]:
        """Our orders sold or given back on the day: the sales report's lines, by the platform's own clock."""
        since = datetime.combine(day, time(), UTC) + platform.ahead()
        rows = self._reports.all_sales(platform.id, Filters(since=since, until=since + timedelta(days=1)))
        for row in _bounded(rows):
            sale_id = row.sale.reverses or row.sale.id
            if row.sale.sale_type is SaleType.CARD and sale_id.startswith("sal_"):
                order = self._orders.known(platform.id, f"ord_{sale_id.removeprefix('sal_')}")
                if order and order.provider == provider and order.state is OrderState.PAID:
                    yield order

    def list_of(self, actor: Actor, limit: int, cursor: str | None) -> ReconciliationList:
        """The platform's reports, the latest day first."""
        page = store.of_platform(actor.platform_id, limit, cursor)
        return ReconciliationList(
            items=[ReconciliationView.of(report) for report in page.records], cursor=page.cursor
        )


def _outcome(compare: Callable[[], ProviderDifference | None]) -> _Outcome:
    """One order that cannot be looked at hides no other."""
    try:
        return compare(), None
    except Exception as error:
        return None, _code_of(error)


def _code_of(error: Exception) -> str:
    """What the report says of a failure; the log says more."""
    log("comparison_failed", error=repr(error))
    return error.code if isinstance(error, Refusal) else "INTERNAL"


def _bounded(found: Iterable[T]) -> Iterator[T]:
    """``PaymentsTooMany`` beyond the bound, so that a report that was cut says so."""
    for number, each in enumerate(found):
        if number == MAX_COMPARED:
            raise PaymentsTooMany
        yield each
