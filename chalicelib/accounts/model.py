"""People of a platform: who they are, in which role, and what the platform pays an expert."""

import re
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import msgspec

from chalicelib.core.countries import check_country
from chalicelib.core.errors import Invalid, NotFound
from chalicelib.core.permissions import Role

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class AccountNotFound(NotFound):
    code = "ACCOUNT_NOT_FOUND"
    message = "There is no such person on this platform."


class ExpertNotFound(NotFound):
    code = "EXPERT_NOT_FOUND"
    message = "There is no such expert on this platform."


class TermsNotAccepted(Invalid):
    code = "TERMS_NOT_ACCEPTED"
    message = "Accept the present version of the terms."


class ShareOutOfRange(Invalid):
    code = "SHARE_OUT_OF_RANGE"
    message = "A share is 0 to 10000 basis points (100 %)."


class AccountState(StrEnum):
    """``invited``: added by hand, not seen yet. Who signed up has an account once his address is verified."""

    INVITED = "invited"
    ACTIVE = "active"


class Locale(StrEnum):
    TURKISH = "tr"
    PERSIAN = "fa"
    ENGLISH = "en"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """All personal data that is kept of one person on one platform. ``id`` is Cognito's ``sub``.

    ``share_basis_points`` (B37): what an expert gets of each sale, 0 to 10000; 6500 is 65 %.
    """

    id: str
    platform_id: str
    role: Role
    state: AccountState
    email: str
    name: str
    country: str
    locale: Locale
    phone: str | None = None
    title: str | None = None
    share_basis_points: int = 0
    terms_version: str | None = None
    terms_accepted_at: datetime | None = None
    created_at: datetime
    version: int = 0

    def __post_init__(self) -> None:
        check_country(self.country)
        if not 0 <= self.share_basis_points <= 10_000:
            raise ShareOutOfRange(field="share_basis_points")


class EmailOwner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose an e-mail address is on a platform; it is what makes two accounts for one address impossible."""

    account_id: str
    version: int = 0


def is_account_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def email_sha256(email: str) -> str:
    """What stands for an address where the address itself need not stand; its letters' case is no matter."""
    return sha256(email.lower().encode()).hexdigest()
