"""Payment pages of the providers beside Stripe: they share its sessions, outcomes and hosted page.

A page is a checkout session without Stripe's checks, whose id is the provider's own and whose `private` part
says by which protocol its merchant is told.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from infra.local.payments.accounts import Account
from infra.local.payments.messages import JsonObject, Request, Response, json_response
from infra.local.payments.sandbox import Sandbox
from infra.local.payments.state import Record
from infra.local.payments.stripe_api import objects
from infra.local.payments.work import Work


@dataclass(frozen=True)
class NewPage:
    """What a merchant asks for; `amount_minor` in the minor units of `currency`, in small letters."""

    id: str
    order: str
    amount_minor: int
    currency: str
    description: str
    success_url: str
    cancel_url: str | None
    expires_at: int
    email: str | None = None
    locale: str | None = None
    metadata: JsonObject = field(default_factory=dict)


def open_page(work: Work, account: Account, page: NewPage) -> Record:
    """A page on which the buyer can pay."""
    price = {
        "currency": page.currency,
        "unit_amount": page.amount_minor,
        "product_data": {"name": page.description},
    }
    items = [objects.line_item({"price_data": price, "quantity": 1})]
    params: JsonObject = {
        "cancel_url": page.cancel_url,
        "client_reference_id": page.order,
        "customer_email": page.email,
        "expires_at": page.expires_at,
        "locale": page.locale,
        "mode": "payment",
        "success_url": page.success_url,
    }
    obj = objects.session(params, items, work.now, work.base_url)
    obj |= {"id": page.id, "url": f"{work.base_url}/pay/{page.id}"}
    private = {
        "line_items": items,
        "payment_intent_data": {"metadata": page.metadata},
        "protocol": account.protocol,
    }
    return work.add("checkout.session", account.id, obj, private)


def paid_charge(work: Work, page: Record) -> Record | None:
    """The charge that paid the page."""
    intent = intent_of(work, page)
    if intent is None or intent.object["status"] != "succeeded":
        return None
    return work.state.tables["charge"].get(intent.object["latest_charge"])


def intent_of(work: Work, page: Record) -> Record | None:
    """The payment of the page, once somebody has tried to pay."""
    return work.state.tables["payment_intent"].get(page.object["payment_intent"] or "")


def disturbed(sandbox: Sandbox, request: Request, answer: Callable[[], JsonObject | Response]) -> Response:
    """The answer, with the fault that waits for this call."""
    fault = sandbox.faults.take(request.method, request.path)
    kind = fault.kind if fault else None
    if fault and kind == "slow":
        time.sleep(fault.seconds)
    if kind == "lost_request":
        return Response(0, disconnect=True)
    if kind == "nonsense":
        return Response(200, b"<html><body>Bad gateway</body></html>", "text/html; charset=utf-8")
    if kind in ("error_500", "error_429"):
        return json_response(500 if kind == "error_500" else 429, {"error": kind})
    given = answer()
    if kind == "lost_response":
        return Response(0, disconnect=True)
    return given if isinstance(given, Response) else json_response(200, given)
