"""What AWS sends in batches: each record is handled by itself, and only those that failed come again."""

import json
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

from chalicelib.core.log import log, note, one_call
from chalicelib.settings import settings
from chalicelib.table.keys import Key

Failures = dict[str, list[dict[str, str]]]
T = TypeVar("T")


def entry(handle: Callable[[Any], T]) -> Callable[[Any], T]:
    """A function that AWS calls with an event: its log has one line for each call, under its name."""

    @wraps(handle)
    def logged(event: Any) -> T:
        facts = {"operation": handle.__name__, "request_id": event.context.aws_request_id}
        with one_call("invocation", stage=settings().stage, **facts):
            result = handle(event)
            note(status="done")
            return result

    return logged


def each_changed_item(event: dict[str, Any], handle: Callable[[Key], object]) -> Failures:
    """Records of the table's stream; ``handle`` gets the changed item's key and reads the item itself."""
    changes = ((record["dynamodb"]["SequenceNumber"], _key(record)) for record in event["Records"])
    return _failures((number, _handled(handle, key)) for number, key in changes)


def each_message(event: dict[str, Any], handle: Callable[[dict[str, Any]], object]) -> Failures:
    """Messages of a queue; each is one JSON object."""
    messages = ((record["messageId"], json.loads(record["body"])) for record in event["Records"])
    return _failures((number, _handled(handle, message)) for number, message in messages)


def _failures(outcomes: Iterable[tuple[str, bool]]) -> Failures:
    known = list(outcomes)
    failed = [{"itemIdentifier": name} for name, handled in known if not handled]
    note(records=len(known), failed=len(failed))
    return {"batchItemFailures": failed}


def _key(record: dict[str, Any]) -> Key:
    changed = record["dynamodb"]["Keys"]
    return Key(changed["PK"]["S"], changed["SK"]["S"])


def _handled(handle: Callable[[Any], object], content: Any) -> bool:
    try:
        handle(content)
    except Exception as error:
        log("event_failed", content=str(content), error=repr(error))
        return False
    return True
