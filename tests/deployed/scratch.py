"""A copy of the arena's items in a table of its own, without a stream: damage done there is no damage."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from infra.local.running import RunningStack
from tests.deployed.world import is_of_arena

_BATCH = 25


@contextmanager
def copied_arena(stack: RunningStack) -> Iterator[str]:
    """The name of the copy's table, which is gone when the block ends."""
    dynamodb, source = stack.client("dynamodb"), stack.outputs["TableName"]
    described, name = dynamodb.describe_table(TableName=source)["Table"], f"scratch-{uuid4().hex[:8]}"
    indexes = [
        {field: index[field] for field in ("IndexName", "KeySchema", "Projection")}
        for index in described["GlobalSecondaryIndexes"]
    ]
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=described["KeySchema"],
        AttributeDefinitions=described["AttributeDefinitions"],
        GlobalSecondaryIndexes=indexes,
    )
    try:
        _copy(dynamodb, source, name)
        yield name
    finally:
        dynamodb.delete_table(TableName=name)


def _copy(dynamodb: Any, source: str, target: str) -> None:
    pages = dynamodb.get_paginator("scan").paginate(TableName=source, ConsistentRead=True)
    items = (
        item for page in pages for item in page["Items"] if is_of_arena(item["PK"]["S"], item["SK"]["S"])
    )
    while chunk := list(itertools.islice(items, _BATCH)):
        puts = [{"PutRequest": {"Item": item}} for item in chunk]
        answer = dynamodb.batch_write_item(RequestItems={target: puts})
        assert not answer.get("UnprocessedItems")
