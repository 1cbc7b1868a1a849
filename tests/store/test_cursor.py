"""A cursor that was made up is refused, whatever it holds."""

import base64
import json
from typing import Any

import pytest

from chalicelib import aws
from chalicelib.table import read

WELL_MADE = {"PK": "a", "SK": "b", "GSI1SK": "c"}


def cursor(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        {"x": "y"},
        {"PK": "a", "SK": "b"},
        WELL_MADE | {"x": "y"},
        WELL_MADE | {"GSI1PK": "PLATFORM#other"},
        WELL_MADE | {"GSI1SK": ""},
        WELL_MADE | {"SK": 1},
    ],
)
def test_a_cursor_of_other_contents_is_refused(table: None, content: Any) -> None:
    with pytest.raises(read.CursorInvalid):
        read.query("P", index="GSI1", cursor=cursor(content))


def test_an_indexs_cursor_is_none_of_the_table_itself(table: None) -> None:
    with pytest.raises(read.CursorInvalid):
        read.query("P", cursor=cursor(WELL_MADE))
    assert read.query("P", cursor=cursor({"SK": "b"})).records == []


def test_a_cursor_that_the_table_refuses_is_refused(table: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB says so of a key outside of the list; moto does not."""
    from botocore.exceptions import ClientError
    from pynamodb.exceptions import QueryError

    def refuse(*_: Any, **__: Any) -> None:
        error = {"Error": {"Code": "ValidationException", "Message": "outside query boundaries"}}
        raise ClientError(error, "Query")

    read.query("P")  # primes the connection
    monkeypatch.setattr(aws.client("dynamodb"), "_make_api_call", refuse)
    with pytest.raises(read.CursorInvalid):
        read.query("P", index="GSI1", cursor=cursor(WELL_MADE))
    with pytest.raises(QueryError):
        read.query("P", index="GSI1")
