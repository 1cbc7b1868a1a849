"""A user pool as the template makes it, and the features on it."""

import os
from typing import Any

import pytest

from chalicelib.accounts.service import Accounts
from chalicelib.accounts.sign_up import SignUps
from chalicelib.adapters.identity import CognitoIdentity
from chalicelib.core.actor import system
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import PlatformSettings
from chalicelib.platforms.service import Platforms
from chalicelib.table.operation import by_system
from tests.store.accounts.people import Pool, World, teach


@pytest.fixture
def pool(table: None, monkeypatch: pytest.MonkeyPatch) -> Pool:
    from chalicelib import aws
    from chalicelib.settings import settings

    cognito = aws.client("cognito-idp")
    policy = {"MinimumLength": 10, "RequireLowercase": True, "RequireNumbers": True}
    off = {"RequireSymbols": False, "RequireUppercase": False}
    pool_id = cognito.create_user_pool(
        PoolName="people",
        Policies={"PasswordPolicy": policy | off},
        AutoVerifiedAttributes=["email"],
        Schema=[
            {"Name": name, "AttributeDataType": "String", "Mutable": name != "platform"}
            for name in ("platform", "country", "terms")
        ],
    )["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="sign-up", GenerateSecret=True)
    for role in Role:
        cognito.create_group(UserPoolId=pool_id, GroupName=role.value)
    monkeypatch.setitem(os.environ, "USER_POOL_ID", pool_id)
    monkeypatch.setitem(os.environ, "SIGN_UP_CLIENT_ID", client["UserPoolClient"]["ClientId"])
    settings.cache_clear()
    made = Pool(pool_id, client["UserPoolClient"]["ClientId"])
    teach(monkeypatch, made)
    return made


@pytest.fixture
def world(pool: Pool, moving_clock: Any) -> World:
    platforms = Platforms()
    identity = CognitoIdentity()
    accounts = Accounts(platforms, identity)
    for platform_id in ("danisma", "klinik"):
        operation = by_system(system(platform_id), "create", platform_id)
        platforms.create(operation, platform_id, sandbox=False, settings=PlatformSettings())
    return World(platforms, accounts, SignUps(platforms, accounts, identity), pool)
