"""Audit records as the API shows them."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from chalicelib.audit.model import AuditRecord


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    account_id: Annotated[str, Meta(min_length=1, max_length=64, description="Whom it concerns.")] | None = (
        None
    )
    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    cursor: Annotated[str, Meta(max_length=2_000, description="From the page before.")] | None = None


class AuditRecordView(msgspec.Struct, frozen=True, kw_only=True):
    """Who (``actor_id``) did what to whose thing (``subject_id``), when and why."""

    id: str
    actor_id: str
    at: datetime
    action: str
    subject_id: str
    reason: str
    reference: dict[str, str]
    before: dict[str, int | str | None]
    after: dict[str, int | str | None]

    @classmethod
    def of(cls, record: AuditRecord) -> "AuditRecordView":
        return cls(**{name: getattr(record, name) for name in cls.__struct_fields__})


class AuditList(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    items: list[AuditRecordView]
    cursor: str | None
