"""Somebody else is quicker: between what a step reads and what it writes, a rival does all of his.

Threads would do so by chance; here it is certain, and moto need not be safe under threads.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from chalicelib.core.permissions import Role
from tests.faults import faults
from tests.torture import scenarios
from tests.torture.crashes import Overtaken
from tests.torture.world import HALF_HOUR, PRICE, Request, World, open_world


@pytest.fixture(scope="module")
def opened() -> Iterator[World]:
    with open_world() as made:
        yield made


@pytest.fixture
def world(opened) -> Iterator[World]:
    kept = opened.outside.kept()
    yield opened
    opened.outside.brought_back(kept)


def overtaken(request: Request, rival: Callable[[], bytes]) -> bytes:
    """The answer to one whose rival does all of his after the read."""
    with faults(Overtaken(at=1, act=rival)) as layer:
        answer = request()
    assert layer.struck == "dynamodb:TransactWriteItems"
    return answer


def booking(world: World, starts_at: datetime) -> Request:
    """Of somebody new, who can pay for it."""
    person = world.live.person(Role.CUSTOMER)
    world.live.give(PRICE, person)
    return world.live.book(starts_at=starts_at, person=person)


def test_a_slot_that_a_rival_takes_meanwhile_is_refused(world) -> None:
    starts_at = world.free_time()
    rival = booking(world, starts_at)
    answer = overtaken(booking(world, starts_at), rival)
    assert (answer[:3], b"SLOT_TAKEN" in answer) == (b"409", True)
    assert rival()[:3] == b"201"
    assert world.differences() == []


def test_a_rival_on_another_time_of_the_day_is_no_obstacle(world) -> None:
    starts_at = world.free_time().replace(hour=9)
    rival = booking(world, starts_at + HALF_HOUR)
    assert overtaken(booking(world, starts_at), rival)[:3] == b"201"
    assert world.differences() == []


def test_credits_that_are_spent_meanwhile_are_not_spent_twice(world) -> None:
    world.live.give(PRICE)
    rival = world.live.book()
    answer = overtaken(world.live.book(), rival)
    assert (answer[:3], b"INSUFFICIENT_CREDITS" in answer) == (b"409", True)
    assert world.live.wallet().balance == 0
    assert world.differences() == []


def test_an_edit_of_what_a_rival_has_edited_meanwhile_is_refused(world) -> None:
    """Both saw the same version; who comes second does not undo what he has not seen."""
    rival = scenarios.edit_expert(world)
    answer = overtaken(scenarios.edit_expert(world), rival)
    assert (answer[:3], b"STALE_EDIT" in answer) == (b"412", True)
