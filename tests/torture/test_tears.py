"""A restore can bring half of a transaction: what is repaired, what is left for a person, and that nothing is made up.

On moto, by one thread: it is the repair's decisions that are tried. Its writes are the product's own conditional ones.
"""

from collections.abc import Iterator

import pytest

from tests.torture.tears import TORN, tear
from tests.torture.world import World, open_world

# What stands does not say how these should be; of all else nothing is left.
LEFT = {
    "book_a_package": {"spend-without-booking", "session-without-booking"},
    "book_series": {"series-spend", "spend-other-price", "expert-share", "spend-without-booking"},
    "cancel_series": {
        "not-conserved",
        "running-balance",
        "sequence-gap",
        "sequence-beyond-wallet",
        "balance-not-fold",
        "lots-not-fold",
        "booking-return",
        "expert-share-returned",
    },
    "payment_of_sessions": {"fulfilment-without-payment"},
    "refund": {"refund-not-booked"},
    "refund_of_sessions": {"refund-not-booked", "sessions-not-withdrawn"},
    "grant_review": {"fulfilment-without-payment"},
    "assign": {"desk-sale-not-booked"},
    "cancel_assignment": {"desk-sale-not-booked"},
    "give_by_hand": {"not-conserved", "sequence-beyond-wallet", "wallet-missing"},
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with open_world() as made:
        yield made


@pytest.mark.parametrize("name", TORN)
def test_a_torn_step_is_repaired_or_told(world: World, name: str) -> None:
    torn = tear(world, name)
    assert torn.tears >= 4
    assert {line.split(" ")[1] for lines in torn.left.values() for line in lines} == LEFT.get(name, set())


def test_most_tears_are_mended(world: World) -> None:
    """Of a booking, a cancellation, a move, an end and a payment everything but a lost receipt is."""
    for name in ("book", "cancel", "reschedule", "end", "payment"):
        torn = tear(world, name)
        assert torn.mended >= torn.tears - 3, name
