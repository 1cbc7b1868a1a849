"""Every route of the product, walked: what it declares is what it does, is bounded, and is in ``openapi.json``."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from chalicelib import routing
from chalicelib.core.patterns import END
from chalicelib.core.permissions import MATRIX, Permission
from chalicelib.web.blueprint import Route
from infra import openapi

ROUTES = [route for blueprint in routing.blueprints() for route in blueprint.routes]

# Anchored at both ends, and nothing in it that repeats without an end.
BOUNDED_PATTERN = re.compile(r"\^(\\.|[^*+{\\]|\{\d+(,\d+)?\})+" + re.escape(END))


def named(routes: list[Route]) -> list[Any]:
    return [pytest.param(route, id=route.name) for route in routes]


def test_the_committed_document_is_what_the_routes_declare() -> None:
    assert openapi.PATH.read_text("utf-8") == openapi.text(), "openapi.json is stale: run `make openapi`"


def test_the_document_is_valid() -> None:
    validate(msgspec.json.decode(openapi.text()), cls=OpenAPIV31SpecValidator)


@pytest.mark.parametrize("route", named(ROUTES))
def test_a_route_says_what_it_is_for(route: Route) -> None:
    summary = (inspect.getdoc(route.view) or "").partition("\n")[0]
    assert 5 <= len(summary) <= 110
    assert summary.endswith(".")


@pytest.mark.parametrize("route", named(ROUTES))
def test_a_route_says_what_it_answers(route: Route) -> None:
    told = route.raw or route.answer is not None or route.media_type or route.status in {204, 303}
    assert told, "declare `answer`"


@pytest.mark.parametrize("route", named(ROUTES))
def test_somebody_may_call_it(route: Route) -> None:
    held = {permission for permissions in MATRIX.values() for permission in permissions}
    assert route.permission is Permission.PUBLIC or route.permission in held


@pytest.mark.parametrize("route", named(ROUTES))
def test_an_edit_demands_the_version_that_it_uses(route: Route) -> None:
    """What ``If-Match`` a view uses, the declaration demands; and what it demands, the view uses."""
    assert ("edited_version" in inspect.getsource(route.view)) == route.if_match


@pytest.mark.parametrize("route", named([route for route in ROUTES if route.needs_idempotency_key]))
def test_a_write_happens_under_its_callers_key(route: Route) -> None:
    assert "call.operation" in inspect.getsource(route.view)


def fields(schema: dict[str, Any], components: dict[str, Any], path: str = "$") -> Iterator[tuple[str, Any]]:
    """Every value that a caller may send, with its path."""
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    yield path, schema
    for kind in schema.get("anyOf", ()):
        yield from fields(kind, components, path)
    if "items" in schema:
        yield from fields(schema["items"], components, f"{path}[]")
    for name, field in schema.get("properties", {}).items():
        yield from fields(field, components, f"{path}.{name}")


def is_bounded(path: str, schema: dict[str, Any]) -> bool:
    """A price below zero has a refusal of its own, so the schema bounds an amount from above alone."""
    match schema.get("type"):
        case "integer":
            wanted = {"maximum"} if path.endswith(".amount") else {"minimum", "maximum"}
            return wanted <= schema.keys()
        case "string":
            pattern = BOUNDED_PATTERN.fullmatch(schema.get("pattern", ""))
            return bool(pattern or {"maxLength", "format", "enum"} & schema.keys())
        case "array":
            return "maxItems" in schema
    return True


@pytest.mark.parametrize("route", named([route for route in ROUTES if route.body or route.query]))
def test_what_a_caller_sends_is_bounded(route: Route) -> None:
    for kind in filter(None, (route.body, route.query)):
        (schema,), components = msgspec.json.schema_components([kind])
        sent = fields(schema, components)
        assert [path for path, field in sent if not is_bounded(path, field)] == []
        assert components[kind.__name__]["additionalProperties"] is False
