"""Signing up, verifying the address and asking for another code, on a pool and a table in moto."""

import pytest

from chalicelib import aws
from chalicelib.accounts.model import AccountState, TermsNotAccepted
from chalicelib.accounts.views import ListQuery
from chalicelib.adapters.identity import CognitoIdentity
from chalicelib.core.countries import UnknownCountry
from chalicelib.core.errors import Busy, UpstreamFailed, UpstreamTimeout
from chalicelib.core.identity import (
    AccountAlreadyVerified,
    CodeExpired,
    CodeWrong,
    EmailInvalid,
    EmailTaken,
    NewPerson,
    PasswordTooWeak,
    TooManyAttempts,
)
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import PlatformNotFound
from chalicelib.settings import settings
from chalicelib.table.operation import IdempotencyKeyReused
from tests.faults import FaultLayer, Killed, count_calls, faults
from tests.store.accounts.people import (
    AYSE,
    PASSWORD,
    World,
    admin,
    person,
    resend_request,
    sign_up_request,
    stranger,
    verify_request,
)


def customers(world: World, platform_id: str = "danisma") -> list:
    return world.accounts.people(platform_id, Role.CUSTOMER, ListQuery()).items


def test_a_customer_signs_up_and_begins_when_the_address_is_verified(world, moving_clock) -> None:
    answer = world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    assert answer.body == b'{"state":"unverified"}'
    assert customers(world) == []
    assert world.pool.groups(AYSE) == set()

    answer = world.sign_ups.verify_email(stranger("k2"), verify_request())
    assert answer.body == b'{"state":"active"}'
    (ayse,) = customers(world)
    assert ayse == world.accounts.customer("danisma", world.pool.sub(AYSE))
    assert (ayse.email, ayse.name, ayse.country, ayse.locale) == ("ayse@example.com", "Ayşe", "TR", "tr")
    assert (ayse.role, ayse.state, ayse.terms_version) == (Role.CUSTOMER, AccountState.ACTIVE, "1")
    assert ayse.terms_accepted_at is not None
    assert ayse.created_at == moving_clock.instant
    assert world.pool.groups(AYSE) == {"customer"}
    lookup = world.pool.user(AYSE).attribute_lookup
    assert (lookup["custom:platform"], lookup["custom:country"]) == ("danisma", "TR")


def test_one_address_may_be_a_customer_of_two_platforms(world) -> None:
    for platform_id in ("danisma", "klinik"):
        world.sign_ups.sign_up(stranger("k1", platform_id=platform_id), sign_up_request())
        world.sign_ups.verify_email(stranger("k2", platform_id=platform_id), verify_request())
    (first,), (second,) = customers(world), customers(world, "klinik")
    assert first.id != second.id


@pytest.mark.parametrize(
    ("changed", "refusal", "field"),
    [
        ({"terms_version": "0"}, TermsNotAccepted, "terms_version"),
        ({"password": "short1"}, PasswordTooWeak, "password"),
        ({"password": "onlyletters"}, PasswordTooWeak, "password"),
        ({"country": "XX"}, UnknownCountry, "country"),
    ],
)
def test_a_sign_up_is_refused_and_leaves_nothing(world, changed, refusal, field) -> None:
    with pytest.raises(refusal) as refused:
        world.sign_ups.sign_up(stranger("k1"), sign_up_request(**changed))
    assert refused.value.field == field
    assert world.pool.user(AYSE) is None
    world.sign_ups.sign_up(stranger("k1"), sign_up_request())


def test_terms_that_are_refused_name_the_present_ones(world) -> None:
    with pytest.raises(TermsNotAccepted) as refused:
        world.sign_ups.sign_up(stranger("k1"), sign_up_request(terms_version="0"))
    assert refused.value.extra == {"present_terms_version": "1"}


@pytest.mark.parametrize("platform_id", ["no-such", "", "UPPER", "a#b", "x" * 3000])
def test_there_is_no_platform(world, platform_id) -> None:
    operation = stranger("k1", platform_id=platform_id)
    for ask in (
        lambda: world.sign_ups.sign_up(operation, sign_up_request()),
        lambda: world.sign_ups.verify_email(operation, verify_request()),
        lambda: world.sign_ups.resend_code(operation, resend_request()),
        lambda: world.accounts.public_experts(platform_id, ListQuery()),
    ):
        with pytest.raises(PlatformNotFound):
            ask()


def test_a_verified_address_is_taken(world) -> None:
    world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    world.sign_ups.verify_email(stranger("k2"), verify_request())
    sub = world.pool.sub(AYSE)
    with pytest.raises(EmailTaken) as refused:
        world.sign_ups.sign_up(stranger("k3"), sign_up_request(email="AYSE@example.com"))
    assert refused.value.field == "email"
    assert world.pool.sub(AYSE) == sub


def test_an_invited_address_is_taken(world) -> None:
    world.accounts.add_person(admin("k1"), Role.CUSTOMER, person())
    with pytest.raises(EmailTaken):
        world.sign_ups.sign_up(stranger("k2"), sign_up_request())
    assert world.pool.status(AYSE) == "FORCE_CHANGE_PASSWORD"


def test_an_address_that_is_known_to_cognito_alone_is_taken_too(world) -> None:
    world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    world.pool.user(AYSE).status = type(world.pool.user(AYSE).status).CONFIRMED
    with pytest.raises(EmailTaken):
        world.sign_ups.sign_up(stranger("k2"), sign_up_request())


def test_who_was_never_verified_may_sign_up_anew_with_another_password(world) -> None:
    world.sign_ups.sign_up(stranger("k1", "h1"), sign_up_request(name="Impostor"))
    first = world.pool.sub(AYSE)
    world.sign_ups.sign_up(stranger("k2", "h2"), sign_up_request(password="another horse 43"))
    assert world.pool.sub(AYSE) != first
    assert world.pool.user(AYSE).password == "another horse 43"
    world.sign_ups.verify_email(stranger("k3"), verify_request())
    assert [(one.id, one.name) for one in customers(world)] == [(world.pool.sub(AYSE), "Ayşe")]


def test_a_repeated_sign_up_is_answered_from_its_receipt(world) -> None:
    first = world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    sub = world.pool.sub(AYSE)
    again = world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    assert (again.body, again.replayed) == (first.body, True)
    assert world.pool.sub(AYSE) == sub
    with pytest.raises(IdempotencyKeyReused):
        world.sign_ups.sign_up(stranger("k1", "other"), sign_up_request(name="Other"))


def test_strangers_do_not_share_idempotency_keys(world) -> None:
    world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    other = world.sign_ups.sign_up(stranger("k1", "h2"), sign_up_request(email="ali@example.com"))
    assert other.replayed is False


def test_no_password_and_no_hash_of_one_is_kept(world) -> None:
    world.sign_ups.sign_up(stranger("k1", "the-input-hash"), sign_up_request())
    kept = str(aws.client("dynamodb").scan(TableName=settings().table_name)["Items"])
    assert "PLATFORM#danisma#RECEIPT#public:" in kept
    for secret in (PASSWORD, "the-input-hash", "ayse@example.com"):
        assert secret not in kept
    assert PASSWORD not in repr(sign_up_request())


def test_a_wrong_code_begins_nothing(world) -> None:
    world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    with pytest.raises(CodeWrong) as refused:
        world.sign_ups.verify_email(stranger("k2"), verify_request("999999"))
    assert refused.value.field == "code"
    assert customers(world) == []
    assert world.pool.status(AYSE) == "UNCONFIRMED"
    world.sign_ups.verify_email(stranger("k2"), verify_request())


def test_a_code_for_nobody_is_as_wrong_as_any(world) -> None:
    with pytest.raises(CodeWrong):
        world.sign_ups.verify_email(stranger("k1"), verify_request())


@pytest.mark.parametrize(
    ("answered", "refusal"),
    [
        ("ExpiredCodeException", CodeExpired),
        ("LimitExceededException", TooManyAttempts),
        ("TooManyFailedAttemptsException", TooManyAttempts),
        ("TooManyRequestsException", Busy),
    ],
)
def test_cognito_refuses_a_code(world, answered, refusal) -> None:
    world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    world.pool.raises["ConfirmSignUp"] = answered
    with pytest.raises(refusal):
        world.sign_ups.verify_email(stranger("k2"), verify_request())
    assert customers(world) == []


def test_mail_that_cannot_be_delivered_is_said_and_may_be_tried_again(world) -> None:
    world.pool.raises["SignUp"] = "CodeDeliveryFailureException"
    with pytest.raises(EmailInvalid) as refused:
        world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    assert refused.value.field == "email"
    world.pool.raises.clear()
    world.sign_ups.sign_up(stranger("k1"), sign_up_request())


def test_who_is_verified_cannot_be_verified_again(world) -> None:
    world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    first = world.sign_ups.verify_email(stranger("k2"), verify_request())
    assert world.sign_ups.verify_email(stranger("k2"), verify_request()).body == first.body
    for code in ("123456", "999999"):
        with pytest.raises(AccountAlreadyVerified):
            world.sign_ups.verify_email(stranger(f"k-{code}"), verify_request(code))
    assert len(customers(world)) == 1


def test_a_stranger_cannot_begin_the_account_of_an_invited_person(world) -> None:
    world.accounts.add_person(admin("k1"), Role.EXPERT, person())
    with pytest.raises(AccountAlreadyVerified):
        world.sign_ups.verify_email(stranger("k2"), verify_request())
    assert world.pool.groups(AYSE) == {"expert"}


def test_another_code_is_sent_to_who_waits_for_one_and_the_answer_tells_nothing(world) -> None:
    nobody = world.sign_ups.resend_code(stranger("k1"), resend_request("nobody@example.com"))
    world.sign_ups.sign_up(stranger("k2"), sign_up_request())
    waiting = world.sign_ups.resend_code(stranger("k3"), resend_request("Ayse@example.com"))
    assert nobody.body == waiting.body == b'{"state":"unverified"}'
    assert world.pool.codes_sent == [AYSE]
    world.sign_ups.verify_email(stranger("k4"), verify_request())
    with pytest.raises(AccountAlreadyVerified):
        world.sign_ups.resend_code(stranger("k5"), resend_request())


def test_a_sign_up_that_dies_anywhere_is_healed_by_repeating_it(world) -> None:
    def sign_up(email: str) -> None:
        world.sign_ups.sign_up(stranger("k1"), sign_up_request(email=email))

    sign_up("first@example.com")  # reads the client's secret, once for all
    calls = count_calls(lambda: sign_up("second@example.com"))
    assert "cognito-idp:SignUp" in calls
    for at in range(len(calls)):
        for fault in ("before", "after"):
            email = f"{fault}{at}@example.com"
            with faults(FaultLayer(at=at, fault=fault)), pytest.raises(Killed):
                sign_up(email)
            sign_up(email)
            world.sign_ups.verify_email(stranger("k2"), verify_request(email=email))
            assert [one.email for one in customers(world)].count(email) == 1
            assert world.accounts.customer("danisma", world.pool.sub(f"danisma:{email}")).email == email


def test_a_verification_that_dies_anywhere_is_healed_by_repeating_it(world) -> None:
    world.sign_ups.sign_up(stranger("k0"), sign_up_request())
    calls = count_calls(lambda: world.sign_ups.verify_email(stranger("k00"), verify_request()))
    assert "cognito-idp:AdminAddUserToGroup" in calls
    for at in range(len(calls)):
        for fault in ("before", "after"):
            email = f"{fault}{at}@example.com"
            world.sign_ups.sign_up(stranger("k1"), sign_up_request(email=email))
            with faults(FaultLayer(at=at, fault=fault)), pytest.raises(Killed):
                world.sign_ups.verify_email(stranger("k2"), verify_request(email=email))
            world.sign_ups.verify_email(stranger("k2"), verify_request(email=email))
            assert [one.email for one in customers(world)].count(email) == 1
            assert world.pool.groups(f"danisma:{email}") == {"customer"}


def test_who_was_forgotten_just_while_he_was_verified_still_has_one_account(world) -> None:
    """What is left when a second sign-up's deletion overtakes the table's yes, but not Cognito's."""
    world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    world.sign_ups.verify_email(stranger("k2"), verify_request())
    identity = CognitoIdentity()
    identity._delete(AYSE)
    ayse = NewPerson(
        platform_id="danisma",
        email="ayse@example.com",
        name="Ayşe",
        country="DE",
        locale="tr",
        terms_version="1",
    )
    identity.sign_up(ayse, PASSWORD)

    world.sign_ups.verify_email(stranger("k3"), verify_request())
    assert [(one.id, one.country) for one in customers(world)] == [(world.pool.sub(AYSE), "DE")]
    with pytest.raises(AccountAlreadyVerified):
        world.sign_ups.verify_email(stranger("k4"), verify_request())


def test_cognito_that_fails_is_somebody_elses_failure(world, monkeypatch) -> None:
    from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

    def failing(error: Exception) -> None:
        def fail(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(aws.client("cognito-idp"), "sign_up", fail, raising=False)

    broken = {"Error": {"Code": "InternalErrorException"}, "ResponseMetadata": {"HTTPStatusCode": 500}}
    for error, refusal in (
        (ClientError(broken, "SignUp"), UpstreamFailed),
        (EndpointConnectionError(endpoint_url="x"), UpstreamFailed),
        (ReadTimeoutError(endpoint_url="x"), UpstreamTimeout),
    ):
        failing(error)
        with pytest.raises(refusal):
            world.sign_ups.sign_up(stranger("k1"), sign_up_request())
    unknown = ClientError({"Error": {"Code": "InvalidLambdaResponseException"}}, "SignUp")
    failing(unknown)
    with pytest.raises(ClientError):
        world.sign_ups.sign_up(stranger("k1"), sign_up_request())
