"""The OpenAPI 3.1 document, made from what the routes declare: the very schemas that check what comes in."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from inspect import getdoc
from typing import Any

import msgspec
from chalice.app import Response

from chalicelib.core import errors
from chalicelib.core.patterns import END
from chalicelib.core.permissions import Permission
from chalicelib.table.operation import IdempotencyKeyReused
from chalicelib.table.read import CursorInvalid
from chalicelib.web import body
from chalicelib.web.blueprint import Blueprint, Route
from chalicelib.web.call import Call, IdempotencyKeyRequired, IfMatchMalformed
from chalicelib.web.errors import Problem, status_of
from chalicelib.web.schemas import Json, Schemas, name_of

_PARAMETER = re.compile(r"{(\w+)}")
_PAGE = {"text/html": {"schema": {"type": "string"}}}
_LEADS_ON = {"description": "Leads on.", "headers": {"Location": {"schema": {"type": "string"}}}}
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
    "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}" + END, "maxLength": 255},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag that was read, so that nobody's edit is lost.",
    "schema": {"type": "string", "pattern": r'^(W/)?"[0-9]{1,12}"' + END},
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
    schemas = Schemas.made_of([Problem, *(kind for route in routes for kind in _types(route))])
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    queries = {name_of(schemas.of(route.query)) for route in routes if route.query}
    components = {name: made for name, made in sorted(schemas.components.items()) if name not in queries}
    written = {
        "openapi": "3.1.0",
        "info": {"title": "Seans", "version": "1.0.0", "description": _DESCRIPTION},
        "servers": [{"url": "../", "description": "Where this document was read."}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {
            "securitySchemes": {"idToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": components,
        },
    }
    return _in_markdown(written)


def _types(route: Route) -> list[Any]:
    return [kind for kind in (route.body, route.query, route.answer) if kind is not None]


def _in_markdown(written: Json) -> Json:
    """Docstrings mark code with two backticks, Markdown with one."""
    text = msgspec.json.encode(written).replace(b"``", b"`")
    return msgspec.json.decode(text, type=Json)


def _place(route: Route) -> tuple[str, str]:
    return route.path, route.method


def _refuse_shared_names(routes: Sequence[Route]) -> None:
    named: dict[str, Route] = {}
    for route in routes:
        other = named.setdefault(route.view.__name__, route)
        if other is not route:
            raise ValueError(f"{other.name} and {route.name} are both called {route.view.__name__}")


def _operation(route: Route, schemas: Schemas) -> Json:
    summary, _, description = (getdoc(route.view) or "").partition("\n")
    operation: Json = {
        "operationId": route.view.__name__,
        "tags": [route.tag],
        "summary": summary.rstrip("."),
        "description": description.strip(),
        "x-permission": str(route.permission),
        "security": [] if route.permission is Permission.PUBLIC else [{"idToken": []}],
        "parameters": _parameters(route, schemas),
        "requestBody": _request_body(route, schemas),
        "responses": _responses(route, schemas),
    }
    return {name: value for name, value in operation.items() if value or name == "security"}


def _request_body(route: Route, schemas: Schemas) -> Json | None:
    if route.body is not None:
        return {"required": True, "content": {"application/json": {"schema": schemas.of(route.body)}}}
    if route.raw and route.method != "GET":
        return {"required": True, "content": {"*/*": {}}}
    return None


def _parameters(route: Route, schemas: Schemas) -> list[Json]:
    text = {"type": "string", "minLength": 1}
    parameters: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in _PARAMETER.findall(route.path)
    ]
    if route.query is not None:
        schema = schemas.fields_of(route.query)
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


def _responses(route: Route, schemas: Schemas) -> Json:
    problem: Json = {"application/problem+json": {"schema": schemas.of(Problem)}}
    responses = {str(route.status): _success(route, schemas)}
    if route.html:
        problem |= _PAGE
        responses["303"] = _LEADS_ON
    for status, kinds in sorted(_refusals(route).items()):
        told = " ".join(dict.fromkeys(f"{kind.message} (`{kind.code}`)" for kind in kinds))
        responses[str(status)] = {"description": told, "content": problem}
    responses["default"] = {"description": "Any other refusal, as a problem.", "content": problem}
    return responses


def _success(route: Route, schemas: Schemas) -> Json:
    success: Json = {"description": "Done."}
    headers: Json = {}
    if route.answer is not None:
        success["content"] = {"application/json": {"schema": schemas.of(route.answer)}}
        if "version" in schemas.fields_of(route.answer).get("properties", {}):
            headers["ETag"] = {"description": "The version, for If-Match.", "schema": {"type": "string"}}
    elif route.html:
        success["content"] = _PAGE
    elif route.media_type:
        success["content"] = {route.media_type: {"schema": {"type": "string"}}}
    if route.needs_idempotency_key:
        told = "`true` where the request was answered before."
        headers["Idempotency-Replayed"] = {"description": told, "schema": {"type": "string"}}
    return success | ({"headers": headers} if headers else {})


def _refusals(route: Route) -> dict[int, list[type[errors.Refusal]]]:
    """By status, the refusals that the door itself can give, and those that the route declares."""
    sends = route.body is not None or route.query is not None
    door = {
        (errors.Unauthenticated, errors.Forbidden): route.permission is not Permission.PUBLIC,
        (errors.NotFound,): "{" in route.path,
        (IdempotencyKeyRequired, IdempotencyKeyReused, errors.Busy): route.needs_idempotency_key,
        (errors.ConditionRequired, IfMatchMalformed, errors.Stale): route.if_match,
        (body.MalformedJson, errors.TooLarge, errors.Unsupported): route.body is not None,
        (body.UnknownField, body.MissingField, errors.Invalid): sends,
        (CursorInvalid,): "cursor" in getattr(route.query, "__struct_fields__", ()),
    }
    refusals: dict[int, list[type[errors.Refusal]]] = {}
    for kind in [*(kind for kinds, given in door.items() if given for kind in kinds), *route.errors]:
        refusals.setdefault(status_of(kind), []).append(kind)
    return refusals
