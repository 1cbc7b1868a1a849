"""An order begins: it is kept first, then the provider is asked, and a repeat goes on where it stopped."""

import msgspec
import pytest

from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.core.actor import Actor
from chalicelib.core.money import Money
from chalicelib.core.payments import (
    AttemptSpent,
    CurrencyNotPayable,
    PriceNotPayable,
    ProviderFailed,
    ProviderTimeout,
)
from chalicelib.orders.checkout import CountryChanged
from chalicelib.orders.model import OrderClosed, OrderNotFound, OrderState
from chalicelib.orders.store import find_referred
from chalicelib.orders.views import OrderView
from chalicelib.table.operation import IdempotencyKeyReused, Operation
from tests.faults import count_calls
from tests.store.orders.shop import ADMIN, CUSTOMER, PLATFORM, STRANGER, due_work, everything


def test_an_order_is_kept_as_sold_and_answers_with_where_to_pay(shop, moving_clock) -> None:
    view = shop.order().read_as(OrderView)
    order = shop.kept(view.id)
    assert view.payment_url == "https://pay.test/cs_1"
    assert (order.state, order.price, order.country) == (OrderState.PENDING, Money(149_000, "TRY"), "TR")
    assert (order.product_name, order.product["credits"], order.locale) == ("500 Kredi", 500, "tr")
    assert (order.expires_at - moving_clock()).total_seconds() == 31 * 60
    assert find_referred(PLATFORM, "stripe", "cs_1") == order.id


def test_the_provider_is_told_what_the_order_says(shop, provider) -> None:
    order = shop.ordered()
    [request] = provider.requests
    assert request.purchase == order.purchase
    assert (request.price, request.description, request.expires_at) == (
        order.price,
        "500 Kredi",
        order.expires_at,
    )


def test_a_repeat_is_byte_equal_and_starts_nothing(shop, provider) -> None:
    first, again = shop.order(), shop.order()
    assert first.body == again.body
    assert (first.replayed, again.replayed) == (False, True)
    assert len(provider.pages) == 1


def test_the_same_key_with_another_package_is_refused(shop) -> None:
    shop.order()
    with pytest.raises(IdempotencyKeyReused):
        shop.order(package_id="cpk_kwd")


def test_starting_costs_two_reads_and_two_transactions(shop) -> None:
    calls = count_calls(shop.order)
    assert calls == ["dynamodb:BatchGetItem", "dynamodb:TransactWriteItems"] * 2


@pytest.mark.parametrize("failure", [ProviderFailed, ProviderTimeout, AttemptSpent])
def test_after_a_failure_the_same_key_goes_on_with_the_same_order(shop, provider, failure) -> None:
    provider.failing = failure()
    with pytest.raises(failure):
        shop.order()
    [waiting] = shop.orders.list_of(CUSTOMER, CUSTOMER.id, 50, None).items
    assert (waiting.state, waiting.payment_url, waiting.expires_at) == (OrderState.PENDING, None, None)
    assert shop.order().read_as(OrderView).id == waiting.id


def test_after_a_lost_response_the_same_page_is_given(shop, provider) -> None:
    provider.failing, provider.loses_response = ProviderTimeout(), True
    with pytest.raises(ProviderTimeout):
        shop.order()
    assert shop.order().read_as(OrderView).payment_url == "https://pay.test/cs_1"
    assert len(provider.pages) == 1


def test_what_the_provider_keeps_as_failed_is_tried_as_another_attempt(shop, provider) -> None:
    provider.failing = AttemptSpent()
    with pytest.raises(AttemptSpent):
        shop.order()
    assert shop.ordered().attempt_number == 2
    assert provider.requests[0].attempt_number == 2


def test_an_attempt_too_old_for_a_page_gives_way_to_another(shop, provider, moving_clock) -> None:
    provider.failing = ProviderTimeout()
    with pytest.raises(ProviderTimeout):
        shop.order()
    moving_clock.forward(minutes=2)
    order = shop.ordered()
    assert order.attempt_number == 2
    assert (order.expires_at - moving_clock()).total_seconds() == 31 * 60


def test_an_order_given_up_is_not_started_again(shop, provider, moving_clock) -> None:
    provider.failing = ProviderTimeout()
    with pytest.raises(ProviderTimeout):
        shop.order()
    [waiting] = shop.orders.list_of(CUSTOMER, CUSTOMER.id, 50, None).items
    moving_clock.forward(minutes=61)
    shop.orders.sweep(PLATFORM, waiting.id)
    with pytest.raises(OrderClosed):
        shop.order()


def test_a_price_that_the_provider_refuses_leaves_no_order_open(shop, provider) -> None:
    provider.failing = PriceNotPayable(field="package_id")
    with pytest.raises(PriceNotPayable):
        shop.order()
    [ended] = shop.orders.list_of(CUSTOMER, CUSTOMER.id, 50, None).items
    assert (ended.state, due_work(), shop.failed_payments()) == (OrderState.EXPIRED, [], [])
    with pytest.raises(OrderClosed):
        shop.order()
    assert provider.pages == {}


def test_a_price_that_the_provider_refuses_closes_no_order_whose_buyer_was_shown_a_page(
    shop, provider, moving_clock
) -> None:
    """It was payable then, and money may come by that page."""
    order = shop.ordered()
    moving_clock.forward(minutes=36)
    provider.expire("cs_1")
    asked = Operation(actor=CUSTOMER, name="resume", key="r1", input_hash="")
    start, provider.start = provider.start, refuses_the_price
    with pytest.raises(PriceNotPayable):
        shop.checkout.resume(asked, order.id)
    provider.start = start
    assert shop.checkout.resume(asked, order.id).read_as(OrderView).payment_url == "https://pay.test/cs_2"


def refuses_the_price(*_: object) -> None:
    raise PriceNotPayable


@pytest.mark.parametrize(
    ("package_id", "refusal"),
    [
        ("cpk_none", PackageNotOnSale),
        ("cpk_de", PackageNotOnSale),
        ("cpk_irr", CurrencyNotPayable),
        ("cpk_kwd", PriceNotPayable),
    ],
)
def test_what_cannot_be_bought_here_is_refused_and_nothing_is_kept(
    shop, provider, package_id, refusal
) -> None:
    before = everything()
    with pytest.raises(refusal) as refused:
        shop.order(package_id=package_id)
    assert refused.value.field == "package_id"
    assert everything() == before
    assert provider.calls == []


def test_a_token_of_another_country_buys_nothing(shop) -> None:
    moved = Actor(id=CUSTOMER.id, platform_id=PLATFORM, roles=CUSTOMER.roles, country="DE")
    with pytest.raises(CountryChanged):
        shop.order(package_id="cpk_de", actor=moved)


def test_a_token_without_a_country_buys_in_the_account_s(shop) -> None:
    plain = Actor(id=CUSTOMER.id, platform_id=PLATFORM, roles=CUSTOMER.roles)
    assert shop.order(actor=plain).read_as(OrderView).country == "TR"


def test_own_orders_are_listed_newest_first_and_foreign_ones_are_not_found(shop, moving_clock) -> None:
    older = shop.ordered("k1")
    moving_clock.forward(seconds=1)
    newer = shop.ordered("k2")
    page = shop.orders.list_of(CUSTOMER, CUSTOMER.id, 1, None)
    rest = shop.orders.list_of(CUSTOMER, CUSTOMER.id, 1, page.cursor)
    assert [each.id for each in page.items + rest.items] == [newer.id, older.id]
    assert shop.orders.list_of(STRANGER, STRANGER.id, 50, None).items == []
    assert shop.orders.find(ADMIN, older.id).id == older.id
    for actor in (STRANGER, Actor(id=CUSTOMER.id, platform_id="other", roles=CUSTOMER.roles)):
        with pytest.raises(OrderNotFound):
            shop.orders.find(actor, older.id)


def test_a_page_is_offered_only_while_it_takes_money(shop, moving_clock) -> None:
    order = shop.ordered()
    moving_clock.forward(minutes=31)
    assert shop.orders.find(CUSTOMER, order.id).payment_url is None


def test_only_an_admin_is_told_the_provider_s_own_word(shop, provider, moving_clock) -> None:
    order = shop.ordered()
    failure = provider.decline("cs_1", moving_clock())
    shop.deliver(provider.event("cs_1", "payment_intent.payment_failed", failure))
    assert [each.raw_code for each in shop.orders.find(CUSTOMER, order.id).failures] == [None]
    assert [each.raw_code for each in shop.orders.find(ADMIN, order.id).failures] == ["do_not_honor"]


def test_an_open_order_is_work_that_is_due_after_its_page_has_expired(shop, moving_clock) -> None:
    order = shop.ordered()
    assert (order.check_at - order.expires_at).total_seconds() == 5 * 60
    assert [key.sk for key in due_work() if "ORDER" in key.pk] == ["ORDER"]


def test_the_answer_says_money_and_instants_as_the_api_does(shop) -> None:
    answer = msgspec.json.decode(shop.order().body)
    assert answer["price"] == {"amount": 149_000, "currency": "TRY"}
    assert answer["created_at"] == "2026-11-22T09:00:00Z"
    assert answer["product"] == {
        "kind": "credit_package",
        "id": "cpk_500",
        "name": "500 Kredi",
        "credits": 500,
    }
