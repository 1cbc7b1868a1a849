"""What the operator does by hand, through the product's own services."""

import sys
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.accounts.views import ListQuery
from chalicelib.core.identity import EmailTaken
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import PlatformExists, PlatformIdInvalid
from infra import operate
from tests.store.accounts.people import AYSE, PASSWORD, World, person

WHO = ["--email", "Ayse@example.com", "--person-name", "Ayşe", "--country", "TR", "--locale", "tr"]


@pytest.fixture(autouse=True)
def _on_moto(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line names a stack, whose environment the tests have set already."""
    monkeypatch.setattr(operate, "environment_in_aws", lambda stack, region: {})
    monkeypatch.setattr(wiring, "platforms", lambda: world.platforms)
    monkeypatch.setattr(wiring, "accounts", lambda: world.accounts)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    command = ["operate", "--stack", "seans-x", "--region", "eu-central-1", *arguments]
    monkeypatch.setattr(sys, "argv", command)
    operate.main()


def test_a_platform_is_made_with_its_first_admin(world: World, monkeypatch: Any) -> None:
    run(monkeypatch, "create-platform", "salon", "--name", "Salon", "--sandbox", *WHO)
    assert world.platforms.get("salon").sandbox
    (admin,) = world.accounts.people("salon", Role.ADMIN, ListQuery()).items
    assert (admin.email, admin.state) == ("ayse@example.com", "invited")
    assert world.pool.groups("salon:ayse@example.com") == {"admin"}


def test_somebody_is_added_to_a_platform_that_there_is(world: World, monkeypatch: Any) -> None:
    run(monkeypatch, "add-person", "danisma", "--role", "expert", "--share-basis-points", "6500", *WHO)
    (expert,) = world.accounts.people("danisma", Role.EXPERT, ListQuery()).items
    assert expert.share_basis_points == 6500


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["create-platform", "danisma", "--name", "x", *WHO], "PLATFORM_EXISTS"),
        (["create-platform", "Not An Id", "--name", "x", *WHO], "PLATFORM_ID_INVALID"),
        (["create-platform", "salon", "--name", "x", *WHO, "--email", "nonsense"], "INVALID"),
        (["add-person", "salon", "--role", "admin", *WHO], "PLATFORM_NOT_FOUND"),
        (["add-person", "danisma", "--role", "admin", *WHO, "--country", "XX"], "UNKNOWN_COUNTRY"),
    ],
)
def test_a_refusal_is_one_line(world: World, monkeypatch: Any, arguments: list[str], code: str) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, *arguments)
    assert str(ended.value).startswith(f"{code}: ")
    assert [one.id for one in world.platforms.all()] == ["danisma", "klinik"]


def test_the_seed_makes_platforms_and_people_with_passwords(world: World) -> None:
    assert operate.create_platform("salon", "Salon", sandbox=False).id == "salon"
    with pytest.raises(PlatformExists):
        operate.create_platform("salon", "Salon", sandbox=False)
    with pytest.raises(PlatformIdInvalid):
        operate.create_platform("s", "Salon", sandbox=False)
    operate.add_person("danisma", Role.ADMIN, person(), PASSWORD)
    assert world.pool.status(AYSE) == "CONFIRMED"
    with pytest.raises(EmailTaken):
        operate.add_person("danisma", Role.CUSTOMER, person(), PASSWORD)
