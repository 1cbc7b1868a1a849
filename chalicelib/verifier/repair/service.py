"""Repairs what a restore tore: verifies, mends, and verifies again, until nothing more can be mended."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from chalicelib.core.errors import Refusal
from chalicelib.core.ids import new_id
from chalicelib.orders.fulfilment import Fulfilment
from chalicelib.verifier.model import Difference, Seen
from chalicelib.verifier.repair import bookings, orders, refold, times
from chalicelib.verifier.repair.mending import CannotRepair, NothingToRepair, Task
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify

_MAX_ROUNDS = 20  # each is a look at the whole table; a torn step needs as many as it has parts that differ

Mend = Callable[[Task], str]


class Repaired(msgspec.Struct, frozen=True, kw_only=True):
    """``done`` are the repairs, ``left`` the differences that a person must decide on, and why."""

    done: list[str]
    left: list[str]
    warnings: list[str]


class Repairs:
    """What mends each difference. Those of the first stage first: the later ones rest on them."""

    def __init__(self, fulfilments: Mapping[str, Fulfilment]) -> None:
        again = orders.Redelivery(fulfilments)
        self._stages: list[dict[str, Mend]] = [
            dict.fromkeys(_OF_A_WALLET, refold.mend_wallet),
            {
                "fulfilment-without-payment": orders.mend_state,
                "payment-without-fulfilment": again.mend,
                "fulfilment-other-price": again.mend_books,
                "refund-not-booked": again.mend_reversal,
            },
            {
                "booking-without-spend": bookings.mend_spend,
                "booking-return": bookings.mend_return,
                "spend-without-booking": bookings.mend_lost_booking,
                "booking-not-as-session": times.mend_session,
            },
            {
                "package-session": times.mend_draw,
                "session-without-booking": times.mend_draw,
                "time-without-booking": times.mend_time,
                "booking-without-time": times.mend_time,
                "package-not-listed": times.mend_listing,
            },
            {"listed-package-missing": times.mend_listing},
        ]

    def run(self, scan: Callable[[], Iterable[Seen]] = every_item) -> Repaired:
        """Nobody else may write meanwhile. Each repair is a transaction of its own, and may be made again."""
        done: list[str] = []
        why: dict[Difference, str] = {}
        for number in range(_MAX_ROUNDS):
            found = list(verify(scan()))
            news = self._round(f"{new_id('rep')}{number}", found, why)
            done += news
            if not news:
                break
        differences = [each for each in found if not each.warning]
        return Repaired(
            done=done,
            left=[f"{each} [{why.get(each, 'there is no repair for it')}]" for each in differences],
            warnings=[str(each) for each in found if each.warning],
        )

    def _round(self, run: str, found: list[Difference], why: dict[Difference, str]) -> list[str]:
        """The first stage in which anything can be mended."""
        for stage in self._stages:
            news = [
                f"{difference}: {did}"
                for difference in found
                if difference.name in stage and (did := _tried(stage[difference.name], run, difference, why))
            ]
            if news:
                return news
        return []


def _tried(mend: Mend, run: str, difference: Difference, why: dict[Difference, str]) -> str | None:
    try:
        return mend(Task(run=run, difference=difference))
    except NothingToRepair:
        why[difference] = "another repair has to come first"
    except (CannotRepair, Refusal) as reason:
        why[difference] = str(reason)
    return None


_OF_A_WALLET = (
    "balance-not-fold",
    "held-not-fold",
    "owed-not-fold",
    "held-not-holds",
    "balance-not-lots",
    "lots-not-fold",
    "lot-cost-not-fold",
    "sequence-gap",
    "sequence-beyond-wallet",
    "wallet-missing",
    "holds-not-fold",
    "lot-overheld",
    "lot-misplaced",
    "page-not-reached",
)
