"""A route's declaration is what is done: the caller, what he sends, and the answer's headers."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import pytest
from chalice import Chalice, Response
from chalice.test import Client

from chalicelib.core.errors import Conflict
from chalicelib.core.permissions import Permission
from chalicelib.table.operation import Answer
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.call import Call


class ThingBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(max_length=10)]


class ThingQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50


class ThingView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    version: int


class Refused(Conflict):
    code = "TEST_REFUSED"


def things() -> Blueprint:
    routes = Blueprint("things")

    @routes.get("/v1/things", permission=Permission.ORDERS_READ, query=ThingQuery)
    def list_things(call: Call[None, ThingQuery]) -> dict[str, int]:
        return {"limit": call.query.limit}

    @routes.post("/v1/things", permission=Permission.CATALOGUE_EDIT, body=ThingBody, status=201)
    def create_thing(call: Call[ThingBody, None]) -> Answer:
        view = ThingView(name=call.body.name, version=1)
        return Answer(body=msgspec.json.encode(view), replayed=call.operation.key == "again")

    @routes.put("/v1/things/{thing_id}", permission=Permission.CATALOGUE_EDIT, body=ThingBody, if_match=True)
    def edit_thing(call: Call[ThingBody, None]) -> ThingView:
        return ThingView(name=call.path["thing_id"], version=call.edited_version + 1)

    @routes.delete("/v1/things/{thing_id}", permission=Permission.CATALOGUE_EDIT, status=204)
    def delete_thing(call: Call[None, None]) -> None:
        return None

    @routes.get("/v1/public/{platform_id}/things", permission=Permission.PUBLIC)
    def public_things(call: Call[None, None]) -> dict[str, str]:
        if call.actor.platform_id == "closed":
            raise Refused(field="platform_id")
        return {"platform_id": call.actor.platform_id, "actor": call.actor.id}

    @routes.post("/v1/webhooks/{platform_id}", permission=Permission.PUBLIC, raw=True)
    def receive(call: Call[None, None]) -> Response:
        return Response(call.raw_body.hex(), {"Content-Type": "text/plain"}, 200)

    return routes


class As:
    """A caller of one role, as the gateway presents him."""

    def __init__(self, client: Client, group: str) -> None:
        claims = {"sub": "s1", "custom:platform": "p1", "token_use": "id", "cognito:groups": group}
        self.client, self.context = client, {"authorizer": {"claims": claims}}

    def __call__(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        sent = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): text for name, text in headers.items()
        }
        gateway = self.client.http._local_gateway
        claims = self.context
        create_event = gateway._generate_lambda_event

        def with_claims(*arguments: Any) -> Any:
            event = create_event(*arguments)
            event["requestContext"] |= claims
            return event

        gateway._generate_lambda_event = with_claims
        gateway._authorizer.authorize = lambda raw_path, event, context: (event, context)
        try:
            return self.client.http.request(method, path, headers=sent, body=body)
        finally:
            gateway._generate_lambda_event = create_event


@pytest.fixture
def client() -> Iterator[Client]:
    app = Chalice(app_name="test")
    app.register_blueprint(things())
    with Client(app) as client:
        yield client


@pytest.fixture
def admin(client: Client) -> As:
    return As(client, "admin")


@pytest.fixture
def customer(client: Client) -> As:
    return As(client, "customer")


def code(response: Any) -> tuple[int, str]:
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code, json.loads(response.body)["code"]


def test_a_role_without_the_permission_is_refused(customer: As) -> None:
    assert code(customer("POST", "/v1/things", b'{"name": "a"}', Idempotency_Key="k")) == (403, "FORBIDDEN")


def test_a_caller_without_a_role_is_refused(client: Client) -> None:
    assert code(As(client, "")("GET", "/v1/things")) == (403, "FORBIDDEN")


def test_an_answer_of_an_operation_has_its_status_and_its_etag(admin: As) -> None:
    response = admin("POST", "/v1/things", b'{"name": "a"}', Idempotency_Key="k")
    assert (response.status_code, response.headers["ETag"]) == (201, '"1"')
    assert "Idempotency-Replayed" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json_body == {"name": "a", "version": 1}


def test_an_answer_given_again_says_so(admin: As) -> None:
    response = admin("POST", "/v1/things", b'{"name": "a"}', Idempotency_Key="again")
    assert response.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/things"), ("DELETE", "/v1/things/t1")])
def test_every_write_needs_an_idempotency_key_even_if_its_view_never_asks(
    admin: As, method: str, path: str
) -> None:
    assert code(admin(method, path, b'{"name": "a"}')) == (400, "IDEMPOTENCY_KEY_REQUIRED")


def test_an_edit_that_declares_it_needs_if_match(admin: As) -> None:
    edit = ("PUT", "/v1/things/t1", b'{"name": "a"}')
    assert code(admin(*edit, Idempotency_Key="k")) == (428, "IF_MATCH_REQUIRED")
    assert code(admin(*edit, Idempotency_Key="k", If_Match="x")) == (400, "IF_MATCH_MALFORMED")
    assert admin(*edit, Idempotency_Key="k", If_Match='"4"').headers["ETag"] == '"5"'


def test_a_body_is_read_strictly(admin: As) -> None:
    sent = {"Idempotency_Key": "k"}
    assert code(admin("POST", "/v1/things", b'{"name": 1e999}', **sent)) == (400, "MALFORMED_JSON")
    assert code(admin("POST", "/v1/things", b'{"nome": "a"}', **sent))[0] == 422
    assert code(admin("POST", "/v1/things", b'{"name": "a", "x": 1}', **sent)) == (422, "UNKNOWN_FIELD")
    assert code(admin("POST", "/v1/things", b'{"name": "12345678901"}', **sent)) == (422, "INVALID")
    assert code(admin("POST", "/v1/things", b"{}", Content_Type="text/plain", **sent))[0] == 415


def test_a_query_is_read_strictly(customer: As) -> None:
    assert customer("GET", "/v1/things?limit=7").json_body == {"limit": 7}
    assert code(customer("GET", "/v1/things?limit=0")) == (422, "INVALID")
    assert code(customer("GET", "/v1/things?limits=7")) == (422, "UNKNOWN_FIELD")


@pytest.mark.parametrize("name", ["a%23b", "a%00b", "a%20b", "%C5%9F", "a" * 129])
def test_a_name_that_could_be_no_name_of_ours_is_not_found(admin: As, name: str) -> None:
    assert code(admin("DELETE", f"/v1/things/{name}", Idempotency_Key="k")) == (404, "NOT_FOUND")


def test_a_public_route_takes_the_platform_from_its_path(client: Client) -> None:
    assert client.http.get("/v1/public/p7/things").json_body == {"platform_id": "p7", "actor": "public"}
    assert code(client.http.get("/v1/public/closed/things")) == (409, "TEST_REFUSED")


def test_a_raw_route_gets_the_very_bytes_and_needs_no_key(client: Client) -> None:
    response = client.http.post(
        "/v1/webhooks/p1", headers={"Content-Type": "application/json"}, body=b"\xff\x00{"
    )
    assert response.body == b"ff007b"


def test_a_route_without_a_permission_cannot_be_declared() -> None:
    with pytest.raises(TypeError):
        Blueprint("things").get("/v1/things")(lambda call: None)


def test_a_protected_route_stands_behind_the_gateways_authorizer() -> None:
    app = Chalice(app_name="test")
    app.register_blueprint(things())
    for route in things().routes:
        entry = app.routes[route.path][route.method]
        assert (entry.authorizer is None) == (route.permission is Permission.PUBLIC), route.name
