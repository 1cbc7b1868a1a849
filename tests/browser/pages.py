"""The console as its user knows it: what he types, presses and sees, in each language."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, Locator, Page, expect

from infra import console

PLATFORM = "demo"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1360, "height": 860}
_AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True, slots=True)
class Words:
    """What is written on what a test presses, and digits as the language writes them."""

    direction: str
    sign_in: str
    add: str
    save: str
    apply: str
    confirm: str
    send: str
    excel: str
    credits: str
    digits: str = "0123456789"

    def number(self, text: str) -> str:
        return text.translate(str.maketrans("0123456789", self.digits))


WORDS = {
    "tr": Words(
        "ltr",
        "Giriş yap",
        "Ekle",
        "Kaydet",
        "Değişiklikleri Uygula",
        "Şimdi uygula",
        "Gönder",
        "Excel",
        "kredi",
    ),
    "fa": Words(
        "rtl",
        "ورود",
        "افزودن",
        "ذخیره",
        "اعمال تغییرات",
        "اکنون اعمال شود",
        "ارسال",
        "اکسل",
        "اعتبار",
        "۰۱۲۳۴۵۶۷۸۹",
    ),
    "en": Words("ltr", "Sign in", "Add", "Save", "Apply Changes", "Apply now", "Send", "Excel", "credits"),
}


@dataclass
class Console:
    """One visitor's browser; ``complaints`` holds what the page put on its error console."""

    browser: Browser
    origin: str
    language: str
    viewport: dict[str, int] = field(default_factory=lambda: DESK)
    appearance: str = "light"
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        context = self.browser.new_context(
            viewport=self.viewport,
            color_scheme=self.appearance,
            timezone_id="Europe/Istanbul",
            locale="en-GB",
        )
        self.page: Page = context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.page.context.close()

    @property
    def words(self) -> Words:
        return WORDS[self.language]

    def _heard(self, message: Any) -> None:
        # A refusal that the console shows is also in the browser's own log of failed requests.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def open(self, address: str = "") -> None:
        self.page.goto(f"{self.origin}/?platform={PLATFORM}&lang={self.language}#{address}")

    def sign_in(self, email: str, password: str) -> None:
        self.page.locator("input[name=email]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        self.button(self.words.sign_in).click()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def type(self, field_name: str, text: str) -> None:
        self.page.locator(f"[name={field_name}]").fill(text)

    def rows(self) -> list[str]:
        """The names of the packages, in their order."""
        return self.page.locator(".row-main strong").all_inner_texts()

    def apply_changes(self) -> None:
        """Through the list of changes to live; waits until nothing is left to apply."""
        self.button(self.words.apply).click()
        self.button(self.words.confirm).click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)
        expect(self.button(self.words.apply)).to_have_count(0)

    def check_accessible(self, where: str) -> None:
        """No violation of axe's rules on what is shown now."""
        self.page.wait_for_timeout(250)
        expect(self.page.locator("main").first).to_be_attached()
        expect(self.page.locator("h1").first).to_be_attached()
        axe = console.WORKSHOP / "node_modules/axe-core/axe.min.js"
        self.page.evaluate(Path(axe).read_text())
        found = self.page.evaluate(
            "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(r => r.violations)",
            _AXE_TAGS,
        )
        told = [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in found
            for node in each["nodes"]
        ]
        assert not told, f"{where} in {self.language}:\n" + "\n".join(told)

    def check_fits(self, where: str) -> None:
        """Nothing makes the page wider than the screen."""
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{where} in {self.language} is {wide} px wider than the screen"


def words_in(text: str) -> str:
    """Without the marks of direction and the spaces that formats put in."""
    return re.sub(r"[\u200e\u200f\u2066-\u2069\u00a0\u202f]", "", text)
