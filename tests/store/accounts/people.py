"""What the tests of accounts share: a user pool in moto, taught what moto leaves out, and requests."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from moto.cognitoidp.models import check_secret_hash, cognitoidp_backends
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import EmptyResult

from chalicelib.accounts.service import Accounts
from chalicelib.accounts.sign_up import SignUps
from chalicelib.accounts.views import PersonRequest, ResendCodeRequest, SignUpRequest, VerifyEmailRequest
from chalicelib.core.actor import Actor, public
from chalicelib.core.permissions import Role
from chalicelib.platforms.service import Platforms
from chalicelib.table.operation import Operation

CODE = "123456"


@dataclass
class Pool:
    """``raises`` maps an operation of Cognito to the error code that it answers with."""

    id: str
    client_id: str
    codes_sent: list[str] = field(default_factory=list)
    raises: dict[str, str] = field(default_factory=dict)

    @property
    def backend(self) -> Any:
        return cognitoidp_backends["123456789012"]["eu-central-1"].user_pools[self.id]

    def user(self, name: str) -> Any:
        return self.backend._get_user(name)

    def status(self, name: str) -> str:
        return str(self.user(name).status.value)

    def groups(self, name: str) -> set[str]:
        return {group.group_name for group in self.user(name).groups}

    def sub(self, name: str) -> str:
        return str(self.user(name).id)


@dataclass
class World:
    platforms: Platforms
    accounts: Accounts
    sign_ups: SignUps
    pool: Pool


def open_pool(patch: pytest.MonkeyPatch) -> Pool:
    """A user pool as the template makes it, which the product's settings name until ``patch`` is undone."""
    from chalicelib import aws
    from chalicelib.settings import settings

    cognito = aws.client("cognito-idp")
    policy = {"MinimumLength": 10, "RequireLowercase": True, "RequireNumbers": True}
    off = {"RequireSymbols": False, "RequireUppercase": False}
    pool_id = cognito.create_user_pool(
        PoolName="people",
        Policies={"PasswordPolicy": policy | off},
        AutoVerifiedAttributes=["email"],
        Schema=[
            {"Name": name, "AttributeDataType": "String", "Mutable": name != "platform"}
            for name in ("platform", "country", "terms")
        ],
    )["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="sign-up", GenerateSecret=True)
    for role in Role:
        cognito.create_group(UserPoolId=pool_id, GroupName=role.value)
    patch.setitem(os.environ, "USER_POOL_ID", pool_id)
    patch.setitem(os.environ, "SIGN_UP_CLIENT_ID", client["UserPoolClient"]["ClientId"])
    settings.cache_clear()
    made = Pool(pool_id, client["UserPoolClient"]["ClientId"])
    teach(patch, made)
    return made


def teach(patch: pytest.MonkeyPatch, pool: Pool) -> None:
    """Codes that can be wrong, users who cannot be confirmed twice, the server's proof, and failures on demand."""
    plain = CognitoIdpResponse
    confirmed, call_action = plain.confirm_sign_up, plain.call_action

    def confirm(call: Any) -> Any:
        _check_code(pool.user(call._get_param("Username")), call._get_param("ConfirmationCode"))
        return confirmed(call)

    def resend(call: Any) -> Any:
        pool.codes_sent.append(call._get_param("Username"))
        return EmptyResult()

    def failing(call: Any) -> Any:
        if call._get_action() in pool.raises:
            raise JsonRESTError(pool.raises[call._get_action()], "the pool was told to say so")
        return call_action(call)

    patch.setattr(plain, "sign_up", _proved(pool, plain.sign_up))
    patch.setattr(plain, "confirm_sign_up", _proved(pool, confirm))
    patch.setattr(plain, "resend_confirmation_code", _proved(pool, resend), raising=False)
    patch.setattr(plain, "call_action", failing)


def _check_code(user: Any, code: str) -> None:
    if user is None:
        raise JsonRESTError("UserNotFoundException", "Username/client id combination not found.")
    if user.status.value != "UNCONFIRMED":
        message = f"User cannot be confirmed. Current status is {user.status.value}"
        raise JsonRESTError("NotAuthorizedException", message)
    if code != CODE:
        raise JsonRESTError("CodeMismatchException", "Invalid verification code provided.")


def _proved(pool: Pool, action: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def checked(call: Any) -> Any:
        name, client_id = call._get_param("Username"), call._get_param("ClientId")
        secret = pool.backend.clients[client_id].secret
        if not check_secret_hash(secret, client_id, name, call._get_param("SecretHash")):
            raise JsonRESTError("NotAuthorizedException", "Unable to verify secret hash for client")
        return action(call)

    return checked


def stranger(key: str, input_hash: str = "h", platform_id: str = "danisma") -> Operation:
    return Operation(actor=public(platform_id), name="public", key=key, input_hash=input_hash)


def admin(key: str, input_hash: str = "h", platform_id: str = "danisma") -> Operation:
    actor = Actor(id="the-admin", platform_id=platform_id, roles=frozenset({Role.ADMIN}))
    return Operation(actor=actor, name="admin", key=key, input_hash=input_hash)


PASSWORD = "correct horse 42"
AYSE = "danisma:ayse@example.com"


def sign_up_request(**changed: Any) -> SignUpRequest:
    given = {
        "email": "Ayse@Example.com",
        "password": PASSWORD,
        "name": "Ayşe",
        "country": "TR",
        "locale": "tr",
    }
    return SignUpRequest(**(given | {"terms_version": "1"} | changed))


def verify_request(code: str = CODE, email: str = "ayse@example.com") -> VerifyEmailRequest:
    return VerifyEmailRequest(email=email, code=code)


def resend_request(email: str = "ayse@example.com") -> ResendCodeRequest:
    return ResendCodeRequest(email=email)


def person(**changed: Any) -> PersonRequest:
    given = {"email": "ayse@example.com", "name": "Ayşe", "country": "TR", "locale": "tr"}
    return PersonRequest(**(given | changed))
