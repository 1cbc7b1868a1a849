"""The route of reconciliations."""

from chalicelib.core.permissions import Permission
from chalicelib.reconciliation.service import Reconciliations
from chalicelib.reconciliation.views import ReconciliationList, ReconciliationQuery
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call


def blueprint(reconciliations: Reconciliations) -> Blueprint:
    routes = Blueprint("reconciliation")

    @routes.get(
        "/v1/admin/reconciliations", permission=Permission.REPORTS_READ, query=ReconciliationQuery,
        answer=ReconciliationList,
    )  # fmt: skip
    def list_reconciliations(call: Call[None, ReconciliationQuery]) -> ReconciliationList:
        """List how each day's payments compared with the providers', the latest day first."""
        return reconciliations.list_of(call.actor, call.query.limit, call.query.cursor)

    return routes
