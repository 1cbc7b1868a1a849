"""What the catalogue's routes add to its services: caching, and bodies that are refused at the door."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from chalicelib.catalogue.routes import blueprint
from chalicelib.catalogue.service import Shown
from chalicelib.catalogue.views import AppointmentPackageRequest, CatalogueView, CreditPackageRequest
from chalicelib.core.errors import Invalid
from chalicelib.core.permissions import Permission
from chalicelib.web.blueprint import answer
from chalicelib.web.body import convert

CREDIT = {"name": "x", "credits": 1, "price": {"amount": 1, "currency": "TRY"}, "country": "TR"}
APPOINTMENT = {
    "title": "x",
    "appointment_type": "online",
    "service": "video",
    "duration_minutes": 30,
    "credits": 1,
    "country": "TR",
    "currency": "TRY",
    "how_it_ends": "automatic",
    "when_it_ends": "scheduled_end",
}


class SevenTimesPublished:
    hidden = 0

    def published(self, platform_id: str, country: str, **_: Any) -> Shown:
        empty = CatalogueView.empty(country)
        return Shown(view=msgspec.structs.replace(empty, revision=7), hidden=self.hidden)


class TwoHidden(SevenTimesPublished):
    hidden = 2


def read_catalogue(headers: dict[str, str], catalogue: Any = None) -> Any:
    routes = blueprint(catalogue or SevenTimesPublished(), None, None, None).routes  # type: ignore[arg-type] - only one is called
    route = next(each for each in routes if each.name == "GET /v1/public/{platform_id}/catalogue")
    request = SimpleNamespace(
        uri_params={"platform_id": "p"}, query_params={"country": "TR"}, headers=headers, context={}
    )
    return answer(route, request)


def test_the_public_page_may_be_kept_for_a_minute_and_names_its_revision() -> None:
    response = read_catalogue({})
    assert (response.status_code, response.headers["ETag"]) == (200, '"7"')
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert msgspec.json.decode(response.body)["revision"] == 7


@pytest.mark.parametrize(("known", "status"), [('"7"', 304), ('W/"7"', 304), ('"6", "7"', 304), ('"6"', 200)])
def test_who_has_the_revision_gets_no_body(known: str, status: int) -> None:
    response = read_catalogue({"If-None-Match": known})
    assert (response.status_code, response.body == "") == (status, status == 304)


def test_e34_what_the_balance_hides_makes_another_page_of_the_same_revision() -> None:
    assert read_catalogue({"If-None-Match": '"7"'}, TwoHidden()).headers["ETag"] == '"7-2"'
    assert read_catalogue({"If-None-Match": '"7"'}, TwoHidden()).status_code == 200
    assert read_catalogue({"If-None-Match": '"7-2"'}, TwoHidden()).status_code == 304


def test_everything_but_the_public_page_is_for_admins() -> None:
    routes = blueprint(None, None, None, None).routes  # type: ignore[arg-type] - none is called
    for_admins = {Permission.CATALOGUE_EDIT, Permission.SETTINGS_EDIT}
    public = [route.name for route in routes if route.permission not in for_admins]
    assert public == ["GET /v1/public/{platform_id}/catalogue"]
    assert len(routes) == 23


@pytest.mark.parametrize(
    ("schema", "body", "changed", "field"),
    [
        (CreditPackageRequest, CREDIT, {"credits": 0}, "credits"),
        (CreditPackageRequest, CREDIT, {"credits": 1.5}, "credits"),
        (CreditPackageRequest, CREDIT, {"credits": "1"}, "credits"),
        (CreditPackageRequest, CREDIT, {"price": {"amount": 1.5, "currency": "TRY"}}, "price.amount"),
        (CreditPackageRequest, CREDIT, {"price": {"amount": 1, "currency": "TRY", "x": 1}}, "price.x"),
        (CreditPackageRequest, CREDIT, {"color": "red"}, "color"),
        (CreditPackageRequest, CREDIT, {"name": "x" * 121}, "name"),
        (AppointmentPackageRequest, APPOINTMENT, {"service": "telepathy"}, "service"),
        (AppointmentPackageRequest, APPOINTMENT, {"appointment_type": "hybrid"}, "appointment_type"),
        (AppointmentPackageRequest, APPOINTMENT, {"how_it_ends": "never"}, "how_it_ends"),
        (AppointmentPackageRequest, APPOINTMENT, {"when_it_ends": "never"}, "when_it_ends"),
        (AppointmentPackageRequest, APPOINTMENT, {"duration_minutes": 1441}, "duration_minutes"),
        (AppointmentPackageRequest, APPOINTMENT, {"expert_ids": ["a", "b#c"]}, "expert_ids[1]"),
        (AppointmentPackageRequest, APPOINTMENT, {"expert_ids": ["a"] * 91}, "expert_ids"),
    ],
)
def test_a_body_is_refused_with_the_path_of_what_is_wrong(
    schema: type[Any], body: dict[str, Any], changed: dict[str, Any], field: str
) -> None:
    assert convert(body, schema)
    with pytest.raises(Invalid) as refused:
        convert(body | changed, schema)
    assert refused.value.field == field
