"""What a function finds in Lambda: the settings of a deployment."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def deployed(environment: None) -> Iterator[None]:
    from chalicelib.settings import settings

    yield
    settings.cache_clear()
