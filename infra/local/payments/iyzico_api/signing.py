"""How iyzico's calls, answers and webhooks are signed."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from infra.local.payments.accounts import Account
from infra.local.payments.messages import JsonObject, Request
from infra.local.payments.state import State

_PREFIX = "/iyzico"


def signature(secret: str, text: str) -> str:
    """HMAC-SHA256 in hexadecimal letters."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def caller(state: State, request: Request) -> Account | None:
    """The account whose keys signed this call by IYZWSv2; None when none did."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        told = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    given = dict(part.partition(":")[::2] for part in told.split("&"))
    found = (each for each in state.accounts.values() if each.api_key == given.get("apiKey"))
    account = next((each for each in found if each.protocol == "iyzico"), None)
    if account is None or scheme != "IYZWSv2":
        return None
    text = given.get("randomKey", "") + request.path.removeprefix(_PREFIX) + request.body.decode()
    same_word = given.get("randomKey") == request.headers.get("x-iyzi-rnd")
    return (
        account
        if same_word and hmac.compare_digest(signature(account.secret_key, text), given.get("signature", ""))
        else None
    )


def sign(answer: JsonObject, names: tuple[str, ...], account: Account) -> JsonObject:
    """The answer with the signature over the named fields, joined by colons."""
    text = ":".join(_as_signed(answer[name]) for name in names)
    return {**answer, "signature": signature(account.secret_key, text)}


def _as_signed(value: Any) -> str:
    """An amount is signed without the zeros at its end."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def webhook_signature(event: Mapping[str, Any], secret: str) -> str:
    """What stands in X-IYZ-SIGNATURE-V3."""
    names = ("iyziEventType", "iyziPaymentId", "token", "paymentConversationId", "status")
    return signature(secret, secret + "".join(str(event[name]) for name in names))
