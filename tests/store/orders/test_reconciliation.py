"""A day beside the provider's list: what differs is told, and what an event would have done is done."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.adapters.identity import CognitoIdentity
from chalicelib.core.money import Money
from chalicelib.core.payments import DisputeState, ListedPayment, PaymentState, ProviderTimeout
from chalicelib.orders.model import OrderState
from chalicelib.orders.providers import PaymentProviders
from chalicelib.reconciliation import service
from chalicelib.reconciliation.model import DifferenceKind, Reconciliation
from chalicelib.reconciliation.service import Reconciliations
from chalicelib.reports.service import Reports
from tests.store.orders.shop import ADMIN, PLATFORM, Shop
from tests.store.orders.test_refunds import decide

PAID = "checkout.session.completed"


class Desk:
    """Who compares the shop's day with its provider's list."""

    def __init__(self, shop: Shop, day) -> None:
        self.shop, self.day = shop, day
        self.provider = shop.provider
        self.reports = Reports(Accounts(shop.platforms, CognitoIdentity()))
        providers = PaymentProviders({"stripe": lambda: self.provider}, lambda *_: True)
        self.service = Reconciliations(shop.platforms, providers, shop.orders, self.reports)
        self.listed: list[ListedPayment] = []
        self.provider.listed = lambda platform_id, day: self.listed

    def paid(self, key: str, *, told: bool) -> str:
        """An order whose page was paid, and of which we were told or not."""
        order = self.shop.ordered(key)
        self.provider.pay(order.payment_reference)
        if told:
            self.shop.deliver(self.provider.event(order.payment_reference, PAID))
            self._report_sales()
        self.listed.append(self.of_page(order.id, order.payment_reference))
        return order.id

    def of_page(self, order_id: str, reference: str) -> ListedPayment:
        page = self.provider.pages[reference]
        return ListedPayment(
            order_id=order_id,
            reference=reference,
            payment_id=page.payment_id,
            amount=page.amount,
            currency=page.currency,
            refunded=page.refunded,
        )

    def given_back(self, order_id: str, amount: int) -> None:
        """An admin gives back, and the provider does."""
        self.shop.refund(self.shop.kept(order_id), amount)
        self.shop.send_refunds()
        self._report_sales()
        self.changed(order_id)

    def changed(self, order_id: str, **changes: object) -> None:
        """The order's page as it now stands at the provider, alone in the list."""
        reference = self.shop.kept(order_id).payment_reference
        self.provider._change(reference, **changes)
        self.listed = [self.of_page(order_id, reference)]

    def _report_sales(self) -> None:
        for sale in self.shop.sales():
            self.reports.record_sale(PLATFORM, sale)

    def compare(self) -> Reconciliation:
        return self.service.reconcile(self.shop.platforms.get(PLATFORM), "stripe", self.day)


@pytest.fixture
def desk(shop, moving_clock) -> Desk:
    return Desk(shop, moving_clock().date())


def told(report: Reconciliation) -> list[tuple[DifferenceKind, bool]]:
    return [(each.kind, each.mended) for each in report.differences]


def test_a_day_on_which_both_say_the_same(desk) -> None:
    desk.paid("k1", told=True)
    report = desk.compare()
    assert (report.compared, report.unmended, report.differences, report.failed) == (1, 0, [], None)


def test_a_paid_page_whose_order_is_open_is_settled_by_the_one_path(desk) -> None:
    order_id = desk.paid("k1", told=False)
    assert told(desk.compare()) == [(DifferenceKind.NOT_SETTLED, True)]
    assert desk.shop.kept(order_id).state is OrderState.PAID
    assert (desk.shop.wallet().balance, len(desk.shop.sales())) == (500, 1)
    again = desk.compare()
    assert (again.compared, told(again)) == (1, [])
    assert desk.shop.wallet().balance == 500


def test_what_went_back_without_our_knowing_is_taken_over_and_told_once(desk) -> None:
    order_id = desk.paid("k1", told=True)
    desk.changed(order_id, refunded=149_000)
    assert told(desk.compare()) == [(DifferenceKind.REFUNDED, True)]
    assert (desk.shop.kept(order_id).returned.total, desk.shop.wallet().balance) == (149_000, 0)
    assert told(desk.compare()) == []


def test_what_was_paid_and_went_back_without_our_knowing_is_mended_at_once(desk) -> None:
    order_id = desk.paid("k1", told=False)
    desk.changed(order_id, refunded=149_000)
    assert told(desk.compare()) == [(DifferenceKind.NOT_SETTLED, True)]
    assert (desk.shop.kept(order_id).returned.left, desk.shop.wallet().balance) == (0, 0)


def test_a_refund_that_both_sides_know_is_no_difference(desk) -> None:
    order_id = desk.paid("k1", told=True)
    desk.given_back(order_id, 50_000)
    assert told(desk.compare()) == []


def test_a_refund_that_the_bank_sent_back_is_taken_over(desk) -> None:
    order_id = desk.paid("k1", told=True)
    desk.given_back(order_id, 50_000)
    desk.provider.fail_refund(desk.shop.kept(order_id).refunds[0].id)
    desk.changed(order_id)
    assert told(desk.compare()) == [(DifferenceKind.REFUNDED, True)]
    assert desk.shop.kept(order_id).returned.total == 0


def test_a_refund_that_we_hold_as_done_and_the_provider_has_not_is_told(desk) -> None:
    order_id = desk.paid("k1", told=True)
    desk.given_back(order_id, 50_000)
    desk.changed(order_id, refunded=0)
    assert told(desk.compare()) == [(DifferenceKind.REFUNDED, False)]
    desk.provider.tells_refunds = False  # it was made by hand, where nobody tells us of it
    assert told(desk.compare()) == []


def test_a_refund_of_an_earlier_sale_is_asked_about_on_its_own_day(desk, moving_clock) -> None:
    order_id = desk.paid("k1", told=True)
    moving_clock.forward(hours=72)
    desk.given_back(order_id, 50_000)
    desk.changed(order_id, refunded=0)
    desk.day, desk.listed = moving_clock().date(), []
    report = desk.compare()
    assert (report.compared, told(report)) == (1, [(DifferenceKind.REFUNDED, False)])


@pytest.mark.parametrize("state", [DisputeState.OPEN, DisputeState.LOST])
def test_a_dispute_that_nobody_told_us_of_is_taken_over(desk, state) -> None:
    order_id = desk.paid("k1", told=True)
    desk.provider.dispute(desk.shop.kept(order_id).payment_reference, "dp_1", 149_000, state)
    desk.listed = [replace(desk.listed[0], disputed=True)]
    assert told(desk.compare()) == [(DifferenceKind.DISPUTED, True)]
    assert [each.state for each in desk.shop.kept(order_id).disputes] == [state]
    assert told(desk.compare()) == []


def test_a_dispute_that_ended_otherwise_than_we_hold_is_told(desk) -> None:
    order_id = desk.paid("k1", told=True)
    reference = desk.shop.kept(order_id).payment_reference
    desk.listed = [replace(desk.listed[0], disputed=True)]
    for state, differences in (
        (DisputeState.WON, [(DifferenceKind.DISPUTED, True)]),
        (DisputeState.LOST, [(DifferenceKind.DISPUTED, False)]),
    ):
        desk.provider.dispute(reference, "dp_1", 149_000, state)
        assert told(desk.compare()) == differences


def test_a_second_payment_for_an_order_is_told_until_it_is_given_back(desk) -> None:
    desk.paid("k1", told=True)
    [own] = desk.listed
    second = replace(own, reference="cs_9", payment_id="pi_9")
    for refunded, differences in ((0, 1), (148_999, 1), (149_000, 0)):
        desk.listed = [own, replace(second, refunded=refunded)]
        report = desk.compare()
        assert (report.compared, told(report)) == (2, [(DifferenceKind.PAID_TWICE, False)] * differences)
    assert desk.shop.wallet().balance == 500


def test_the_payment_of_the_order_s_own_page_is_known_by_asking(desk) -> None:
    """A list may name no page, and an order may know of a payment that was declined before."""
    order_id = desk.paid("k1", told=True)
    desk.changed(order_id, payment_id="pi_after_a_decline")
    desk.listed = [replace(desk.listed[0], reference=None)]
    assert told(desk.compare()) == []


def test_a_payment_that_is_listed_twice_is_compared_once(desk) -> None:
    desk.paid("k1", told=True)
    desk.listed = desk.listed * 2
    assert desk.compare().compared == 1


@pytest.mark.parametrize("bound", [1, 2])
def test_a_report_that_was_cut_says_so(desk, monkeypatch, bound) -> None:
    monkeypatch.setattr(service, "MAX_COMPARED", bound)
    desk.paid("k1", told=True)
    desk.paid("k2", told=True)
    report = desk.compare()
    assert (report.compared, report.failed) == (bound, "PAYMENTS_TOO_MANY" if bound == 1 else None)


def test_an_order_whose_money_was_sent_back_is_no_difference(desk) -> None:
    order = desk.shop.ordered()
    desk.provider.pay(order.payment_reference, amount=100_000)
    desk.shop.deliver(desk.provider.event(order.payment_reference, PAID))
    decide(desk.shop, order, "refund")
    desk.shop.send_refunds()
    desk.listed = [desk.of_page(order.id, order.payment_reference)]
    assert (desk.shop.kept(order.id).state, desk.listed[0].refunded) == (OrderState.REFUNDED, 100_000)
    assert told(desk.compare()) == []


def test_money_that_nobody_ordered_is_told_and_never_granted(desk) -> None:
    desk.listed = [
        ListedPayment(
            order_id="ord_none", reference="cs_9", payment_id="pi_9", amount=1, currency="TRY", refunded=0
        )
    ]
    report = desk.compare()
    assert (told(report), report.unmended) == ([(DifferenceKind.ORDER_UNKNOWN, False)], 1)
    assert desk.shop.wallet().balance == 0


def test_another_amount_than_the_order_s_is_told(desk) -> None:
    desk.paid("k1", told=True)
    [payment] = desk.listed
    desk.listed = [
        ListedPayment(
            order_id=payment.order_id,
            reference=payment.reference,
            payment_id=payment.payment_id,
            amount=1,
            currency="TRY",
            refunded=0,
        )
    ]
    assert told(desk.compare()) == [(DifferenceKind.AMOUNT, False)]


def test_an_order_that_only_we_hold_for_paid_is_told(desk) -> None:
    order_id = desk.paid("k1", told=True)
    desk.listed = []
    assert told(desk.compare()) == []  # it is in another day's list: the provider says that it is paid
    desk.provider._change(desk.shop.kept(order_id).payment_reference, state=PaymentState.EXPIRED)
    assert told(desk.compare()) == [(DifferenceKind.NOT_PAID, False)]


def test_a_provider_that_breaks_off_fails_its_own_report_alone(desk, capsys) -> None:
    def breaking(platform_id, day):
        yield from desk.listed
        raise ProviderTimeout

    desk.paid("k1", told=False)
    desk.provider.listed = breaking
    report = desk.compare()
    assert (report.failed, told(report)) == ("PROVIDER_TIMEOUT", [(DifferenceKind.NOT_SETTLED, True)])
    desk.service.run()
    assert '"event":"reconciled"' in capsys.readouterr().out


def failing_for(desk, monkeypatch, *order_ids: str) -> None:
    """The provider does not say how the payments of these orders stand."""
    fetch = desk.provider.fetch

    def failing(page):
        if page.order_id in order_ids:
            raise ProviderTimeout
        return fetch(page)

    monkeypatch.setattr(desk.provider, "fetch", failing)


def test_an_order_that_cannot_be_looked_at_hides_no_other(desk, monkeypatch) -> None:
    unseen, seen = (desk.paid(key, told=False) for key in ("k1", "k2"))
    failing_for(desk, monkeypatch, unseen)
    report = desk.compare()
    assert (report.failed, report.compared, told(report)) == (
        "PROVIDER_TIMEOUT",
        1,
        [(DifferenceKind.NOT_SETTLED, True)],
    )
    states = [desk.shop.kept(order_id).state for order_id in (unseen, seen)]
    assert states == [OrderState.PENDING, OrderState.PAID]


def test_a_provider_that_fails_again_and_again_is_not_waited_for_all_day(desk, monkeypatch) -> None:
    order_ids = [desk.paid(f"k{number}", told=False) for number in range(service.MAX_FAILURES + 1)]
    failing_for(desk, monkeypatch, *order_ids[:-1])
    report = desk.compare()
    assert (report.failed, report.compared) == ("PROVIDER_TIMEOUT", 0)
    assert desk.shop.kept(order_ids[-1]).state is OrderState.PENDING


def test_a_platform_that_breaks_us_stops_no_other(desk, monkeypatch, capsys) -> None:
    order_id = desk.paid("k1", told=False)
    acme = desk.shop.platforms.get(PLATFORM)
    monkeypatch.setattr(desk.shop.platforms, "all", lambda: [replace(acme, id="throttled"), acme])

    def configured(platform_id: str, name: str) -> bool:
        if platform_id == "throttled":
            raise RuntimeError("ThrottlingException")
        return True

    providers = PaymentProviders({"stripe": lambda: desk.provider}, configured)
    Reconciliations(desk.shop.platforms, providers, desk.shop.orders, desk.reports).run()
    assert desk.shop.kept(order_id).state is OrderState.PAID
    assert '"event":"reconciled","differences":1' in capsys.readouterr().out


def test_what_breaks_us_is_in_the_report(desk, monkeypatch) -> None:
    def breaking(platform_id, day):
        raise KeyError("transactions")

    monkeypatch.setattr(desk.provider, "listed", breaking)
    assert desk.compare().failed == "INTERNAL"


def test_the_reports_are_listed_for_an_admin_the_latest_first(desk) -> None:
    desk.paid("k1", told=True)
    for back in (2, 0, 1):
        desk.service.reconcile(desk.shop.platforms.get(PLATFORM), "stripe", desk.day - timedelta(days=back))
    days = [report.day for report in desk.service.list_of(ADMIN, 2, None).items]
    assert days == [desk.day.isoformat(), (desk.day - timedelta(days=1)).isoformat()]


def test_money_of_another_currency_is_never_compared_by_number_alone(desk) -> None:
    desk.paid("k1", told=True)
    desk.listed = [
        ListedPayment(
            order_id=each.order_id,
            reference=each.reference,
            payment_id=each.payment_id,
            amount=each.amount,
            currency="EUR",
            refunded=0,
        )
        for each in desk.listed
    ]
    assert Money(149_000, "TRY") == desk.shop.kept(desk.listed[0].order_id).price
    assert told(desk.compare()) == [(DifferenceKind.AMOUNT, False)]
