"""What the fast tests share: a moto-backed table, with a lock round it, and a clock that a test moves."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

# The deployed tests share modules that assert; a failure there is to say as much as one in a test.
pytest.register_assert_rewrite("tests.deployed")

ENVIRONMENT = {
    "STAGE": "test",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "TABLE_NAME": "seans-test",
    "EXPORTS_BUCKET": "seans-test-exports",
    "TIMER_QUEUE_ARN": "arn:aws:sqs:eu-central-1:123456789012:timers",
    "EXPORT_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/exports",
    "SCHEDULE_GROUP": "seans-test",
    "SCHEDULER_ROLE_ARN": "arn:aws:iam::123456789012:role/scheduler",
    "USER_POOL_ID": "eu-central-1_test",
    "SIGN_UP_CLIENT_ID": "sign-up",
    "PARAMETER_PREFIX": "/seans/test",
    "STRIPE_API_BASE": "https://api.stripe.com",
    "MAIL_SENDER": "no-reply@example.com",
}


class MovableClock:
    """Stands still at a known instant until a test moves it."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def forward(self, **units: float) -> None:
        self.instant += timedelta(**units)


@pytest.fixture
def moving_clock() -> Iterator[MovableClock]:
    from chalicelib.core import clock

    source = MovableClock()
    previous = clock.set_source(source)
    yield source
    clock.set_source(previous)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def table(environment: None) -> Iterator[None]:
    """An empty table in moto.

    moto's transactions are not atomic under threads, so one lock stands round them; and moto ignores
    request tokens. Races and idempotency are therefore proved on the deployed stack, not here.
    """
    from moto import mock_aws
    from moto.dynamodb.responses import DynamoHandler

    from chalicelib import aws
    from chalicelib.settings import settings
    from chalicelib.table.base import Item

    lock, unlocked = threading.RLock(), DynamoHandler.call_action

    def call_action(handler: DynamoHandler) -> object:
        with lock:
            return unlocked(handler)

    _forget(aws, settings, Item)
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setattr(DynamoHandler, "call_action", call_action)
        _create_table(aws.client("dynamodb"))
        yield
    _forget(aws, settings, Item)


def _forget(aws: object, settings: object, item: object) -> None:
    """Clients and connections made under one environment are of no use in another."""
    aws.client.cache_clear()  # type: ignore[attr-defined] - functools.cache adds it
    aws._session.cache_clear()  # type: ignore[attr-defined] - functools.cache adds it
    settings.cache_clear()  # type: ignore[attr-defined] - functools.cache adds it
    item.Meta.table_name = ""  # type: ignore[attr-defined] - primed again on next use
    item._connection = None  # type: ignore[attr-defined] - PynamoDB's cache


def _create_table(client: object) -> None:
    indexes = ("GSI1", "GSI2", "GSI3")
    names = ["PK", "SK", *(f"{index}{part}" for index in indexes for part in ("PK", "SK"))]
    client.create_table(  # type: ignore[attr-defined] - botocore makes its methods at run time
        TableName=os.environ["TABLE_NAME"],
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_key_schema("PK", "SK"),
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": _key_schema(f"{index}PK", f"{index}SK"),
                "Projection": {"ProjectionType": "KEYS_ONLY" if index == "GSI3" else "ALL"},
            }
            for index in indexes
        ],
    )


def _key_schema(hash_name: str, range_name: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": hash_name, "KeyType": "HASH"},
        {"AttributeName": range_name, "KeyType": "RANGE"},
    ]
