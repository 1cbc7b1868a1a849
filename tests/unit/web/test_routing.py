"""A path leads to the feature that has it, and nothing is imported before one of its paths is called."""

import json
import subprocess
import sys

import pytest
from chalice.app import Chalice

from chalicelib.routing import FEATURES, blueprints
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.routes import Routes

PATHS = sorted({(route.path, blueprint.tag) for blueprint in blueprints() for route in blueprint.routes})


@pytest.mark.parametrize(("path", "tag"), PATHS)
def test_a_path_leads_to_its_feature(path: str, tag: str) -> None:
    """Where this fails, ``routing.FEATURES`` lacks the beginning of a new path."""
    feature = Routes(Chalice("test"), FEATURES).feature(path)
    assert feature is not None
    assert feature().tag == tag


def test_every_beginning_leads_somewhere() -> None:
    for start, feature in FEATURES.items():
        assert any(f"{route.path}/".startswith(f"{start}/") for route in feature().routes), start


@pytest.mark.parametrize(
    ("path", "absent"),
    [
        (
            "/v1/health",
            ["chalicelib.platforms.service", "chalicelib.orders.model", "chalicelib.adapters.identity"],
        ),
        ("/v1/me/wallets/{asset}", ["chalicelib.orders.model", "chalicelib.booking.service"]),
        (
            "/v1/orders",
            ["chalicelib.sessions.service", "chalicelib.reports.service", "chalicelib.notices.service"],
        ),
    ],
)
def test_a_call_imports_its_own_feature_alone(path: str, absent: list[str]) -> None:
    script = f"import sys, json, app; assert app.app.routes[{path!r}]; print(json.dumps(sorted(sys.modules)))"
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert set(json.loads(printed)) & set(absent) == set()


def test_who_lists_the_routes_finds_all_of_them() -> None:
    script = "import app; print(sum(len(methods) for methods in app.app.routes.values()))"
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert int(printed) == sum(len(blueprint.routes) for blueprint in blueprints())


def test_a_path_of_nobody_has_no_methods() -> None:
    routes = Routes(Chalice("test"), {"/v1/a": lambda: Blueprint("a")})
    assert routes["/v1/ab"] == {}
