"""Calls of a vendor's JSON API over HTTPS: bounded in time, never repeated, and never trusted to make sense.

urllib3 comes with botocore; it is imported with the first call, because most calls of the API make none.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.core.log import log
from chalicelib.core.payments import ProviderFailed, ProviderTimeout

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

_CONNECT_SECONDS, _READ_SECONDS = 2.0, 8.0
_MAX_ANSWER_BYTES = 2_000_000
# What reading the fields of an answer that makes no sense raises.
NONSENSE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
# Nothing was decided: it took too long to listen, or there were too many calls (RFC 9110, RFC 6585).
_NOT_NOW = (408, 429)


def call_json(
    method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The answer's JSON object, whatever else its status; its fractions are ``Decimal``.

    ``ProviderTimeout``; ``ProviderFailed`` for no answer, a 5xx, one that puts us off, and no JSON object.
    """
    sent = {"Content-Type": "application/json", "Accept": "application/json"} | dict(headers or {})
    status, data = _answer(method, url, body, sent)
    facts = {"host": urlsplit(url).hostname, "status": status}
    if status >= 500 or status in _NOT_NOW:
        log("provider_failed", **facts)
        raise ProviderFailed
    try:
        found = json.loads(data, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        log("provider_answered_nonsense", **facts)
        raise ProviderFailed
    return found


@contextmanager
def expecting_sense() -> Iterator[None]:
    """What makes no sense of an answer's fields is the provider's failure. ``ProviderFailed``."""
    try:
        yield
    except NONSENSE as error:
        log("provider_answered_nonsense", error=repr(error))
        raise ProviderFailed from error


def _answer(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
    from urllib3 import Timeout, exceptions

    timeout = Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
    try:
        answer = _pool().request(
            method, url, body=body, headers=headers, timeout=timeout, retries=False, preload_content=False
        )
        try:
            return answer.status, _read(answer)
        finally:
            answer.release_conn()
    except exceptions.TimeoutError as error:
        raise ProviderTimeout from error
    except exceptions.HTTPError as error:
        raise ProviderFailed from error


def _read(answer: "BaseHTTPResponse") -> bytes:
    """In parts: the time-out is of each, and a trickle has no end of them."""
    until, data = time.monotonic() + _READ_SECONDS, b""
    while part := answer.read1(_MAX_ANSWER_BYTES - len(data)):
        data += part
        if time.monotonic() > until:
            answer.close()
            raise ProviderTimeout
    return data


@cache
def _pool() -> "PoolManager":
    from urllib3 import PoolManager

    return PoolManager(num_pools=4, maxsize=2)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
