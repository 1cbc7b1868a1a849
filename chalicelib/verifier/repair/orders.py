"""Orders: what was given is paid, and what is paid is given."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from chalicelib.core.errors import Refusal
from chalicelib.orders import store
from chalicelib.orders.fulfilment import Delivery, Fulfilment
from chalicelib.orders.journal import OrderEntry, OrderEntryItem
from chalicelib.orders.model import Order, OrderState
from chalicelib.orders.reversals import Reversal
from chalicelib.platforms.model import Platform
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.verifier.repair.mending import CannotRepair, Mended, NothingToRepair, Task, mend
from chalicelib.verifier.repair.refold import journal, refolded, with_lots_sorted
from chalicelib.verifier.repair.reporting import unreported
from chalicelib.wallet.model import CREDIT, Wallet
from chalicelib.wallet.opening import everything
from chalicelib.wallet.store import LedgerTransactionItem, LotPageItem, WalletItem


def mend_state(task: Task) -> str:
    """The books say that it was delivered: it is paid. The sweeper then asks the provider for the rest."""
    platform_id, order_id = task.words
    order_key = keys.order(platform_id, order_id)
    entry_key = keys.order_entry(platform_id, order_id, f"fulfil:{order_id}")

    def decide(loaded: Loaded) -> Mended:
        order = loaded.get(order_key, Order)
        if order is None:
            raise CannotRepair("the order is lost")
        if not (order.is_open() or order.state is OrderState.EXPIRED):
            raise NothingToRepair if order.state is OrderState.PAID else CannotRepair(f"it is {order.state}")
        at, payment_id = _given_at(order, loaded.get(entry_key, OrderEntry))
        paid = replace(
            order,
            state=OrderState.PAID,
            paid_at=at,
            payment_id=order.payment_id or payment_id,
            check_at=at,
        )
        return Mended(
            did=f"{order_id} is paid, since it was delivered",
            subject_id=order.customer_id,
            writes=[store.saved(paid)],
        )

    return mend(task, [order_key, entry_key], decide)


class Redelivery:
    """Delivers again what a paid order has not got, as its fulfilment would have."""

    def __init__(self, fulfilments: Mapping[str, Fulfilment]) -> None:
        self._fulfilments = fulfilments

    def mend(self, task: Task) -> str:
        order, kind, wanted = self._of_order(task)

        def decide(loaded: Loaded) -> Mended:
            platform, paid = _paid(wanted, loaded)
            _must_not_be_given(paid, loaded)
            delivery = _delivered(kind, paid, loaded, platform)
            return Mended(
                did=f"{order.id} was delivered again",
                subject_id=paid.customer_id,
                writes=[write for write in delivery.writes if not _stands(write)],
                effects=unreported(paid, delivery.effects),
            )

        return mend(task, wanted, decide)

    def mend_books(self, task: Task) -> str:
        """A package of sessions was given and its money stands in no book."""
        order, kind, wanted = self._of_order(task)

        def decide(loaded: Loaded) -> Mended:
            platform, paid = _paid(wanted, loaded)
            delivery = _delivered(kind, paid, loaded, platform)
            missing = [each for each in delivery.writes if _is_of_books(each) and not _stands(each)]
            if not missing:
                raise CannotRepair("something stands in the books, of another amount")
            did = f"the {paid.price} of {order.id} stand in the books again"
            return Mended(did=did, subject_id=paid.customer_id, writes=missing)

        return mend(task, wanted, decide)

    def mend_reversal(self, task: Task) -> str:
        """Money went back, and the books do not say so: credits are taken back now, or are owed.

        Of what a booking or a package of sessions has, only books and credits are mended: the rest stands.
        """
        order, kind, wanted = self._of_order(task)

        def decide(loaded: Loaded) -> Mended:
            platform, paid = _paid(wanted, loaded)
            before = _booked_back(paid)
            amount = paid.returned.total - before
            if amount <= 0:
                raise CannotRepair("the order has lost a refund that the books have")
            _must_agree(paid, loaded)
            step = Reversal(id=f"r{paid.reversals}", price=paid.price, before=before, amount=amount)
            given = kind.reverse(paid, step, loaded, platform)
            return Mended(
                did=f"what {amount} of {order.id} had bought was taken back",
                subject_id=paid.customer_id,
                writes=[each for each in given.writes if _is_of_books(each) or _is_of_credits(each)],
                effects=unreported(paid, given.effects),
            )

        return mend(task, wanted, decide)

    def _of_order(self, task: Task) -> tuple[Order, Fulfilment, list[Key]]:
        platform_id, order_id = task.words
        order = store.find(platform_id, order_id)
        if order is None:
            raise CannotRepair("the order is lost")
        kind = self._fulfilments[order.delivered_as or order.product_kind]
        wanted = [keys.platform(platform_id), keys.order(platform_id, order_id), *kind.keys(order.purchase)]
        return order, kind, wanted


def _paid(wanted: Sequence[Key], loaded: Loaded) -> tuple[Platform, Order]:
    platform, order = loaded.get(wanted[0], Platform), loaded.get(wanted[1], Order)
    if platform is None or order is None or order.state is not OrderState.PAID:
        raise CannotRepair("its platform or its payment is lost")
    return platform, order


def _booked_back(order: Order) -> int:
    """What the books say went back to the provider. ``NothingToRepair`` where the last step stands there."""
    lines = [*journal(order.platform_id, order.customer_id, CREDIT), *store.entries(order)]
    back = [step for step in lines if step.operation.startswith(f"reverse:{order.id}:")]
    if any(step.operation == f"reverse:{order.id}:r{order.reversals}" for step in back):
        raise CannotRepair("a step before the last one is lost")
    return sum(
        posting.amount
        for step in back
        for posting in step.postings
        if posting.account.startswith("provider:")
    )


def _is_of_credits(write: Write) -> bool:
    return isinstance(write.item, WalletItem | LotPageItem | LedgerTransactionItem)


def _is_of_books(write: Write) -> bool:
    return isinstance(write.item, OrderEntryItem)


def _stands(write: Write) -> bool:
    """A line of the books that is there already. Only its own step can have put it."""
    key = Key(write.item.pk, write.item.sk)
    return _is_of_books(write) and read.get(key, OrderEntry) is not None


def _delivered(kind: Fulfilment, order: Order, loaded: Loaded, platform: Platform) -> Delivery:
    try:
        return kind.deliver(order, loaded, platform)
    except Refusal as refusal:
        raise CannotRepair(refusal.detail) from refusal


def _must_not_be_given(order: Order, loaded: Loaded) -> None:
    """Neither in the wallet's journal, nor in a wallet that is ahead of it."""
    lines = journal(order.platform_id, order.customer_id, CREDIT)
    if any(line.operation == f"fulfil:{order.id}" for line in lines):
        raise NothingToRepair
    _must_agree(order, loaded)


def _must_agree(order: Order, loaded: Loaded) -> None:
    lines = journal(order.platform_id, order.customer_id, CREDIT)
    wallet = loaded.get(keys.wallet(order.platform_id, order.customer_id, CREDIT), Wallet)
    whole = wallet and everything(wallet).wallet
    if whole and with_lots_sorted(refolded(whole, lines)) != with_lots_sorted(whole):
        raise CannotRepair("the wallet is not the fold of its journal")


def _given_at(order: Order, entry: OrderEntry | None) -> tuple[datetime, str | None]:
    if entry is not None:
        return entry.at, None
    for line in journal(order.platform_id, order.customer_id, CREDIT):
        if line.operation == f"fulfil:{order.id}":
            return line.at, line.reference.get("payment_id")
    raise CannotRepair("what was given is not in the books")
