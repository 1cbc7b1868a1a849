"""The quick way to the table's items answers as moto itself does, and leaves the same items."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import botocore.client
import botocore.exceptions
import pytest

from tests.conftest import ENVIRONMENT
from tests.faults import below_the_client
from tests.quick_table import QuickTable
from tests.torture.crashes import SCENARIOS, Ground
from tests.torture.test_rivals import booking, overtaken
from tests.torture.world import World, open_world

WRITES = {"PutItem", "TransactWriteItems"}
EVERY = 10  # of the scenarios one in so many: they make the same few calls
NOT_COMPARED = {"ResponseMetadata", "ConsumedCapacity", "UnprocessedKeys", "ItemCollectionMetrics"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with open_world() as made:
        yield made


class Compared:
    """Each call goes both ways, from the same items; ``counts`` says which, and how they ended."""

    def __init__(self, world: World) -> None:
        self._outside = world.outside
        self._table = QuickTable(ENVIRONMENT["AWS_REGION"], ENVIRONMENT["TABLE_NAME"])
        self._quickly = botocore.client.BaseClient._make_api_call
        self.counts: Counter[str] = Counter()
        self.differences: list[
            Any
        ] = []  # kept, for the product would take an assertion for a failure of its own

    def call(self, client: Any, operation: str, asked: Any) -> Any:
        if client.meta.service_model.service_name != "dynamodb":
            return self._quickly(client, operation, asked)
        before = self._items()
        with below_the_client(lambda request, attempt: attempt()):
            _, slow = self._ended(client, operation, asked)
        after = self._items()
        if operation in WRITES:
            self._put_back(before)
        answer, quick = self._ended(client, operation, asked)
        if (quick, self._items()) != (slow, after):
            self.differences.append((operation, slow, quick))
        self.counts[f"{operation} {type(answer) is dict}"] += 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _ended(self, client: Any, operation: str, asked: Any) -> tuple[Any, Any]:
        try:
            answer = self._quickly(client, operation, asked)
        except botocore.exceptions.ClientError as error:
            reasons = [reason["Code"] for reason in error.response.get("CancellationReasons", ())]
            return error, (error.response["Error"]["Code"], reasons)
        said = {name: value for name, value in answer.items() if name not in NOT_COMPARED}
        for found in said.get("Responses", {}).values():
            found.sort(key=lambda raw: (raw["PK"]["S"], raw["SK"]["S"]))
        return answer, said

    def _items(self) -> dict[tuple[str, str], Any]:
        return {(raw["PK"]["S"], raw["SK"]["S"]): raw for raw in self._table.everything()}

    def _put_back(self, items: dict[tuple[str, str], Any]) -> None:
        for raw in list(self._table.everything()):
            self._table.delete(raw)
        for raw in items.values():
            self._table.put(raw)


def test_each_call_of_the_product_is_answered_as_moto_answers_it(world, monkeypatch) -> None:
    compared, starts_at = Compared(world), world.free_time()

    def call(client: Any, operation: str, asked: Any) -> Any:
        return compared.call(client, operation, asked)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    for name in list(SCENARIOS)[::EVERY]:
        Ground(world, name)
    assert overtaken(booking(world, starts_at), booking(world, starts_at))[:3] == b"409"
    assert compared.differences == []
    both = {"PutItem True", "TransactWriteItems True", "TransactWriteItems False"}
    assert set(compared.counts) >= both | {
        f"{read} True" for read in ("BatchGetItem", "GetItem", "Query", "Scan")
    }
