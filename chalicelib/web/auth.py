"""From the claims that the gateway has checked to an ``Actor``."""

from typing import Any

from chalice.app import CognitoUserPoolAuthorizer

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.permissions import Role

# The gateway refuses a request without a valid token before any code of ours runs.
# Chalice passes the reference to the pool through to the template.
authorizer = CognitoUserPoolAuthorizer("cognito", provider_arns=[{"Fn::GetAtt": ["UserPool", "Arn"]}])  # type: ignore[list-item]  # typed as text


def actor_of(context: dict[str, Any]) -> Actor:
    """Who is calling. ``Unauthenticated`` for claims that are no ID token's, or that name no platform."""
    claims = context.get("authorizer", {}).get("claims") or {}
    platform_id, subject = claims.get("custom:platform"), claims.get("sub")
    if not platform_id or not subject or claims.get("token_use") != "id":
        raise Unauthenticated("Send the ID token of a person of this platform.")
    return Actor(
        id=subject,
        platform_id=platform_id,
        roles=_roles(claims.get("cognito:groups", "")),
        country=claims.get("custom:country"),
    )


def _roles(groups: str) -> frozenset[Role]:
    """API Gateway writes ``a,b``, other gateways ``[a b]``. A group that is no role of ours is nothing."""
    names = groups.strip("[]").replace(",", " ").split()
    return frozenset(Role(name) for name in names if name in set(Role))
