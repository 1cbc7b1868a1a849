"""Order of display, differences and pages."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.catalogue import drafting, rules
from chalicelib.catalogue.errors import OrderIncomplete
from chalicelib.catalogue.model import CreditDraft, CreditPackage
from chalicelib.catalogue.views import DraftsQuery
from chalicelib.core.money import Money
from chalicelib.table.read import CursorInvalid


def package(number: int, listing_order: int | None = None, **changed: object) -> CreditPackage:
    made = CreditPackage(
        id=f"cpk_{number:02d}",
        name=f"Package {number}",
        credits=10,
        price=Money(100, "TRY"),
        country="TR",
        short_info="",
        listing_order=number if listing_order is None else listing_order,
    )
    return replace(made, **changed)  # type: ignore[arg-type] - a test names the fields that it means


def test_equal_listing_orders_stand_by_id() -> None:
    packages = [package(3, 1), package(2, 1), package(1, 2)]
    assert [each.id for each in rules.by_country(packages)["TR"]] == ["cpk_02", "cpk_03", "cpk_01"]


def test_a_new_package_is_the_last() -> None:
    assert rules.next_listing_order([]) == 1
    assert rules.next_listing_order([package(1, 7), package(2, 3)]) == 8


@given(st.permutations(range(1, 9)))
def test_a_new_order_is_written_where_it_differs_and_nowhere_else(order: list[int]) -> None:
    packages = [package(number) for number in range(1, 9)]
    wanted = [f"cpk_{number:02d}" for number in order]
    moved = dict(rules.renumbered(packages, wanted))
    after = [replace(each, listing_order=moved.get(each.id, each.listing_order)) for each in packages]
    assert [each.id for each in rules.by_country(after)["TR"]] == wanted
    assert set(moved) == {wanted[place] for place in range(8) if order[place] != place + 1}


@pytest.mark.parametrize("order", [[], ["cpk_01"], ["cpk_01", "cpk_01"], ["cpk_01", "cpk_02", "cpk_03"]])
def test_an_order_names_every_package_once(order: list[str]) -> None:
    with pytest.raises(OrderIncomplete):
        rules.renumbered([package(1), package(2)], order)


def test_changes_tell_what_is_added_edited_and_removed() -> None:
    live = [package(1), package(2), package(3)]
    drafts = [package(1), package(2, price=Money(200, "TRY"), country="DE"), package(4)]
    edited, removed, added = rules.changes(drafts, live)
    assert (added.change, added.package_id) == ("added", "cpk_04")
    assert (removed.change, removed.package_id) == ("removed", "cpk_03")
    assert (edited.change, edited.package_id) == ("changed", "cpk_02")
    assert [(each.field, each.before, each.after) for each in edited.fields] == [
        ("price", {"amount": 100, "currency": "TRY"}, {"amount": 200, "currency": "TRY"}),
        ("country", "TR", "DE"),
    ]


def test_no_difference_is_no_change() -> None:
    assert rules.changes([package(1)], [package(1)]) == []


@given(st.lists(st.integers(0, 400), max_size=30), st.integers(200, 2000))
def test_pages_hold_everything_in_order_and_are_bounded(sizes: list[int], max_bytes: int) -> None:
    packages = [package(number, short_info="ğ" * size) for number, size in enumerate(sizes)]
    pages = list(rules.in_pages(packages, max_bytes))
    assert [each for page in pages for each in page] == packages
    assert len(pages) >= 1
    for page in pages:
        assert len(page) <= 1 or sum(len(msgspec.json.encode(each)) for each in page) <= max_bytes


def test_drafts_are_listed_page_by_page_in_order() -> None:
    drafts = [CreditDraft(package=package(number, 5 - number)) for number in range(5)]
    seen, cursor = [], None
    while True:
        page, cursor = drafting.listed(drafts, DraftsQuery(limit=2, cursor=cursor))
        seen += [draft.package.listing_order for draft in page]
        if cursor is None:
            break
    assert seen == [1, 2, 3, 4, 5]


def test_drafts_are_listed_by_country() -> None:
    drafts = [CreditDraft(package=package(1)), CreditDraft(package=package(2, country="DE"))]
    page, cursor = drafting.listed(drafts, DraftsQuery(country="DE"))
    assert ([draft.package.id for draft in page], cursor) == (["cpk_02"], None)


@pytest.mark.parametrize("cursor", ["x", "1", "1.", "-1.a", ".a"])
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        drafting.listed([], DraftsQuery(cursor=cursor))
