"""One stack for all the deployed tests: everything that is deployed, on ports and in a folder of its own."""

from collections.abc import Iterator

import pytest

from infra.local.running import RunningStack
from infra.local.stack import LocalStack, Ports


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """The running stack, seeded and warm: its addresses, its outputs, its seed, and a client of each AWS service."""
    with LocalStack(Ports.free(), tmp_path_factory.mktemp("stack")) as running:
        yield running
