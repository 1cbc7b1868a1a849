"""A user pool as the template makes it, and the features on it."""

from typing import Any

import pytest

from chalicelib.accounts.service import Accounts
from chalicelib.accounts.sign_up import SignUps
from chalicelib.adapters.identity import CognitoIdentity
from chalicelib.core.actor import system
from chalicelib.platforms.model import PlatformSettings
from chalicelib.platforms.service import Platforms
from chalicelib.table.operation import by_system
from tests.store.accounts.people import Pool, World, open_pool


@pytest.fixture
def pool(table: None, monkeypatch: pytest.MonkeyPatch) -> Pool:
    return open_pool(monkeypatch)


@pytest.fixture
def world(pool: Pool, moving_clock: Any) -> World:
    platforms = Platforms()
    identity = CognitoIdentity()
    accounts = Accounts(platforms, identity)
    for platform_id in ("danisma", "klinik"):
        operation = by_system(system(platform_id), "create", platform_id)
        platforms.create(operation, platform_id, sandbox=False, settings=PlatformSettings())
    return World(platforms, accounts, SignUps(platforms, accounts, identity), pool)
