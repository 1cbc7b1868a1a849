"""A storm of webhooks, the fuzz and the state machine, in their quick sizes; on moto and the payment sandbox."""

from collections.abc import Iterator

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzzing import ROUTES
from tests.torture import fuzz, storm
from tests.torture.machine import QUICK, prepared
from tests.torture.world import World, open_world

SEED = 20261122
PAYMENTS = 200


@pytest.fixture
def world() -> Iterator[World]:
    """Each test's own: what a storm leaves is no beginning for another."""
    with open_world() as made:
        yield made


def test_after_a_storm_the_provider_s_truth_is_ours(world) -> None:
    counts = storm.run(world, SEED, PAYMENTS)
    assert counts["payments"] == PAYMENTS
    assert min(counts["paid"], counts["lost"], counts["faults"], counts["deliveries that failed"]) > 0
    assert min(counts["returned"], counts["disputed"]) > 0
    assert (counts["missing"], counts["doubled"], counts["other"]) == (0, 0, 0)


def test_cases_made_of_the_document_are_answered_by_it(world) -> None:
    """A few of a few; each operation is tried over HTTP by ``tests/deployed/test_fuzz.py``."""
    assert list(fuzz.run(world, SEED, 5, ROUTES[::15])) == []


def test_whatever_happens_in_whatever_order_the_model_agrees(world) -> None:
    run_state_machine_as_test(prepared(world), settings=QUICK)
