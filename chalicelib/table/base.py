"""The one table's one model. Each feature's store subclasses ``Item`` with the record that it keeps."""

from datetime import datetime
from typing import Any, ClassVar, Protocol, Self

import msgspec
from msgspec.structs import replace
from pynamodb.attributes import Attribute, DiscriminatorAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.constants import MAP
from pynamodb.exceptions import PynamoDBException
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from chalicelib import aws
from chalicelib.core.clock import epoch_seconds, stamp
from chalicelib.settings import settings
from chalicelib.table.keys import Key


class Record(Protocol):
    """A frozen ``msgspec.Struct`` of a feature's ``model.py``. ``version`` is 0 until it has been stored."""

    __struct_fields__: ClassVar[tuple[str, ...]]

    @property
    def version(self) -> int: ...


def to_dynamo(value: Any) -> dict[str, Any]:
    """A plain value as DynamoDB writes it; a float has no place in this table."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case datetime():
            return {"S": stamp(value)}
        case list() | tuple():
            return {"L": [to_dynamo(item) for item in value]}
        case dict():
            return {"M": {str(key): to_dynamo(item) for key, item in value.items()}}
    raise TypeError(f"{type(value).__name__} is not kept in the table")


def from_dynamo(value: dict[str, Any]) -> Any:
    """The inverse of ``to_dynamo``; instants come back as text."""
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL":
            return content
        case "N":
            return int(content)
        case "NULL":
            return None
        case "L":
            return [from_dynamo(item) for item in content]
        case "M":
            return {key: from_dynamo(item) for key, item in content.items()}
    raise TypeError(f"a DynamoDB {kind} is not kept in the table")


def failure_code(error: PynamoDBException) -> str | None:
    """DynamoDB's code for a call that failed, or ``None`` where no answer came."""
    answer = getattr(error.cause, "response", None) or {}
    code: str | None = answer.get("Error", {}).get("Code")
    return code


class RecordAttribute(Attribute[Any]):
    """A whole record as one DynamoDB map. Its version stands outside, where conditions can name it."""

    attr_type = MAP

    def __init__(self, record_type: type[Any]) -> None:
        super().__init__()
        self.record_type = record_type

    def serialize(self, value: Any) -> dict[str, Any]:
        plain = msgspec.to_builtins(value, builtin_types=(datetime,))
        plain.pop("version", None)
        content: dict[str, Any] = to_dynamo(plain)["M"]
        return content

    def deserialize(self, value: dict[str, Any]) -> Any:
        return msgspec.convert(from_dynamo({"M": value}), self.record_type)


class OwnerIndex(GlobalSecondaryIndex["Item"]):  # type: ignore[no-untyped-call]  # PynamoDB has no type there
    """What an owner has."""

    class Meta:
        index_name = "GSI1"
        projection = AllProjection()

    pk = UnicodeAttribute(hash_key=True, attr_name="GSI1PK")
    sk = UnicodeAttribute(range_key=True, attr_name="GSI1SK")


class ExpertIndex(GlobalSecondaryIndex["Item"]):  # type: ignore[no-untyped-call]  # PynamoDB has no type there
    """What an expert has."""

    class Meta:
        index_name = "GSI2"
        projection = AllProjection()

    pk = UnicodeAttribute(hash_key=True, attr_name="GSI2PK")
    sk = UnicodeAttribute(range_key=True, attr_name="GSI2SK")


class WorkIndex(GlobalSecondaryIndex["Item"]):  # type: ignore[no-untyped-call]  # PynamoDB has no type there
    """What is due; it tells only where the work stands."""

    class Meta:
        index_name = "GSI3"
        projection = KeysOnlyProjection()

    pk = UnicodeAttribute(hash_key=True, attr_name="GSI3PK")
    sk = UnicodeAttribute(range_key=True, attr_name="GSI3SK")


class Item(Model):
    """Keys, the entity's tag, the schema's and the item's version, and a feature's record."""

    class Meta:
        table_name = ""
        region = ""

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")
    entity = DiscriminatorAttribute(attr_name="entity")
    schema_version = NumberAttribute(default=1)
    item_version = NumberAttribute(attr_name="version")
    expires_at = NumberAttribute(null=True)
    gsi1pk = UnicodeAttribute(null=True, attr_name="GSI1PK")
    gsi1sk = UnicodeAttribute(null=True, attr_name="GSI1SK")
    gsi2pk = UnicodeAttribute(null=True, attr_name="GSI2PK")
    gsi2sk = UnicodeAttribute(null=True, attr_name="GSI2SK")
    gsi3pk = UnicodeAttribute(null=True, attr_name="GSI3PK")
    gsi3sk = UnicodeAttribute(null=True, attr_name="GSI3SK")
    owner_index = OwnerIndex()
    expert_index = ExpertIndex()
    work_index = WorkIndex()

    record: Any  # each entity's class declares its own RecordAttribute

    @classmethod
    def of(
        cls,
        key: Key,
        record: Record,
        *,
        owner: Key | None = None,
        expert: Key | None = None,
        work: Key | None = None,
        expires_at: datetime | None = None,
    ) -> Self:
        """The item that keeps ``record`` under ``key``, one version on, with its sparse index keys."""
        return cls(
            key.pk,
            key.sk,
            item_version=record.version + 1,
            record=record,
            expires_at=epoch_seconds(expires_at) if expires_at else None,
            gsi1pk=owner and owner.pk,
            gsi1sk=owner and owner.sk,
            gsi2pk=expert and expert.pk,
            gsi2sk=expert and expert.sk,
            gsi3pk=work and work.pk,
            gsi3sk=work and work.sk,
        )

    def loaded(self) -> Any:
        """The record, knowing the version that it was read at."""
        return replace(self.record, version=int(self.item_version))


def connection() -> Connection:
    """PynamoDB's connection with the project's own client and time-outs, primed once for all models."""
    if not Item.Meta.table_name:
        Item.Meta.table_name = settings().table_name
        Item.Meta.region = settings().region
        Item._get_connection().connection._client = aws.client("dynamodb")
    return Item._get_connection().connection
