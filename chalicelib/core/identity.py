"""The port to whoever keeps passwords and sends codes: its words, and what it may refuse.

A person is known to it by platform and e-mail address together, so that one address may be a client of two
platforms. It keeps the passwords; nothing else in the product ever does.
"""

from datetime import datetime
from typing import Protocol

import msgspec

from chalicelib.core.countries import check_country
from chalicelib.core.errors import Busy, Conflict, Invalid
from chalicelib.core.permissions import Role


class EmailTaken(Conflict):
    code = "EMAIL_TAKEN"
    message = "Somebody has signed up with this e-mail address already."


class EmailInvalid(Invalid):
    code = "EMAIL_INVALID"
    message = "This is not an e-mail address that we can write to."


class PasswordTooWeak(Invalid):
    code = "PASSWORD_TOO_WEAK"
    message = "Choose a password of at least 10 characters, with lower-case letters and digits."


class CodeWrong(Invalid):
    code = "CODE_WRONG"
    message = "This is not the code that we sent to this address last."


class CodeExpired(Invalid):
    code = "CODE_EXPIRED"
    message = "This code has expired. Ask for a new one."


class AccountAlreadyVerified(Conflict):
    code = "ACCOUNT_ALREADY_VERIFIED"
    message = "This e-mail address is verified already. Sign in."


class TooManyAttempts(Busy):
    code = "TOO_MANY_ATTEMPTS"
    message = "Too many attempts for this address. Try again later."


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be known. ``terms_version`` is what he accepted, where he signs up by himself."""

    platform_id: str
    email: str
    name: str
    country: str
    locale: str
    terms_version: str | None = None

    def __post_init__(self) -> None:
        check_country(self.country)


class VerifiedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Who has proved that the address is his. ``id`` stays his for ever; ``signed_up_at`` is real time."""

    id: str
    name: str
    country: str
    locale: str
    terms_version: str
    signed_up_at: datetime


class Identity(Protocol):
    """Every operation may also raise ``TooManyAttempts``, ``UpstreamFailed`` or ``UpstreamTimeout``."""

    def sign_up(self, person: NewPerson, password: str) -> None:
        """Send a code to the address. An earlier sign-up whose address was never verified is forgotten.

        ``EmailTaken``, ``EmailInvalid``, ``PasswordTooWeak``.
        """

    def confirm(self, platform_id: str, email: str, code: str, role: Role) -> VerifiedPerson:
        """Whose code it is; he holds ``role`` from now on. Who was verified before needs no code again.

        ``CodeWrong``, ``CodeExpired``; ``AccountAlreadyVerified`` for one who did not sign up by himself.
        """

    def resend_code(self, platform_id: str, email: str) -> None:
        """Send another code, if somebody waits for one. ``AccountAlreadyVerified``."""

    def invite(self, person: NewPerson, role: Role, password: str | None = None) -> str:
        """Make the person with ``role`` and no other, and return his id; the same id when it is repeated.

        Without a password, one to be changed is sent to the address. ``EmailInvalid``, ``PasswordTooWeak``.
        """

    def keyed_hash(self, text: str) -> str:
        """A hash that nobody without our secret can compare a guess with."""
