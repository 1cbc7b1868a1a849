"""``python -m tests.browser.screenshots [folder]``: what the console looks like, in each language and size.

The stack that ``make run`` started must run; ``make demo`` beforehand fills the reports.
"""

import json
import sys
from pathlib import Path

from playwright.sync_api import Browser, expect

from infra.local.environments import LOCAL
from tests.browser import chromium
from tests.browser.pages import DESK, PHONE, PLATFORM, WORDS, Console

_SCREENS = {
    "credit-packages": "/settings/credit-packages",
    "credit-package": "/settings/credit-packages/new",
    "appointment-packages": "/services/appointments/packages",
    "appointment-package": "/services/appointments/packages/new",
    "sales": "/reports/sales?group=expert",
    "failed-payments": "/reports/failed-payments",
}


def take(
    browser: Browser, origin: str, login: dict[str, str], language: str, appearance: str, folder: Path
) -> None:
    """Each screen on a desk and on a phone."""
    for size, viewport in (("desk", DESK), ("phone", PHONE)):
        with Console(browser, origin, language, viewport=viewport, appearance=appearance) as visitor:
            name = f"{language}-{appearance}-{size}"
            visitor.open()
            visitor.page.locator("input[name=email]").wait_for()
            visitor.page.screenshot(path=folder / f"{name}-sign-in.png")
            visitor.sign_in(login["email"], login["password"])
            visitor.page.locator(".reorder-row").first.wait_for()
            for screen, address in _SCREENS.items():
                visitor.page.evaluate("address => { location.hash = address }", address)
                expect(visitor.page.locator(".skeleton")).to_have_count(0)
                visitor.page.wait_for_timeout(600)
                visitor.page.screenshot(path=folder / f"{name}-{screen}.png")


def main() -> None:
    described = LOCAL / "stack.json"
    if not described.exists():
        sys.exit("No stack is running here: start `make run` in another shell first.")
    document = json.loads(described.read_text())
    login = next(
        each for each in document["logins"] if (each["platform"], each["role"]) == (PLATFORM, "admin")
    )
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else LOCAL / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    origin = document["console_url"]
    with chromium.browser() as browser:
        for language in WORDS:
            for appearance in ("light", "dark"):
                take(browser, origin, login, language, appearance, folder)
    print(f"The pictures are in {folder}")


if __name__ == "__main__":
    main()
