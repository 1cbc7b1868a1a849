"""Webhook storms: each event comes 1 to 5 times, in any order, one in twenty never; through bad weather, too.

Of some of the money a part or all goes back, by the provider's console or by the payer's bank, before the first event comes or
after. After one run of the catch-up and one of the sweeper the product says of every payment what its provider says, and
has credited it once, less what went back.
"""

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib import wiring
from chalicelib.orders.model import Order, OrderState
from chalicelib.table import keys, read
from chalicelib.wallet.ledger import LedgerTransaction
from infra.local.chapters import TRY_1490
from tests.faults import Killed, Weather, faults
from tests.torture.world import CREDITS, LIVE, Undone, World, open_world

MONEY: int = TRY_1490["amount"]  # of a credit package
AT_ONCE = 100  # payments that are in the air together
# What buyers do, and how often of ten.
_BUYERS = (("pay",),) * 6 + (("decline", "pay"),) * 2 + (("decline",), ())
# What becomes of the money that came: of twenty payments, how many in which way.
_AFTERWARDS = (
    *((),) * 12,
    ("part",),
    ("all",),
    ("part", "all"),
    ("dispute",),
    ("dispute", "win-dispute"),
    ("dispute", "lose-dispute"),
    ("part", "dispute", "lose-dispute"),
    ("part", "dispute", "win-dispute"),
)


@dataclass(frozen=True)
class Sky:
    """What becomes of events on their way: at most so many copies of each, and the share that is lost."""

    copies: int
    lost_share: float
    is_in_order: bool
    fault_rate: float  # of the calls that a delivery makes


# Of a hundred calls two fail: there is enough of every fault, and most deliveries get through.
STORM = Sky(copies=5, lost_share=0.05, is_in_order=False, fault_rate=0.02)
SKIES = {"storm": STORM, "calm": Sky(copies=1, lost_share=0, is_in_order=True, fault_rate=0)}


def run(world: World, seed: int, payments: int, sky: Sky = STORM) -> dict[str, int]:
    """What was tried, and what went wrong: ``missing`` and ``doubled`` count credits, ``other`` whatever else.

    ``returned`` counts the payments of which money went back, and ``disputed`` those that were ever disputed.
    """
    chance, counts = random.Random(seed), Counter[str]()
    begin, instant = world.outside.kept(), world.clock.instant
    for start in range(0, payments, AT_ONCE):
        storm = Storm(world, chance, sky)
        counts.update(storm.blow(min(AT_ONCE, payments - start)))
        world.outside.brought_back(begin)
        world.clock.instant = instant
    return dict(sorted(counts.items()))


class Storm:
    def __init__(self, world: World, chance: random.Random, sky: Sky) -> None:
        self._world, self._chance, self._sky = world, chance, sky
        self._orders: dict[str, str] = {}
        self._events: list[dict[str, Any]] = []
        self._later: list[tuple[str, str]] = []  # order and step
        self._counts: Counter[str] = Counter()

    def blow(self, payments: int) -> Counter[str]:
        for _ in range(payments):
            self._buy()
        self._deliver()
        for order_id, step in self._later:
            self._step(order_id, step)
        self._deliver()
        self._world.tick("catch_up")
        self._look_at_what_is_due()
        self._count(payments)
        return self._counts

    def _buy(self) -> None:
        order_id = self._world.live.order().send().json["id"]
        self._orders[order_id] = self._world.live.page_of(order_id)
        buyer = self._chance.choice(_BUYERS)
        for press in buyer:
            self._step(order_id, press)
        if "pay" in buyer:
            self._go_back(order_id, self._chance.choice(_AFTERWARDS))

    def _go_back(self, order_id: str, steps: Sequence[str]) -> None:
        """Some of it at once, the rest when the first events have come, or have not."""
        at_once = self._chance.randint(0, len(steps))
        for step in steps[:at_once]:
            self._step(order_id, step)
        self._later += [(order_id, step) for step in steps[at_once:]]

    def _step(self, order_id: str, step: str) -> None:
        page_id, world = self._orders[order_id], self._world
        if step in ("part", "all"):
            left = MONEY - _refunded(world, page_id)
            amount = self._chance.randint(1, left - 1) if step == "part" else left
            self._events += world.give_back(page_id, amount)
        else:
            self._events += world.press(page_id, step)

    def _look_at_what_is_due(self) -> None:
        """What the sweeper does for orders. The outbox, which it would empty too, is no part of the storm."""
        for key in self._world.due_now():
            if key.sk == "ORDER":
                wiring.orders().sweep(*keys.owner_of(key))

    def _deliver(self) -> None:
        """What the provider has to tell; afterwards it is told, or lost."""
        lost = {event["id"] for event in self._events if self._chance.random() < self._sky.lost_share}
        copies = [
            event
            for event in self._events
            if event["id"] not in lost
            for _ in range(self._chance.randint(1, self._sky.copies))
        ]
        if not self._sky.is_in_order:
            self._chance.shuffle(copies)
        weather = Weather(chance=self._chance, rate=self._sky.fault_rate)
        for event in copies:
            self._deliver_one(event, weather)
        self._counts.update(
            events=len(self._events), lost=len(lost), deliveries=len(copies), faults=weather.strikes
        )
        self._events.clear()

    def _deliver_one(self, event: dict[str, Any], weather: Weather) -> None:
        """What the provider is not told to have arrived is offered to the catch-up."""
        request = self._world.webhook(event)
        with faults(weather):
            try:
                request()
            except (Killed, Undone):
                self._counts["deliveries that failed"] += 1
                return
        table = self._world.server.sandbox.state.tables["event"]
        kept = table.get(event["id"])
        assert kept is not None
        kept.object["pending_webhooks"] = 0

    def _count(self, payments: int) -> None:
        pages = self._world.server.sandbox.state.tables["checkout.session"]
        credited, counts = _credited(self._world), self._counts
        for order_id, page_id in self._orders.items():
            page, order = pages.get(page_id), read.get(keys.order(LIVE, order_id), Order)
            assert page is not None
            assert order is not None
            paid, disputes = page.object["payment_status"] == "paid", _disputes(self._world, page.object)
            is_taken = any(dispute["status"] != "won" for dispute in disputes)
            back = MONEY if is_taken else _refunded(self._world, page_id)
            credits_ = (CREDITS * (MONEY - back) // MONEY) * paid
            counts.update(paid=paid, returned=back > 0, disputed=len(disputes))
            counts.update(missing=credited[order_id] < credits_, doubled=credited[order_id] > credits_)
            counts["other"] += paid != (order.state is OrderState.PAID) or order.returned.total != back
        counts["other"] += len(self._world.differences())
        counts["payments"] += payments


def _credited(world: World) -> Counter[str]:
    """How many credits each order has given, by the ledger."""
    given: Counter[str] = Counter()
    journal = keys.wallet(LIVE, world.live.customer.id, "credit").pk
    entry: LedgerTransaction
    for entry in read.query_all(journal, prefix="ENTRY#"):
        given[entry.reference.get("order_id", "")] += entry.line.amount
    return given


def _refunded(world: World, page_id: str) -> int:
    """What the provider says was given back of a page's money, but for disputes."""
    page = world.server.sandbox.state.tables["checkout.session"].get(page_id)
    assert page is not None
    charges = world.server.sandbox.state.tables["charge"].items()
    intent = page.object["payment_intent"]
    return sum(
        charge.object["amount_refunded"] for _, charge in charges if charge.object["payment_intent"] == intent
    )


def _disputes(world: World, page: dict[str, Any]) -> list[dict[str, Any]]:
    disputes = world.server.sandbox.state.tables["dispute"].items()
    return [found.object for _, found in disputes if found.object["payment_intent"] == page["payment_intent"]]


def measured(seed: int, payments: int, sky: Sky) -> dict[str, float]:
    """What was counted, and the CPU time of the product, the provider and the table, which share this process."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), open_world() as world:
        began = time.process_time()
        return run(world, seed, payments, sky) | {"cpu_seconds": time.process_time() - began}


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]), int(sys.argv[2]), SKIES[sys.argv[3]])))
