"""The floor of a booking: a bare Chalice handler that does the same read and the same transaction.

Once with PynamoDB's models, once with its connection alone, where what is sent and what comes stays raw.
"""

from typing import Any

from chalice.app import Response
from pynamodb.connection import Connection
from pynamodb.constants import ITEM
from pynamodb.transactions import TransactWrite

from infra.bench.programs.canned import TABLE, Recording
from infra.bench.programs.floor import Thing, app

_recording = Recording()
_connection: Connection = Thing._get_connection().connection  # noqa: SLF001 - as in floor.py
_recording.answer(_connection.client)
_things: Any = [Thing.from_raw_data(item) for item in _recording.written]
_plain = [thing.attribute_values | {"record": thing.record.as_dict()} for thing in _things]
_raw_keys: Any = [{"PK": pk, "SK": sk} for pk, sk in _recording.keys]


@app.route("/v1/bookings", methods=["POST"])
def book_with_models() -> Response:
    body = _body()
    found = {thing.sk: thing for thing in Thing.batch_get(_recording.keys, consistent_read=True)}
    with TransactWrite(connection=_connection, client_request_token="0" * 36) as transaction:
        for attributes in _plain:
            transaction.save(Thing(**attributes), condition=Thing.pk.does_not_exist())
    return Response({"starts_at": body["starts_at"], "found": len(found)}, status_code=201)


@app.route("/v1/raw-bookings", methods=["POST"])
def book_with_raw_items() -> Response:
    body = _body()
    found = _connection.batch_get_item(TABLE, keys=_raw_keys, consistent_read=True)["Responses"]
    puts = [
        _connection.get_operation_kwargs(
            TABLE,
            item["PK"]["S"],
            item["SK"]["S"],
            key=ITEM,
            attributes=item,
            condition=Thing.pk.does_not_exist(),
        )
        for item in _recording.written
    ]
    _connection.transact_write_items(
        condition_check_items=[],
        delete_items=[],
        put_items=puts,
        update_items=[],
        client_request_token="0" * 36,
    )
    return Response({"starts_at": body["starts_at"], "found": len(found)}, status_code=201)


def _body() -> dict[str, Any]:
    request: Any = app.current_request
    body: dict[str, Any] = request.json_body
    return body


def booking(calls: int) -> None:
    _repeat(calls, "/v1/bookings")


def raw_booking(calls: int) -> None:
    _repeat(calls, "/v1/raw-bookings")


def _repeat(calls: int, path: str) -> None:
    event = _recording.event
    asked = event | {"path": path, "requestContext": event["requestContext"] | {"resourcePath": path}}
    for _ in range(calls):
        answer = app(asked, None)
        if answer["statusCode"] != 201:
            raise SystemExit(answer["body"])
