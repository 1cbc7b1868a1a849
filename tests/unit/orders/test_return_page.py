"""Where a buyer lands who comes back from paying."""

import pytest
from msgspec.structs import replace

from chalicelib.orders import return_page
from chalicelib.orders.model import OrderState
from tests.unit.orders.test_order_rules import ORDER


@pytest.mark.parametrize(
    ("return_url", "location"),
    [
        ("https://shop.test", "https://shop.test?order_id=ord_1"),
        (
            "https://shop.test/done?lang=tr&a=%C5%9F#end",
            "https://shop.test/done?lang=tr&a=%C5%9F&order_id=ord_1#end",
        ),
    ],
)
def test_the_platform_s_own_page_is_told_the_order(return_url, location) -> None:
    assert return_page.location(return_url, "ord_1") == location


@pytest.mark.parametrize(("language", "direction"), [("tr", "ltr"), ("en", "ltr"), ("fa", "rtl")])
def test_every_state_is_said_in_every_language(language, direction) -> None:
    pages = {return_page.page(replace(ORDER, state=state, locale=language)) for state in OrderState}
    assert len(pages) == len(OrderState)
    assert all(f'<p lang="{language}" dir="{direction}">' in page for page in pages)


def test_a_language_that_we_do_not_speak_is_answered_in_english() -> None:
    assert '<p lang="en"' in return_page.page(replace(ORDER, locale="ar"))


@pytest.mark.parametrize("text", [return_page.MISSING, return_page.UNKNOWN])
def test_where_the_language_is_not_known_all_are_spoken(text) -> None:
    page = return_page.page_without_order(text)
    assert [f'<p lang="{language}"' in page for language in ("tr", "en", "fa")] == [True] * 3
