"""Routes of accounts: the public ones of sign-up, a person's own, and the admin's."""

from chalicelib.accounts.model import AccountNotFound, ExpertNotFound, TermsNotAccepted
from chalicelib.accounts.service import Accounts
from chalicelib.accounts.sign_up import SignUps
from chalicelib.accounts.views import (
    AccountList,
    AccountView,
    ExpertEdit,
    ExpertRequest,
    ListQuery,
    PersonRequest,
    PhoneEdit,
    PublicExpertList,
    ResendCodeRequest,
    SignUpRequest,
    SignUpView,
    VerifyEmailRequest,
)
from chalicelib.core.countries import UnknownCountry
from chalicelib.core.errors import Stale, UpstreamFailed, UpstreamTimeout
from chalicelib.core.identity import (
    AccountAlreadyVerified,
    CodeExpired,
    CodeWrong,
    EmailInvalid,
    EmailTaken,
    PasswordTooWeak,
    TooManyAttempts,
)
from chalicelib.core.permissions import Permission, Role
from chalicelib.platforms.model import PlatformNotFound
from chalicelib.table.operation import Answer
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call

_IDENTITY = (TooManyAttempts, UpstreamFailed, UpstreamTimeout)
_ADDING = (EmailTaken, EmailInvalid, UnknownCountry, *_IDENTITY)


def blueprint(accounts: Accounts, sign_ups: SignUps) -> Blueprint:
    routes = Blueprint("accounts")
    _public(routes, accounts, sign_ups)
    _customers(routes, accounts)
    _experts(routes, accounts)

    @routes.get("/v1/me", permission=Permission.ACCOUNT_READ, answer=AccountView, errors=(AccountNotFound,))
    def me(call: Call[None, None]) -> AccountView:
        """Who I am.

        An invited person becomes active with his first call.
        """
        return accounts.me(call.actor)

    @routes.put(
        "/v1/me/phone",
        permission=Permission.ACCOUNT_EDIT,
        body=PhoneEdit,
        answer=AccountView,
        if_match=True,
        errors=(AccountNotFound, Stale),
    )
    def edit_own_phone(call: Call[PhoneEdit, None]) -> Answer:
        """Keep one's own phone number, at which sessions by phone call."""
        return accounts.edit_phone(call.operation, call.body, call.edited_version)

    return routes


def _public(routes: Blueprint, accounts: Accounts, sign_ups: SignUps) -> None:
    @routes.post(
        "/v1/public/{platform_id}/sign-up",
        permission=Permission.PUBLIC,
        body=SignUpRequest,
        answer=SignUpView,
        status=201,
        errors=(PlatformNotFound, TermsNotAccepted, PasswordTooWeak, *_ADDING),
    )
    def sign_up(call: Call[SignUpRequest, None]) -> Answer:
        """Sign up as a customer.

        A code goes to the address. Signing up again before it comes back starts anew, with the new password.
        """
        return sign_ups.sign_up(call.operation, call.body)

    @routes.post(
        "/v1/public/{platform_id}/verify-email",
        permission=Permission.PUBLIC,
        body=VerifyEmailRequest,
        answer=SignUpView,
        errors=(PlatformNotFound, CodeWrong, CodeExpired, AccountAlreadyVerified, *_IDENTITY),
    )
    def verify_email(call: Call[VerifyEmailRequest, None]) -> Answer:
        """Send the code back.

        From then on the person can sign in.
        """
        return sign_ups.verify_email(call.operation, call.body)

    @routes.post(
        "/v1/public/{platform_id}/resend-code",
        permission=Permission.PUBLIC,
        body=ResendCodeRequest,
        answer=SignUpView,
        errors=(PlatformNotFound, AccountAlreadyVerified, EmailInvalid, *_IDENTITY),
    )
    def resend_code(call: Call[ResendCodeRequest, None]) -> Answer:
        """Ask for another code.

        The answer does not tell whether anybody has signed up with the address.
        """
        return sign_ups.resend_code(call.operation, call.body)

    @routes.get(
        "/v1/public/{platform_id}/experts",
        permission=Permission.PUBLIC,
        query=ListQuery,
        answer=PublicExpertList,
        errors=(PlatformNotFound,),
    )
    def public_experts(call: Call[None, ListQuery]) -> PublicExpertList:
        """List the platform's experts."""
        return accounts.public_experts(call.path["platform_id"], call.query)


def _customers(routes: Blueprint, accounts: Accounts) -> None:
    @routes.post(
        "/v1/admin/customers",
        permission=Permission.CUSTOMERS_EDIT,
        body=PersonRequest,
        answer=AccountView,
        status=201,
        errors=_ADDING,
    )
    def add_customer(call: Call[PersonRequest, None]) -> Answer:
        """Add a customer by hand.

        A mail invites the person, with a password to be changed.
        """
        return accounts.add_person(call.operation, Role.CUSTOMER, call.body)

    @routes.get(
        "/v1/admin/customers", permission=Permission.CUSTOMERS_EDIT, query=ListQuery, answer=AccountList
    )
    def list_customers(call: Call[None, ListQuery]) -> AccountList:
        """List the customers, the oldest first."""
        return accounts.people(call.actor.platform_id, Role.CUSTOMER, call.query)

    @routes.get(
        "/v1/admin/customers/{account_id}",
        permission=Permission.CUSTOMERS_EDIT,
        answer=AccountView,
        errors=(AccountNotFound,),
    )
    def read_customer(call: Call[None, None]) -> AccountView:
        """Read a customer."""
        return accounts.customer(call.actor.platform_id, call.path["account_id"])


def _experts(routes: Blueprint, accounts: Accounts) -> None:
    @routes.post(
        "/v1/admin/experts",
        permission=Permission.EXPERTS_EDIT,
        body=ExpertRequest,
        answer=AccountView,
        status=201,
        errors=_ADDING,
    )
    def add_expert(call: Call[ExpertRequest, None]) -> Answer:
        """Add an expert.

        A mail invites the person, with a password to be changed.
        """
        return accounts.add_person(call.operation, Role.EXPERT, call.body)

    @routes.get("/v1/admin/experts", permission=Permission.EXPERTS_EDIT, query=ListQuery, answer=AccountList)
    def list_experts(call: Call[None, ListQuery]) -> AccountList:
        """List the experts, the oldest first."""
        return accounts.people(call.actor.platform_id, Role.EXPERT, call.query)

    @routes.get(
        "/v1/admin/experts/{account_id}",
        permission=Permission.EXPERTS_EDIT,
        answer=AccountView,
        errors=(AccountNotFound, ExpertNotFound),
    )
    def read_expert(call: Call[None, None]) -> AccountView:
        """Read an expert."""
        return accounts.expert(call.actor.platform_id, call.path["account_id"])

    @routes.put(
        "/v1/admin/experts/{account_id}",
        permission=Permission.EXPERTS_EDIT,
        body=ExpertEdit,
        answer=AccountView,
        if_match=True,
        errors=(AccountNotFound, ExpertNotFound, Stale),
    )
    def edit_expert(call: Call[ExpertEdit, None]) -> Answer:
        """Change an expert's name, phone, title and share.

        A changed share holds for what is sold from now on.
        """
        return accounts.edit_expert(call.operation, call.path["account_id"], call.body, call.edited_version)
