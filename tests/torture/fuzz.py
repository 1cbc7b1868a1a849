"""A thousand cases of each operation, made of the API's own document, at the very handler in this process.

What stands before the handler, the gateway and its authorizer, is fuzzed over HTTP by ``tests/deployed/test_fuzz.py``.
"""

import base64
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from msgspec.structs import replace
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

import app
from chalicelib.platforms.model import Platform
from chalicelib.platforms.store import PlatformItem
from chalicelib.table import keys, read, transact
from chalicelib.web.blueprint import Route
from infra.bench.events import proxy_event
from tests.fuzzing import ROUTES, Fuzzed, document, fuzz
from tests.torture.world import _CONTEXT, LIVE, Person, World

BASE_URL = "http://handler.test"
SINCE, UNTIL = "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z"
_FRESH_AFTER = 25  # cases in one world: what they make would slow down those that come after


class InProcess(BaseAdapter):
    """Gives each request to the handler as the gateway does. A token is the id of one of ``people``."""

    def __init__(self, people: dict[str, Person]) -> None:
        super().__init__()
        self._people = people
        self.sent = 0

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        self.sent += 1
        url = urlsplit(str(request.url))
        resource, path = self._resource(str(request.method), url.path)
        response = requests.Response()
        response.request, response.url = request, str(request.url)
        if resource is None:
            return _answered(response, 404, {"Content-Type": "application/problem+json"}, b"{}")
        person = self._people.get(str(request.headers.get("Authorization")))
        sent = request.body.encode() if isinstance(request.body, str) else request.body
        headers = {name: str(value) for name, value in request.headers.items()}
        event = proxy_event(
            str(request.method),
            resource,
            path=path,
            body=base64.b64encode(sent).decode() if sent else None,
            headers=headers,
            claims=person.claims if person else None,
        )
        event["headers"], event["isBase64Encoded"] = headers, bool(sent)
        event["path"] = url.path
        event["multiValueQueryStringParameters"] = parse_qs(url.query, keep_blank_values=True) or None
        answer = app.app(event, _CONTEXT)
        return _answered(response, answer["statusCode"], answer["headers"], (answer["body"] or "").encode())

    def close(self) -> None: ...

    def _resource(self, method: str, path: str) -> tuple[str | None, dict[str, str]]:
        for route, pattern in _PATTERNS:
            if route.method == method and (found := pattern.fullmatch(path)):
                return route.path, {name: unquote(value) for name, value in found.groupdict().items()}
        return None, {}


# The most literal one first, as the gateway chooses.
_PATTERNS = [
    (route, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path)))
    for route in sorted(ROUTES, key=lambda route: route.path.count("{"))
]


def _answered(
    response: requests.Response, status: int, headers: dict[str, Any], content: bytes
) -> requests.Response:
    response.status_code, response._content = status, content
    response.headers.update(headers)
    response.raw = HTTPResponse(headers=headers, status=status)
    response.elapsed = timedelta(0)
    return response


def furnished(world: World) -> Fuzzed:
    """The live platform with something of every kind in it."""
    tenant, admin = world.live, world.live.admin
    order_id = tenant.order().send().json["id"]
    for event in world.press(tenant.page_of(order_id), "pay"):
        world.webhook(event)()
    tenant.give(1_000)
    booking = tenant.book(tenant.pair_id).send().json
    tenant.join(tenant.customer, booking["id"])()
    _join_as_the_document_says()
    export = world.call(admin, "POST", "/v1/admin/reports/exports", {"from": SINCE, "to": UNTIL})
    world.stream()
    known = {
        "platform_id": [LIVE],
        "account_id": [tenant.expert.id, tenant.customer.id],
        "customer_id": [tenant.customer.id],
        "expert_id": [tenant.expert.id],
        "package_id": [tenant.credits_id, tenant.half_hour_id, tenant.pair_id],
        "order_id": [order_id],
        "booking_id": [booking["id"], tenant.booked()],
        "assignment_id": [booking["assignment_id"]],
        "export_id": [export["id"]],
        "lot_id": [lot.id for lot in tenant.wallet().lots],
        "asset": ["credit", "TRY"],
        "provider": ["stripe"],
        "date": [booking["starts_at"][:10]],
        "starts_at": [booking["starts_at"], world.free_time().isoformat()],
        "expert_ids": [[], [tenant.expert.id]],
        "package_ids": [[tenant.credits_id], [tenant.half_hour_id, tenant.pair_id]],
        "country": ["TR", "DE"],
        "currency": ["TRY"],
        "zone": ["Europe/Istanbul"],
        "from": [SINCE],
        "to": [UNTIL],
        "terms_version": ["1"],
        "cursor": [None],
    }
    people = {person.id: person for person in (tenant.admin, tenant.expert, tenant.customer)}
    session = requests.Session()
    session.mount(BASE_URL, InProcess(people))
    return Fuzzed(document(BASE_URL), {person.role: person.id for person in people.values()}, known, session)


def _join_as_the_document_says() -> None:
    """The worlds of the torture let anybody join a year early, which no admin could set."""
    platform = read.get(keys.platform(LIVE), Platform)
    assert platform is not None
    settings = replace(platform.settings, join_early_minutes=1_440)
    item = PlatformItem.of(keys.platform(LIVE), replace(platform, settings=settings))
    transact.commit([transact.save(item)], "fuzz")


def run(world: World, seed_given: int, examples: int, routes: list[Route] = ROUTES) -> Iterator[str]:
    """What is wrong with each operation that has an answer outside of the document."""
    fuzzed = furnished(world)
    kept, instant, cases = world.outside.kept(), world.clock.instant, 0

    def fresh() -> None:
        nonlocal cases
        cases += 1
        if cases % _FRESH_AFTER == 0:
            world.outside.brought_back(kept)
            world.clock.instant = instant

    for route in routes:
        world.outside.brought_back(kept)
        chance = random.Random(f"{seed_given}.{route.name}").getrandbits(32)
        try:
            fuzz(fuzzed, route, examples, chance, fresh)
        except Exception as error:
            yield f"{route.name}: {error!r}"[:500]
        except BaseExceptionGroup as errors:
            yield f"{route.name}: {errors.exceptions!r}"[:500]
