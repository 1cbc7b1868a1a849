"""How people come to have an account, over HTTP, with Cognito's codes and mails."""

import urllib.request
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from infra.local.api import Api, Reply, send
from infra.local.people import EMAIL_CODE, People
from infra.local.running import RunningStack
from tests.deployed.tenants import PASSWORD, Tenant

DEMO = "/v1/public/demo"


@pytest.fixture
def public(stack: RunningStack) -> Api:
    return Api(stack.api_url)


@pytest.fixture
def email() -> str:
    return f"{uuid4().hex[:12]}@example.com"


def someone(public: Api, email: str) -> dict[str, Any]:
    """What a form of sign-up sends."""
    terms = public.get(DEMO)["terms_version"]
    person = {"email": email, "password": PASSWORD, "name": "Aslı", "country": "TR", "locale": "tr"}
    return person | {"terms_version": terms}


def verify(public: Api, base: str, email: str, code: str) -> Reply:
    return public.call("POST", f"{base}/verify-email", {"email": email, "code": code})


def mails_to(stack: RunningStack, email: str) -> list[dict[str, Any]]:
    reply = send(urllib.request.Request(stack.mail_url))
    return [mail for sent in reply.body["messages"].values() for mail in sent if email in mail["To"]]


def test_a_person_signs_up_verifies_the_address_and_signs_in(
    stack: RunningStack, public: Api, email: str
) -> None:
    people = People(stack.document())
    signed_up = public.call("POST", f"{DEMO}/sign-up", someone(public, email))
    assert (signed_up.status, signed_up.body) == (201, {"state": "unverified"})
    with pytest.raises(ClientError, match="UserNotConfirmed"):
        people.sign_in("demo", email, PASSWORD)

    wrong = verify(public, DEMO, email, "999999")
    assert (wrong.status, wrong.code, wrong.body["errors"][0]["field"]) == (422, "CODE_WRONG", "code")
    right = verify(public, DEMO, email, EMAIL_CODE)
    assert (right.status, right.body) == (200, {"state": "active"})

    me = people.sign_in("demo", email, PASSWORD).api.get("/v1/me")
    assert (me["email"], me["role"], me["state"], me["country"]) == (email, "customer", "active", "TR")
    assert me["terms_version"] == public.get(DEMO)["terms_version"]
    assert me["terms_accepted_at"] is not None


def test_the_same_address_is_two_people_on_two_platforms(
    stack: RunningStack, public: Api, email: str
) -> None:
    people = People(stack.document())
    ids = set()
    for platform_id, name in (("demo", "Aslı"), ("demo-sandbox", "Aslı Hanım")):
        person = people.sign_up(platform_id, name, email, f"{PASSWORD}-{platform_id}", country="TR")
        assert person.name == name
        ids.add(person.id)
    assert len(ids) == 2
    with pytest.raises(ClientError, match="NotAuthorized"):
        people.sign_in("demo", email, f"{PASSWORD}-demo-sandbox")


def test_an_address_that_is_taken_is_nobody_else_s(public: Api, stack: RunningStack, email: str) -> None:
    People(stack.document()).sign_up("demo", "Aslı", email, PASSWORD, country="TR")
    for written in (email, email.upper()):
        again = public.call(
            "POST", f"{DEMO}/sign-up", someone(public, written) | {"password": "another-1-one"}
        )
        assert (again.status, again.code) == (409, "EMAIL_TAKEN")
    twice = verify(public, DEMO, email, EMAIL_CODE)
    assert (twice.status, twice.code) == (409, "ACCOUNT_ALREADY_VERIFIED")


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"password": "short-1"}, "PASSWORD_TOO_WEAK", "password"),
        ({"password": "NO-LOWER-CASE-1"}, "PASSWORD_TOO_WEAK", "password"),
        ({"password": "no-digits-at-all"}, "PASSWORD_TOO_WEAK", "password"),
        ({"terms_version": "of last year"}, "TERMS_NOT_ACCEPTED", "terms_version"),
        ({"email": "no address"}, "INVALID", "email"),
        ({"country": "XX"}, "UNKNOWN_COUNTRY", "country"),
        ({"locale": "xx"}, "INVALID", "locale"),
        ({"role": "admin"}, "UNKNOWN_FIELD", "role"),
        ({"platform_id": "demo-sandbox"}, "UNKNOWN_FIELD", "platform_id"),
    ],
)
def test_what_cannot_be_accepted_names_its_field(
    stack: RunningStack, public: Api, email: str, changed: dict[str, str], code: str, field: str
) -> None:
    reply = public.call("POST", f"{DEMO}/sign-up", someone(public, email) | changed)
    assert (reply.status, reply.code, reply.body["errors"][0]["field"]) == (422, code, field)
    cognito, username = stack.client("cognito-idp"), f"demo:{email}"
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.admin_get_user(UserPoolId=stack.outputs["UserPoolId"], Username=username)


def test_a_code_that_was_asked_for_again_is_as_good(stack: RunningStack, public: Api, email: str) -> None:
    public.post(f"{DEMO}/sign-up", someone(public, email))
    assert public.post(f"{DEMO}/resend-code", {"email": email}) == {"state": "unverified"}
    assert verify(public, DEMO, email, EMAIL_CODE).status == 200


def test_nobody_learns_whether_an_address_has_signed_up(public: Api, email: str) -> None:
    assert public.post(f"{DEMO}/resend-code", {"email": email}) == {"state": "unverified"}
    unknown = verify(public, DEMO, email, EMAIL_CODE)
    public.post(f"{DEMO}/sign-up", someone(public, email))
    wrong = verify(public, DEMO, email, "999999")
    assert (unknown.status, unknown.body) == (wrong.status, wrong.body)


def test_e41_an_admin_adds_a_customer_by_hand_and_a_mail_invites_him(stack: RunningStack, email: str) -> None:
    """He becomes active with his first call, in the country and role that the admin gave him."""
    tenant = Tenant.create(stack, f"adding-{uuid4().hex[:8]}")
    customer = tenant.add("customer", "Bahar", country="DE", locale="en", email=email)
    (invitation,) = mails_to(stack, email)
    assert f"{tenant.id}:{email}" in invitation["BodyText"]
    listed = tenant.admin.api.get("/v1/admin/customers")["items"]
    assert [(each["id"], each["state"], each["country"]) for each in listed] == [
        (customer.id, "active", "DE")
    ]
    assert customer.api.get("/v1/me")["role"] == "customer"
    taken = {"email": email, "name": "Bahar", "country": "DE", "locale": "en"}
    reply = tenant.admin.api.call("POST", "/v1/admin/customers", taken)
    assert (reply.status, reply.code) == (409, "EMAIL_TAKEN")
