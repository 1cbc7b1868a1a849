"""The document says what the routes declare, and validates."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import pytest
from chalice import Chalice, Response
from chalice.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from chalicelib.core.errors import Conflict
from chalicelib.core.permissions import Permission
from chalicelib.web import openapi
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call


class PenColour(StrEnum):
    RED = "red"


class PenBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(max_length=10, description="As buyers see it.")]
    colour: PenColour | None = None


class PenQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    colour: PenColour | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50


class PenView(msgspec.Struct, frozen=True, kw_only=True):
    """A pen as ``buyers`` see it."""

    name: str
    sold_at: datetime
    refilled_at: datetime | None
    version: int


class PenPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[PenView]
    days: list[datetime]
    first: PenView | None


class OutOfInk(Conflict):
    code = "TEST_OUT_OF_INK"
    message = "The pen is empty."


def pens() -> Blueprint:
    routes = Blueprint("pens")

    @routes.get("/v1/pens", permission=Permission.ORDERS_READ, query=PenQuery, answer=PenPage)
    def list_pens(call: Call[None, PenQuery]) -> PenPage:
        """List the pens.

        Newest first, by ``sold_at``.
        """
        return PenPage(items=[], days=[], first=None)

    @routes.put(
        "/v1/pens/{pen_id}",
        permission=Permission.CATALOGUE_EDIT,
        body=PenBody,
        answer=PenView,
        if_match=True,
        errors=(OutOfInk,),
    )
    def edit_pen(call: Call[PenBody, None]) -> PenView:
        """Edit a pen."""
        return PenView(name="a", sold_at=datetime.now(UTC), refilled_at=None, version=1)

    @routes.delete("/v1/pens/{pen_id}", permission=Permission.CATALOGUE_EDIT, status=204)
    def delete_pen(call: Call[None, None]) -> None:
        """Delete a pen."""

    @routes.post("/v1/webhooks/{platform_id}/pens", permission=Permission.PUBLIC, raw=True)
    def receive_pen(call: Call[None, None]) -> None:
        """Take a vendor's word."""

    @routes.get("/v1/pens/{pen_id}/page", permission=Permission.PUBLIC, raw=True, html=True)
    def look_at_pen(call: Call[None, None]) -> Response:
        """Look at a pen."""
        return Response("<p>A pen.</p>", {"Content-Type": "text/html"})

    return routes


@pytest.fixture
def document() -> dict[str, Any]:
    return openapi.document([pens()])


def names(operation: dict[str, Any], place: str) -> dict[str, bool]:
    return {each["name"]: each["required"] for each in operation["parameters"] if each["in"] == place}


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document, cls=OpenAPIV31SpecValidator)
    assert document["openapi"].startswith("3.1")


def test_a_query_becomes_parameters_and_no_component(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/pens"]["get"]
    assert names(operation, "query") == {"colour": False, "limit": False}
    limit = next(each for each in operation["parameters"] if each["name"] == "limit")
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}
    assert sorted(document["components"]["schemas"]) == [
        "FieldProblem",
        "PenBody",
        "PenColour",
        "PenPage",
        "PenView",
        "Problem",
    ]


def test_an_operation_has_its_views_name_and_words(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/pens"]["get"]
    assert operation["operationId"] == "list_pens"
    assert (operation["summary"], operation["description"]) == (
        "List the pens",
        "Newest first, by `sold_at`.",
    )
    assert (operation["tags"], operation["x-permission"]) == (["pens"], "orders:read")


def test_only_public_routes_are_without_security(document: dict[str, Any]) -> None:
    assert document["paths"]["/v1/pens"]["get"]["security"] == [{"idToken": []}]
    assert document["paths"]["/v1/webhooks/{platform_id}/pens"]["post"]["security"] == []


def test_a_write_demands_its_key_and_an_edit_its_version(document: dict[str, Any]) -> None:
    path = document["paths"]["/v1/pens/{pen_id}"]
    assert names(path["put"], "header") == {"Idempotency-Key": True, "If-Match": True}
    assert names(path["delete"], "header") == {"Idempotency-Key": True}
    assert names(document["paths"]["/v1/webhooks/{platform_id}/pens"]["post"], "header") == {}
    assert names(document["paths"]["/v1/pens"]["get"], "header") == {}


def test_a_body_and_an_answer_are_the_very_schemas_that_validate(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/pens/{pen_id}"]["put"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/PenBody"}
    schema = document["components"]["schemas"]["PenBody"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["name"]["maxLength"] == 10
    success = operation["responses"]["200"]
    assert success["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/PenView"}
    assert sorted(success["headers"]) == ["ETag", "Idempotency-Replayed"]


def test_a_deletion_answers_nothing(document: dict[str, Any]) -> None:
    assert "content" not in document["paths"]["/v1/pens/{pen_id}"]["delete"]["responses"]["204"]


def test_each_route_tells_the_refusals_that_it_can_give(document: dict[str, Any]) -> None:
    put = document["paths"]["/v1/pens/{pen_id}"]["put"]["responses"]
    assert sorted(put) == [
        "200",
        "400",
        "401",
        "403",
        "404",
        "409",
        "412",
        "413",
        "415",
        "422",
        "428",
        "503",
        "default",
    ]
    assert "`TEST_OUT_OF_INK`" in put["409"]["description"]
    assert sorted(document["paths"]["/v1/pens"]["get"]["responses"]) == [
        "200",
        "401",
        "403",
        "422",
        "default",
    ]
    problem = put["409"]["content"]["application/problem+json"]["schema"]
    assert problem == {"$ref": "#/components/schemas/Problem"}


def test_each_refusal_is_told_with_its_own_code(document: dict[str, Any]) -> None:
    put = document["paths"]["/v1/pens/{pen_id}"]["put"]["responses"]
    assert "`IDEMPOTENCY_KEY_REQUIRED`" in put["400"]["description"]
    assert "`MALFORMED_JSON`" in put["400"]["description"]
    assert "`IDEMPOTENCY_KEY_REUSED`" in put["409"]["description"]
    assert "`STALE_EDIT`" in put["412"]["description"]


def test_an_instant_says_that_it_is_one(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    instant = {"type": "string", "format": "date-time"}
    pen, page = schemas["PenView"]["properties"], schemas["PenPage"]["properties"]
    assert pen["sold_at"] == instant
    assert pen["refilled_at"] == {"anyOf": [instant, {"type": "null"}]}
    assert page["days"] == {"type": "array", "items": instant}
    assert pen["name"] == {"type": "string"}


def test_words_are_markdown(document: dict[str, Any]) -> None:
    assert document["components"]["schemas"]["PenView"]["description"] == "A pen as `buyers` see it."


def test_two_views_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="both called list_pens"):
        openapi.document([pens(), pens()])


def test_the_document_is_served_to_anyone_and_describes_itself() -> None:
    app = Chalice(app_name="test")
    described = pens()
    app.register_blueprint(described)
    app.register_blueprint(openapi.blueprint([described]))
    with Client(app) as client:
        response = client.http.get("/v1/openapi.json")
    served = json.loads(response.body)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert {"/v1/openapi.json", "/v1/pens"} <= set(served["paths"])
    validate(served, cls=OpenAPIV31SpecValidator)


def test_a_page_is_html_leads_on_or_is_refused_in_html_too(document: dict[str, Any]) -> None:
    responses = document["paths"]["/v1/pens/{pen_id}/page"]["get"]["responses"]
    assert list(responses["200"]["content"]) == ["text/html"]
    assert list(responses["303"]["headers"]) == ["Location"]
    assert sorted(responses["404"]["content"]) == ["application/problem+json", "text/html"]
