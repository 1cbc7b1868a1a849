"""The route that says that the API answers."""

import msgspec

from chalicelib.core.permissions import Permission
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call


class HealthView(msgspec.Struct, frozen=True, kw_only=True):
    status: str


def blueprint() -> Blueprint:
    """It reads nothing and needs nobody, so it answers whenever the function runs."""
    routes = Blueprint("health")

    @routes.get("/v1/health", permission=Permission.PUBLIC, answer=HealthView)
    def read_health(_: Call[None, None]) -> HealthView:
        """See whether the API answers."""
        return HealthView(status="ok")

    return routes
