"""Money that went back to a buyer, what of the sale goes back with it, and the line that says so."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from chalicelib.core.money import Money
from chalicelib.orders.lines import Sale, SalePart


class Reversal(msgspec.Struct, frozen=True, kw_only=True):
    """``amount`` went back of ``price``, in minor units; ``before`` had gone back already.

    ``amount`` is below zero where money that had gone back came again: a refund that failed, a dispute won.
    ``id`` names the step once and for ever.
    """

    id: str
    price: Money
    before: int
    amount: int

    @property
    def money(self) -> Money:
        return Money(self.amount, self.price.currency)

    def part_of(self, whole: int) -> int:
        """What goes back of ``whole`` with the money: rounded up, and all parts together are the whole."""
        return self._up_to(whole, self.before + self.amount) - self._up_to(whole, self.before)

    def pieces_of(self, whole: int) -> int:
        """The same of what goes back undivided: the last piece with the last of the money."""
        return self.pieces_after(whole) - self.pieces_before(whole)

    def pieces_before(self, whole: int) -> int:
        """How many had gone back before this step: rounded down, and all with the last of the money."""
        return whole * self.before // self.price.amount

    def pieces_after(self, whole: int) -> int:
        return whole * (self.before + self.amount) // self.price.amount

    def _up_to(self, whole: int, returned: int) -> int:
        return -(-whole * returned // self.price.amount)


def reversed_sale(sale: Sale, reversal: Reversal, at: datetime) -> Sale:
    """The line that takes back of a sale what went back of its price: its parts and shares as sold (B41)."""
    return replace(
        sale,
        id=f"{sale.id}-{reversal.id}",
        sold_at=at,
        quantity=-reversal.pieces_of(sale.quantity),
        parts=[_reversed_part(part, reversal) for part in sale.parts],
        reverses=sale.id,
        reverses_sold_at=sale.sold_at,
    )


def _reversed_part(part: SalePart, reversal: Reversal) -> SalePart:
    cost = part.cost and Money(-reversal.part_of(part.cost.amount), part.cost.currency)
    return replace(
        part, amount=-reversal.part_of(part.amount), cost=cost, share=-reversal.part_of(part.share)
    )
