"""A platform's own account with a payment provider, and where the provider sends a buyer back to."""

from typing import TypeVar

import msgspec

from chalicelib.adapters.parameters import Parameters
from chalicelib.core.log import log
from chalicelib.core.payments import ProviderNotConfigured, Purchase

A = TypeVar("A", bound=msgspec.Struct)


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


def return_address(parameters: Parameters, purchase: Purchase) -> str:
    """Where a buyer lands who comes back from paying. ``ProviderNotConfigured`` before a first deployment."""
    url = parameters.find("api_url")
    if url is None:
        raise ProviderNotConfigured
    return f"{url.rstrip('/')}/v1/public/{purchase.platform_id}/orders/{purchase.order_id}/return"
