"""Use cases of people who are not known yet: sign up, verify the address, ask for another code.

Until the address is verified nothing stands in the table but the receipt. So whatever a crash leaves is a
user at Cognito, whom the next sign-up forgets or the next verification takes on.
"""

from msgspec.structs import replace

from chalicelib.accounts import store
from chalicelib.accounts.model import (
    Account,
    AccountState,
    EmailOwner,
    Locale,
    TermsNotAccepted,
    email_sha256,
)
from chalicelib.accounts.service import Accounts
from chalicelib.accounts.views import ResendCodeRequest, SignUpRequest, SignUpView, VerifyEmailRequest
from chalicelib.core.identity import AccountAlreadyVerified, EmailTaken, Identity, NewPerson, VerifiedPerson
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write


class SignUps:
    def __init__(self, platforms: Platforms, accounts: Accounts, identity: Identity) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._identity = identity

    def sign_up(self, operation: Operation, request: SignUpRequest) -> Answer:
        """Send a code to the address.

        ``TermsNotAccepted``, ``EmailTaken``, ``EmailInvalid``, ``PasswordTooWeak``, ``UnknownCountry``.
        """
        platform_id, email = operation.platform_id, request.email.lower()
        person = NewPerson(
            platform_id=platform_id,
            email=email,
            name=request.name,
            country=request.country,
            locale=request.locale,
            terms_version=request.terms_version,
        )

        def decide(loaded: Loaded) -> Decision:
            _check_terms(self._platforms.load(loaded, platform_id), request.terms_version)
            if store.owner(loaded, platform_id, email) is not None:
                raise EmailTaken(field="email")
            self._identity.sign_up(person, request.password)
            return Decision(answer=SignUpView(state="unverified"))

        wanted = [self._platforms.key(platform_id), store.owner_key(platform_id, email)]
        return perform(self._by_stranger(operation, email), wanted, decide)

    def verify_email(self, operation: Operation, request: VerifyEmailRequest) -> Answer:
        """Begin an account for the address. ``CodeWrong``, ``CodeExpired``, ``AccountAlreadyVerified``."""
        platform_id, email = operation.platform_id, request.email.lower()

        def decide(loaded: Loaded) -> Decision:
            platform = self._platforms.load(loaded, platform_id)
            previous = store.owner(loaded, platform_id, email)
            person = self._identity.confirm(platform_id, email, request.code, Role.CUSTOMER)
            if previous is not None and previous.account_id == person.id:
                raise AccountAlreadyVerified
            account = _begun(platform, email, person)
            writes = [*store.settled(account, previous), *self._superseded(platform_id, previous)]
            return Decision(answer=SignUpView(state=account.state), writes=writes)

        wanted = [self._platforms.key(platform_id), store.owner_key(platform_id, email)]
        return perform(self._by_stranger(operation, email), wanted, decide)

    def resend_code(self, operation: Operation, request: ResendCodeRequest) -> Answer:
        """Another code, where somebody waits for one; the answer is the same where nobody does."""
        platform_id, email = operation.platform_id, request.email.lower()

        def decide(loaded: Loaded) -> Decision:
            self._platforms.load(loaded, platform_id)
            self._identity.resend_code(platform_id, email)
            return Decision(answer=SignUpView(state="unverified"))

        return perform(self._by_stranger(operation, email), [self._platforms.key(platform_id)], decide)

    def _by_stranger(self, operation: Operation, email: str) -> Operation:
        """Strangers share no idempotency keys, and a receipt's hash is no help in guessing the password."""
        actor = replace(operation.actor, id=f"public:{email_sha256(email)[:16]}")
        return replace(operation, actor=actor, input_hash=self._identity.keyed_hash(operation.input_hash))

    def _superseded(self, platform_id: str, previous: EmailOwner | None) -> list[Write]:
        """The account of a user who was forgotten just while he was verified; it never was anyone's."""
        if previous is None:
            return []
        key = self._accounts.key(platform_id, previous.account_id)
        account = store.find(key)
        return [store.removed(account)] if account else []


def _check_terms(platform: Platform, accepted: str) -> None:
    present = platform.settings.terms_version
    if accepted != present:
        raise TermsNotAccepted(field="terms_version", present_terms_version=present)


def _begun(platform: Platform, email: str, person: VerifiedPerson) -> Account:
    return Account(
        id=person.id,
        platform_id=platform.id,
        role=Role.CUSTOMER,
        state=AccountState.ACTIVE,
        email=email,
        name=person.name,
        country=person.country,
        locale=Locale(person.locale),
        terms_version=person.terms_version,
        terms_accepted_at=person.signed_up_at,
        created_at=platform.now(),
    )
