"""One alone asks the provider for a refund: not every provider knows one again that comes twice at once."""

from contextlib import suppress

from msgspec.structs import replace

from chalicelib.orders import store
from chalicelib.orders.model import Order
from chalicelib.orders.refunds import Asking, Refund, RefundBeingSent
from chalicelib.table import transact
from chalicelib.table.operation import MAX_TRIES
from chalicelib.table.transact import StaleDecision


def begin(order: Order, refund_id: str, asking: Asking) -> bool:
    """True where it is now this one who asks; false where the refund is sent already. ``RefundBeingSent``."""
    for number in range(MAX_TRIES):
        refund = next((each for each in order.refunds if each.id == refund_id), None)
        if refund is None or not refund.is_to_send():
            return False
        if refund.asking == asking:
            return True  # by a commit whose response was lost
        try:
            transact.commit([store.saved(_with(order, refund.asked_by(asking)))], f"{asking.id}{number}")
        except StaleDecision:
            order = store.find(order.platform_id, order.id) or order
        else:
            return True
    raise RefundBeingSent


def end(platform_id: str, order_id: str, asking: Asking) -> None:
    """The provider gave no answer: whoever tries next need not wait for this one."""
    order = store.find(platform_id, order_id)
    refund = next((each for each in order.refunds if each.asking == asking), None) if order else None
    if order and refund:
        with suppress(StaleDecision):
            transact.commit([store.saved(_with(order, replace(refund, asking=None)))], f"{asking.id}end")


def _with(order: Order, refund: Refund) -> Order:
    refunds = [refund if each.id == refund.id else each for each in order.refunds]
    return replace(order, refunds=refunds)
