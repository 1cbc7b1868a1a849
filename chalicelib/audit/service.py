"""The platform's memory of what was done by hand. Whatever is done so is written down in the same step."""

from chalicelib.accounts.model import is_account_id
from chalicelib.audit import store
from chalicelib.audit.model import AuditRecord
from chalicelib.audit.views import AuditList, AuditQuery, AuditRecordView
from chalicelib.table.transact import Write


def prepare_record(record: AuditRecord) -> Write:
    """For the transaction of the step that it tells of."""
    return store.created(record)


class Audits:
    def list(self, platform_id: str, asked: AuditQuery) -> AuditList:
        """One query. ``CursorInvalid``."""
        if asked.account_id is None:
            page = store.page(platform_id, limit=asked.limit, cursor=asked.cursor)
        elif is_account_id(asked.account_id):
            page = store.page_of(platform_id, asked.account_id, limit=asked.limit, cursor=asked.cursor)
        else:
            return AuditList(items=[], cursor=None)
        return AuditList(items=[AuditRecordView.of(record) for record in page.records], cursor=page.cursor)
