"""What a customer holds and why, for himself and for the admin who helps him."""

from chalicelib.accounts.model import AccountNotFound
from chalicelib.core.permissions import Permission
from chalicelib.wallet.model import AssetUnknown
from chalicelib.wallet.service import Statements
from chalicelib.wallet.views import EntriesQuery, EntriesView, WalletView
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call

_ERRORS = (AssetUnknown, AccountNotFound)


def blueprint(statements: Statements) -> Blueprint:
    """The wallet's read routes; nothing is granted or spent by a route of its own."""
    routes = Blueprint("wallet")

    @routes.get(
        "/v1/me/wallets/{asset}", permission=Permission.WALLET_READ, answer=WalletView, errors=_ERRORS
    )
    def my_wallet(call: Call[None, None]) -> WalletView:
        """What I hold in an asset, lot by lot."""
        return statements.wallet(call.actor.platform_id, call.actor.id, call.path["asset"])

    @routes.get(
        "/v1/me/wallets/{asset}/entries",
        permission=Permission.WALLET_READ,
        query=EntriesQuery,
        answer=EntriesView,
        errors=_ERRORS,
    )
    def my_entries(call: Call[None, EntriesQuery]) -> EntriesView:
        """Why my balance is what it is, newest first."""
        return statements.entries(call.actor.platform_id, call.actor.id, call.path["asset"], call.query)

    @routes.get(
        "/v1/admin/customers/{account_id}/wallets/{asset}",
        permission=Permission.CUSTOMERS_EDIT,
        answer=WalletView,
        errors=_ERRORS,
    )
    def customer_wallet(call: Call[None, None]) -> WalletView:
        """What a customer holds in an asset, lot by lot."""
        return statements.wallet(call.actor.platform_id, call.path["account_id"], call.path["asset"])

    @routes.get(
        "/v1/admin/customers/{account_id}/wallets/{asset}/entries",
        permission=Permission.CUSTOMERS_EDIT,
        query=EntriesQuery,
        answer=EntriesView,
        errors=_ERRORS,
    )
    def customer_entries(call: Call[None, EntriesQuery]) -> EntriesView:
        """Why a customer's balance is what it is, newest first."""
        owner_id = call.path["account_id"]
        return statements.entries(call.actor.platform_id, owner_id, call.path["asset"], call.query)

    return routes
