"""The product, as Lambda runs it."""

from typing import Any

import app
from chalicelib import aws
from chalicelib.table.base import connection
from infra.bench.programs.canned import Fulfilment, Month, Recording


def connect() -> None:
    """The first connection to DynamoDB, which a cold start pays for."""
    connection()


def health(calls: int, event: dict[str, Any]) -> None:
    for _ in range(calls):
        _must(app.app(event, None), 200)


def booking(calls: int) -> None:
    recording = Recording()
    recording.answer(aws.client("dynamodb"))
    for _ in range(calls):
        _must(app.app(recording.event, None), 201)


def fulfilment(calls: int) -> None:
    paid = Fulfilment()
    paid.answer(aws.client("dynamodb"))
    paid.answer(aws.client("ssm"))
    paid.answer_http()
    event = paid.signed()
    for _ in range(calls):
        _must(app.app(event, None), 200)


def month(calls: int) -> None:
    canned = Month()
    canned.answer(aws.client("dynamodb"))
    for _ in range(calls):
        _must(app.app(canned.event, None), 200)


def _must(answer: dict[str, Any], status: int) -> None:
    if answer["statusCode"] != status:
        raise SystemExit(answer["body"])
