"""The HTTP request and response that every part of the sandbox speaks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TYPE_JSON = "application/json"
JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One HTTP request: `path` without its query, `headers` with lower-case names, `body` as raw bytes."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    id: str = "req_none"


@dataclass(frozen=True)
class Response:
    """One HTTP response; with `disconnect` the socket is closed and nothing at all is sent."""

    status: int
    body: bytes = b""
    content_type: str = TYPE_JSON
    headers: tuple[tuple[str, str], ...] = ()
    disconnect: bool = False


def json_response(status: int, value: object, *headers: tuple[str, str]) -> Response:
    """`value` as a JSON response."""
    body = json.dumps(value, ensure_ascii=False, indent=2).encode()
    return Response(status, body, TYPE_JSON, headers)


def redirect(location: str) -> Response:
    """303: the browser follows with a GET, so that a reload never repeats a form."""
    return Response(303, b"", "text/plain; charset=utf-8", (("Location", location),))
