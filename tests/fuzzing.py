"""Requests by the API's own document and against it: never a 5xx, never an answer outside of the document.

Over HTTP they go to the deployed stack (``tests/deployed/test_fuzz.py``), and by ``InProcess`` to the very handler in
this process, a hundred times as many in the same time (``make torture``).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chalicelib import routing
from chalicelib.core.permissions import MATRIX, Permission, Role
from chalicelib.web.blueprint import Route
from infra.local.environments import ROOT

ROUTES = [route for blueprint in routing.blueprints() for route in blueprint.routes]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True)
class Fuzzed:
    """A platform in which there is something of every kind, and how it is reached."""

    schema: Any
    tokens: Mapping[Role, str]
    known: Mapping[str, list[Any]]
    """By the name of a field or a parameter, what it may say and mean something."""
    session: requests.Session

    def callers(self, permission: Permission) -> list[str | None]:
        """The tokens of those who hold the permission; for public routes, none."""
        if permission is Permission.PUBLIC:
            return [None]
        return [token for role, token in self.tokens.items() if permission in MATRIX[role]]


def document(base_url: str) -> Any:
    """The API's own document, for requests below this address."""
    schema = schemathesis.openapi.from_dict(json.loads((ROOT / "openapi.json").read_text()))
    schema.config.update(base_url=base_url)
    schema.config.generation.update(with_security_parameters=False)
    return schema


@st.composite
def cases(draw: st.DrawFn, fuzzed: Fuzzed, route: Route) -> Any:
    """A request by the document or against it; more often than not about something that is there."""
    mode = draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    operation = fuzzed.schema[route.path][route.method]
    case = draw(operation.as_strategy(generation_mode=mode))
    for where in (case.path_parameters, case.query, case.body):
        _name_what_is_known(draw, fuzzed, where)
    return case


def _name_what_is_known(draw: st.DrawFn, fuzzed: Fuzzed, sent: Any) -> None:
    """Put what means something in the place of most that is made up, at any depth."""
    for name in list(sent) if isinstance(sent, dict) else []:
        if name in fuzzed.known and draw(st.integers(0, 4)):
            sent[name] = draw(st.sampled_from(fuzzed.known[name]))
        _name_what_is_known(draw, fuzzed, sent[name])


def fuzz(
    fuzzed: Fuzzed, route: Route, examples: int, chance: int | None, each: Callable[[], None] = lambda: None
) -> None:
    """So many cases of one operation, those of the seed ``chance`` or new ones; ``each`` happens before each case.

    The failure that is raised tells the request and what is wrong with its answer.
    """

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def is_answered_by_the_document(data: st.DataObject) -> None:
        each()
        case = data.draw(cases(fuzzed, route))
        token = data.draw(st.sampled_from(fuzzed.callers(route.permission)))
        headers = {"Authorization": token} if token else {}
        if data.draw(st.integers(0, 5)):
            headers["Idempotency-Key"] = str(data.draw(st.uuids()))
        if route.if_match and data.draw(st.booleans()) and (etag := _version(fuzzed, case, route, headers)):
            headers["If-Match"] = etag
        case.validate_response(case.call(headers=headers, session=fuzzed.session), checks=CHECKS)

    (is_answered_by_the_document if chance is None else seed(chance)(is_answered_by_the_document))()


def _version(fuzzed: Fuzzed, case: Any, route: Route, headers: Mapping[str, str]) -> str | None:
    """The ETag of what the case would edit, where it is there."""
    shown = route.path.partition("/exceptions/")[0].replace("/apply", "/changes")
    path = shown.format(**{name: quote(str(value), safe="") for name, value in case.path_parameters.items()})
    base_url = case.operation.schema.config.base_url
    return fuzzed.session.get(base_url + path, headers=headers).headers.get("etag")
