"""A small client of the API, for the seed, the demo and the tests: what a client developer would write."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from infra.local.children import HOST

_SECONDS = 30


class Refused(Exception):
    """The API answered with a problem; ``reply`` holds it."""

    def __init__(self, what: str, reply: "Reply") -> None:
        super().__init__(f"{what}: {reply.status} {reply.body}")
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Reply:
    """``body`` is the JSON that came, or text where it was none."""

    status: int
    body: Any
    headers: dict[str, str]
    raw: bytes

    @property
    def code(self) -> str | None:
        """The problem's stable code, if this is one."""
        return self.body.get("code") if isinstance(self.body, dict) else None

    @property
    def etag(self) -> str:
        return self.headers["etag"]


@dataclass(frozen=True, slots=True)
class Api:
    """The API as one person sees it; ``token`` is his ID token, or ``None`` for the public routes."""

    url: str
    token: str | None = None

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        if_match: str | None = None,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
    ) -> Reply:
        """Any call, whatever its answer. A write gets a new idempotency key unless ``key`` gives one."""
        sent = {"Accept": "application/json"} | (headers or {})
        if self.token:
            sent["Authorization"] = self.token
        if method != "GET":
            sent.setdefault("Content-Type", "application/json")
            sent["Idempotency-Key"] = key or str(uuid4())
        if if_match is not None:
            sent["If-Match"] = if_match
        if data is None and body is not None:
            data = json.dumps(body).encode()
        return send(urllib.request.Request(self.url + path, data, sent, method=method))

    def get(self, path: str, **query: Any) -> Any:
        """The body of a GET that must succeed."""
        given = {name.rstrip("_"): value for name, value in query.items() if value is not None}
        return self._must("GET", path + (f"?{urllib.parse.urlencode(given)}" if given else ""))

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """The body of a POST that must succeed; ``Refused`` otherwise."""
        return self._must("POST", path, {} if body is None else body, **options)

    def put(self, path: str, body: Any, **options: Any) -> Any:
        """The body of a PUT that must succeed; ``Refused`` otherwise."""
        return self._must("PUT", path, body, **options)

    def _must(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        reply = self.call(method, path, body, **options)
        if reply.status >= 400:
            raise Refused(f"{method} {path}", reply)
        return reply.body


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class _Connection(http.client.HTTPConnection):
    def connect(self) -> None:
        """Every name below ``localhost`` is this machine, also where its resolver does not know that."""
        if self.host.endswith(".localhost"):
            self.host = HOST
        super().connect()


class _Loopback(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, req)


_opener = urllib.request.build_opener(_NoRedirect, _Loopback)


def send(request: urllib.request.Request) -> Reply:
    """One HTTP exchange on this machine; redirects are answers too."""
    try:
        with _opener.open(request, timeout=_SECONDS) as response:
            return _reply(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return _reply(error.code, error.headers, error.read())


def _reply(status: int, headers: Any, raw: bytes) -> Reply:
    try:
        body = json.loads(raw)
    except ValueError:
        body = raw.decode(errors="replace")
    return Reply(status, body, {name.lower(): value for name, value in headers.items()}, raw)
