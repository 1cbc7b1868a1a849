"""What the door of accounts lets through, and who may knock at which route."""

from typing import Any

import pytest

from chalicelib.accounts.model import Account, AccountState, Locale, ShareOutOfRange, email_sha256
from chalicelib.accounts.routes import blueprint
from chalicelib.accounts.views import (
    ExpertEdit,
    ListQuery,
    PersonRequest,
    PhoneEdit,
    SignUpRequest,
    VerifyEmailRequest,
)
from chalicelib.core import clock
from chalicelib.core.countries import UnknownCountry
from chalicelib.core.errors import Invalid
from chalicelib.core.permissions import Permission, Role
from chalicelib.web.body import convert

PERSON = {"email": "ayse@example.com", "name": "Ayşe", "country": "TR", "locale": "tr"}
SIGN_UP = PERSON | {"password": "correct horse 42", "terms_version": "1"}
EDIT = {"name": "Ayşe", "phone": None, "title": None, "share_basis_points": 6500}
GOOD_EMAILS = ["a@b.co", "Ayse.K+x@sub.example.com", "o'neil@example.com", "_x-1@ex-ample.com.tr"]
BAD_EMAILS = [
    "",
    "ayse",
    "@example.com",
    "ayse@",
    "ayse@example",
    "a b@example.com",
    "a@b@example.com",
    "a:b@example.com",
    "ayşe@example.com",
    "a@example.com\n",
    "a" * 90 + "@example.com",
]


@pytest.mark.parametrize("email", GOOD_EMAILS)
def test_an_address_is_let_through(email: str) -> None:
    assert convert(PERSON | {"email": email}, PersonRequest).email == email


@pytest.mark.parametrize("email", BAD_EMAILS)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(Invalid) as refused:
        convert(PERSON | {"email": email}, PersonRequest)
    assert refused.value.field == "email"


@pytest.mark.parametrize("name", ["A", "Ayşe Yılmaz", "آیدا", "x" * 128])
def test_a_name_is_let_through_as_it_is_written(name: str) -> None:
    assert convert(PERSON | {"name": name}, PersonRequest).name == name


@pytest.mark.parametrize("name", ["", " ", " x", "x ", "a\nb", "a\n", "a\x00b", "\x7f", "x" * 129])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        convert(PERSON | {"name": name}, PersonRequest)


@pytest.mark.parametrize(
    ("schema", "given"),
    [
        (PersonRequest, PERSON | {"country": "tr"}),
        (PersonRequest, PERSON | {"locale": "de"}),
        (PersonRequest, PERSON | {"phone": "05551112233"}),
        (PhoneEdit, {"phone": "05551112233"}),
        (PhoneEdit, {}),
        (PersonRequest, PERSON | {"phone": "+905551112233\n"}),
        (PersonRequest, PERSON | {"role": "admin"}),
        (SignUpRequest, SIGN_UP | {"platform_id": "other"}),
        (SignUpRequest, SIGN_UP | {"password": ""}),
        (SignUpRequest, SIGN_UP | {"password": "x" * 257}),
        (VerifyEmailRequest, {"email": "ayse@example.com", "code": ""}),
        (VerifyEmailRequest, {"email": "ayse@example.com", "code": "12a456"}),
        (VerifyEmailRequest, {"email": "ayse@example.com", "code": "123456\n"}),
        (VerifyEmailRequest, {"email": "ayse@example.com", "code": 123456}),
        (ExpertEdit, EDIT | {"share_basis_points": -1}),
        (ExpertEdit, EDIT | {"share_basis_points": 10_001}),
        (ExpertEdit, EDIT | {"share_basis_points": 65.5}),
        (ExpertEdit, {name: EDIT[name] for name in EDIT if name != "title"}),
        (ListQuery, {"limit": 0}),
        (ListQuery, {"limit": 101}),
        (ListQuery, {"cursor": "x" * 2049}),
    ],
)
def test_what_is_not_asked_for_like_this_is_refused(schema: Any, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        convert(given, schema)


@pytest.mark.parametrize("share", [-1, 10_001])
def test_no_account_holds_a_share_out_of_range(share: int) -> None:
    with pytest.raises(ShareOutOfRange):
        account(share_basis_points=share)


def test_no_account_is_of_a_country_that_there_is_not() -> None:
    with pytest.raises(UnknownCountry):
        account(country="XX")


def account(**changed: Any) -> Account:
    given = PERSON | {"id": "1", "platform_id": "danisma", "role": Role.EXPERT, "state": AccountState.ACTIVE}
    return Account(**(given | {"locale": Locale.TURKISH, "created_at": clock.now()} | changed))


def test_addresses_differ_in_more_than_their_case() -> None:
    assert (
        email_sha256("Ayse@Example.com")
        == email_sha256("ayse@example.com")
        != email_sha256("ali@example.com")
    )


def test_a_sign_up_does_not_tell_its_password() -> None:
    assert "horse" not in repr(convert(SIGN_UP, SignUpRequest))


def test_each_route_is_for_whom_it_is_meant() -> None:
    routes = blueprint(None, None).routes  # type: ignore[arg-type] - none is called
    assert {route.name: route.permission for route in routes} == {
        "POST /v1/public/{platform_id}/sign-up": Permission.PUBLIC,
        "POST /v1/public/{platform_id}/verify-email": Permission.PUBLIC,
        "POST /v1/public/{platform_id}/resend-code": Permission.PUBLIC,
        "GET /v1/public/{platform_id}/experts": Permission.PUBLIC,
        "POST /v1/admin/customers": Permission.CUSTOMERS_EDIT,
        "GET /v1/admin/customers": Permission.CUSTOMERS_EDIT,
        "GET /v1/admin/customers/{account_id}": Permission.CUSTOMERS_EDIT,
        "POST /v1/admin/experts": Permission.EXPERTS_EDIT,
        "GET /v1/admin/experts": Permission.EXPERTS_EDIT,
        "GET /v1/admin/experts/{account_id}": Permission.EXPERTS_EDIT,
        "PUT /v1/admin/experts/{account_id}": Permission.EXPERTS_EDIT,
        "GET /v1/me": Permission.ACCOUNT_READ,
        "PUT /v1/me/phone": Permission.ACCOUNT_EDIT,
    }
