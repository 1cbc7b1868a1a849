"""What moto is spared for the sake of speed changes none of its answers."""

from typing import Any

import pytest

from chalicelib import aws

pytestmark = pytest.mark.usefixtures("table")

TABLE = {"TableName": "seans-test"}
PLAIN: dict[str, Any] = {"s": {"S": ""}, "n": {"N": "12"}, "no": {"BOOL": False}, "none": {"NULL": True}}
NESTED = {"m": {"M": {**PLAIN, "m": {"M": {}}}}, "l": {"L": [{"M": PLAIN}, {"L": []}]}}
OTHER = {"set": {"SS": ["x", "y"]}, "bytes": {"B": b"\x00\xff"}, "in": {"L": [{"M": {"set": {"NS": ["1"]}}}]}}


def item(name: str, **more: Any) -> dict[str, Any]:
    return {"PK": {"S": name}, "SK": {"S": name}} | more


def everything() -> list[dict[str, Any]]:
    return sorted(aws.client("dynamodb").scan(**TABLE)["Items"], key=lambda found: found["PK"]["S"])


def test_a_value_of_each_type_comes_back_as_it_was_put() -> None:
    whole = item("a", **PLAIN, **NESTED, **OTHER)
    aws.client("dynamodb").put_item(**TABLE, Item=whole)
    assert everything() == [whole]


UPDATE = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "5"}}}
WRITES = [
    {"Put": {"Item": item("a", n={"N": "2"})}},
    {"Put": {"Item": item("new")}},
    {"Delete": {"Key": item("b")}},
    {"Update": {"Key": item("c"), **UPDATE}},
]


@pytest.mark.parametrize("writes", [WRITES, WRITES[:3], WRITES[3:]])
def test_a_cancelled_transaction_leaves_everything_as_it_was(writes: list[dict[str, Any]]) -> None:
    client = aws.client("dynamodb")
    before = [item(name, n={"N": "1"}) for name in "abc"]
    for each in before:
        client.put_item(**TABLE, Item=each)
    impossible = {"ConditionCheck": {"Key": item("nobody"), "ConditionExpression": "attribute_exists(PK)"}}
    sent = [{kind: TABLE | write} for each in [*writes, impossible] for kind, write in each.items()]
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(TransactItems=sent)
    assert everything() == before
    client.transact_write_items(TransactItems=sent[:-1])
    assert everything() != before
