"""What an action asks of AWS: seen at the clients that the product's own factory makes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chalicelib import aws
from infra.bench.units import Change, Item
from infra.libraries import SERVICES


@dataclass
class Seen:
    """``calls`` as ``service:Operation``, ``changes`` with the items as they were sent."""

    calls: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    keys_read: list[tuple[str, str]] = field(default_factory=list)
    read: list[Item] = field(default_factory=list)

    @property
    def written(self) -> list[Item]:
        return [change.after for change in self.changes if change.after is not None]


@contextmanager
def heard() -> Iterator[list[str]]:
    """The bodies of what ``requests`` is answered in the block: the payment provider's."""
    import requests

    send, bodies = requests.Session.send, list[str]()

    def noted(session: requests.Session, request: Any, **options: Any) -> requests.Response:
        answer = send(session, request, **options)
        bodies.append(answer.text)
        return answer

    requests.Session.send = noted  # type: ignore[method-assign, assignment]
    try:
        yield bodies
    finally:
        requests.Session.send = send  # type: ignore[method-assign]


class Watch:
    """``find`` gets an item by its key past the watched clients: what a write replaces."""

    def __init__(self, find: Callable[[Item], Item | None]) -> None:
        self._find = find
        self._seen: Seen | None = None
        for service in SERVICES:
            events = aws.client(service).meta.events
            events.register("provide-client-params", self._called)
            events.register("response-received.dynamodb.BatchGetItem", self._answered)

    @contextmanager
    def during(self) -> Iterator[Seen]:
        """What is asked in the block."""
        self._seen = seen = Seen()
        try:
            yield seen
        finally:
            self._seen = None

    def _called(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if self._seen is None:
            return
        self._seen.calls.append(f"{model.service_model.service_name}:{model.name}")
        match model.name:
            case "TransactWriteItems":
                for write in params["TransactItems"]:
                    self._seen.changes.append(self._change(write))
            case "PutItem":
                item = params["Item"]
                self._seen.changes.append(Change(self._stored(item), item, units_per_kb=1))
            case "BatchGetItem":
                ((_, asked),) = params["RequestItems"].items()
                self._seen.keys_read += [(key["PK"]["S"], key["SK"]["S"]) for key in asked["Keys"]]

    def _answered(self, parsed_response: dict[str, Any], **_: Any) -> None:
        if self._seen is not None:
            found = parsed_response.get("Responses", {}).values()
            self._seen.read += [item for items in found for item in items]

    def _change(self, write: dict[str, Any]) -> Change:
        ((kind, asked),) = write.items()
        match kind:
            case "Put":
                return Change(self._stored(asked["Item"]), asked["Item"])
            case "Delete":
                return Change(self._stored(asked["Key"]), None)
            case "ConditionCheck":
                stored = self._stored(asked["Key"])
                return Change(stored, stored)
        raise ValueError(f"{kind} is not used by this product")

    def _stored(self, named: Item) -> Item | None:
        return self._find({"PK": named["PK"], "SK": named["SK"]})
