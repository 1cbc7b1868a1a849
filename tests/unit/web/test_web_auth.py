"""From the gateway's claims to an actor: an ID token of a person of a platform, or nobody."""

import pytest

from chalicelib.core.errors import Unauthenticated
from chalicelib.core.permissions import Role
from chalicelib.web.auth import actor_of

CLAIMS = {"sub": "s1", "custom:platform": "p1", "token_use": "id", "custom:country": "TR"}


def context(**changes: object) -> dict[str, object]:
    claims = CLAIMS | {name.replace("__", ":"): value for name, value in changes.items()}
    return {"authorizer": {"claims": {name: value for name, value in claims.items() if value is not None}}}


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        ("admin,expert", {Role.ADMIN, Role.EXPERT}),
        ("[admin expert]", {Role.ADMIN, Role.EXPERT}),
        ("[customer]", {Role.CUSTOMER}),
        ("customer", {Role.CUSTOMER}),
        ("[]", set()),
        ("", set()),
        (None, set()),
        ("root,admins,ADMIN", set()),
        ("root,customer", {Role.CUSTOMER}),
    ],
)
def test_roles_come_from_the_groups_as_either_gateway_writes_them(
    groups: str | None, roles: set[Role]
) -> None:
    assert actor_of(context(cognito__groups=groups)).roles == roles


def test_the_person_his_platform_and_his_country_come_from_the_token() -> None:
    actor = actor_of(context(cognito__groups="customer"))
    assert (actor.id, actor.platform_id, actor.country) == ("s1", "p1", "TR")
    assert not actor.is_admin()


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(context(token_use="access"), id="access token"),
        pytest.param(context(token_use=None), id="no use told"),
        pytest.param(context(custom__platform=None), id="no platform"),
        pytest.param(context(custom__platform=""), id="empty platform"),
        pytest.param(context(sub=None), id="no subject"),
        pytest.param({"authorizer": {"claims": None}}, id="no claims"),
        pytest.param({"authorizer": {}}, id="no claims at all"),
        pytest.param({}, id="no authorizer"),
    ],
)
def test_claims_that_name_nobody_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(Unauthenticated):
        actor_of(bad)


def test_a_role_claimed_as_an_attribute_is_no_role() -> None:
    assert actor_of(context(custom__role="admin", cognito__groups="customer")).roles == {Role.CUSTOMER}
