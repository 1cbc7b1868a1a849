"""Bookings and what was paid for them; where the booking is lost, the credits go back."""

from collections.abc import Sequence

from msgspec.structs import replace

from chalicelib.assignments.model import Assignment
from chalicelib.booking import rules, store
from chalicelib.booking.model import Booking, BookingState, Returned
from chalicelib.core.errors import Refusal
from chalicelib.platforms.model import Platform
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.verifier.repair.mending import CannotRepair, Mended, NothingToRepair, Task, mend
from chalicelib.verifier.repair.refold import brought_by, journal, lot_of, refolded, with_lots_sorted
from chalicelib.wallet.ledger import Journal, LedgerTransaction, Posting
from chalicelib.wallet.model import CREDIT, SpentPart, Wallet
from chalicelib.wallet.opening import everything
from chalicelib.wallet.service import Wallets

_WHOLE = 10_000
_wallets = Wallets()


def mend_spend(task: Task) -> str:
    """A booking that stands, and whose price was not taken: it is taken now, if the wallet holds it."""
    booking_id = task.words[1]

    def decide(loaded: Loaded) -> Mended:
        platform, booking, wallet, lines = _of_booking(task, loaded)
        if any(line.operation == f"book:{booking_id}" for line in lines):
            raise NothingToRepair
        if booking.sale is None or booking.state is BookingState.CANCELLED or booking.series_id:
            raise CannotRepair("it is called off, of a series, or has no sale")
        price = booking.package.credits or 0
        share = booking.sale.share_basis_points
        into = rules.shared_out(price, share, booking.expert_id)
        step = _journal(f"book:{booking_id}", "booking", platform, booking)
        try:
            spent = _wallets.prepare_spend(wallet, price, into, step, order=platform.settings.spend_order)
        except Refusal as refusal:
            raise CannotRepair(refusal.detail) from refusal
        sale = replace(booking.sale, parts=rules.sale_parts(spent.parts, share))
        paid = replace(booking, sale=sale, spent=spent.parts)
        return Mended(
            did=f"{price} credits were taken for {booking_id}, as when it was booked",
            subject_id=booking.customer_id,
            writes=[*spent.writes, store.saved_booking(paid, platform)],
        )

    return mend(task, _keys(task), decide)


def mend_return(task: Task) -> str:
    """What came back of a price when a booking was called off: either half of that step may be lost."""
    booking_id = task.words[1]

    def decide(loaded: Loaded) -> Mended:
        platform, booking, wallet, lines = _of_booking(task, loaded)
        came = [line for line in lines if line.operation == f"return:{booking_id}"]
        if came and booking.state is BookingState.CONFIRMED:
            return _called_off(booking, came[0])
        if came or booking.returned is None or booking.sale is None:
            raise NothingToRepair
        back = rules.given_back(booking.spent, booking.returned.kept_basis_points)
        step = _journal(f"return:{booking_id}", "booking_return", platform, booking)
        step = replace(step, reference={"booking_id": booking_id, "sale_id": booking.returned.sale_id or ""})
        given = _wallets.prepare_return(wallet, back, step, rules.taken_back(booking.sale, back))
        return Mended(
            did=f"{booking.returned.credits} credits came back for {booking_id}, which was called off",
            subject_id=booking.customer_id,
            writes=given.writes,
        )

    return mend(task, _keys(task), decide)


def mend_lost_booking(task: Task) -> str:
    """What was taken for a booking that is not there goes back to the very lots that it was taken of.

    Not where a package that was bought with it stands: the customer has its sessions.
    """
    platform_id, booking_id = task.words
    owner_id = task.difference.subject

    def decide(loaded: Loaded) -> Mended:
        platform = loaded.get(keys.platform(platform_id), Platform)
        wallet = _wallets.load(loaded, platform_id, owner_id)
        lines = journal(platform_id, owner_id, CREDIT)
        spends = [line for line in lines if line.reference.get("booking_id") == booking_id]
        if platform is None or len(spends) != 1 or spends[0].line.amount >= 0:
            raise CannotRepair(f"{len(spends)} steps of the ledger name it")
        _must_agree(wallet, lines)
        if _draws_on_a_package(platform_id, owner_id, booking_id):
            raise CannotRepair("a package that was bought with it stands")
        spend = spends[0]
        step = Journal(
            operation=f"unbook:{booking_id}",
            kind="booking_return",
            at=platform.now(),
            reference=spend.reference,
            memo=spend.memo,
        )
        given = _wallets.prepare_return(
            wallet, _parts(everything(wallet).wallet, spend, lines), step, _back_from(spend)
        )
        return Mended(
            did=f"{-spend.line.amount} credits went back: {booking_id} is lost; its sale may be reported",
            subject_id=owner_id,
            writes=given.writes,
        )

    wanted = [keys.platform(platform_id), keys.wallet(platform_id, owner_id, CREDIT)]
    return mend(task, [*wanted, keys.booking(platform_id, booking_id)], decide)


def _draws_on_a_package(platform_id: str, owner_id: str, booking_id: str) -> bool:
    listed = read.query_all(keys.assigned(platform_id, owner_id, "").pk)
    found = (read.get(keys.assignment(platform_id, each.assignment_id), Assignment) for each in listed)
    draws = (draw for each in found if each for draw in (*each.held, *each.used))
    return any(draw.booking_id == booking_id for draw in draws)


def _called_off(booking: Booking, came: LedgerTransaction) -> Mended:
    """The credits came back: the booking is called off, by whom is not known."""
    amount = came.line.net_amount
    price = sum(part.amount for part in booking.spent)
    returned = Returned(
        kept_basis_points=_WHOLE * (price - amount) // price,
        credits=amount,
        sale_id=came.reference.get("sale_id"),
    )
    ended = replace(booking.closed(BookingState.CANCELLED, came.at), returned=returned)
    return Mended(
        did=f"{booking.id} was called off, since its price had come back",
        subject_id=booking.customer_id,
        writes=[store.closed_booking(ended)],
    )


def _keys(task: Task) -> list[Key]:
    platform_id, booking_id = task.words
    return [
        keys.platform(platform_id),
        keys.booking(platform_id, booking_id),
        keys.wallet(platform_id, task.difference.subject, CREDIT),
    ]


def _of_booking(task: Task, loaded: Loaded) -> tuple[Platform, Booking, Wallet, list[LedgerTransaction]]:
    """All that is read. The wallet was read before its lines, so that a line of later makes it stale."""
    platform_id, booking_id = task.words
    platform = loaded.get(keys.platform(platform_id), Platform)
    booking = loaded.get(keys.booking(platform_id, booking_id), Booking)
    if platform is None or booking is None:
        raise CannotRepair("its platform or its booking is lost")
    wallet = _wallets.load(loaded, platform_id, booking.customer_id)
    lines = journal(platform_id, booking.customer_id, CREDIT)
    _must_agree(wallet, lines)
    return platform, booking, wallet, lines


def _must_agree(wallet: Wallet, lines: Sequence[LedgerTransaction]) -> None:
    whole = everything(wallet).wallet
    if with_lots_sorted(refolded(whole, lines)) != with_lots_sorted(whole):
        raise CannotRepair("the wallet is not the fold of its journal")


def _journal(operation: str, kind: str, platform: Platform, booking: Booking) -> Journal:
    return Journal(
        operation=operation,
        kind=kind,
        at=platform.now(),
        reference={
            "booking_id": booking.id,
            "package_id": booking.package.id,
            "expert_id": booking.expert_id,
        },
        memo=booking.package.title,
    )


def _parts(wallet: Wallet, spend: LedgerTransaction, lines: Sequence[LedgerTransaction]) -> list[SpentPart]:
    """What was taken of each lot; a lot that is used up is known again by the line that brought it."""
    brought = brought_by(lines)
    return [
        SpentPart(
            lot=lot_of(wallet, lines, *brought[move.lot_id]),
            amount=-move.amount,
            cost=move.cost and replace(move.cost, amount=-move.cost.amount),
        )
        for move in spend.line.lots
    ]


def _back_from(spend: LedgerTransaction) -> list[Posting]:
    """Where the credits had gone to."""
    own = ("wallet", "held", "owed")
    others = [each for each in spend.postings if each.account.split(":")[0] not in own]
    return [replace(each, amount=-each.amount) for each in others]
