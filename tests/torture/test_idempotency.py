"""The same key: of every route that writes, by the requests of the crash harness, in this process.

That two at once have one effect, ``test_crashes.py`` holds of each; that the deployed functions do the same while they
race, ``tests/deployed/test_races.py`` shows of a booking.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import routing
from chalicelib.core import clock
from chalicelib.table.operation import Receipt
from chalicelib.verifier.scan import every_item
from infra.local.chapters import TRY_1490, credit_package
from tests.torture import scenarios
from tests.torture.world import LIVE, Reply, Request, World, open_world, start_cold

ROUTES = [route for blueprint in routing.blueprints() for route in blueprint.routes]
WRITES = {route.name for route in ROUTES if route.needs_idempotency_key}
WITH_BODY = {route.name for route in ROUTES if route.body}
# A vendor's event has an id of its own, and a browser that a payment page leads back with a form names its order: by
# these each is settled once.
EXEMPT = {
    "POST /v1/webhooks/{platform_id}/{provider}",
    "POST /v1/public/{platform_id}/orders/{order_id}/return",
}
# Of somebody who has no account yet: his key is his address's, and another address is another person.
OF_AN_ADDRESS = {name for name in WRITES if name.startswith("POST /v1/public/{platform_id}/")}
KEPT_MINUTES = 24 * 60


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with open_world() as made:
        yield made


@pytest.fixture
def requests(world: World) -> Iterator[Iterator[Request]]:
    """One after the other, each in a world where it can be done."""
    kept, instant = world.outside.kept(), world.clock.instant

    def each() -> Iterator[Request]:
        for make in scenarios.SCENARIOS.values():
            start_cold()
            act = make(world)
            if isinstance(act, Request) and name_of(act) in WRITES:
                yield act
            world.outside.brought_back(kept)
            world.clock.instant = instant

    yield each()
    world.outside.brought_back(kept)
    world.clock.instant = instant


def name_of(request: Request) -> str:
    return f"{request.method} {request.resource}"


def said(reply: Reply) -> tuple[int, bytes]:
    return reply.status, reply.body


def test_every_write_that_names_nothing_else_needs_a_key() -> None:
    assert {route.name for route in ROUTES if route.method != "GET"} - WRITES == EXEMPT


def test_the_same_key_and_body_get_the_same_answer_for_a_day(world, requests) -> None:
    tried = set()
    for request in requests:
        first = request.send()
        if first.status >= 300:  # a scenario of a refusal, which is decided anew each time
            continue
        world.clock.forward(minutes=KEPT_MINUTES - 1)
        again = request.send()
        assert said(again) == said(first), name_of(request)
        assert again.headers["Idempotency-Replayed"] == "true"
        tried.add(name_of(request))
    assert tried == WRITES


def is_receipt_of(request: Request, record: object) -> bool:
    key = request.headers["Idempotency-Key"]
    return isinstance(record, Receipt) and (record.platform_id, record.key) == (LIVE, key)


def test_a_receipt_is_kept_for_a_day_and_its_key_is_new_thereafter(world) -> None:
    """DynamoDB deletes some time after the instant that the item names; by then it has long been no answer."""
    kept, instant = world.outside.kept(), world.clock.instant
    body = credit_package("Yarın yine", 10, TRY_1490)
    request = world.request(world.live.admin, "POST", "/v1/admin/credit-packages", body)
    first = request.send()
    world.stream()
    [receipt] = [item for item in every_item() if is_receipt_of(request, item.record)]
    assert receipt.raw["expires_at"] == {"N": str(clock.epoch_seconds(instant) + KEPT_MINUTES * 60)}
    world.clock.instant = instant + timedelta(minutes=KEPT_MINUTES)
    assert said(request.send()) == said(first)
    world.clock.forward(seconds=1)
    second = request.send()
    assert (second.status, "Idempotency-Replayed" in second.headers) == (first.status, False)
    assert second.json["id"] != first.json["id"]
    world.outside.brought_back(kept)
    world.clock.instant = instant


def test_the_same_key_with_another_body_is_refused_by_its_code(world, requests) -> None:
    """Of all other bodies that are made here some are refused by the door; none is done."""
    refused = set()
    for request in requests:
        if request.send().status >= 300 or name_of(request) in OF_AN_ADDRESS:
            continue
        replies = [other.send() for other in others(request)]
        assert all(reply.status >= 400 for reply in replies), (name_of(request), [said(r) for r in replies])
        if any((reply.status, reply.json["code"]) == (409, "IDEMPOTENCY_KEY_REUSED") for reply in replies):
            refused.add(name_of(request))
    assert (WRITES - OF_AN_ADDRESS) & WITH_BODY - refused == set()


def others(request: Request) -> Iterator[Request]:
    """With one field more or less, or one part otherwise."""
    if name_of(request) in WITH_BODY:
        yield replace(request, body=(request.body or {}) | {"reason": "Another one"})
    for name, value in (request.body or {}).items():
        changed = [{other: kept for other, kept in request.body.items() if other != name}]
        changed += [request.body | {name: other} for other in otherwise(value)]
        yield from (replace(request, body=body) for body in changed if body != request.body)
    for name, value in request.path.items():
        yield from (replace(request, path=request.path | {name: str(other)}) for other in otherwise(value))


def otherwise(value: Any) -> list[Any]:
    """What could stand in its place, as likely as not."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value * 2]
    if isinstance(value, list):
        return [value[:-1]]
    with suppress(ValueError):
        return [(datetime.fromisoformat(str(value)) + timedelta(days=1)).isoformat()[: len(str(value))]]
    if isinstance(value, dict):
        return [value | {name: other} for name, kept in value.items() for other in otherwise(kept)]
    if not isinstance(value, str):
        return []
    return [f"{value}x", f"{value[:-1]}{'8' if value.endswith('7') else '7'}", "expert", "customer"]
