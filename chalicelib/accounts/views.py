"""What people look like from outside."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from chalicelib.accounts.model import Account, Locale
from chalicelib.core.patterns import END
from chalicelib.core.permissions import Role

AccountId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}" + END)]
# The user's name at Cognito holds 128 characters, and the platform's id and a colon before the address.
Email = Annotated[
    str, Meta(max_length=96, pattern=r"^[!#-'*+\-./-9=?A-Z^-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+" + END)
]
Name = Annotated[
    str,
    Meta(max_length=128, pattern=r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?" + END),
]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}" + END, description="ISO 3166-1 alpha-2.")]
Phone = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}" + END, description="E.164.")]
Share = Annotated[int, Meta(ge=0, le=10_000, description="Basis points: 6500 is 65 %.")]


class SignUpRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    email: Email
    password: Annotated[str, Meta(min_length=1, max_length=256)]
    name: Name
    country: Country
    locale: Locale
    terms_version: Annotated[str, Meta(max_length=64, description="The version of the terms accepted.")]

    def __repr__(self) -> str:
        """A password has no place in a log or a traceback."""
        return f"SignUpRequest(country={self.country!r}, locale={self.locale!r})"


class VerifyEmailRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    email: Email
    code: Annotated[str, Meta(pattern=r"^[0-9]{1,12}" + END)]


class ResendCodeRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    email: Email


class SignUpView(msgspec.Struct, frozen=True, kw_only=True):
    """``unverified`` until the code that was sent has come back; ``active`` afterwards."""

    state: str


class PersonRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Somebody added by hand (E41)."""

    email: Email
    name: Name
    country: Country
    locale: Locale
    phone: Phone | None = None


class ExpertRequest(PersonRequest, frozen=True, kw_only=True):
    title: Annotated[str, Meta(max_length=128, description="Shown to everybody.")] | None = None
    share_basis_points: Share


class ExpertEdit(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """All that an admin may change of an expert; a changed share holds for later sales only (B41)."""

    name: Name
    phone: Phone | None
    title: Annotated[str, Meta(max_length=128)] | None
    share_basis_points: Share


class PhoneEdit(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One's own number; without one nobody can call."""

    phone: Phone | None


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    role: Role
    state: str
    email: str
    name: str
    phone: str | None
    country: str
    locale: Locale
    title: str | None
    share_basis_points: int
    terms_version: str | None
    terms_accepted_at: datetime | None
    created_at: datetime
    version: int

    @classmethod
    def of(cls, account: Account) -> "AccountView":
        return cls(**{name: getattr(account, name) for name in cls.__struct_fields__})


class PublicExpertView(msgspec.Struct, frozen=True, kw_only=True):
    """What anyone may know of an expert."""

    id: str
    name: str
    title: str | None

    @classmethod
    def of(cls, account: Account) -> "PublicExpertView":
        return cls(id=account.id, name=account.name, title=account.title)


class ListQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    cursor: Annotated[str, Meta(max_length=2048)] | None = None


class AccountList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[AccountView]
    cursor: str | None


class PublicExpertList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[PublicExpertView]
    cursor: str | None
