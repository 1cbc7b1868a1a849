"""Who is calling."""

import msgspec

from chalicelib.core.permissions import Role


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A person, known by Cognito's ``sub``, acting on the platform that his token names."""

    id: str
    platform_id: str
    roles: frozenset[Role]
    country: str | None = None

    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles


def system(platform_id: str) -> Actor:
    """The product itself, when a timer, a webhook or a sweeper acts."""
    return Actor(id="system", platform_id=platform_id, roles=frozenset())


def public(platform_id: str) -> Actor:
    """Somebody who has not signed in; he holds no role."""
    return Actor(id="public", platform_id=platform_id, roles=frozenset())
