"""Amazon Cognito as the keeper of passwords.

A user's name is ``platform:address``, and the platform is an attribute that only the server's own client may
write. Roles are groups. What a person typed at sign-up waits in the user's attributes until the address is
verified, so the table knows nothing of people who never came back.
"""

import base64
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from chalicelib import aws
from chalicelib.core.clock import to_millisecond
from chalicelib.core.errors import Busy, Refusal, UpstreamFailed, UpstreamTimeout
from chalicelib.core.identity import (
    AccountAlreadyVerified,
    CodeExpired,
    CodeWrong,
    EmailInvalid,
    EmailTaken,
    NewPerson,
    PasswordTooWeak,
    TooManyAttempts,
    VerifiedPerson,
)
from chalicelib.core.permissions import Role
from chalicelib.settings import settings

_TRIES = 3
_UNCONFIRMED, _CONFIRMED = "UNCONFIRMED", "CONFIRMED"
_EDITABLE = {"name", "locale", "custom:country"}
_REFUSALS: dict[str, tuple[type[Refusal], str | None]] = {
    "CodeDeliveryFailureException": (EmailInvalid, "email"),
    "CodeMismatchException": (CodeWrong, "code"),
    "ExpiredCodeException": (CodeExpired, "code"),
    "InvalidPasswordException": (PasswordTooWeak, "password"),
    "LimitExceededException": (TooManyAttempts, None),
    "TooManyFailedAttemptsException": (TooManyAttempts, None),
    "TooManyRequestsException": (Busy, None),
}


class CognitoIdentity:
    """Satisfies ``core.identity.Identity``."""

    def sign_up(self, person: NewPerson, password: str) -> None:
        """A user who is ``UNCONFIRMED`` belongs to nobody yet: the last one to sign up has the name.

        So nobody is kept out by a stranger, or lured in under the password that a stranger chose.
        """
        for _ in range(_TRIES):
            with _refusals():
                if self._signed_up(person, password):
                    return
            self._forget_unless_known(person.platform_id, person.email)
        raise Busy

    def confirm(self, platform_id: str, email: str, code: str, role: Role) -> VerifiedPerson:
        name = _username(platform_id, email)
        with _refusals():
            self._confirm_unless_done(name, code)
            user = self._user(name)
            attributes = _attributes(user)
            if user["UserStatus"] != _CONFIRMED or "custom:terms" not in attributes:
                raise AccountAlreadyVerified
            self._call("admin_add_user_to_group", Username=name, GroupName=role.value)
        return VerifiedPerson(
            id=attributes["sub"],
            name=attributes["name"],
            country=attributes["custom:country"],
            locale=attributes["locale"],
            terms_version=attributes["custom:terms"],
            signed_up_at=to_millisecond(user["UserCreateDate"].astimezone(UTC)),
        )

    def resend_code(self, platform_id: str, email: str) -> None:
        name = _username(platform_id, email)
        with _refusals():
            user = self._user_or_none(name)
            if user is None:
                return
            if user["UserStatus"] != _UNCONFIRMED:
                raise AccountAlreadyVerified
            _cognito().resend_confirmation_code(Username=name, **self._client_proof(name))

    def invite(self, person: NewPerson, role: Role, password: str | None = None) -> str:
        """A user that is there already, and whom the table does not know, was left by a crash: adopt him."""
        name = _username(person.platform_id, person.email)
        with _refusals():
            self._create_or_adopt(name, person, silent=password is not None)
            self._call("admin_add_user_to_group", Username=name, GroupName=role.value)
            if password is not None:
                self._call("admin_set_user_password", Username=name, Password=password, Permanent=True)
            return _attributes(self._user(name))["sub"]

    def keyed_hash(self, text: str) -> str:
        return hmac.new(self._client_secret.encode(), text.encode(), "sha256").hexdigest()

    def _signed_up(self, person: NewPerson, password: str) -> bool:
        name = _username(person.platform_id, person.email)
        try:
            _cognito().sign_up(
                Username=name, Password=password, UserAttributes=_written(person), **self._client_proof(name)
            )
        except ClientError as error:
            if _code(error) != "UsernameExistsException":
                raise
            return False
        return True

    def _forget_unless_known(self, platform_id: str, email: str) -> None:
        name = _username(platform_id, email)
        with _refusals():
            user = self._user_or_none(name)
            if user is None:
                return
            if user["UserStatus"] != _UNCONFIRMED:
                raise EmailTaken(field="email")
            self._delete(name)

    def _confirm_unless_done(self, name: str, code: str) -> None:
        try:
            _cognito().confirm_sign_up(Username=name, ConfirmationCode=code, **self._client_proof(name))
        except ClientError as error:
            if _code(error) == "UserNotFoundException":
                raise CodeWrong(field="code") from None
            if "current status is" not in str(error).lower():
                raise

    def _create_or_adopt(self, name: str, person: NewPerson, *, silent: bool) -> None:
        attributes = [*_written(person), {"Name": "email_verified", "Value": "true"}]
        how = {"MessageAction": "SUPPRESS"} if silent else {"DesiredDeliveryMediums": ["EMAIL"]}
        for _ in range(_TRIES):
            try:
                self._call("admin_create_user", Username=name, UserAttributes=attributes, **how)
            except ClientError as error:
                if _code(error) != "UsernameExistsException":
                    raise
            else:
                return
            user = self._user_or_none(name)
            if user is not None and user["UserStatus"] != _UNCONFIRMED:
                self._adopt(name, attributes)
                return
            self._delete(name)
        raise Busy

    def _adopt(self, name: str, attributes: list[dict[str, str]]) -> None:
        """What was given last holds; the address and the platform are in the user's very name."""
        editable = [given for given in attributes if given["Name"] in _EDITABLE]
        self._call("admin_update_user_attributes", Username=name, UserAttributes=editable)
        for role in Role:
            self._call("admin_remove_user_from_group", Username=name, GroupName=role.value)

    def _delete(self, name: str) -> None:
        try:
            self._call("admin_delete_user", Username=name)
        except ClientError as error:
            if _code(error) != "UserNotFoundException":
                raise

    def _user(self, name: str) -> dict[str, Any]:
        user: dict[str, Any] = self._call("admin_get_user", Username=name)
        return user

    def _user_or_none(self, name: str) -> dict[str, Any] | None:
        try:
            return self._user(name)
        except ClientError as error:
            if _code(error) != "UserNotFoundException":
                raise
            return None

    def _call(self, operation: str, **parameters: Any) -> Any:
        return getattr(_cognito(), operation)(UserPoolId=settings().user_pool_id, **parameters)

    def _client_proof(self, name: str) -> dict[str, str]:
        """What shows that the caller is the server: only its own client may say whose a new user is."""
        client_id = settings().sign_up_client_id
        digest = hmac.digest(self._client_secret.encode(), (name + client_id).encode(), "sha256")
        return {"ClientId": client_id, "SecretHash": base64.b64encode(digest).decode()}

    @cached_property
    def _client_secret(self) -> str:
        with _refusals():
            described = self._call("describe_user_pool_client", ClientId=settings().sign_up_client_id)
        secret: str = described["UserPoolClient"]["ClientSecret"]
        return secret


def _cognito() -> Any:
    return aws.client("cognito-idp")


def _username(platform_id: str, email: str) -> str:
    return f"{platform_id}:{email}"


def _written(person: NewPerson) -> list[dict[str, str]]:
    attributes = {
        "email": person.email,
        "name": person.name,
        "locale": person.locale,
        "custom:platform": person.platform_id,
        "custom:country": person.country,
    }
    if person.terms_version is not None:
        attributes["custom:terms"] = person.terms_version
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def _attributes(user: dict[str, Any]) -> dict[str, str]:
    return {given["Name"]: given["Value"] for given in user["UserAttributes"]}


def _code(error: ClientError) -> str:
    code: str = error.response["Error"]["Code"]
    return code


@contextmanager
def _refusals() -> Iterator[None]:
    """Cognito's errors in our words; what we have no word for is a mistake of ours, and stays as it is."""
    try:
        yield
    except ClientError as error:
        raise _refusal(error) from error
    except (ConnectTimeoutError, ReadTimeoutError) as error:
        raise UpstreamTimeout from error
    except EndpointConnectionError as error:
        raise UpstreamFailed from error


def _refusal(error: ClientError) -> Exception:
    code, message = _code(error), str(error).lower()
    if code == "InvalidParameterException" and "password" in message:
        return PasswordTooWeak(field="password")
    if code == "InvalidParameterException" and "email" in message:
        return EmailInvalid(field="email")
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400) >= 500:
        return UpstreamFailed()
    if code not in _REFUSALS:
        return error
    refusal, field = _REFUSALS[code]
    return refusal(field=field)
