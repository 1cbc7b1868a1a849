"""One call of the API, read and checked: what a view gets."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Generic, TypeVar
from urllib.parse import unquote

import msgspec

from chalicelib.core.actor import Actor
from chalicelib.core.errors import ConditionRequired, Malformed
from chalicelib.table.operation import Operation

B = TypeVar("B")
Q = TypeVar("Q")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,12})"')


class IdempotencyKeyRequired(Malformed):
    code = "IDEMPOTENCY_KEY_REQUIRED"
    message = "Send an Idempotency-Key header: 1 to 255 visible ASCII characters, new for each new request."


class IfMatchMalformed(Malformed):
    code = "IF_MATCH_MALFORMED"
    message = 'If-Match holds one ETag of ours, such as "3".'


class Call(msgspec.Struct, Generic[B, Q], frozen=True, kw_only=True):
    """``path`` is decoded; ``body`` and ``query`` are what the route's schemas say."""

    actor: Actor
    route: str
    path: Mapping[str, str]
    body: B
    query: Q
    headers: Mapping[str, str]
    body_sha256: str
    raw_body: bytes

    @property
    def operation(self) -> Operation:
        """The write that the caller asks for, under his own idempotency key. ``IdempotencyKeyRequired``."""
        key = self.headers.get("idempotency-key", "")
        if not _KEY.fullmatch(key):
            raise IdempotencyKeyRequired(field="header.Idempotency-Key")
        path = (f"{name}={value}" for name, value in sorted(self.path.items()))
        named = "\n".join((self.body_sha256, self.headers.get("if-match", ""), *path))
        return Operation(
            actor=self.actor, name=self.route, key=key, input_hash=sha256(named.encode()).hexdigest()
        )

    @property
    def edited_version(self) -> int:
        """The version that ``If-Match`` names. ``ConditionRequired`` where it is missing."""
        header = self.headers.get("if-match")
        if header is None:
            raise ConditionRequired(field="header.If-Match")
        match = _ETAG.fullmatch(header.strip())
        if match is None:
            raise IfMatchMalformed(field="header.If-Match")
        return int(match[1])


def etag(version: int) -> str:
    return f'"{version}"'


def decoded(parameters: Mapping[str, str] | None) -> dict[str, str]:
    """Chalice hands path parameters over as they came, percent signs and all."""
    return {name: unquote(value) for name, value in (parameters or {}).items()}


def lower_case(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in headers.items()}
