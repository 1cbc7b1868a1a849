"""How platforms stand in the table: all in one directory, which the sweeper reads."""

from collections.abc import Iterator

from chalicelib.core.errors import Refusal
from chalicelib.platforms.model import Platform
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.transact import Write


class PlatformItem(Item, discriminator="platform"):
    record = RecordAttribute(Platform)


def created(platform: Platform, refusal: Refusal) -> Write:
    return transact.create(PlatformItem.of(keys.platform(platform.id), platform), refusal)


def saved(platform: Platform) -> Write:
    return transact.save(PlatformItem.of(keys.platform(platform.id), platform))


def find(platform_id: str) -> Platform | None:
    return read.get(keys.platform(platform_id), Platform)


def all_platforms() -> Iterator[Platform]:
    return read.query_all(keys.platform("").pk)
