"""The demo data of a stack on this machine."""

from typing import Any

from infra.local.running import RunningStack


def seed(stack: RunningStack) -> dict[str, Any]:
    """Fill a new stack; returns ``platforms``, ``logins`` and ``webhooks`` as ``stack.json`` tells them."""
    return {"platforms": [], "logins": [], "webhooks": {}}
