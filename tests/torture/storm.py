"""Webhook storms: each event comes 1 to 5 times, in any order, one in twenty never; through bad weather, too.

After one run of the catch-up the product says of every payment what its provider says, and has credited it once.
"""

import random
from collections import Counter
from typing import Any

from chalicelib.orders.model import Order, OrderState
from chalicelib.table import keys, read
from chalicelib.wallet.model import LedgerTransaction
from tests.faults import Killed, Weather, faults
from tests.torture.world import CREDITS, LIVE, Undone, World

AT_MOST_COPIES = 5
LOST_SHARE = 0.05
# Of a hundred calls two fail: there is enough of every fault, and most deliveries get through.
WEATHER_RATE = 0.02
AT_ONCE = 100  # payments that are in the air together
# What buyers do, and how often of ten.
_BUYERS = (("pay",),) * 6 + (("decline", "pay"),) * 2 + (("decline",), ())


def run(world: World, seed: int, payments: int) -> dict[str, int]:
    """What was tried, and what went wrong: ``missing`` and ``doubled`` count credits, ``other`` whatever else."""
    chance, counts = random.Random(seed), Counter[str]()
    begin, instant = world.outside.kept(), world.clock.instant
    for start in range(0, payments, AT_ONCE):
        storm = Storm(world, chance)
        counts.update(storm.blow(min(AT_ONCE, payments - start)))
        world.outside.brought_back(begin)
        world.clock.instant = instant
    return dict(sorted(counts.items()))


class Storm:
    def __init__(self, world: World, chance: random.Random) -> None:
        self._world, self._chance = world, chance
        self._orders: dict[str, str] = {}
        self._events: list[dict[str, Any]] = []
        self._counts: Counter[str] = Counter()

    def blow(self, payments: int) -> Counter[str]:
        for _ in range(payments):
            self._buy()
        self._deliver()
        self._world.tick("catch_up")
        self._count(payments)
        return self._counts

    def _buy(self) -> None:
        order_id = self._world.live.order().send().json["id"]
        self._orders[order_id] = self._world.live.page_of(order_id)
        for press in self._chance.choice(_BUYERS):
            self._events += self._world.press(self._orders[order_id], press)

    def _deliver(self) -> None:
        lost = {event["id"] for event in self._events if self._chance.random() < LOST_SHARE}
        copies = [
            event
            for event in self._events
            if event["id"] not in lost
            for _ in range(self._chance.randint(1, AT_MOST_COPIES))
        ]
        self._chance.shuffle(copies)
        weather = Weather(chance=self._chance, rate=WEATHER_RATE)
        for event in copies:
            self._deliver_one(event, weather)
        self._counts.update(
            events=len(self._events), lost=len(lost), deliveries=len(copies), faults=weather.strikes
        )

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
        credited = _credited(self._world)
        for order_id, page_id in self._orders.items():
            page, order = pages.get(page_id), read.get(keys.order(LIVE, order_id), Order)
            assert page is not None
            assert order is not None
            paid = page.object["payment_status"] == "paid"
            self._counts["paid"] += paid
            self._counts["missing"] += paid and credited[order_id] < CREDITS
            self._counts["doubled"] += credited[order_id] > CREDITS * paid
            self._counts["other"] += paid != (order.state is OrderState.PAID)
        self._counts["other"] += len(self._world.differences())
        self._counts["payments"] += payments


def _credited(world: World) -> Counter[str]:
    """How many credits each order has given, by the ledger."""
    given: Counter[str] = Counter()
    journal = keys.wallet(LIVE, world.live.customer.id, "credit").pk
    entry: LedgerTransaction
    for entry in read.query_all(journal, prefix="ENTRY#"):
        given[entry.reference.get("order_id", "")] += entry.line.amount
    return given
