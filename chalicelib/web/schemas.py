"""JSON Schemas of the types that routes declare: msgspec's, and the formats that it leaves out."""

from collections.abc import Iterable
from typing import Any, Self

import msgspec
from msgspec import inspect

Json = dict[str, Any]
_REFERENCE = "#/components/schemas/"


class Schemas(msgspec.Struct, frozen=True):
    """The schema of each declared type, and the components that they refer to by name."""

    by_type: dict[Any, Json]
    components: Json

    @classmethod
    def made_of(cls, types: Iterable[Any]) -> Self:
        declared = list(dict.fromkeys(types))
        made, components = msgspec.json.schema_components(declared, ref_template=_REFERENCE + "{name}")
        schemas = cls(dict(zip(declared, made, strict=True)), components)
        seen: set[type[Any]] = set()
        for info, schema in zip(inspect.multi_type_info(declared), made, strict=True):
            schemas._name_formats(info, schema, seen)
        return schemas

    def of(self, kind: Any) -> Json:
        return self.by_type[kind]

    def fields_of(self, kind: Any) -> Json:
        """The schema with its properties, where ``of`` may only refer to it."""
        schema = self.of(kind)
        fields: Json = self.components.get(name_of(schema), schema)
        return fields

    def _name_formats(self, info: inspect.Type, schema: Json, seen: set[type[Any]]) -> None:
        """Of an instant, msgspec names the format only where its zone is demanded; ours all have one."""
        match info:
            case inspect.Metadata():
                self._name_formats(info.type, schema, seen)
            case inspect.DateTimeType():
                schema["format"] = "date-time"
            case inspect.UnionType():
                for kind in info.types:
                    described = (each for each in schema.get("anyOf", ()) if _describes(each, kind))
                    self._name_formats(kind, next(described, {}), seen)
            case inspect.ListType():
                self._name_formats(info.item_type, schema.get("items", {}), seen)
            case inspect.StructType() if info.cls not in seen and info.cls.__name__ in self.components:
                seen.add(info.cls)
                properties = self.components[info.cls.__name__]["properties"]
                for field in info.fields:
                    self._name_formats(field.type, properties[field.encode_name], seen)


def name_of(schema: Json) -> str:
    """The name of the component that a schema refers to, or nothing."""
    name: str = schema.get("$ref", "").removeprefix(_REFERENCE)
    return name


def _describes(schema: Json, kind: inspect.Type) -> bool:
    match kind:
        case inspect.DateTimeType():
            return schema.get("type") == "string"
        case inspect.ListType():
            return schema.get("type") == "array"
    return False
