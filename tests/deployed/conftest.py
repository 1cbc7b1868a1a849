"""One stack for all the deployed tests: everything that is deployed, on ports and in a folder of its own."""

from collections.abc import Iterator

import pytest

from infra.local.running import RunningStack
from tests.deployed.telling import Telling
from tests.deployed.world import Arena, build_arena, inside


@pytest.fixture(scope="session")
def telling(stack: RunningStack) -> Iterator[Telling]:
    """The story, which is told while other tests run."""
    with Telling(stack) as begun:
        yield begun


@pytest.fixture(scope="session", autouse=True)
def _begin_early(request: pytest.FixtureRequest) -> None:
    """The story waits minutes for a timer: if any test wants it, it begins before the first one."""
    if any("telling" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("telling")


@pytest.fixture(scope="session")
def arena(stack: RunningStack) -> Arena:
    """A platform for races and crashes."""
    with inside(stack):
        return build_arena(stack)


@pytest.fixture
def inside_stack(stack: RunningStack) -> Iterator[None]:
    """The product's services, called in this process, work on the deployed table."""
    with inside(stack):
        yield
