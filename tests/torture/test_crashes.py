"""Every handler is killed before, killed after, and loses the response of each of its calls; on moto, in this process.

moto knows no request token, so a lost response of a transaction is the harder case here: the second sending is
refused, and the product must find that the first one was its own.
"""

from collections.abc import Iterator

import pytest

import app
from chalicelib import background, routing
from tests.faults import TROUBLE
from tests.torture import scenarios
from tests.torture.crashes import HANDLERS, SCENARIOS, overtake, strike
from tests.torture.world import World, open_world

# A workbook whose writer was killed complains when it is thrown away, in whatever test that is.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
# It only reads, and what it would find is looked for after every crash.
READS_ONLY = {"entry verify"}
# The stream's function is its effects, the sweeper's what falls due.
IN_PARTS = {"entry drain_outbox"}
# A page that settles what it shows.
WRITING_PAGES = {"GET /v1/public/{platform_id}/orders/{order_id}/return"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with open_world() as made:
        yield made


def handlers() -> set[str]:
    """Everything that AWS or a caller can set going and that writes."""
    routes = {route.name for blueprint in routing.blueprints() for route in blueprint.routes}
    writing = {name for name in routes if not name.startswith("GET ")}
    views = {entry.__name__ for methods in app.app.routes.values() for entry in _views(methods)}
    entries = {f"entry {name}" for name in app.app.handler_map if name not in views}
    effects = {f"effect {kind}" for kind in background.outbox()._handlers}
    due = {f"due {kind}" for kind in background.sweeper()._handlers}
    return writing | (routes & WRITING_PAGES) | entries - READS_ONLY - IN_PARTS | effects | due


def _views(methods):
    return [route.view_function for route in methods.values()]


def test_no_handler_is_missing(world) -> None:
    assert scenarios
    assert handlers() == HANDLERS


@pytest.mark.parametrize("name", SCENARIOS)
def test_whatever_call_is_struck_it_is_as_if_nothing_had_failed(world, name) -> None:
    tried = strike(world, name)
    assert tried.faults["before"] == tried.faults["after"] == tried.faults["lost"] > 0


@pytest.mark.parametrize("name", SCENARIOS)
def test_two_at_once_have_one_effect(world, name) -> None:
    """Between any two calls of the one, the other one does all of his; threads would do so by chance."""
    assert overtake(world, name).faults["overtaken"] > 0


@pytest.mark.parametrize("name", ["book", "payment", "drain_booking", "join", "order"])
def test_trouble_is_borne(world, name) -> None:
    """Slowed down, in conflict, timed out, or down altogether; of every handler this is tried by ``make torture``."""
    assert set(strike(world, name, TROUBLE).faults) >= {"throttle", "time-out", "down"}
