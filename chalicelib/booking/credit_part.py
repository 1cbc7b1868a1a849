"""What an order takes of its buyer's wallet beside his card: held of named lots, then spent or given back."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from chalicelib.booking import mixed, rules, store
from chalicelib.booking.model import Booking
from chalicelib.orders import journal
from chalicelib.orders.lines import SalePart
from chalicelib.orders.model import Order
from chalicelib.orders.reversals import Reversal
from chalicelib.platforms.model import Platform
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.wallet.ledger import Journal, Posting
from chalicelib.wallet.model import CREDIT, SpentPart, Wallet
from chalicelib.wallet.service import Wallets


class CreditPart:
    """Every step is one with the order's; its money is posted with the wallet, or in the order's own journal.

    The hold has the order's id and no term: the order ends it.
    """

    def __init__(self, wallets: Wallets) -> None:
        self._wallets = wallets

    def key(self, platform_id: str, customer_id: str) -> Key:
        return self._wallets.key(platform_id, customer_id)

    def hold(self, order: Order, loaded: Loaded, platform: Platform) -> list[Write]:
        """``INSUFFICIENT_CREDITS``, ``WALLET_OWES``."""
        if not order.credits:
            return []
        why = _journal(order, f"hold:{order.id}", "order_hold", platform.now())
        return self._wallets.prepare_hold(
            self._wallet(order, loaded),
            order.credits,
            order.id,
            why.reference,
            why,
            order=platform.settings.spend_order,
        ).writes

    def is_held(self, order: Order, loaded: Loaded) -> bool:
        """True where the order's credits are there to be spent."""
        return not order.credits or any(opened.id == order.id for opened in self._wallet(order, loaded).holds)

    def release(self, order: Order, loaded: Loaded, at: datetime) -> list[Write]:
        """To the very lots, once."""
        if not order.credits or not self.is_held(order, loaded):
            return []
        why = _journal(order, f"release:{order.id}", "order_release", at)
        return self._wallets.prepare_release(self._wallet(order, loaded), order.id, why).writes

    def spend(
        self,
        order: Order,
        loaded: Loaded,
        share_basis_points: int,
        expert_id: str,
        money: Sequence[Posting],
        at: datetime,
    ) -> tuple[list[Write], list[SpentPart]]:
        """The sale's postings: the card's ``money``, and the held credits with the expert's share of them."""
        operation, kind = _sale(order), "appointment_sale"
        if not order.credits:
            return [journal.posted(order, operation, kind, money, at)], []
        into = rules.shared_out(order.credits, share_basis_points, expert_id)
        why = _journal(order, operation, kind, at)
        spent = self._wallets.prepare_capture(self._wallet(order, loaded), order.id, into, why, money)
        return spent.writes, spent.parts

    def turn_back(
        self,
        order: Order,
        booking: Booking,
        reversal: Reversal,
        loaded: Loaded,
        money: Sequence[Posting],
        platform: Platform,
    ) -> tuple[list[Write], list[SalePart]]:
        """The postings of ``money`` that went back, or came again, with the credits that go with it.

        They come back to the very lots, and are taken again of these, then of whatever is free: the booking
        remembers of which. What is not there is owed. The parts are what the sale's reversing line says.
        """
        at, spent = platform.now(), booking.spent_again or booking.spent
        before, after = reversal.pieces_before(order.credits), reversal.pieces_after(order.credits)
        operation = f"reverse:{order.id}:{reversal.id}"
        if before == after or booking.sale is None:
            return [journal.posted(order, operation, "refund", money, at)], []
        parts = mixed.credits_reversed(booking.sale, booking.spent, before, after)
        wallet = self._wallet(order, loaded)
        taken = _shared(booking.expert_id, after - before, sum(part.share for part in parts))
        if after > before:
            back = mixed.came_back(spent, before, after)
            why = _journal(order, operation, "refund", at)
            return self._wallets.prepare_return(wallet, back, why, taken, money).writes, parts
        why = _journal(order, operation, "refund_failed", at)
        back = mixed.came_back(spent, after, before)
        again = self._wallets.prepare_taken_again(wallet, back, taken, why, money, since=_sale(order))
        paid = replace(booking, spent_again=mixed.spent_again(spent, after, before, again.parts))
        return [*again.writes, store.saved_booking(paid, platform)], parts

    def _wallet(self, order: Order, loaded: Loaded) -> Wallet:
        return self._wallets.load(loaded, order.platform_id, order.customer_id)


def _shared(expert_id: str, came_back: int, share: int) -> list[Posting]:
    """Where credits that came back come from; ``share`` is below zero as they are above, and the reverse."""
    amounts = {f"expert:{expert_id}": share, "revenue": -came_back - share}
    return [
        Posting(account=account, asset=CREDIT, amount=amount) for account, amount in amounts.items() if amount
    ]


def _sale(order: Order) -> str:
    return f"fulfil:{order.id}"


def _journal(order: Order, operation: str, kind: str, at: datetime) -> Journal:
    paid = {"payment_id": order.payment_id} if order.payment_id else {}
    return Journal(
        operation=operation,
        kind=kind,
        at=at,
        reference={"order_id": order.id, "package_id": order.product_id} | paid,
        memo=order.product_name,
    )
