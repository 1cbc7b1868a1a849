"""The fault layer: it stands between the product and every AWS and provider call, counts them, and makes them fail.

Three ways to die or to be left in the dark, for each call: *before*, the process dies and the call is never made;
*after*, the call is made and the process dies before it learns of it; *lost*, the call is made and its response is
lost, so that the SDK's own retry sends it again. A death is a ``BaseException``, which no ``except Exception``
can swallow. Four ways of trouble that the emulators do not have: *throttle*, the service asks to slow down;
*conflict*, another transaction holds an item; *time-out*, the call does not get through once; *down*, it does not
get through however often the SDK tries.

It stands at the client, below all of the product, and so it knows DynamoDB, Scheduler, SES, S3, SQS, SSM and
Cognito alike; and at ``requests`` and the adapters' own HTTPS, which the payment providers are called by. The same seed strikes the same calls.
"""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import botocore.awsrequest
import botocore.client
import botocore.endpoint
import botocore.exceptions
import pytest
import requests

from chalicelib.adapters import https
from chalicelib.core.payments import ProviderTimeout

FAULTS = ("before", "after", "lost")
TROUBLE = ("throttle", "conflict", "time-out", "down")
_WRITES = {"dynamodb:TransactWriteItems", "dynamodb:PutItem"}


class Killed(BaseException):
    """The process ends here, as a Lambda does at its time limit."""


@dataclass
class FaultLayer:
    """``calls`` in the order they were made; the fault strikes call number ``at``, once."""

    at: int | None = None
    fault: str = ""
    calls: list[str] = field(default_factory=list)
    struck: str | None = None

    def due(self, number: int, name: str) -> str:
        """The fault that strikes this call, or nothing."""
        if self.fault == "down" and self.struck == name:
            return self.fault
        return self.fault if number == self.at else ""

    def through(
        self,
        name: str,
        call: Callable[[], Any],
        lose: Callable[[], Any],
        trouble: Callable[[str], Any] | None = None,
    ) -> Any:
        number = len(self.calls)
        self.calls.append(name)
        fault = self.due(number, name)
        if not fault or (fault == "conflict" and name not in _WRITES):
            return call()
        self.struck = name
        if fault == "before":
            raise Killed(name)
        if fault in TROUBLE and trouble:
            return trouble(fault)
        if fault == "after":
            with suppress(Exception):  # nobody is left to hear of it
                call()
            raise Killed(name)
        return lose() if fault == "lost" else call()


@dataclass
class Weather(FaultLayer):
    """Strikes any call, by chance: one of ``faults`` with probability ``rate``, as ``chance`` says."""

    chance: random.Random = field(default_factory=lambda: random.Random(0))
    rate: float = 0.0
    faults: tuple[str, ...] = (*FAULTS, *TROUBLE)
    strikes: int = 0

    def due(self, number: int, name: str) -> str:
        if self.chance.random() >= self.rate:
            return ""
        self.strikes += 1
        return self.chance.choice(self.faults)


_unseen: list[bool] = []


@contextmanager
def unseen() -> Iterator[None]:
    """What a test itself looks at goes past every layer."""
    _unseen.append(True)
    try:
        yield
    finally:
        _unseen.pop()


@contextmanager
def faults(layer: FaultLayer) -> Iterator[FaultLayer]:
    """Every botocore, every ``requests`` and every ``adapters.https`` call made inside goes through ``layer``."""
    call_aws = botocore.client.BaseClient._make_api_call
    send_http = requests.Session.send

    def aws_call(client: Any, operation: str, parameters: Any) -> Any:
        def call() -> Any:
            return call_aws(client, operation, parameters)

        def lose() -> Any:
            with below_the_client(_lost_once()):
                return call()

        def trouble(kind: str) -> Any:
            with below_the_client(_troubled(kind, len(parameters.get("TransactItems", ())))):
                return call()

        name = f"{client.meta.service_model.service_name}:{operation}"
        return call() if _unseen else layer.through(name, call, lose, trouble)

    def http_call(session: requests.Session, request: Any, **options: Any) -> Any:
        def call() -> Any:
            return send_http(session, request, **options)

        def lose() -> Any:
            call()
            raise requests.exceptions.ReadTimeout(request=request)

        def trouble(kind: str) -> Any:
            return _troubled_http(request, kind)

        name = f"http:{request.method} {request.path_url.split('?')[0]}"
        return layer.through(name, call, lose, trouble)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.client.BaseClient, "_make_api_call", aws_call)
        patch.setattr(requests.Session, "send", http_call)
        patch.setattr(https, "_answer", _https_through(layer))
        yield layer


def _https_through(layer: FaultLayer) -> Callable[..., tuple[int, bytes]]:
    """The adapters' own HTTPS, which tries nothing again."""
    answer = https._answer

    def through(method: str, url: str, body: bytes | None, headers: Any) -> Any:
        def call() -> Any:
            return answer(method, url, body, headers)

        def lose() -> Any:
            call()
            raise ProviderTimeout

        def trouble(kind: str) -> Any:
            if kind != "throttle":
                raise ProviderTimeout
            return 429, b"{}"

        return layer.through(f"http:{method} {urlsplit(url).path}", call, lose, trouble)

    return through


# What one try of a call gives: a response and its content, or an exception.
Attempt = Callable[[], tuple[Any, Exception | None]]


@contextmanager
def below_the_client(instead: Callable[[Any, Attempt], Any]) -> Iterator[None]:
    """Each try of the calls made inside is ``instead``'s; below the SDK's retries, above any emulator."""
    plain = botocore.endpoint.Endpoint._do_get_response

    def attempt(endpoint: Any, request: Any, model: Any, context: Any) -> Any:
        return instead(request, lambda: plain(endpoint, request, model, context))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.endpoint.Endpoint, "_do_get_response", attempt)
        yield


def _lost_once() -> Callable[[Any, Attempt], Any]:
    lost: list[bool] = []

    def instead(request: Any, attempt: Attempt) -> Any:
        answer = attempt()
        if not lost:
            lost.append(True)
            return None, botocore.exceptions.ReadTimeoutError(endpoint_url=request.url)
        return answer

    return instead


def _troubled(kind: str, items: int) -> Callable[[Any, Attempt], Any]:
    """Once, but *down* however often it is tried."""
    struck: list[bool] = []

    def instead(request: Any, attempt: Attempt) -> Any:
        if struck and kind != "down":
            return attempt()
        struck.append(True)
        if kind in ("time-out", "down"):
            return None, botocore.exceptions.ConnectTimeoutError(endpoint_url=request.url)
        return _refused(request, kind, items), None

    return instead


def _refused(request: Any, kind: str, items: int) -> tuple[Any, dict[str, Any]]:
    """A service's own answer: slow down, or another transaction is at work on an item."""
    code = "ThrottlingException"
    if kind == "conflict":
        code = "TransactionCanceledException" if items else "TransactionConflictException"
    answer: dict[str, Any] = {
        "Error": {"Code": code, "Message": f"{kind} by the fault layer"},
        "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}, "RequestId": "fault"},
    }
    if items and kind == "conflict":
        answer["CancellationReasons"] = [{"Code": "TransactionConflict", "Message": kind}] * items
    response = botocore.awsrequest.AWSResponse(request.url, 400, {}, None)
    response._content = b""
    return response, answer


def _troubled_http(request: Any, kind: str) -> requests.Response:
    if kind != "throttle":
        raise requests.exceptions.ConnectTimeout(request=request)
    response = requests.Response()
    response.status_code, response.request, response.url = 429, request, request.url
    response.headers["Content-Type"] = "application/json"
    response._content = json.dumps(
        {"error": {"type": "invalid_request_error", "code": "rate_limit"}}
    ).encode()
    return response


def count_calls(action: Callable[[], Any]) -> list[str]:
    """The calls that ``action`` makes when nothing fails."""
    with faults(FaultLayer()) as layer:
        action()
    return layer.calls
