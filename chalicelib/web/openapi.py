"""The OpenAPI 3.1 document, made from what the routes declare: the very schemas that check what comes in."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from inspect import getdoc
from typing import Any

import msgspec
from chalice.app import Response

from chalicelib.core import errors
from chalicelib.core.permissions import Permission
from chalicelib.web.blueprint import Blueprint, Route
from chalicelib.web.call import Call
from chalicelib.web.errors import Problem, status_of

Json = dict[str, Any]
_REF = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"{(\w+)}")
_DESCRIPTION = (
    "Sell time in packages: credit packages, appointments, sessions that the clock ends, and their reports. "
    "Money is in minor units with its ISO 4217 currency; instants are RFC 3339 in UTC. Every refusal is a "
    "problem (RFC 9457) whose `code` is stable. Every write takes an `Idempotency-Key`: the same key and "
    "request get the same answer for 24 hours."
)
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "New for each new request; sent again unchanged when a request is repeated.",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$", "maxLength": 255},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag that was read, so that nobody's edit is lost.",
    "schema": {"type": "string", "pattern": '^(W/)?"[0-9]{1,12}"$'},
}


def blueprint(described: Sequence[Blueprint]) -> Blueprint:
    """The route that serves the document of ``described`` and of itself."""
    routes = Blueprint("docs")

    @cache
    def content() -> str:
        return msgspec.json.encode(document([*described, routes])).decode()

    @routes.get("/v1/openapi.json", permission=Permission.PUBLIC, answer=dict[str, Any])
    def get_openapi_document(_: Call[None, None]) -> Response:
        """Read this document."""
        return Response(
            content(), {"Content-Type": "application/json", "Cache-Control": "public, max-age=300"}
        )

    return routes


def document(blueprints: Iterable[Blueprint]) -> Json:
    """The whole document. ``ValueError`` where two views share a name, which is the operation's id."""
    routes = sorted((route for each in blueprints for route in each.routes), key=_place)
    _refuse_shared_names(routes)
    schemas, components = _schemas(routes)
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas, components)
    queries = {_named(schemas[route.query]) for route in routes if route.query}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Seans", "version": "1.0.0", "description": _DESCRIPTION},
        "servers": [{"url": "../", "description": "Where this document was read."}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {
            "securitySchemes": {"idToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {name: schema for name, schema in sorted(components.items()) if name not in queries},
        },
    }


def _place(route: Route) -> tuple[str, str]:
    return route.path, route.method


def _refuse_shared_names(routes: Sequence[Route]) -> None:
    named: dict[str, Route] = {}
    for route in routes:
        other = named.setdefault(route.view.__name__, route)
        if other is not route:
            raise ValueError(f"{other.name} and {route.name} are both called {route.view.__name__}")


def _schemas(routes: Sequence[Route]) -> tuple[dict[Any, Json], Json]:
    """Each declared type's schema (by type), and the named schemas that they refer to."""
    declared = [
        kind for route in routes for kind in (route.body, route.query, route.answer) if kind is not None
    ]
    types = list(dict.fromkeys([Problem, *declared]))
    made, components = msgspec.json.schema_components(types, ref_template=_REF)
    return dict(zip(types, made, strict=True)), components


def _operation(route: Route, schemas: dict[Any, Json], components: Json) -> Json:
    summary, _, description = (getdoc(route.view) or "").partition("\n")
    operation: Json = {
        "operationId": route.view.__name__,
        "tags": [route.tag],
        "summary": summary.rstrip("."),
        "description": description.strip(),
        "x-permission": str(route.permission),
        "security": [] if route.permission is Permission.PUBLIC else [{"idToken": []}],
        "parameters": _parameters(route, schemas, components),
        "requestBody": _request_body(route, schemas),
        "responses": _responses(route, schemas, components),
    }
    return {name: value for name, value in operation.items() if value or name == "security"}


def _request_body(route: Route, schemas: dict[Any, Json]) -> Json | None:
    if route.body is not None:
        return {"required": True, "content": {"application/json": {"schema": schemas[route.body]}}}
    if route.raw and route.method != "GET":
        return {"required": True, "content": {"*/*": {}}}
    return None


def _parameters(route: Route, schemas: dict[Any, Json], components: Json) -> list[Json]:
    text = {"type": "string", "minLength": 1}
    parameters: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in _PARAMETER.findall(route.path)
    ]
    if route.query is not None:
        schema = _resolved(schemas[route.query], components)
        required = schema.get("required", ())
        for name, described in schema["properties"].items():
            parameters.append(
                {"name": name, "in": "query", "required": name in required, "schema": described}
            )
    if route.needs_idempotency_key:
        parameters.append(_IDEMPOTENCY_KEY)
    if route.if_match:
        parameters.append(_IF_MATCH)
    return parameters


def _responses(route: Route, schemas: dict[Any, Json], components: Json) -> Json:
    problem = {"application/problem+json": {"schema": schemas[Problem]}}
    responses = {str(route.status): _success(route, schemas, components)}
    for status, kinds in sorted(_refusals(route).items()):
        told = " ".join(dict.fromkeys(f"{kind.message} (`{kind.code}`)" for kind in kinds))
        responses[str(status)] = {"description": told, "content": problem}
    responses["default"] = {"description": "Any other refusal, as a problem.", "content": problem}
    return responses


def _success(route: Route, schemas: dict[Any, Json], components: Json) -> Json:
    success: Json = {"description": "Done."}
    headers: Json = {}
    if route.answer is not None:
        success["content"] = {"application/json": {"schema": schemas[route.answer]}}
        if "version" in _resolved(schemas[route.answer], components).get("properties", {}):
            headers["ETag"] = {"description": "The version, for If-Match.", "schema": {"type": "string"}}
    if route.needs_idempotency_key:
        told = "`true` where the request was answered before."
        headers["Idempotency-Replayed"] = {"description": told, "schema": {"type": "string"}}
    return success | ({"headers": headers} if headers else {})


def _refusals(route: Route) -> dict[int, list[type[errors.Refusal]]]:
    """By status, the refusals that the door itself can give, and those that the route declares."""
    kinds: list[type[errors.Refusal]] = []
    if route.permission is not Permission.PUBLIC:
        kinds += [errors.Unauthenticated, errors.Forbidden]
    if _PARAMETER.search(route.path):
        kinds.append(errors.NotFound)
    if route.needs_idempotency_key:
        kinds += [errors.Malformed, errors.Conflict]
    if route.if_match:
        kinds += [errors.Stale, errors.ConditionRequired]
    if route.body is not None:
        kinds += [errors.TooLarge, errors.Unsupported]
    if route.body is not None or route.query is not None:
        kinds.append(errors.Invalid)
    refusals: dict[int, list[type[errors.Refusal]]] = {}
    for kind in [*kinds, *route.errors]:
        refusals.setdefault(status_of(kind), []).append(kind)
    return refusals


def _resolved(schema: Json, components: Json) -> Json:
    resolved: Json = components.get(_named(schema), schema)
    return resolved


def _named(schema: Json) -> str:
    """The name of the component that a schema refers to, or nothing."""
    name: str = schema.get("$ref", "").rpartition("/")[2]
    return name
