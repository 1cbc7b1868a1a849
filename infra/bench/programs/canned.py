"""DynamoDB's answers, given at once and without a network, to a client that does all else as ever."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict

RECORDED = Path("recorded.json")
TABLE = "bench"


class _Body:
    """What botocore reads a response's bytes from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


class Recording:
    """A booking as it was made once: its event, the items that it read, and those that it wrote."""

    def __init__(self) -> None:
        recorded = json.loads(RECORDED.read_text())
        self.event: dict[str, Any] = recorded["event"]
        self.keys: list[tuple[str, str]] = [(pk, sk) for pk, sk in recorded["keys"]]
        self.written: list[dict[str, Any]] = recorded["written"]
        found = {"Responses": {TABLE: recorded["read"]}, "UnprocessedKeys": {}}
        self._answers = {"BatchGetItem": json.dumps(found).encode(), "TransactWriteItems": b"{}"}

    def answer(self, client: Any) -> None:
        """Stand where ``client`` would send: after signing, before the socket."""
        client.meta.events.register("before-send.dynamodb", self._answered)

    def _answered(self, request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        content = self._answers[operation]
        headers: Any = HeadersDict({"Content-Type": "application/x-amz-json-1.0"})
        return AWSResponse(request.url, 200, headers, _Body(content))
