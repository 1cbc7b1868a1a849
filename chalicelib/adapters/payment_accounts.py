"""A platform's own account with a payment provider, what of it is ours, and where a buyer is sent back to."""

import re
from typing import Any, TypeVar

import msgspec

from chalicelib.adapters.parameters import Parameters
from chalicelib.core.log import log
from chalicelib.core.payments import ProviderNotConfigured, Purchase

A = TypeVar("A", bound=msgspec.Struct)
_ORDER_ID = re.compile(r"ord_[0-9A-Za-z]{1,60}")


def account_of(parameters: Parameters, platform_id: str, provider: str, kind: type[A]) -> A:
    """The platform's keys with a provider. ``ProviderNotConfigured`` where there are none, or nonsense."""
    kept = parameters.find(f"platforms/{platform_id}/{provider}")
    if kept is None:
        raise ProviderNotConfigured
    try:
        return msgspec.json.decode(kept, type=kind)
    except msgspec.MsgspecError:
        log("provider_misconfigured", platform_id=platform_id, provider=provider)
        raise ProviderNotConfigured from None


def order_id_of(named: Any) -> str | None:
    """The order that a sale is named by; ``None`` for what somebody else sells on the account."""
    is_ours = isinstance(named, str) and _ORDER_ID.fullmatch(named)
    return named if is_ours else None


def return_address(parameters: Parameters, purchase: Purchase) -> str:
    """Where a buyer lands who comes back from paying. ``ProviderNotConfigured`` before a first deployment."""
    url = parameters.find("api_url")
    if url is None:
        raise ProviderNotConfigured
    return f"{url.rstrip('/')}/v1/public/{purchase.platform_id}/orders/{purchase.order_id}/return"
