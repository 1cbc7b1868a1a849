"""One unit of work on the state: the objects it touches and the events that it causes."""

from dataclasses import dataclass, field
from typing import Any

import stripe

from infra.local.payments.accounts import Account
from infra.local.payments.messages import JsonObject
from infra.local.payments.state import Record, State, new_id


@dataclass
class Work:
    """What a handler works with. It runs under the state's lock, its events are sent after the release.

    `now` is in whole seconds since 1970, as the API's timestamps are.
    """

    state: State
    now: int
    base_url: str
    request_id: str | None = None
    idempotency_key: str | None = None
    event_ids: list[str] = field(default_factory=list)

    def find(self, table: str, object_id: Any, account: Account) -> Record | None:
        """The account's object of this id; None when there is none."""
        return self.state.tables[table].get(str(object_id), account.id)

    def add(self, table: str, account_id: str, obj: JsonObject, private: JsonObject | None = None) -> Record:
        """Keep a new object of the account."""
        record = Record(account_id, obj, private or {})
        self.state.tables[table].put(obj["id"], record)
        return record

    def emit(self, event_type: str, record: Record, previous: JsonObject | None = None) -> None:
        """Record an event with the object as it is now; `previous` holds the values that changed."""
        data: JsonObject = {"object": copied(record.object)}
        if previous:
            data["previous_attributes"] = previous
        event: JsonObject = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": stripe.api_version,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": event_type,
        }
        self.add("event", record.account, event)
        self.event_ids.append(event["id"])


def copied(value: Any) -> Any:
    """A copy of JSON-like data that shares nothing with it."""
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    return [copied(each) for each in value] if isinstance(value, list) else value
