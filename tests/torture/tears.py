"""Torn restores: what a step wrote is taken back in part, then repaired, and nothing may differ or be made up.

DynamoDB restores a transaction that was under way item by item: one that was created is missing, one that was
saved is as it was before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from chalicelib import wiring
from chalicelib.verifier.repair.service import Repaired
from chalicelib.verifier.scan import every_item
from chalicelib.wallet.model import Wallet
from tests.torture.scenarios import SCENARIOS
from tests.torture.world import Person, World

# Each transaction of value, by the scenario that writes it last.
TORN = (
    "book",
    "book_a_package",
    "book_a_further_session",
    "book_on_the_house",
    "book_series",
    "book_series_on_a_package",
    "cancel",
    "cancel_a_session_of_a_package",
    "cancel_series",
    "reschedule",
    "mark_no_show",
    "join",
    "extend",
    "end",
    "timer",
    "missed_booking",
    "order",
    "decline",
    "payment",
    "payment_of_sessions",
    "abandoned_order",
    "refund",
    "refund_of_sessions",
    "grant_review",
    "assign",
    "adjust_assignment",
    "cancel_assignment",
    "give_by_hand",
    "take_by_hand",
    "extend_lot",
    "expired_credits",
)

_ADJUSTMENTS = "/v1/admin/customers/{account_id}/wallets/{asset}/adjustments"

Place = tuple[Any, Any]
Items = dict[Any, dict[Any, Any]]


@dataclass
class Torn:
    """How often it was torn, what was mended, and what was left for a person, by the tear."""

    tears: int = 0
    mended: int = 0
    left: dict[str, list[str]] = field(default_factory=dict)


def tear(world: World, name: str) -> Torn:
    """Each item alone, and each half, of what the scenario's step writes. ``AssertionError`` for value from nowhere."""
    begin, instant, torn = world.outside.kept(), world.clock.instant, Torn()
    world.live.give = partial(_given_by_hand, world)  # type: ignore[method-assign] - as the product gives
    try:
        act = SCENARIOS[name](world)
        before, most = world.outside.kept()["table"], credits_in_wallets()
        act()
        after = world.outside.kept()
        most = max(most, credits_in_wallets())
        for lost in _tears(_written(before, after["table"])):
            world.outside.brought_back(after | {"table": without(after["table"], before, lost)})
            torn.tears += 1
            _repaired(world, torn, most, " + ".join(f"{pk} {sk}" for pk, sk in map(_named, lost)))
    finally:
        del world.live.give
        world.outside.brought_back(begin)
        world.clock.instant = instant
    return torn


def _repaired(world: World, torn: Torn, most: int, lost: str) -> None:
    found = world.differences()
    first = wiring.repairs().run()
    assert credits_in_wallets() <= most, f"{lost}: more is in the wallets than ever was"
    assert not (found and not first.left and not first.done), f"{lost}: {found} went by itself"
    told = [each.split(" [")[0] for each in first.left]
    assert world.differences() == told, f"{lost}: {world.differences()} was not told"
    at_rest = world.outside.kept()["table"]
    assert wiring.repairs().run() == Repaired(done=[], left=first.left, warnings=[]), f"{lost}: not at rest"
    assert world.outside.kept()["table"] == at_rest
    torn.mended += bool(first.done)
    if first.left:
        torn.left[lost] = first.left


def _given_by_hand(world: World, amount: int, person: Person | None = None) -> None:
    """A grant of which an audit record tells."""
    path = {"account_id": (person or world.live.customer).id, "asset": "credit"}
    body = {"amount": amount, "reason": "He waited."}
    world.call(world.live.admin, "POST", _ADJUSTMENTS, body, path=path)


def credits_in_wallets() -> int:
    return sum(item.record.balance for item in every_item() if isinstance(item.record, Wallet))


def without(after: Items, before: Items, lost: list[Place]) -> Items:
    """What a restore brings where these items are not there yet, or are as they were before."""
    torn = {pk: dict(items) for pk, items in after.items()}
    for pk, sk in lost:
        if sk in before.get(pk, {}):
            torn[pk][sk] = before[pk][sk]
        else:
            del torn[pk][sk]
    return {pk: items for pk, items in torn.items() if items}


def _written(before: Items, after: Items) -> list[Place]:
    return [
        (pk, sk)
        for pk, items in after.items()
        for sk, item in items.items()
        if before.get(pk, {}).get(sk) is not item
    ]


def _tears(written: list[Place]) -> Iterator[list[Place]]:
    yield from ([place] for place in written)
    half = len(written) // 2
    yield written[:half]
    yield written[half:]
    if len(written) > 2:
        yield written[::2]
        yield written[1::2]


def _named(place: Place) -> tuple[str, str]:
    pk, sk = place
    return str(getattr(pk, "value", pk)), str(getattr(sk, "value", sk))
