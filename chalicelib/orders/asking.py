"""One alone asks the provider for a refund: not every provider knows one again that comes twice at once."""

from msgspec.structs import replace

from chalicelib.orders import store
from chalicelib.orders.model import Order
from chalicelib.orders.refunds import Asking, Refund, RefundBeingSent
from chalicelib.table.revising import revised


def begin(order: Order, refund_id: str, asking: Asking) -> bool:
    """True where it is now this one who asks; false where the refund is sent already. ``RefundBeingSent``."""

    def asked(before: Order) -> Order:
        refund = _to_send(before, refund_id)
        if refund is None or refund.asking == asking:
            return before  # the latter by a commit whose response was lost
        return _with(before, refund.asked_by(asking))

    after = revised(order, asked, store.saved, lambda: store.find(order.platform_id, order.id), asking.id)
    if after is None:
        raise RefundBeingSent
    return _to_send(after, refund_id) is not None


def _to_send(order: Order, refund_id: str) -> Refund | None:
    found = next((each for each in order.refunds if each.id == refund_id), None)
    return found if found and found.is_to_send() else None


def _with(order: Order, refund: Refund) -> Order:
    refunds = [refund if each.id == refund.id else each for each in order.refunds]
    return replace(order, refunds=refunds)
