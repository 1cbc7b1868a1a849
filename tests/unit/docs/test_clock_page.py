"""``docs/clock.md``: each of its calls is one that the API has, with a body that its door lets through."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from chalicelib.routing import blueprints
from chalicelib.web.blueprint import Route
from chalicelib.web.body import convert

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "clock.md").read_text("utf-8")
ROUTES = [route for blueprint in blueprints() for route in blueprint.routes]


def calls() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line]


def after(call: list[str], name: str) -> list[str]:
    return [call[place + 1] for place, word in enumerate(call) if word == name]


def route_of(call: list[str]) -> Route:
    (method,) = after(call, "-X") or ["GET"]
    (url,) = [word for word in call if word.startswith("$SEANS")]
    path = url.removeprefix("$SEANS").replace("$BOOKING", "bkg_1")
    (route,) = [
        route
        for route in ROUTES
        if route.method == method and re.fullmatch(re.sub(r"\{\w+\}", r"bkg_1", route.path), path)
    ]
    return route


@pytest.mark.parametrize("call", [pytest.param(call, id=" ".join(call)[:60]) for call in calls()])
def test_a_call_is_one_that_the_api_has(call: list[str]) -> None:
    assert call[0] == "curl"
    route = route_of(call)
    headers = [header.partition(":")[0] for header in after(call, "-H")]
    assert "Authorization" in headers
    assert ("Idempotency-Key" in headers) == (route.method != "GET")
    sent: list[Any] = [json.loads(body) for body in after(call, "-d")]
    assert bool(sent) == (route.body is not None)
    for body in sent:
        convert(body, route.body)


def test_every_step_of_the_example_is_there() -> None:
    assert [route_of(call).name for call in calls()] == [
        "PUT /v1/admin/clock",
        "POST /v1/sessions/{booking_id}/join",
        "POST /v1/sessions/{booking_id}/join",
        "POST /v1/sessions/{booking_id}/extension",
        "POST /v1/sessions/{booking_id}/extension",
        "PUT /v1/admin/clock",
        "GET /v1/sessions/{booking_id}",
        "GET /v1/me/notices",
    ]
