"""What was done by hand, for the admin."""

from chalicelib.audit.service import Audits
from chalicelib.audit.views import AuditList, AuditQuery
from chalicelib.core.permissions import Permission
from chalicelib.table.read import CursorInvalid
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call


def blueprint(audits: Audits) -> Blueprint:
    routes = Blueprint("audit")

    @routes.get(
        "/v1/admin/audit",
        permission=Permission.AUDIT_READ,
        query=AuditQuery,
        answer=AuditList,
        errors=(CursorInvalid,),
    )
    def list_audit_records(call: Call[None, AuditQuery]) -> AuditList:
        """Who changed what by hand, when and why; of the whole platform or of one person."""
        return audits.list(call.actor.platform_id, call.query)

    return routes
