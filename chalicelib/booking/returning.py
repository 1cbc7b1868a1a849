"""What comes back of a booking's price: a session, or credits with their part of the sale."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from chalicelib.assignments.service import Assignments
from chalicelib.booking import rules
from chalicelib.booking.model import Booking, Returned
from chalicelib.core.ids import new_id
from chalicelib.orders.lines import SALE_REPORTED, Sale
from chalicelib.table import read
from chalicelib.table.operation import Effect
from chalicelib.table.transact import Write
from chalicelib.wallet.ledger import Journal
from chalicelib.wallet.model import SpentPart
from chalicelib.wallet.service import Wallets


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, and the writes and effects that make it so."""

    returned: Returned
    writes: Sequence[Write] = ()
    effects: Sequence[Effect] = ()


class Returns:
    """Reads what it needs beside the booking; commits nothing."""

    def __init__(self, wallets: Wallets, assignments: Assignments) -> None:
        self._wallets = wallets
        self._assignments = assignments

    def prepare(self, booking: Booking, kept_basis_points: int, at: datetime) -> Return:
        """Give back what ``kept_basis_points`` leave of the price; a session where they are none."""
        if booking.assignment_id is not None:
            return self._session(booking, booking.assignment_id, kept_basis_points)
        back = rules.given_back(booking.spent, kept_basis_points) if booking.spent else []
        if booking.sale is None or not back:
            return Return(returned=Returned(kept_basis_points=kept_basis_points))
        return self._credits(booking, booking.sale, back, kept_basis_points, at)

    def _session(self, booking: Booking, assignment_id: str, kept_basis_points: int) -> Return:
        """It is free again, or used up where anything of it is kept."""
        assignment = self._assignments.find(booking.platform_id, assignment_id)
        returned = Returned(kept_basis_points=kept_basis_points, session=kept_basis_points == 0)
        if returned.session:
            writes = self._assignments.prepare_release(assignment, booking.id)
        else:
            writes = self._assignments.prepare_capture(assignment, booking.id)
        return Return(returned=returned, writes=writes)

    def _credits(
        self, booking: Booking, sale: Sale, back: Sequence[SpentPart], kept_basis_points: int, at: datetime
    ) -> Return:
        """To the very lots that they came from, with the reversing line of the sale."""
        reversing = rules.reversing_sale(new_id("sal"), sale, back, at)
        journal = Journal(
            operation=f"return:{booking.id}",
            kind="booking_return",
            at=at,
            reference={"booking_id": booking.id, "sale_id": reversing.id},
            memo=booking.package.title,
        )
        key = self._wallets.key(booking.platform_id, booking.customer_id)
        wallet = self._wallets.load(read.batch([key]), booking.platform_id, booking.customer_id)
        movement = self._wallets.prepare_return(wallet, back, journal, rules.taken_back(sale, back))
        returned = Returned(
            kept_basis_points=kept_basis_points,
            credits=sum(part.amount for part in back),
            sale_id=reversing.id,
        )
        effect = Effect(kind=SALE_REPORTED, payload=msgspec.to_builtins(reversing))
        return Return(returned=returned, writes=movement.writes, effects=[effect])
