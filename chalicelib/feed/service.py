"""A person's feed: other features put notices into it by an effect, and his client reads it by a cursor."""

from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from chalicelib.core import clock
from chalicelib.core.actor import Actor, system
from chalicelib.core.clock import stamp
from chalicelib.core.ids import new_id
from chalicelib.feed import store
from chalicelib.feed.model import Feed, Notice, NoticeKind
from chalicelib.feed.views import FeedQuery, FeedView, NoticeView
from chalicelib.table import keys
from chalicelib.table.operation import Decision, Effect, by_system, perform
from chalicelib.table.read import Loaded

NOTICE = "notice"


def notice(account_id: str, kind: NoticeKind, at: datetime, **data: str | int | datetime | None) -> Effect:
    """The effect that tells one person of one thing, which happened ``at``.

    Its id is given here, where it is decided, so that the effect may run twice and tell once.
    """
    told = {name: stamp(value) if isinstance(value, datetime) else value for name, value in data.items()}
    payload = {
        "id": new_id("ntc"),
        "account_id": account_id,
        "kind": kind.value,
        "at": stamp(at),
        "data": told,
    }
    return Effect(kind=NOTICE, payload=payload)


class Feeds:
    def tell(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Carry out the effect ``notice``: the notice gets the feed's next number, once."""
        told = msgspec.convert(payload | {"platform_id": platform_id, "sequence": 0}, Notice)
        operation = by_system(system(platform_id), "notice", told.id)
        perform(operation, [keys.feed(platform_id, told.account_id)], partial(_told, told))

    def read(self, actor: Actor, asked: FeedQuery) -> FeedView:
        """The caller's own notices behind his cursor."""
        since = int(asked.cursor or 0)
        notices, more = store.after(actor.platform_id, actor.id, since, asked.limit)
        last = notices[-1].sequence if notices else since
        return FeedView(items=[NoticeView.of(each) for each in notices], cursor=str(last), more=more)


def _told(told: Notice, loaded: Loaded) -> Decision:
    """The number comes from the feed's own item, so a notice that commits later stands behind every other."""
    platform_id, account_id = told.platform_id, told.account_id
    feed = loaded.get(keys.feed(platform_id, account_id), Feed)
    feed = feed or Feed(platform_id=platform_id, account_id=account_id)
    sequence = feed.last + 1
    numbered = store.created_notice(replace(told, sequence=sequence), clock.now())
    return Decision(answer=None, writes=[store.saved_feed(replace(feed, last=sequence)), numbered])
