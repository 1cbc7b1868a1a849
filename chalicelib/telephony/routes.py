"""Routes of telephony: for the platform's admins."""

from chalicelib.core.errors import Stale
from chalicelib.core.permissions import Permission
from chalicelib.table.operation import Answer
from chalicelib.table.read import CursorInvalid
from chalicelib.telephony.desk import PhoneDesk
from chalicelib.telephony.model import RateRepeated, TelephonyNotConfigured
from chalicelib.telephony.views import (
    BalanceView,
    PhoneEntriesQuery,
    PhoneEntriesView,
    RatesRequest,
    RatesView,
)
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call


def blueprint(desk: PhoneDesk) -> Blueprint:
    routes = Blueprint("telephony")

    @routes.get("/v1/admin/phone/balance", permission=Permission.PHONE_MANAGE, answer=BalanceView)
    def phone_balance(call: Call[None, None]) -> BalanceView:
        """What the platform has for calls."""
        return desk.balance(call.actor.platform_id)

    @routes.get(
        "/v1/admin/phone/entries",
        permission=Permission.PHONE_MANAGE,
        query=PhoneEntriesQuery,
        answer=PhoneEntriesView,
        errors=(CursorInvalid,),
    )
    def phone_entries(call: Call[None, PhoneEntriesQuery]) -> PhoneEntriesView:
        """Why the balance for calls is what it is, newest first."""
        return desk.entries(call.actor.platform_id, call.query)

    @routes.get("/v1/admin/phone/rates", permission=Permission.PHONE_MANAGE, answer=RatesView)
    def phone_rates(call: Call[None, None]) -> RatesView:
        """What a minute costs, by destination."""
        return desk.rates(call.actor.platform_id)

    @routes.put(
        "/v1/admin/phone/rates",
        permission=Permission.PHONE_MANAGE,
        body=RatesRequest,
        answer=RatesView,
        if_match=True,
        errors=(RateRepeated, Stale, TelephonyNotConfigured),
    )
    def edit_phone_rates(call: Call[RatesRequest, None]) -> Answer:
        """Replace all rates. What is booked keeps the rate that it was booked at."""
        return desk.replace_rates(call.operation, call.body, call.edited_version)

    return routes
