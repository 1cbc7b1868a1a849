"""moto with the same answers for a third of the work.

Two of its habits are most of what a test on the table costs. It looks for each member of each DynamoDB
value under six names, and before each transaction it copies every value that the table holds.
"""

import copy
from collections import defaultdict
from typing import Any

import pytest
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

_LEAVES: dict[str, type] = {"S": str, "N": str, "BOOL": bool, "NULL": bool}


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Until ``patch`` is undone, moto answers the same, sooner."""
    _write_answers_as_they_are(patch)
    _keep_items_for_a_rollback(patch)


def _write_answers_as_they_are(patch: pytest.MonkeyPatch) -> None:
    """A value that already has the form of the answer needs no search; any other one takes moto's way."""
    searching = BaseJSONSerializer._serialize_type_structure

    def serialize(
        serializer: BaseJSONSerializer, serialized: dict[str, Any], value: Any, shape: Any, key: str
    ) -> None:
        if key and shape.name == "AttributeValue" and _is_an_answer(value):
            serialized[key] = value
        else:
            searching(serializer, serialized, value, shape, key)

    patch.setattr(BaseJSONSerializer, "_serialize_type_structure", serialize)


def _is_an_answer(value: Any) -> bool:
    """Whether it is one DynamoDB value through and through; sets and bytes are left to moto."""
    if type(value) is not dict or len(value) != 1:
        return False
    ((kind, content),) = value.items()
    if kind == "M":
        return type(content) is dict and all(map(_is_an_answer, content.values()))
    if kind == "L":
        return type(content) is list and all(map(_is_an_answer, content))
    return type(content) is _LEAVES.get(kind)


def _keep_items_for_a_rollback(patch: pytest.MonkeyPatch) -> None:
    """Only an update changes an item in its place; puts and deletes are undone with the items as they were."""
    committing = DynamoDBBackend.transact_write_items

    def transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        with pytest.MonkeyPatch.context() as during:
            if not any("Update" in item for item in transact_items):
                during.setattr(Table, "__deepcopy__", _with_the_same_items, raising=False)
            committing(backend, transact_items)

    patch.setattr(DynamoDBBackend, "transact_write_items", transact)


def _with_the_same_items(table: Table, _memo: dict[int, Any]) -> Table:
    same = copy.copy(table)
    same.items = defaultdict(dict, {key: dict(items) for key, items in table.items.items()})
    return same
