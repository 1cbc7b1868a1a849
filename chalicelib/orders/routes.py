"""The routes of orders."""

from typing import Any
from urllib.parse import parse_qs

from chalice.app import Response

from chalicelib.accounts.model import AccountNotFound
from chalicelib.catalogue.errors import PackageNotOnSale
from chalicelib.core.errors import Busy, NotFound, TooLarge
from chalicelib.core.log import log
from chalicelib.core.money import UnknownCurrency
from chalicelib.core.payments import (
    CurrencyNotPayable,
    PriceNotPayable,
    ProviderFailed,
    ProviderNotConfigured,
    ProviderTimeout,
    WebhookRefused,
)
from chalicelib.core.permissions import Permission
from chalicelib.orders import return_page
from chalicelib.orders.checkout import Checkout, CountryChanged
from chalicelib.orders.fulfilment import KindUnknown, NotForThisProduct
from chalicelib.orders.giving_back import Refunds
from chalicelib.orders.model import (
    OrderClosed,
    OrderInReview,
    OrderNotFound,
    OrderNotInReview,
    OrderNotPaid,
    OtherCurrencyPaid,
    PageClosing,
    PartlyReturned,
)
from chalicelib.orders.phone_balance import top_up
from chalicelib.orders.providers import ProviderUnknown
from chalicelib.orders.refunds import RefundNotByHand, RefundNotFound, RefundsTooMany, RefundTooLarge
from chalicelib.orders.service import Orders
from chalicelib.orders.views import (
    CustomerOrderListQuery,
    OrderList,
    OrderListQuery,
    OrderRequest,
    OrderView,
    RefundOutcomeRequest,
    RefundRequest,
    ReviewRequest,
    TopUpRequest,
    WebhookAnswer,
)
from chalicelib.orders.webhooks import OrderUnknown, Webhooks
from chalicelib.platforms.model import PlatformNotFound
from chalicelib.table.operation import Answer
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call

_PROVIDER = (ProviderFailed, ProviderNotConfigured, ProviderTimeout)
_START_ERRORS = (
    AccountNotFound,
    CountryChanged,
    CurrencyNotPayable,
    KindUnknown,
    NotForThisProduct,
    OrderClosed,
    PriceNotPayable,
    *_PROVIDER,
)
_WEBHOOK_ERRORS = (
    PlatformNotFound,
    ProviderUnknown,
    TooLarge,
    WebhookRefused,
    OrderUnknown,
    Busy,
    *_PROVIDER,
)


RETURN = "/v1/public/{platform_id}/orders/{order_id}/return"
_MAX_FORM_BYTES = 4_096


def blueprint(checkout: Checkout, orders: Orders, refunds: Refunds, webhooks: Webhooks) -> Blueprint:
    """Customers' orders, the provider's webhook and return page, and the admin's list."""
    routes = Blueprint("orders")
    _declare_for_customers(routes, checkout, orders)
    _declare_top_ups(routes, checkout)
    _declare_for_admins(routes, refunds)
    _declare_for_the_provider(routes, orders, webhooks)
    return routes


def _declare_for_customers(routes: Blueprint, checkout: Checkout, orders: Orders) -> None:
    @routes.post(
        "/v1/orders", permission=Permission.ORDERS_CREATE, body=OrderRequest, answer=OrderView, status=201,
        errors=(*_START_ERRORS, *checkout.refusals),
    )  # fmt: skip
    def start_order(call: Call[OrderRequest, None]) -> Answer:
        """Order a package.

        The answer's `payment_url` is where it is paid. After a failure of the payment provider (502, 504)
        the same Idempotency-Key goes on with the same order.
        """
        return checkout.start(call.operation, call.body)

    @routes.post(
        "/v1/orders/{order_id}/resume", permission=Permission.ORDERS_CREATE, answer=OrderView,
        errors=(OrderClosed, OrderNotFound, PageClosing, PriceNotPayable, *_PROVIDER),
    )  # fmt: skip
    def resume_order(call: Call[None, None]) -> Answer:
        """Go on paying an order.

        The same page while it takes money, a fresh one where it has closed and the order has not. Where the
        provider cannot close a page, it is five minutes more before another can be opened (409).
        """
        return checkout.resume(call.operation, call.path["order_id"])

    @routes.get("/v1/orders", permission=Permission.ORDERS_READ, query=OrderListQuery, answer=OrderList)
    def list_own_orders(call: Call[None, OrderListQuery]) -> OrderList:
        """List your own orders, newest first."""
        return orders.list_of(call.actor, call.actor.id, call.query.limit, call.query.cursor)

    @routes.get(
        "/v1/orders/{order_id}", permission=Permission.ORDERS_READ, answer=OrderView, errors=(OrderNotFound,)
    )
    def get_order(call: Call[None, None]) -> OrderView:
        """Read an order with its failed attempts."""
        return orders.find(call.actor, call.path["order_id"])

    @routes.get(
        "/v1/admin/orders", permission=Permission.REPORTS_READ, query=CustomerOrderListQuery, answer=OrderList
    )
    def list_orders_of_customer(call: Call[None, CustomerOrderListQuery]) -> OrderList:
        """List a customer's orders, newest first."""
        return orders.list_of(call.actor, call.query.customer_id, call.query.limit, call.query.cursor)


def _declare_top_ups(routes: Blueprint, checkout: Checkout) -> None:
    @routes.post(
        "/v1/admin/phone-top-ups", permission=Permission.PHONE_MANAGE, body=TopUpRequest, answer=OrderView,
        status=201, errors=(*_START_ERRORS, PackageNotOnSale),
    )  # fmt: skip
    def top_up_phone_balance(call: Call[TopUpRequest, None]) -> Answer:
        """Order USD for calls; the answer's `payment_url` is where it is paid."""
        return checkout.start(call.operation, top_up(call.body.amount_cents))


def _declare_for_admins(routes: Blueprint, refunds: Refunds) -> None:
    @routes.post(
        "/v1/admin/orders/{order_id}/refunds", permission=Permission.ORDERS_REFUND, body=RefundRequest,
        answer=OrderView, status=201,
        errors=(OrderNotFound, OrderNotPaid, OrderInReview, RefundTooLarge, RefundsTooMany),
    )  # fmt: skip
    def refund_order(call: Call[RefundRequest, None]) -> Answer:
        """Give money back, in part or all that is left.

        What was given for it is taken back at once, and given again if the refund fails.
        """
        return refunds.request(call.operation, call.path["order_id"], call.body)

    @routes.post(
        "/v1/admin/orders/{order_id}/refunds/{refund_id}", permission=Permission.ORDERS_REFUND,
        body=RefundOutcomeRequest, answer=OrderView, errors=(OrderNotFound, RefundNotFound, RefundNotByHand),
    )  # fmt: skip
    def record_refund(call: Call[RefundOutcomeRequest, None]) -> Answer:
        """Record how a refund went that the provider left to you (`by_hand`)."""
        path = call.path
        return refunds.record(call.operation, path["order_id"], path["refund_id"], call.body)

    @routes.post(
        "/v1/admin/orders/{order_id}/review", permission=Permission.ORDERS_REFUND, body=ReviewRequest,
        answer=OrderView,
        errors=(OrderNotFound, OrderNotInReview, OtherCurrencyPaid, PartlyReturned, UnknownCurrency),
    )  # fmt: skip
    def decide_review(call: Call[ReviewRequest, None]) -> Answer:
        """Decide on an order that was paid otherwise than ordered: let it stand, or give it back."""
        return refunds.decide_review(call.operation, call.path["order_id"], call.body)

    @routes.get(
        "/v1/admin/orders-in-review", permission=Permission.REPORTS_READ, query=OrderListQuery,
        answer=OrderList,
    )  # fmt: skip
    def list_orders_in_review(call: Call[None, OrderListQuery]) -> OrderList:
        """List the orders that wait for a decision, or for a refund that failed, the oldest first."""
        return refunds.reviews(call.actor, call.query.limit, call.query.cursor)


def _declare_for_the_provider(routes: Blueprint, orders: Orders, webhooks: Webhooks) -> None:
    @routes.post(
        "/v1/webhooks/{platform_id}/{provider}", permission=Permission.PUBLIC, answer=WebhookAnswer, raw=True,
        errors=_WEBHOOK_ERRORS,
    )  # fmt: skip
    def receive_payment_event(call: Call[None, None]) -> WebhookAnswer:
        """Take an event of a payment provider (`stripe`, `iyzico`), signed by it.

        Any answer but a 2xx asks the provider to send the event again.
        """
        path = call.path
        handled = webhooks.receive(path["platform_id"], path["provider"], call.headers, call.raw_body)
        return WebhookAnswer(state=handled.state)

    @routes.get(RETURN, permission=Permission.PUBLIC, raw=True, html=True)
    def return_from_payment(call: Call[None, Any]) -> Response:
        """Come back from the payment page.

        Leads on to the platform's own page, or says how the order stands. It grants nothing by itself.
        """
        query = call.query
        return _returned(orders, call, query.get("session_id") or query.get("Authority"))

    @routes.post(RETURN, permission=Permission.PUBLIC, raw=True, html=True)
    def return_from_payment_by_form(call: Call[None, Any]) -> Response:
        """Come back from iyzico's page, which lets the browser send a form with the page's `token`."""
        form = parse_qs(call.raw_body[:_MAX_FORM_BYTES].decode("ascii", "replace"))
        return _returned(orders, call, form.get("token", [None])[0])


def _returned(orders: Orders, call: Call[None, Any], reference: str | None) -> Response:
    """A person looks at this, so whatever breaks he is told something, and never a 5xx."""
    platform_id, order_id = call.path["platform_id"], call.path["order_id"]
    try:
        order, platform = orders.after_payment(platform_id, order_id, reference)
    except NotFound:
        return _page(return_page.page_without_order(return_page.MISSING), 404)
    except Exception as error:
        log("return_failed", platform_id=platform_id, order_id=order_id, error=repr(error))
        return _page(return_page.page_without_order(return_page.UNKNOWN), 200)
    if url := platform.settings.return_url:
        away = return_page.location(url, order_id)
        return Response("", {"Location": away, "Cache-Control": "no-store"}, 303)
    return _page(return_page.page(order), 200)


def _page(html: str, status: int) -> Response:
    return Response(html, dict(return_page.HEADERS), status)
