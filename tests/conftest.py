"""What the fast tests share: a moto-backed table, with a lock round it, and a clock that a test moves."""

import gc
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

if TYPE_CHECKING:
    from infra.local.running import RunningStack

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
    "IYZICO_API_BASE": "https://api.iyzipay.com",
    "ZARINPAL_API_BASE": "https://payment.zarinpal.com",
    "TWILIO_API_BASE": "https://api.twilio.com",
    "MAIL_SENDER": "no-reply@example.com",
}


# Tests that share something dear to make run in one process of pytest-xdist, so that it is made once.
# The browser's have a stack of their own, so that two processes are busy from the beginning to the end.
SHARING = {"tests/deployed/": "stack", "tests/browser/": "console's stack", "tests/infra/": "package"}


class Sharing(LoadScopeScheduling):
    """Hands out the tests one by one, but those of a sharing folder to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return next((name for folder, name in SHARING.items() if nodeid.startswith(folder)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    return Sharing(config, log)


def pytest_collection_finish() -> None:
    """What is imported now stays; the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()


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
    with empty_table():
        yield


@contextmanager
def empty_table(environment: Mapping[str, str] | None = None) -> Iterator[None]:
    """An empty table in moto, with the environment that the product reads, where it is not set already.

    moto's transactions are not atomic under threads, so one lock stands round them; and moto ignores
    request tokens. Races and idempotency are therefore proved on the deployed stack, not here. What is
    tried again is tried at once.
    """
    from moto import mock_aws
    from moto.dynamodb.responses import DynamoHandler

    from chalicelib import aws
    from chalicelib.settings import settings
    from chalicelib.table.base import Item
    from tests.quick_moto import quicken

    lock, unlocked = threading.RLock(), DynamoHandler.call_action

    def call_action(handler: DynamoHandler) -> object:
        with lock:
            return unlocked(handler)

    _forget(aws, settings, Item)
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        patch.setattr(DynamoHandler, "call_action", call_action)
        patch.setattr(aws, "_session", _session)
        _try_again_at_once(patch)
        quicken(patch)
        _create_table(aws.client("dynamodb"))
        yield
    _forget(aws, settings, Item)


@cache
def _session() -> Any:
    """One for all tables: it holds the descriptions of the services, which take long to read."""
    import botocore.session

    return botocore.session.get_session()


def _try_again_at_once(patch: pytest.MonkeyPatch) -> None:
    import botocore.endpoint

    from chalicelib.table import operation

    patch.setattr(operation, "_wait", lambda attempt: None)
    patch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda seconds: None))


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


# Each of the races' functions unpacks its code: a disk would be busy for minutes, memory is not.
MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def stack() -> Iterator["RunningStack"]:
    """The running stack, seeded and warm: its addresses, its outputs, its seed, and a client of each AWS service."""
    from infra.local.stack import LocalStack, Ports

    parent = MEMORY if MEMORY.is_dir() else None
    with (
        TemporaryDirectory(prefix="seans-test-", dir=parent) as folder,
        LocalStack(Ports.free(), Path(folder)) as running,
    ):
        yield running
