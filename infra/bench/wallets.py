"""What the number of a wallet's lots costs: the size of its item, and a spend's write units and computing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.bench.figures import number, table
from infra.bench.meter import Meter
from infra.bench.programs.wallet import spent, stored
from infra.bench.units import Change, item_bytes

LOTS = (1, 20, 100, 1_000, 10_000)
_CODE = (
    "import sys; sys.path.insert(0, '.'); "
    "from infra.bench.programs.wallet import spend; spend({lots}, {calls})"
)
_FEW, _MANY = 5, 25


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletFigure:
    """A wallet of so many lots, of which one credit is spent."""

    lots: int
    kilobytes: float
    write_units: int
    computing: float


def wallets(meter: Meter, folder: Path) -> list[WalletFigure]:
    """One figure for each number of lots, the smallest first."""
    return [_measured(meter, folder, lots) for lots in LOTS]


def _measured(meter: Meter, folder: Path, lots: int) -> WalletFigure:
    before = stored(lots)
    wallet, entry = (write.item.serialize() for write in spent(before).writes)
    changes = [Change(before, wallet), Change(None, entry)]
    few, many = (
        meter.cost(folder, _CODE.format(lots=lots, calls=calls))
        for calls in (_FEW, _MANY * meter.repetitions)
    )
    return WalletFigure(
        lots=lots,
        kilobytes=item_bytes(before) / 1024,
        write_units=sum(change.table_units for change in changes),
        computing=(many - few) / (_MANY * meter.repetitions - _FEW),
    )


def rows(figures: Sequence[WalletFigure], unit: str) -> str:
    """A table in Markdown; the wallet of one lot is the floor of the rest."""
    floor = figures[0]
    head = [
        "lots in the wallet",
        "its item, KB",
        "write units of a spend",
        "computing of a spend",
        "× one lot",
    ]
    return table(
        head,
        [
            [
                number(each.lots),
                f"{each.kilobytes:.2f}",
                str(each.write_units),
                f"{number(each.computing)} {unit}",
                f"{each.write_units / floor.write_units:.1f} / {each.computing / floor.computing:.1f}",
            ]
            for each in figures
        ],
    )
