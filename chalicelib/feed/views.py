"""The outward shapes of a feed."""

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct

from chalicelib.core.patterns import END
from chalicelib.feed.model import Notice, NoticeKind

Place = Annotated[str, Meta(pattern=r"^[0-9]{1,12}" + END, description="The `cursor` of an earlier answer.")]


class FeedQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without a cursor from the oldest notice that is kept."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    cursor: Place | None = None


class NoticeView(Struct, frozen=True, kw_only=True):
    """``data`` has the fields that belong to the kind; ``at`` is by the platform's clock."""

    id: str
    kind: NoticeKind
    at: datetime
    data: dict[str, str | int | None]

    @classmethod
    def of(cls, notice: Notice) -> Self:
        return cls(**{name: getattr(notice, name) for name in cls.__struct_fields__})


class FeedView(Struct, frozen=True, kw_only=True):
    """Newest last. ``cursor`` leads to what comes after these, also where they are the last so far."""

    items: list[NoticeView]
    cursor: str
    more: Annotated[bool, Meta(description="Whether there are further notices already.")]
