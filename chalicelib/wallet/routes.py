"""What a customer holds and why, for himself and for the admin who helps him."""

from chalicelib.accounts.model import AccountNotFound
from chalicelib.audit.model import ReasonRequired
from chalicelib.audit.views import AuditRecordView
from chalicelib.core.permissions import Permission
from chalicelib.table.operation import Answer
from chalicelib.wallet.adjustments import Adjustments
from chalicelib.wallet.explanations import Explanations
from chalicelib.wallet.extensions import Extensions
from chalicelib.wallet.model import (
    AdjustmentNotWhole,
    AdjustmentTooLarge,
    AdjustmentZero,
    AssetUnknown,
    CurrencyNotAdjustable,
    ExpiryNotAllowed,
    ExtensionNotAllowed,
    LotExpired,
    LotExtendedAlready,
    LotNeverExpires,
    LotNotFound,
    OriginNotAllowed,
    TooManyLots,
)
from chalicelib.wallet.statements import Statements
from chalicelib.wallet.views import (
    AdjustmentRequest,
    EntriesQuery,
    EntriesView,
    ExplanationQuery,
    ExplanationView,
    ExtensionRequest,
    WalletView,
)
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call

_ERRORS = (AssetUnknown, AccountNotFound)
_ADJUSTMENT_ERRORS = (
    *_ERRORS,
    AdjustmentNotWhole,
    AdjustmentTooLarge,
    AdjustmentZero,
    CurrencyNotAdjustable,
    ExpiryNotAllowed,
    OriginNotAllowed,
    ReasonRequired,
    TooManyLots,
)
_EXTENSION_ERRORS = (
    *_ERRORS,
    ExtensionNotAllowed,
    LotExpired,
    LotExtendedAlready,
    LotNeverExpires,
    LotNotFound,
    ReasonRequired,
    TooManyLots,
)


def blueprint(
    statements: Statements, adjustments: Adjustments, extensions: Extensions, explanations: Explanations
) -> Blueprint:
    """What people hold; by a route of its own nothing moves but what an admin gives, takes or extends."""
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

    @routes.get(
        "/v1/me/wallets/{asset}/explanation",
        permission=Permission.WALLET_READ,
        query=ExplanationQuery,
        answer=ExplanationView,
        errors=_ERRORS,
    )
    def explain_my_wallet(call: Call[None, ExplanationQuery]) -> ExplanationView:
        """Why my balance is what it is: from each line to its lots, their payment and their package."""
        return explanations.explain(call.actor.platform_id, call.actor.id, call.path["asset"], call.query)

    @routes.get(
        "/v1/admin/customers/{account_id}/wallets/{asset}/explanation",
        permission=Permission.CUSTOMERS_EDIT,
        query=ExplanationQuery,
        answer=ExplanationView,
        errors=_ERRORS,
    )
    def explain_customer_wallet(call: Call[None, ExplanationQuery]) -> ExplanationView:
        """The same of a customer's."""
        owner_id = call.path["account_id"]
        return explanations.explain(call.actor.platform_id, owner_id, call.path["asset"], call.query)

    @routes.post(
        "/v1/admin/customers/{account_id}/wallets/{asset}/adjustments",
        permission=Permission.WALLET_ADJUST,
        body=AdjustmentRequest,
        answer=AuditRecordView,
        status=201,
        errors=_ADJUSTMENT_ERRORS,
    )
    def adjust_wallet(call: Call[AdjustmentRequest, None]) -> Answer:
        """Give or take credits by hand, with a reason that is kept."""
        owner_id, asset = call.path["account_id"], call.path["asset"]
        return adjustments.adjust(call.operation, owner_id, asset, call.body)

    @routes.post(
        "/v1/admin/customers/{account_id}/wallets/{asset}/lots/{lot_id}/extensions",
        permission=Permission.WALLET_ADJUST,
        body=ExtensionRequest,
        answer=AuditRecordView,
        status=201,
        errors=_EXTENSION_ERRORS,
    )
    def extend_lot(call: Call[ExtensionRequest, None]) -> Answer:
        """Put off a lot's expiry, once, by the platform's ``lot_extension_days``."""
        path = call.path
        reason = call.body.reason
        return extensions.extend(call.operation, path["account_id"], path["asset"], path["lot_id"], reason)

    return routes
