"""The console as it is built, in a browser, on one origin with a deployed stack."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from infra.local import chapters
from infra.local.running import RunningStack
from infra.local.story import LIVE, Story
from tests.browser import chromium

# A page may wait for a function that starts on a machine with much to do.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def document(stack: RunningStack) -> dict[str, Any]:
    """What ``stack.json`` says of the stack that all these tests share."""
    return stack.document()


@pytest.fixture(scope="session")
def story(document: dict[str, Any]) -> Story:
    """The people of the story; a buyer among them has paid once and failed three times."""
    told = Story(document, print)
    made = chapters.publish(told, told.people.login(LIVE, "admin"))
    chapters.pay(told, made, told.sign_up(LIVE, "Ayşe", "TR"))
    return told


@pytest.fixture(scope="session")
def origin(stack: RunningStack) -> str:
    """Where CloudFront serves the console and the API."""
    return stack.console_url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.browser() as launched:
        yield launched
