"""What AWS calls: each call has its line, and each record of a batch its own fate."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.batches import each_changed_item, each_message, entry


class Event:
    """As Chalice hands it over."""

    context = SimpleNamespace(aws_request_id="req-1")

    def __init__(self, *bodies: Any) -> None:
        records = [{"messageId": str(n), "body": json.dumps(body)} for n, body in enumerate(bodies)]
        self._event = {"Records": records}

    def to_dict(self) -> dict[str, Any]:
        return self._event


@entry
def halve(event: Event) -> Any:
    return each_message(event.to_dict(), lambda message: 1 // message["by"])


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_only_those_that_failed_come_again_and_the_call_says_how_many(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert halve(Event({"by": 1}, {"by": 0}, {"by": 2})) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    failed, call = lines(capsys)
    assert (failed["event"], failed["request_id"]) == ("event_failed", "req-1")
    del call["duration_ms"]
    assert call == {
        "event": "invocation",
        "stage": "test",
        "operation": "halve",
        "request_id": "req-1",
        "records": 3,
        "failed": 1,
        "status": "done",
    }


def test_a_changed_item_is_handed_over_by_its_key() -> None:
    seen = []
    keys = {"PK": {"S": "a"}, "SK": {"S": "b"}}
    record = {"dynamodb": {"SequenceNumber": "7", "Keys": keys}}
    assert each_changed_item({"Records": [record]}, seen.append) == {"batchItemFailures": []}
    assert [(key.pk, key.sk) for key in seen] == [("a", "b")]


def test_a_call_that_fails_as_a_whole_says_so_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    @entry
    def broken(_: Event) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        broken(Event())
    (call,) = lines(capsys)
    assert (call["operation"], call["status"]) == ("broken", "failed")
