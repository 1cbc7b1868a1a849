"""The payment page as a browser gets it."""

import re
from html.parser import HTMLParser

import pytest

from infra.local.payments.money import formatted
from infra.local.payments.texts import TEXTS, language_of
from tests.payments_sandbox.harness import Shop, item

ACTIONS = ["pay", "decline", "insufficient", "fail-3ds", "pay-later", "leave"]


class Markup(HTMLParser):
    """Collects the forms and checks that every element is closed."""

    VOID = ("meta", "link", "!doctype")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "form":
            values = dict(attrs)
            assert values["method"] == "post"
            self.forms.append(str(values["action"]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _markup(html: str) -> Markup:
    markup = Markup(html)
    assert markup.open == []
    return markup


def test_an_open_session_offers_every_outcome_as_a_form(shop: Shop) -> None:
    session = shop.session(customer_email="ayse@example.com")
    reply = shop.page(session.id)
    html = reply.body.decode()
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert _markup(html).forms == [f"/pay/{session.id}/{action}" for action in ACTIONS]
    for text in (
        "Payment sandbox",
        "no real money",
        "Seans Akademi",
        "500 Kredi",
        "₺1,490.00",
        "ayse@example.com",
    ):
        assert text in html
    assert "<script" not in html
    assert "default-src 'none'" in reply.headers["content-security-policy"]


def test_quantities_and_totals_are_shown(shop: Shop) -> None:
    session = shop.session(line_items=[item(quantity=2), item(amount_minor=1_050, name="Ek")])
    html = shop.page(session.id).body.decode()
    assert "× 2" in html
    assert "₺2,980.00" in html
    assert "₺10.50" in html
    assert "Pay ₺2,990.50" in html


@pytest.mark.parametrize(
    ("action", "code", "message"),
    [
        ("decline", "generic_decline", "The card was declined."),
        ("insufficient", "insufficient_funds", "not enough funds"),
        ("fail-3ds", "payment_intent_authentication_failure", "3-D Secure was not passed"),
    ],
)
def test_a_failed_attempt_shows_a_message_and_the_forms_again(
    shop: Shop, action: str, code: str, message: str
) -> None:
    session = shop.session()
    reply = shop.page(re.sub(r"^/pay/", "", shop.press(session.id, action).headers["location"]))
    html = reply.body.decode()
    assert 'role="alert"' in html
    assert f'data-code="{code}"' in html
    assert message in html
    assert len(_markup(html).forms) == len(ACTIONS)


@pytest.mark.parametrize(
    ("actions", "title", "link"),
    [
        (["pay"], "Paid", "/done?sid=cs_test_"),
        (["pay-later"], "On its way", "/done?sid=cs_test_"),
        (["pay-later", "fail-later"], "The delayed payment failed", "/done?sid=cs_test_"),
        (["expire"], "This payment page has expired", "/basket"),
    ],
)
def test_a_session_that_is_over_says_so_and_takes_no_more(
    shop: Shop, actions: list[str], title: str, link: str
) -> None:
    session = shop.session()
    for action in actions:
        shop.control(f"sessions/{session.id}/{action}", {})
    html = shop.page(session.id).body.decode()
    assert f"<h2>{title}</h2>" in html
    assert link in html
    assert _markup(html).forms == []
    assert shop.press(session.id, "decline").status == 409


def test_everything_a_merchant_writes_is_escaped(shop: Shop) -> None:
    evil = "<script>alert('x')</script> & \"quoted\" $name ${amount}"
    session = shop.session(
        line_items=[item(name=evil)],
        customer_email='"><b>@example.com',
        cancel_url='http://shop.localhost/?q="><script>',
    )
    for _ in range(2):
        html = shop.page(session.id).body.decode()
        assert "<script" not in html
        assert "<b>" not in html
        _markup(html)
        assert "&lt;script&gt;" in html
        shop.request("POST", f"/_sandbox/sessions/{session.id}/expire")


@pytest.mark.parametrize(
    ("locale", "accept", "language"),
    [
        ("tr", "en", "tr"),
        ("en", "fa", "en"),
        ("de", "tr", "en"),
        ("de", "fa-IR,fa;q=0.9", "fa"),
        (None, "tr-TR,tr;q=0.9,en;q=0.8", "tr"),
        ("auto", "de,fa;q=0.7,en;q=0.3", "fa"),
        (None, "fa;q=nonsense", "en"),
        (None, "", "en"),
    ],
)
def test_the_language_follows_the_session_and_then_the_browser(
    locale: str | None, accept: str, language: str
) -> None:
    assert language_of(locale, accept) == language


def test_the_page_is_turkish_or_persian(shop: Shop) -> None:
    turkish = shop.page(shop.session(locale="tr").id).body.decode()
    assert '<html lang="tr" dir="ltr">' in turkish
    assert "₺1.490,00 öde" in turkish
    persian = shop.page(shop.session().id, "fa-IR").body.decode()
    assert '<html lang="fa" dir="rtl">' in persian
    assert "۱٬۴۹۰٫۰۰" in persian


def test_every_language_has_every_text() -> None:
    assert {language: set(texts) for language, texts in TEXTS.items()} == {
        language: set(TEXTS["en"]) for language in TEXTS
    }
    assert all(text for texts in TEXTS.values() for text in texts.values())


@pytest.mark.parametrize(
    ("amount_minor", "currency", "language", "expected"),
    [
        (149_000, "try", "tr", "₺1.490,00"),
        (149_000, "try", "en", "₺1,490.00"),
        (5, "eur", "en", "€0.05"),
        (1_234_567, "jpy", "en", "¥1,234,567"),
        (5_120, "kwd", "tr", "KWD\u00a05,120"),
        (99_999_999, "eur", "fa", "۹۹۹٬۹۹۹٫۹۹\u00a0€"),
    ],
)
def test_amounts_are_written_as_the_language_and_currency_want(
    amount_minor: int, currency: str, language: str, expected: str
) -> None:
    assert formatted(amount_minor, currency, language) == expected


def test_other_paths_and_methods(shop: Shop) -> None:
    session = shop.session()
    assert shop.page("cs_test_nobody").status == 404
    assert shop.request("GET", f"/pay/{session.id}/pay").status == 405
    assert shop.press(session.id, "steal").status == 404
    assert shop.request("GET", "/pay/style.css").headers["content-type"].startswith("text/css")
    assert shop.request("HEAD", f"/pay/{session.id}").body == b""
    assert shop.retrieve(session.id).payment_intent is None
