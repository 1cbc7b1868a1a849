"""The answers of AWS and of a payment provider, given at once and without a network, to clients unchanged."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict

RECORDED, MONTH, FULFILMENT = Path("recorded.json"), Path("month.json"), Path("fulfilment.json")
TABLE = "bench"


class _Body:
    """What botocore reads a response's bytes from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


class Answers:
    """What AWS says to each operation, by its name."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self._answers = answers

    def answer(self, client: Any) -> None:
        """Stand where ``client`` would send: after signing, before the socket."""
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register(f"before-send.{service}", self._answered)

    def _answered(self, request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        content = self._answers[operation]
        headers: Any = HeadersDict({"Content-Type": "application/x-amz-json-1.0"})
        return AWSResponse(request.url, 200, headers, _Body(content))


class Recording(Answers):
    """A booking as it was made once: its event, the items that it read, and those that it wrote."""

    def __init__(self) -> None:
        recorded = json.loads(RECORDED.read_text())
        self.event: dict[str, Any] = recorded["event"]
        self.keys: list[tuple[str, str]] = [(pk, sk) for pk, sk in recorded["keys"]]
        self.written: list[dict[str, Any]] = recorded["written"]
        super().__init__({"BatchGetItem": _found(recorded["read"]), "TransactWriteItems": b"{}"})


class Month(Answers):
    """A look at a month of slots, as ``infra.bench.month`` wrote it: a batch read, and a query of days."""

    def __init__(self) -> None:
        made = json.loads(MONTH.read_text())
        self.event: dict[str, Any] = made["event"]
        self.keys: list[tuple[str, str]] = [(item["PK"]["S"], item["SK"]["S"]) for item in made["read"]]
        days: list[dict[str, Any]] = made["found"]
        self.expert: str = days[0]["PK"]["S"]
        self.first: str = days[0]["SK"]["S"]
        self.last: str = days[-1]["SK"]["S"]
        page = json.dumps({"Items": days, "Count": len(days), "ScannedCount": len(days)}).encode()
        super().__init__({"BatchGetItem": _found(made["read"]), "Query": page})


class Fulfilment(Answers):
    """A payment as it was told once: its event, the provider's page, the items that were read and written.

    ``inbox`` is the event as it was kept; ``written`` is what one transaction wrote.
    """

    def __init__(self) -> None:
        recorded = json.loads(FULFILMENT.read_text())
        self.event: dict[str, Any] = recorded["event"]
        self.secret_key: str = recorded["keys_of_provider"]["secret_key"]
        self.secret: str = recorded["keys_of_provider"]["webhook_secrets"][0]
        self.keys: list[tuple[str, str]] = [(pk, sk) for pk, sk in recorded["keys"]]
        self.inbox: dict[str, Any] = recorded["written"][0]
        self.written: list[dict[str, Any]] = recorded["written"][1:]
        self._page = recorded["page"].encode()
        kept = {"Parameter": {"Value": json.dumps(recorded["keys_of_provider"])}}
        super().__init__(
            {
                "BatchGetItem": _found(recorded["read"]),
                "TransactWriteItems": b"{}",
                "PutItem": b"{}",
                "GetParameter": json.dumps(kept).encode(),
            }
        )

    def answer_http(self) -> None:
        """Stand where ``requests`` would send: whatever the provider is asked, it answers with the page."""
        import requests

        def sent(_: Any, request: Any, **__: Any) -> requests.Response:
            response = requests.Response()
            response.status_code, response.request, response.url = 200, request, request.url
            response.headers["Content-Type"] = "application/json"
            response._content = self._page  # noqa: SLF001 - as every adapter of requests does
            return response

        requests.Session.send = sent  # type: ignore[method-assign, assignment]

    def signed(self) -> dict[str, Any]:
        """The event, signed at this moment."""
        import stripe

        header = stripe.WebhookSignature.generate_signature_header(self.event["body"], self.secret)
        return self.event | {"headers": self.event["headers"] | {"Stripe-Signature": header}}


def _found(items: list[dict[str, Any]]) -> bytes:
    return json.dumps({"Responses": {TABLE: items}, "UnprocessedKeys": {}}).encode()
