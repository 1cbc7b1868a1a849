"""Where notices stand: one partition a person, numbered without a gap. Nothing here commits."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.feed.model import KEPT_FOR, Feed, Notice
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.transact import Write


class FeedItem(Item, discriminator="feed"):
    record = RecordAttribute(Feed)


class NoticeItem(Item, discriminator="notice"):
    record = RecordAttribute(Notice)


def saved_feed(feed: Feed) -> Write:
    return transact.save(FeedItem.of(keys.feed(feed.platform_id, feed.account_id), feed))


def created_notice(notice: Notice, now: datetime) -> Write:
    key = keys.notice(notice.platform_id, notice.account_id, notice.sequence)
    return transact.create(NoticeItem.of(key, notice, expires_at=now + KEPT_FOR))


def after(platform_id: str, account_id: str, sequence: int, limit: int) -> tuple[Sequence[Notice], bool]:
    """The notices behind a number, oldest first, and whether there are more; read consistently."""
    first = keys.notice(platform_id, account_id, sequence + 1)
    page = read.query(first.pk, between=(first.sk, "NOTICE#~"), limit=limit)
    return page.records, page.cursor is not None
