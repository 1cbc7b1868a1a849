"""Debian's Chromium, driven by Playwright; nothing is downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class NoBrowser(Exception):
    """There is no Chromium on this machine; the message says how to get it."""


def executable() -> str:
    """``CHROMIUM`` or the first of the usual names on the PATH."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise NoBrowser("The browser tests need Chromium: apt-get install chromium, or CHROMIUM=/path/to/it")
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without a window and with a fresh profile."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable(), headless=True, args=_ARGUMENTS)
        yield launched
        launched.close()
