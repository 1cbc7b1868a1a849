"""Where audit records stand: by platform and time, and by the person whom they concern."""

from typing import Any

from chalicelib.audit.model import AuditRecord
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.read import Page
from chalicelib.table.transact import Write

AUDIT = "AUDIT"


class AuditRecordItem(Item, discriminator="audit-record"):
    record = RecordAttribute(AuditRecord)


def created(record: AuditRecord) -> Write:
    key = keys.audit(record.platform_id, record.at, record.id)
    owner = keys.of_owner(record.platform_id, record.subject_id, AUDIT, record.at, record.id)
    return transact.create(AuditRecordItem.of(key, record, owner=owner))


def page(platform_id: str, **wanted: Any) -> Page:
    """A page of all of the platform's, newest first."""
    return read.query(keys.audit_partition(platform_id), newest_first=True, **wanted)


def page_of(platform_id: str, subject_id: str, **wanted: Any) -> Page:
    """A page of those that concern one person, newest first."""
    partition = keys.owner_partition(platform_id, subject_id, AUDIT)
    return read.query(partition, index="GSI1", newest_first=True, **wanted)
