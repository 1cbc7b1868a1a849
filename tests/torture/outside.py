"""All that a world remembers, in the table and outside of it: kept, brought back, and told without its names."""

import copy
import json
import re
from collections import Counter
from dataclasses import asdict
from typing import Any

from moto.backends import get_backend
from moto.core.model_instances import reset_model_data

from chalicelib.table.base import from_dynamo
from infra.local.payments.server import Server
from infra.local.payments.state import TABLES, Record
from tests.conftest import ENVIRONMENT
from tests.quick_table import raw_of
from tests.store.accounts.people import Pool

_ACCOUNT, _REGION = "123456789012", ENVIRONMENT["AWS_REGION"]
_NAMES = re.compile(
    r"(?<=_)[0-9a-f]{14,64}(?![0-9a-z])"  # a name of the provider's
    r"|\bCA[0-9a-f]{32}\b"  # a call's
    r"|\b[0-9a-f]{20,64}\b"  # a room's
    r"|(?<=/feeds/)[^\"\\\\]+"  # the secret address of somebody's appointments
    r"|(?<=\"ord_)[0-9a-hjkmnp-tv-z]{26}:\d+(?=\")"  # a look at an order, by the version that it looks at
    r"|[0-9a-hjkmnp-tv-z]{26}"  # a ULID of ours
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a user's id
    r"|\d{4}-\d\d-\d\d[T ][\d:.]+(Z|\+00:00)?"
)
# A second try is no second effect, and a clock's offset is an instant.
_OF_TRIES = {"tries", "next_at", "input_hash", "clock_offset_seconds"}


def _backend(service: str) -> Any:
    return get_backend(service)[_ACCOUNT][_REGION]


class Outside:
    def __init__(self, server: Server, pool: Pool) -> None:
        self._server, self._pool = server, pool

    def kept(self) -> dict[str, Any]:
        """Everything as it now is. Items of the table are never changed in place, so the same ones do."""
        state = self._server.sandbox.state
        people = self._pool.backend
        return {
            "table": {key: dict(items) for key, items in self._table().items.items()},
            "provider": {
                name: {key: copy.deepcopy(record) for key, record in table.items()}
                for name, table in state.tables.items()
            },
            "schedules": dict(self._schedules()),
            "people": copy.deepcopy((people.users, people.groups)),
            "parameters": {name: list(versions) for name, versions in self._parameters().items()},
        }

    def brought_back(self, kept: dict[str, Any]) -> None:
        reset_model_data()  # moto lists whatever was ever made, and so keeps it
        table = self._table().items
        table.clear()
        for key, items in kept["table"].items():
            table[key] = dict(items)
        for name in TABLES:
            rows = {key: copy.deepcopy(record) for key, record in kept["provider"][name].items()}
            self._server.sandbox.state.tables[name]._records = rows
        self._schedules().clear()
        self._schedules().update(kept["schedules"])
        self._parameters().clear()
        self._parameters().update({name: list(versions) for name, versions in kept["parameters"].items()})
        people = self._pool.backend
        people.users, people.groups = copy.deepcopy(kept["people"])
        _backend("ses").sent_messages.clear()
        for queue in _backend("sqs").queues.values():
            queue._messages.clear()
        for bucket in get_backend("s3")[_ACCOUNT]["aws"].buckets.values():
            bucket.keys.clear()

    def told(self) -> dict[str, Counter[str]]:
        """What there is, without names and instants: two histories that did the same are told alike.

        What may leave more than once, a mail or a message, is told once.
        """
        rows = (item for items in self._table().items.values() for item in items.values())
        state = self._server.sandbox.state
        mails = {f"{mail.destinations} {mail.subject}" for mail in _backend("ses").sent_messages}
        messages = {m.body for queue in _backend("sqs").queues.values() for m in queue._messages}
        files = [key for bucket in get_backend("s3")[_ACCOUNT]["aws"].buckets.values() for key in bucket.keys]
        users = [
            f"{user.username} {user.status} {sorted(g.group_name for g in user.groups)}"
            for user in self._pool.backend.users.values()
        ]
        return {
            "items": Counter(_item(raw_of(row)) for row in rows),
            "provider": Counter(
                _provided(name, record)
                for name in ("checkout.session", "payment_intent", "charge", "refund", "call")
                for _, record in state.tables[name].items()
            ),
            "schedules": Counter(map(nameless, self._schedules())),
            "mails": Counter(map(nameless, mails)),
            "messages": Counter(map(nameless, messages)),
            "files": Counter(map(nameless, files)),
            "people": Counter(users),
        }

    def _table(self) -> Any:
        return _backend("dynamodb").tables[ENVIRONMENT["TABLE_NAME"]]

    def _parameters(self) -> dict[str, list[Any]]:
        parameters: dict[str, list[Any]] = _backend("ssm")._parameters
        return parameters

    def _schedules(self) -> dict[str, Any]:
        schedules: dict[str, Any] = (
            _backend("scheduler").schedule_groups[ENVIRONMENT["SCHEDULE_GROUP"]].schedules
        )
        return schedules


def _item(raw: dict[str, Any]) -> str:
    """What it is, what it says, and in which indexes it stands."""
    said = {name: from_dynamo(value) for name, value in raw.items()}
    indexes = [name for name in ("GSI1PK", "GSI2PK", "GSI3PK") if name in said]
    return nameless(json.dumps([said["entity"], indexes, _without_tries(said["record"])], sort_keys=True))


def _without_tries(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_tries(part) for name, part in value.items() if name not in _OF_TRIES}
    return [_without_tries(part) for part in value] if isinstance(value, list) else value


def _provided(name: str, record: Record) -> str:
    said = asdict(record)["object"]
    facts = [
        said.get(field) for field in ("status", "payment_status", "amount", "amount_total", "amount_refunded")
    ]
    return f"{name} {facts}"


def nameless(text: str) -> str:
    return _NAMES.sub("·", text)
