"""What AWS sends in batches: each record is handled by itself, and only those that failed come again."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from chalicelib.core.log import log
from chalicelib.table.keys import Key

Failures = dict[str, list[dict[str, str]]]


def each_changed_item(event: dict[str, Any], handle: Callable[[Key], object]) -> Failures:
    """Records of the table's stream; ``handle`` gets the changed item's key and reads the item itself."""
    changes = ((record["dynamodb"]["SequenceNumber"], _key(record)) for record in event["Records"])
    return _failures((number, _handled(handle, key)) for number, key in changes)


def each_message(event: dict[str, Any], handle: Callable[[dict[str, Any]], object]) -> Failures:
    """Messages of a queue; each is one JSON object."""
    messages = ((record["messageId"], json.loads(record["body"])) for record in event["Records"])
    return _failures((number, _handled(handle, message)) for number, message in messages)


def _failures(outcomes: Iterable[tuple[str, bool]]) -> Failures:
    return {"batchItemFailures": [{"itemIdentifier": name} for name, handled in outcomes if not handled]}


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
