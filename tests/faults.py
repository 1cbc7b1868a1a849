"""The fault layer: it stands between the product and every AWS and Stripe call, counts them, and can kill.

Three faults for each call: *before*, the process dies and the call is never made; *after*, the call is
made and the process dies before it learns of it; *lost*, the call is made and its response is lost, so
that the SDK's own retry sends it again. A death is a ``BaseException``, which no ``except Exception``
can swallow.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import botocore.client
import botocore.exceptions
import botocore.httpsession
import pytest
import requests

FAULTS = ("before", "after", "lost")


class Killed(BaseException):
    """The process ends here, as a Lambda does at its time limit."""


@dataclass
class FaultLayer:
    """``calls`` in the order they were made; the fault strikes call number ``at``, once."""

    at: int | None = None
    fault: str = ""
    calls: list[str] = field(default_factory=list)
    struck: str | None = None

    def through(self, name: str, call: Callable[[], Any], lose: Callable[[], Any]) -> Any:
        number = len(self.calls)
        self.calls.append(name)
        if number != self.at:
            return call()
        self.struck = name
        if self.fault == "before":
            raise Killed(name)
        answer = lose() if self.fault == "lost" else call()
        if self.fault == "after":
            raise Killed(name)
        return answer


@contextmanager
def faults(layer: FaultLayer) -> Iterator[FaultLayer]:
    """Every botocore and every ``requests`` call made inside goes through ``layer``."""
    call_aws = botocore.client.BaseClient._make_api_call
    send_http = requests.Session.send

    def aws_call(client: Any, operation: str, parameters: Any) -> Any:
        def call() -> Any:
            return call_aws(client, operation, parameters)

        def lose() -> Any:
            with _next_aws_response_lost():
                return call()

        return layer.through(f"{client.meta.service_model.service_name}:{operation}", call, lose)

    def http_call(session: requests.Session, request: Any, **options: Any) -> Any:
        def call() -> Any:
            return send_http(session, request, **options)

        def lose() -> Any:
            call()
            raise requests.exceptions.ReadTimeout(request=request)

        return layer.through(f"http:{request.method} {request.path_url.split('?')[0]}", call, lose)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.client.BaseClient, "_make_api_call", aws_call)
        patch.setattr(requests.Session, "send", http_call)
        yield layer


@contextmanager
def _next_aws_response_lost() -> Iterator[None]:
    send = botocore.httpsession.URLLib3Session.send
    lost: list[bool] = []

    def send_and_lose_once(session: Any, request: Any) -> Any:
        response = send(session, request)
        if not lost:
            lost.append(True)
            raise botocore.exceptions.ReadTimeoutError(endpoint_url=request.url)
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.httpsession.URLLib3Session, "send", send_and_lose_once)
        yield


def count_calls(action: Callable[[], Any]) -> list[str]:
    """The calls that ``action`` makes when nothing fails."""
    with faults(FaultLayer()) as layer:
        action()
    return layer.calls
