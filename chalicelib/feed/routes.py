"""The route of a person's own notices."""

from chalicelib.core.permissions import Permission
from chalicelib.feed.service import Feeds
from chalicelib.feed.views import FeedQuery, FeedView
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call


def blueprint(feeds: Feeds) -> Blueprint:
    routes = Blueprint("feed")

    @routes.get(
        "/v1/me/notices",
        permission=Permission.ACCOUNT_READ,
        query=FeedQuery,
        answer=FeedView,
    )
    def read_notices(call: Call[None, FeedQuery]) -> FeedView:
        """Read what one is to be told, from a cursor on; newest last.

        Keep the `cursor` of each answer, and send it with the next request: nothing is skipped or told twice.
        Kinds and data are stable; the words are the client's. A notice is kept for 90 days.
        """
        return feeds.read(call.actor, call.query)

    return routes
