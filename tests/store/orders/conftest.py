"""An open shop, its provider, and a clock that stands still."""

import pytest

from tests.store.orders.fake_provider import FakeProvider
from tests.store.orders.shop import Shop


@pytest.fixture
def shop(table, moving_clock) -> Shop:
    return Shop().open()


@pytest.fixture
def provider(shop) -> FakeProvider:
    return shop.provider
