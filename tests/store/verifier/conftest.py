"""Plants faults: writes past the product, straight into the table."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import aws
from chalicelib.settings import settings
from chalicelib.table.base import from_dynamo, to_dynamo
from chalicelib.table.keys import Key
from chalicelib.verifier.model import Difference
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify


class Planter:
    """``record(key, change)`` edits an item's record, ``item`` the whole of it."""

    def read(self, key: Key) -> dict[str, Any]:
        found = aws.client("dynamodb").get_item(
            TableName=settings().table_name, Key={"PK": {"S": key.pk}, "SK": {"S": key.sk}}
        )
        return {name: from_dynamo(value) for name, value in found["Item"].items()}

    def put(self, item: dict[str, Any]) -> None:
        raw = {name: to_dynamo(value) for name, value in item.items() if value is not None}
        self.put_raw(raw)

    def put_raw(self, raw: dict[str, Any]) -> None:
        aws.client("dynamodb").put_item(TableName=settings().table_name, Item=raw)

    def remove(self, key: Key) -> None:
        aws.client("dynamodb").delete_item(
            TableName=settings().table_name, Key={"PK": {"S": key.pk}, "SK": {"S": key.sk}}
        )

    def record(self, key: Key, change: Callable[[dict[str, Any]], Any]) -> None:
        item = self.read(key)
        change(item["record"])
        self.put(item)

    def copy(self, key: Key, to: Key, change: Callable[[dict[str, Any]], Any] = lambda record: None) -> None:
        item = self.read(key) | {"PK": to.pk, "SK": to.sk}
        change(item["record"])
        self.put(item)


@pytest.fixture
def plant(table: None) -> Planter:
    return Planter()


@pytest.fixture
def names() -> Callable[[], set[str]]:
    """What the verifier finds, each as ``L2 balance-not-fold``."""

    def found() -> set[str]:
        return {f"{difference.rule} {difference.name}" for difference in differences()}

    def differences() -> list[Difference]:
        return list(verify(every_item()))

    return found
