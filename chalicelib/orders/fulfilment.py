"""What a payment brings about. Orders come before the features that deliver: each satisfies this protocol."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Invalid, Refusal
from chalicelib.core.money import Money
from chalicelib.core.payments import Purchase
from chalicelib.orders.model import Order, ProductKind
from chalicelib.orders.reversals import Reversal
from chalicelib.orders.views import OrderRequest
from chalicelib.platforms.model import Platform
from chalicelib.table.keys import Key
from chalicelib.table.operation import Effect
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write

KINDS_BY_PREFIX = {
    "cpk": ProductKind.CREDIT_PACKAGE,
    "apk": ProductKind.APPOINTMENT_PACKAGE,
    "spk": ProductKind.SESSION_PACKAGE,
    "pbl": ProductKind.PHONE_BALANCE,
}


_CHOICES = ("expert_id", "starts_at", "participants", "use_credits")


class KindUnknown(Invalid):
    code = "PRODUCT_KIND_UNKNOWN"
    message = "Nothing that can be ordered has an id of this kind."


class NotForThisProduct(Invalid):
    code = "NOT_FOR_THIS_PRODUCT"
    message = "What is ordered has no such choice."


class CannotDeliver(Conflict):
    """The money came, and what was ordered is gone; the platform's ``late_payment`` says what then."""

    code = "CANNOT_DELIVER"
    message = "What was ordered is no longer to be had."


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What is sold, as the order freezes it.

    ``product`` has an ``id``; ``name`` is put beside it. ``details`` name what to read along later.
    ``credits`` pay a part of it beside the card's ``price``.
    """

    product: dict[str, Any]
    name: str
    price: Money
    details: dict[str, str] = {}
    credits: int = 0


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What one transaction must write for a step of an order, and what leaves the table."""

    writes: Sequence[Write] = ()
    effects: Sequence[Effect] = ()


def together(first: Delivery, second: Delivery) -> Delivery:
    return Delivery(writes=[*first.writes, *second.writes], effects=[*first.effects, *second.effects])


class Fulfilment(Protocol):
    """Sells and delivers one kind of product. Every method is pure or only reads; none commits.

    ``refusals`` are what ``offer`` and ``reserve`` may raise. The actor of a request has his country.
    """

    refusals: tuple[type[Refusal], ...]

    def wanted_keys(self, actor: Actor, request: OrderRequest) -> list[Key]:
        """What to read, beside platform and account, to offer it and to reserve it."""

    def offer(self, loaded: Loaded, platform: Platform, actor: Actor, request: OrderRequest) -> Offer:
        """What is sold and for how much. Refuses what is not on sale, or not to be had now."""

    def keys(self, purchase: Purchase) -> list[Key]:
        """What every later step reads, beside platform and order."""

    def reserve(self, order: Order, loaded: Loaded, platform: Platform) -> list[Write]:
        """Set aside what must still be there when the money comes."""

    def deliver(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        """The order is paid, perhaps after it had expired. ``CannotDeliver``."""

    def release(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        """The order ended unpaid: give back what was set aside."""

    def reverse(self, order: Order, reversal: Reversal, loaded: Loaded, platform: Platform) -> Delivery:
        """Money went back, or came again: take back or give again, with the line that reverses the sale."""


def kind_of(package_id: str) -> ProductKind:
    """Which kind is ordered, by the prefix of its id. ``KindUnknown``."""
    kind = KINDS_BY_PREFIX.get(package_id.partition("_")[0])
    if kind is None:
        raise KindUnknown(field="package_id")
    return kind


def check_choices(request: OrderRequest, *known: str) -> None:
    """``NotForThisProduct`` for a choice that what is ordered does not have."""
    for choice in _CHOICES:
        if choice not in known and getattr(request, choice):
            raise NotForThisProduct(field=choice)
