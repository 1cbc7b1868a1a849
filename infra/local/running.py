"""What is known of a stack that runs on this machine."""

from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import boto3

from infra.deploy import ClientFactory

REGION = "us-east-1"
_ROOT_KEY = "test"
"""The embedded AWS's root key, id and secret alike."""


@dataclass(frozen=True)
class RunningStack:
    """Addresses and names of a deployed stack; ``client`` reaches its AWS as root."""

    folder: Path
    stack_name: str
    aws_endpoint: str
    payments_url: str
    api_url: str
    outputs: dict[str, str]
    seeded: dict[str, Any] = field(default_factory=dict)
    """``platforms``, ``logins`` and ``webhooks``, as the seed made them."""

    def client(self, service: str) -> Any:
        """A boto3 client of the embedded AWS."""
        return self._client(service)

    @cached_property
    def _client(self) -> ClientFactory:
        return root_client(self.aws_endpoint)

    @property
    def console_url(self) -> str:
        """What a person opens in a browser; the API is below it at ``/api`` too."""
        return self.outputs["ConsoleUrl"]

    @property
    def mail_url(self) -> str:
        """Where all mail that was sent can be read, as JSON."""
        return f"{self.aws_endpoint}/_ministack/ses/messages"

    def document(self) -> dict[str, Any]:
        """What ``stack.json`` says, for other people's scripts."""
        return {
            "console_url": self.console_url,
            "api_url": self.api_url,
            "mail_url": self.mail_url,
            "payments_url": self.payments_url,
            "aws_endpoint": self.aws_endpoint,
            "aws_access_key_id": _ROOT_KEY,
            "aws_secret_access_key": _ROOT_KEY,
            "region": REGION,
            "stack_name": self.stack_name,
            "table_name": self.outputs["TableName"],
            "user_pool_id": self.outputs["UserPoolId"],
            "user_pool_client_id": self.outputs["UserPoolClientId"],
            "parameter_prefix": self.outputs["ParameterPrefix"],
            "outputs": self.outputs,
            **self.seeded,
        }


def root_client(endpoint: str) -> ClientFactory:
    """What makes clients as the embedded AWS's root, whatever credentials this shell has."""
    session: Any = boto3.Session(
        aws_access_key_id=_ROOT_KEY, aws_secret_access_key=_ROOT_KEY, region_name=REGION
    )
    return partial(session.client, endpoint_url=endpoint)


def provider_addresses(payments_url: str) -> dict[str, str]:
    """Where each provider's API stands in the sandbox, by the names of the functions' environment."""
    return {
        "STRIPE_API_BASE": payments_url,
        "IYZICO_API_BASE": f"{payments_url}/iyzico",
        "ZARINPAL_API_BASE": f"{payments_url}/zarinpal",
        "TWILIO_API_BASE": f"{payments_url}/twilio",
    }
