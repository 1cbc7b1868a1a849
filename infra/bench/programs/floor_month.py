"""The floor of a month of slots: a bare Chalice handler that reads the same items and counts them."""

from typing import Any

from infra.bench.programs.canned import Month
from infra.bench.programs.floor import Thing, app

_month = Month()
_month.answer(Thing._get_connection().connection.client)  # noqa: SLF001 - as in floor.py


@app.route("/v1/month")
def count_month() -> dict[str, int]:
    read = list(Thing.batch_get(_month.keys, consistent_read=True))
    between = Thing.sk.between(_month.first, _month.last)
    days = list(Thing.query(_month.expert, between, consistent_read=True))
    return {"found": len(read), "taken": sum(len(day.record["taken"]) for day in days)}


def month(calls: int) -> None:
    event: dict[str, Any] = _month.event
    path = "/v1/month"
    asked = event | {"path": path, "requestContext": event["requestContext"] | {"resourcePath": path}}
    for _ in range(calls):
        answer = app(asked, None)
        if answer["statusCode"] != 200:
            raise SystemExit(answer["body"])
