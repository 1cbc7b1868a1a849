"""The console as it is built, in a browser, on one origin with a deployed stack."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from infra import console  # noqa: E402 - after the path to the project
from infra.local import chapters  # noqa: E402 - as above
from infra.local.stack import LocalStack, Ports  # noqa: E402 - as above
from infra.local.story import LIVE, Story  # noqa: E402 - as above
from tests.browser import chromium  # noqa: E402 - as above
from tests.browser.origin import serving  # noqa: E402 - as above


@pytest.fixture(scope="session")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What ``stack.json`` says: of a stack of its own, or of the one that ``SEANS_STACK`` names."""
    if running := os.environ.get("SEANS_STACK"):
        yield json.loads(Path(running).read_text())
        return
    with LocalStack(Ports.free(), tmp_path_factory.mktemp("stack")) as stack:
        yield stack.document()


@pytest.fixture(scope="session")
def story(document: dict[str, Any]) -> Story:
    """The people of the story; a buyer among them has paid once and failed three times."""
    told = Story(document, print)
    made = chapters.publish(told, told.people.login(LIVE, "admin"))
    chapters.pay(told, made, told.sign_up(LIVE, "Ayşe", "TR"))
    return told


@pytest.fixture(scope="session")
def origin(document: dict[str, Any]) -> Iterator[str]:
    with serving(console.build(), document) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.browser() as launched:
        yield launched
