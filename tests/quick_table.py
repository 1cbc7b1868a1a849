"""moto's DynamoDB without the way to it: the calls that the product makes, on the very items that moto keeps.

Of a call on moto nineteen parts of twenty are the writing, signing and reading of a request and moto's own forms of
each value. Here a call goes straight to the items. Whatever is not one of the product's own few forms of a call, and
every call that a fault strikes below the client, goes moto's way; both see the same items. That both answer alike,
``tests/torture/test_quick_table.py`` holds.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

import botocore.client
import botocore.endpoint
import pytest
from moto.backends import get_backend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict

_ACCOUNT = "123456789012"
Raw = dict[str, Any]
Names = Mapping[str, str]
Test = Callable[[Raw, Names, Raw], bool]
# PynamoDB's texts of the conditions that ``table/transact.py`` makes.
CONDITIONS: dict[str, Test] = {
    "attribute_not_exists (#0)": lambda raw, names, _: names["#0"] not in raw,
    "#0 = :0": lambda raw, names, values: raw.get(names["#0"]) == values[":0"],
    "(attribute_not_exists (#0) OR #1 < :0)": lambda raw, names, values: (
        names["#0"] not in raw or _is_less(raw.get(names["#1"]), values[":0"])
    ),
}
# And of those that ``table/read.py`` makes.
RANGES: dict[str, Test] = {
    "#0 = :0": lambda raw, names, values: True,
    "(#0 = :0 AND begins_with (#1, :1))": lambda raw, names, values: raw[names["#1"]]["S"].startswith(
        values[":1"]["S"]
    ),
    "(#0 = :0 AND #1 BETWEEN :1 AND :2)": lambda raw, names, values: (
        values[":1"]["S"] <= raw[names["#1"]]["S"] <= values[":2"]["S"]
    ),
}
_QUERY = {
    "TableName", "ExpressionAttributeNames", "ExpressionAttributeValues", "KeyConditionExpression", "Limit",
    "ReturnConsumedCapacity", "ScanIndexForward", "IndexName", "ConsistentRead",
}  # fmt: skip
_SCAN = {"TableName", "Limit", "ReturnConsumedCapacity", "ConsistentRead", "ExclusiveStartKey"}
_GET = {"TableName", "Key", "ConsistentRead", "ReturnConsumedCapacity"}
_PUT = {"TableName", "Item", "ConditionExpression", "ExpressionAttributeNames", "ReturnConsumedCapacity"}
_KEYS_ONLY = {"GSI3": ("PK", "SK", "GSI3PK", "GSI3SK")}


def _is_less(kept: Raw | None, given: Raw) -> bool:
    return kept is not None and int(kept["N"]) < int(given["N"])


class QuickItem(Item):
    """An item as it came; moto's own form of it is made when moto wants it."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw

    @cached_property
    def hash_key(self) -> DynamoType:  # type: ignore[override]
        return _value(self.raw["PK"]["S"])

    @cached_property
    def range_key(self) -> DynamoType:  # type: ignore[override]
        return _value(self.raw["SK"]["S"])

    @cached_property
    def attrs(self) -> LimitedSizeDict:  # type: ignore[override]
        made = LimitedSizeDict()
        for name, value in self.raw.items():
            dict.__setitem__(made, name, DynamoType(value))
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> "QuickItem":
        return self


@lru_cache(maxsize=50_000)
def _value(text: str) -> DynamoType:
    return DynamoType({"S": text})


def raw_of(item: Item) -> Raw:
    """An item as an answer gives it; one that moto wrote is turned into it once."""
    if "raw" not in item.__dict__:
        item.__dict__["raw"] = item.to_json()["Attributes"]
    raw: Raw = item.__dict__["raw"]
    return raw


class _NotOurs(Exception):
    """A form of a call that goes moto's way."""


class QuickTable:
    """One table's items, as the calls see them."""

    def __init__(self, region: str, name: str) -> None:
        self._tables, self._name = get_backend("dynamodb")[_ACCOUNT][region].tables, name

    @property
    def _items(self) -> dict[DynamoType, dict[DynamoType, Item]]:
        items: dict[DynamoType, dict[DynamoType, Item]] = self._tables[self._name].items
        return items

    def find(self, key: Raw) -> Raw | None:
        item = self._items.get(_value(key["PK"]["S"]), {}).get(_value(key["SK"]["S"]))
        return raw_of(item) if item is not None else None

    def put(self, raw: Raw) -> None:
        self._items[_value(raw["PK"]["S"])][_value(raw["SK"]["S"])] = QuickItem(raw)

    def delete(self, key: Raw) -> None:
        self._items[_value(key["PK"]["S"])].pop(_value(key["SK"]["S"]), None)

    def partition(self, pk: str) -> Iterator[Raw]:
        return map(raw_of, self._items.get(_value(pk), {}).values())

    def everything(self) -> Iterator[Raw]:
        return (raw_of(item) for items in self._items.values() for item in items.values())

    # ------------------------------------------------------------------------------------ the calls

    def get_item(self, asked: Raw) -> Raw:
        _only(asked, _GET)
        found = self.find(asked["Key"])
        return {"Item": found} if found is not None else {}

    def batch_get_item(self, asked: Raw) -> Raw:
        (wanted,) = asked["RequestItems"].values()
        found = (self.find(key) for key in wanted["Keys"])
        return {"Responses": {self._name: [raw for raw in found if raw is not None]}, "UnprocessedKeys": {}}

    def put_item(self, asked: Raw) -> Raw:
        _only(asked, _PUT)
        if not self._holds(asked, asked["Item"]):
            raise _Refused("ConditionalCheckFailedException")
        self.put(asked["Item"])
        return {}

    def scan(self, asked: Raw) -> Raw:
        _only(asked, _SCAN)
        start, limit = asked.get("ExclusiveStartKey"), asked["Limit"]
        after = (start["PK"]["S"], start["SK"]["S"]) if start else ("", "")
        found = sorted((raw for raw in self.everything() if _place(raw) > after), key=_place)
        return _page(found, limit, ("PK", "SK"))

    def query(self, asked: Raw) -> Raw:
        _only(asked, _QUERY)
        test = _known(RANGES, asked["KeyConditionExpression"])
        names, values = asked["ExpressionAttributeNames"], asked["ExpressionAttributeValues"]
        index, wanted = asked.get("IndexName"), values[":0"]
        if index:
            candidates = (raw for raw in self.everything() if raw.get(names["#0"]) == wanted)
        else:
            candidates = self.partition(wanted["S"])
        found = [raw for raw in candidates if test(raw, names, values)]
        by = f"{index}SK" if index else "SK"
        found.sort(key=lambda raw: (raw[by]["S"], *_place(raw)), reverse=not asked["ScanIndexForward"])
        keys = ("PK", "SK", f"{index}PK", f"{index}SK") if index else ("PK", "SK")
        page = _page(found, asked["Limit"], keys)
        if index in _KEYS_ONLY:
            page["Items"] = [{name: raw[name] for name in _KEYS_ONLY[index]} for raw in page["Items"]]
        return page

    def transact_write_items(self, asked: Raw) -> Raw:
        steps = [next(iter(step.items())) for step in asked["TransactItems"]]
        for kind, step in steps:
            if kind == "Update" or step["ConditionExpression"] not in CONDITIONS:
                raise _NotOurs
        places = {_place(step.get("Item") or step["Key"]) for _, step in steps}
        if len(places) < len(steps):
            raise _NotOurs
        failed = [not self._holds(step, step.get("Item") or step["Key"]) for _, step in steps]
        if any(failed):
            raise _Refused("TransactionCanceledException", failed)
        for kind, step in steps:
            if kind == "Put":
                self.put(step["Item"])
            elif kind == "Delete":
                self.delete(step["Key"])
        return {}

    def _holds(self, step: Raw, key: Raw) -> bool:
        test = _known(CONDITIONS, step["ConditionExpression"])
        names, values = step["ExpressionAttributeNames"], step.get("ExpressionAttributeValues", {})
        return test(self.find(key) or {}, names, values)


class _Refused(Exception):
    def __init__(self, code: str, failed: list[bool] | None = None) -> None:
        super().__init__(code)
        self.answer: Raw = {
            "Error": {"Code": code, "Message": "The conditional request failed"},
            "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}},
        }
        if failed is not None:
            self.answer["CancellationReasons"] = [
                {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
                if each
                else {"Code": "None"}
                for each in failed
            ]


def _only(asked: Raw, known: set[str]) -> None:
    if not asked.keys() <= known:
        raise _NotOurs


def _known(tests: dict[str, Test], expression: str) -> Test:
    if expression not in tests:
        raise _NotOurs
    return tests[expression]


def _place(raw: Raw) -> tuple[str, str]:
    return raw["PK"]["S"], raw["SK"]["S"]


def _page(found: list[Raw], limit: int, keys: tuple[str, ...]) -> Raw:
    page: Raw = {"Items": found[:limit], "Count": min(limit, len(found)), "ScannedCount": len(found[:limit])}
    if len(found) > limit:
        page["LastEvaluatedKey"] = {name: found[limit - 1][name] for name in keys}
    return page


_SNAKE = re.compile(r"(?<!^)(?=[A-Z])")
_OURS = {"GetItem", "BatchGetItem", "Query", "Scan", "PutItem", "TransactWriteItems"}


def install(patch: pytest.MonkeyPatch, region: str, table_name: str) -> None:
    """Until ``patch`` is undone, the product's calls to DynamoDB go straight to the items of moto's table."""
    table = QuickTable(region, table_name)
    verbs = {name: getattr(table, _SNAKE.sub("_", name).lower()) for name in _OURS}
    slowly, plain = botocore.client.BaseClient._make_api_call, botocore.endpoint.Endpoint._do_get_response

    def call(client: Any, operation: str, asked: Raw) -> Any:
        is_ours = operation in _OURS and client.meta.service_model.service_name == "dynamodb"
        if is_ours and botocore.endpoint.Endpoint._do_get_response is plain:
            try:
                return verbs[operation](asked)
            except _Refused as refused:
                error = client.exceptions.from_code(refused.answer["Error"]["Code"])
                raise error(refused.answer, operation) from None
            except _NotOurs:
                pass
        return slowly(client, operation, asked)

    patch.setattr(botocore.client.BaseClient, "_make_api_call", call)
