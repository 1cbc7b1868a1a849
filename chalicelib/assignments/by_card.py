"""Session packages by card: the payment assigns the package to who paid, once (D6, D17)."""

import msgspec
from msgspec.structs import replace

from chalicelib.assignments.assigning import Assigning, assigned
from chalicelib.assignments.model import Assignment, Cover, Participant, ParticipantRepeated
from chalicelib.assignments.news import told
from chalicelib.assignments.sales import sale_of
from chalicelib.assignments.service import Assignments
from chalicelib.catalogue.errors import PackageNotOnSale, TextRefused
from chalicelib.catalogue.service import Catalogue
from chalicelib.catalogue.session_package import SessionPackage
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Refusal
from chalicelib.core.ids import new_id
from chalicelib.core.payments import Purchase
from chalicelib.feed.model import NoticeKind
from chalicelib.orders import journal
from chalicelib.orders.fulfilment import Delivery, Offer, check_choices
from chalicelib.orders.lines import SALE_REPORTED, PaymentType, Sale, SaleType
from chalicelib.orders.model import Order
from chalicelib.orders.reversals import Reversal, reversed_sale
from chalicelib.orders.views import OrderRequest
from chalicelib.platforms.model import Platform
from chalicelib.table.keys import Key
from chalicelib.table.operation import Effect
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.wallet.ledger import Posting


class SessionPackageFulfilment:
    """Satisfies ``Fulfilment``. Nothing is set aside, since a definition does not run out.

    The order keeps the definition, its services and who may come, as they were when it was ordered (E39); its
    details name the assignment, so that each step reads it at once.
    """

    refusals: tuple[type[Refusal], ...] = (PackageNotOnSale, ParticipantRepeated, TextRefused)

    def __init__(self, catalogue: Catalogue, assigning: Assigning, assignments: Assignments) -> None:
        self._catalogue = catalogue
        self._assigning = assigning
        self._assignments = assignments

    def wanted_keys(self, actor: Actor, request: OrderRequest) -> list[Key]:
        """The catalogue, and those who may come. ``AccountNotFound``."""
        return self._assigning.wanted_keys(actor.platform_id, actor.country or "", request.participants)

    def offer(self, loaded: Loaded, platform: Platform, actor: Actor, request: OrderRequest) -> Offer:
        """All its sessions for its price (D17). ``PackageNotOnSale`` also where it has none.

        ``NotForThisProduct``, ``ParticipantRepeated``, ``TextRefused``, ``AccountNotFound``.
        """
        check_choices(request, "participants")
        package = self._catalogue.session_package(
            loaded, platform.id, actor.country or "", request.package_id
        )
        if package.price is None:
            raise PackageNotOnSale(field="package_id")
        sold = {
            "covers": self._assigning.covers(loaded, platform.id, package),
            "participants": self._assigning.participants(loaded, platform.id, request.participants),
        }
        return Offer(
            product=msgspec.to_builtins(package) | msgspec.to_builtins(sold),
            name=package.name,
            price=package.price,
            details={"assignment_id": new_id("asg")},
        )

    def keys(self, purchase: Purchase) -> list[Key]:
        return [self._assignments.key(purchase.platform_id, purchase.details["assignment_id"])]

    def reserve(self, order: Order, loaded: Loaded, platform: Platform) -> list[Write]:
        return []

    def deliver(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        """The assignment, active at once (D8), and its sale."""
        assignment = _bought(order, platform)
        sale = _sale(order, assignment)
        money = _money(order, order.price.amount)
        entry = journal.posted(order, f"fulfil:{order.id}", "session_package_sale", money, sale.sold_at)
        given = self._assignments.prepare_given(replace(assignment, sale_id=sale.id))
        news = told(assignment, NoticeKind.PACKAGE_GIVEN, assignment.total, sale.sold_at)
        return Delivery(writes=[*given, entry], effects=[_reported(sale), *news])

    def release(self, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
        return Delivery()

    def reverse(self, order: Order, reversal: Reversal, loaded: Loaded, platform: Platform) -> Delivery:
        """The sessions go back with the money, in proportion: the last of them with the last of it.

        Those that are booked stay so; called off, they do not come back while as many are withdrawn.
        """
        wanted = order.details["assignment_id"]
        assignment = loaded.get(self._assignments.key(platform.id, wanted), Assignment)
        if assignment is None:
            raise ValueError(f"{order.id} was delivered without {wanted}")
        line = reversed_sale(_sale(order, assignment), reversal, platform.now())
        money, operation = _money(order, -reversal.amount), f"reverse:{order.id}:{reversal.id}"
        entry = journal.posted(order, operation, "refund", money, platform.now())
        withdrawn = assignment.withdrawn + reversal.pieces_of(order.product["total_sessions"])
        back = self._assignments.prepare_withdraw(assignment, withdrawn)
        return Delivery(writes=[*back, entry], effects=[_reported(line)])


def _bought(order: Order, platform: Platform) -> Assignment:
    made = assigned(
        platform,
        order.customer_id,
        msgspec.convert(order.product, SessionPackage),
        msgspec.convert(order.product["covers"], list[Cover]),
        participants=msgspec.convert(order.product["participants"], list[Participant]),
    )
    return replace(made, id=order.details["assignment_id"], order_id=order.id, price=order.price)


def _sale(order: Order, assignment: Assignment) -> Sale:
    return sale_of(assignment, order.country, order.price, SaleType.CARD, PaymentType.CARD)


def _reported(sale: Sale) -> Effect:
    return Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(sale))


def _money(order: Order, amount: int) -> list[Posting]:
    """The money came from the provider, or went back; no expert has a share of it."""
    currency = order.price.currency
    return [
        Posting(account=f"provider:{order.provider}", asset=currency, amount=-amount),
        Posting(account="revenue", asset=currency, amount=amount),
    ]
