"""Routes: what each declares, and what is done for all of them alike.

A route names its permission, its body and its answer. From the same declaration come the check of the
caller, the strict reading of what he sent, the answer's headers, and the OpenAPI document.
"""

import re
from collections.abc import Callable
from typing import Any

import chalice.app
import msgspec
from chalice.app import Response

from chalicelib.core.actor import public
from chalicelib.core.errors import Forbidden, NotFound, Refusal
from chalicelib.core.log import note, one_call
from chalicelib.core.permissions import Permission, allowed
from chalicelib.settings import settings
from chalicelib.table.operation import Answer
from chalicelib.web import auth, body
from chalicelib.web.call import Call, decoded, etag, lower_case
from chalicelib.web.errors import as_refusal, problem

View = Callable[[Call[Any, Any]], Any]
_EMPTY = body.Body({}, "")
_PATH_SEGMENT = re.compile(r"[!-\"$-~]{1,128}")


class _Versioned(msgspec.Struct):
    """An answer that may be edited says which version it is."""

    version: int | None = None


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """All that is declared of one route; the OpenAPI document and the tests read it."""

    method: str
    path: str
    permission: Permission
    body: type[Any] | None = None
    query: type[Any] | None = None
    answer: Any = None
    status: int = 200
    tag: str = ""
    view: View
    raw: bool = False
    html: bool = False
    media_type: str = ""
    if_match: bool = False
    errors: tuple[type[Refusal], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def needs_idempotency_key(self) -> bool:
        """Every write but a vendor's webhook, which carries an id of its own."""
        return self.method != "GET" and not self.raw


class Blueprint(chalice.app.Blueprint):
    """A feature's routes. Every one must name a permission: without it, it cannot be declared."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag
        self.routes: list[Route] = []

    def get(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self._declare("GET", path, declared)

    def post(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self._declare("POST", path, declared)

    def put(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self._declare("PUT", path, declared)

    def delete(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self._declare("DELETE", path, declared)

    def _declare(self, method: str, path: str, declared: dict[str, Any]) -> Callable[[View], View]:
        """The keywords are ``Route``'s fields; ``permission`` is required.

        ``if_match`` says that the edit must name the version that it edits, ``raw`` that the view reads the
        bytes itself, ``html`` that it answers a person, with pages, ``media_type`` that it
        answers in a format of its own, ``errors`` which refusals the route can
        give beside those of the door.
        """

        def register(view: View) -> View:
            route = Route(method=method, path=path, tag=self.tag, view=view, **declared)
            self.routes.append(route)
            self._register_with_chalice(route)
            return view

        return register

    def _register_with_chalice(self, route: Route) -> None:
        def entry(**_: str) -> Response:
            return answer(route, self.current_request)

        entry.__name__ = route.view.__name__
        entry.__doc__ = route.view.__doc__
        vars(entry)["permission"] = route.permission
        protected = {} if route.permission is Permission.PUBLIC else {"authorizer": auth.authorizer}
        # Any content type reaches us, so that a wrong one gets our own refusal with its code.
        self.route(route.path, methods=[route.method], content_types=["*/*"], **protected)(entry)


def answer(route: Route, request: Any) -> Response:
    """Read the call, let the view decide, and turn what it returns or raises into a response."""
    facts = {"operation": route.name, "request_id": request.context.get("requestId")}
    with one_call("request", stage=settings().stage, **facts):
        try:
            response = _response(route, route.view(_call(route, request)))
        except Exception as error:
            refusal = as_refusal(error)
            note(code=refusal.code)
            response = problem(refusal)
        note(status=response.status_code)
        return response


def _call(route: Route, request: Any) -> Call[Any, Any]:
    path = _checked(decoded(request.uri_params))
    headers = lower_case(request.headers)
    if route.permission is Permission.PUBLIC:
        actor = public(path.get("platform_id", ""))
    else:
        actor = auth.actor_of(request.context)
    note(platform_id=actor.platform_id)
    if not allowed(actor.roles, route.permission):
        raise Forbidden(f"This needs the permission {route.permission}.")
    query = dict(request.query_params or {})
    raw = b"" if route.body is None and not route.raw else request.raw_body
    sent = _EMPTY if route.body is None else body.read_json(raw, headers.get("content-type", ""))
    call = Call(
        actor=actor,
        route=route.name,
        path=path,
        body=body.convert(sent.content, route.body) if route.body else None,
        query=body.convert(query, route.query, strict=False) if route.query else query,
        headers=headers,
        body_sha256=sent.sha256,
        raw_body=raw,
    )
    _demand_headers(route, call)
    return call


def _checked(path: dict[str, str]) -> dict[str, str]:
    """Nothing of ours is named with a key's separator, with blanks, or at length."""
    if not all(_PATH_SEGMENT.fullmatch(value) for value in path.values()):
        raise NotFound
    return path


def _demand_headers(route: Route, call: Call[Any, Any]) -> None:
    """What the route's declaration promises is demanded here, whether the view asks for it or not."""
    if route.needs_idempotency_key:
        _ = call.operation
    if route.if_match:
        _ = call.edited_version


def _response(route: Route, result: Any) -> Response:
    """A view returns an ``Answer`` of an operation, a record of the answer's schema, or a response."""
    if isinstance(result, Response):
        return result
    headers: dict[str, str | list[str]] = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if isinstance(result, Answer):
        content = result.body
        if result.replayed:
            headers["Idempotency-Replayed"] = "true"
    else:
        content = b"" if result is None else msgspec.json.encode(result)
    if (
        content.startswith(b"{")
        and (version := msgspec.json.decode(content, type=_Versioned).version) is not None
    ):
        headers["ETag"] = etag(version)
    return Response(content.decode(), headers, route.status)
