"""One authenticated call of the API, as the endpoints' handlers get it."""

from dataclasses import dataclass

from infra.local.payments.accounts import Account
from infra.local.payments.messages import JsonObject
from infra.local.payments.state import Record
from infra.local.payments.stripe_api.errors import no_such
from infra.local.payments.work import Work


@dataclass(frozen=True)
class Call:
    """`object_id` is the path's id (empty where there is none), `params` are checked."""

    work: Work
    account: Account
    path: str
    object_id: str
    params: JsonObject

    def own(self, table: str, param: str, object_id: str | None = None) -> Record:
        """The account's object of the path's (or the given) id; ApiError 404 when it has none."""
        wanted = self.object_id if object_id is None else object_id
        record = self.work.find(table, wanted, self.account)
        if record is None:
            raise no_such(table, wanted, param)
        return record
