"""What had come back to its lots is taken again: of these, of what they lost to breakage, and of others."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from chalicelib.wallet.change import Change, moves_in
from chalicelib.wallet.debts import taken_back
from chalicelib.wallet.ledger import LotMove
from chalicelib.wallet.lots import by_spend_order, free_of, part_of
from chalicelib.wallet.model import SpentPart, Wallet


def take_again(wallet: Wallet, back: Sequence[SpentPart], lost: Iterable[LotMove] = ()) -> Change:
    """Of the very lots, then of what they ``lost`` meanwhile, then of whatever is free; the rest is owed.

    The parts are what was taken, of breakage too.
    """
    wanted = _by_lot(back)
    free = free_of(wallet, by_spend_order(wallet.lots))
    own = [(lot, min(there, wanted[lot.id])) for lot, there in free if wanted[lot.id]]
    rest = [(lot, there - wanted[lot.id]) for lot, there in free if there > wanted[lot.id]]
    found = _found(back, short(wallet, back), lost)
    change = taken_back(wallet, wanted.total(), [*own, *rest], moves_in(found))
    return replace(change, parts=[*found, *change.parts])


def short(wallet: Wallet, back: Iterable[SpentPart]) -> Counter[str]:
    """How much of what had come back is no longer free, by lot."""
    return _by_lot(back) - Counter({lot.id: there for lot, there in free_of(wallet, wallet.lots)})


def _by_lot(parts: Iterable[SpentPart]) -> Counter[str]:
    amounts: Counter[str] = Counter()
    for part in parts:
        amounts[part.lot_id] += part.amount
    return amounts


def _found(back: Iterable[SpentPart], short: Mapping[str, int], lost: Iterable[LotMove]) -> list[SpentPart]:
    """What expired of that which is missing."""
    left = Counter({move.lot_id: min(move.amount, short[move.lot_id]) for move in lost})
    found = []
    for part in back:
        if amount := min(part.amount, left[part.lot_id]):
            found.append(part_of(part, amount))
            left[part.lot_id] -= amount
    return found
