"""Merchants' accounts: the secret key that opens the API and the endpoint that gets the webhooks."""

import base64
import binascii
from dataclasses import dataclass

ALL_EVENTS = ("*",)
PROTOCOLS = ("stripe", "iyzico", "zarinpal", "twilio")


@dataclass
class Account:
    """One merchant. `enabled_events` holds event types, or `*` for all.

    `protocol` is whose API he calls: of `stripe`, `iyzico` (which knows him by `api_key` too), `zarinpal`
    (whose merchant id stands in `secret_key`), `twilio` (whose SID stands in `api_key`; it makes calls).
    """

    id: str
    secret_key: str
    name: str = "Sandbox merchant"
    webhook_url: str | None = None
    webhook_secret: str | None = None
    enabled_events: tuple[str, ...] = ALL_EVENTS
    protocol: str = "stripe"
    api_key: str | None = None

    def wants(self, event_type: str) -> bool:
        """Whether the account's endpoint is subscribed to the event type."""
        subscribed = "*" in self.enabled_events or event_type in self.enabled_events
        return self.webhook_url is not None and subscribed


def presented_key(authorization: str | None) -> str | None:
    """The API key of an `Authorization` header, Bearer or Basic (user name); None when there is none."""
    scheme, _, rest = (authorization or "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip() or None
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return decoded.partition(":")[0] or None


def masked(secret_key: str) -> str:
    """The key as an error message may show it: its prefix and last four characters."""
    return f"{secret_key[:8]}{'*' * 8}{secret_key[-4:]}" if len(secret_key) > 12 else "*" * 8
