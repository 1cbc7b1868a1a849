"""The strict door: whatever is not one plain JSON object is refused with a code, and nothing else happens."""

from typing import Annotated

import msgspec
import pytest

from chalicelib.core.errors import Invalid, Refusal, TooLarge, Unsupported
from chalicelib.web.body import (
    MAX_BODY_BYTES,
    MAX_DEPTH,
    MalformedJson,
    MissingField,
    UnknownField,
    convert,
    read_json,
)

JSON = "application/json"


class Price(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    amount: Annotated[int, msgspec.Meta(ge=0)]
    currency: str


class Package(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    name: str
    price: Price
    tags: list[str] = []


class Window(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    cursor: str | None = None


GOOD = {"name": "500 Kredi", "price": {"amount": 149000, "currency": "TRY"}}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"5", id="scalar"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"text"', id="text"),
        pytest.param(b"[{}]", id="list"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b'{"a": 1} {}', id="two objects"),
        pytest.param(b'{"a": NaN}', id="not a number"),
        pytest.param(b'{"a": Infinity}', id="infinity"),
        pytest.param(b'{"a": -Infinity}', id="minus infinity"),
        pytest.param(b'{"a": 1e999}', id="float out of range"),
        pytest.param(b'{"a": -1e999}', id="negative float out of range"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", id="integer of 5000 digits"),
        pytest.param(b'{"a": 1, "a": 1}', id="doubled key"),
        pytest.param(b'{"a": {"b": 1, "b": 2}}', id="doubled key below"),
        pytest.param(b'{"a": 1, "\\u0061": 2}', id="doubled key, once escaped"),
        pytest.param(b'{"a": "\\ud800"}', id="lone surrogate"),
        pytest.param(b'{"\\udfff": 1}', id="lone surrogate in a key"),
        pytest.param(b'{"a": "\xff"}', id="not UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', id="byte order mark"),
        pytest.param(b"[" * 200_000, id="depth 200 000, open"),
        pytest.param(b'{"a":' * 40_000, id="depth of objects, open"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="depth of lists"),
        pytest.param(b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), id="one too deep"),
    ],
)
def test_what_is_not_one_plain_object_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedJson) as refused:
        read_json(raw, JSON)
    assert refused.value.detail.isprintable()
    assert len(refused.value.detail) <= 200


def test_the_deepest_body_that_is_let_through() -> None:
    deep = b'{"a":' * (MAX_DEPTH - 1) + b"1" + b"}" * (MAX_DEPTH - 1)
    assert read_json(deep, JSON).content["a"]


def test_ten_megabytes_are_too_large_and_are_not_parsed() -> None:
    with pytest.raises(TooLarge):
        read_json(b"[" * 10 * 1024 * 1024, JSON)


def test_the_largest_body_that_is_let_through() -> None:
    padding = b" " * (MAX_BODY_BYTES - 2)
    assert read_json(b"{" + padding + b"}", JSON).content == {}
    with pytest.raises(TooLarge):
        read_json(b"{" + padding + b" }", JSON)


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
)
def test_another_media_type_is_unsupported(content_type: str) -> None:
    with pytest.raises(Unsupported):
        read_json(b"{}", content_type)


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", "Application/JSON"])
def test_json_with_or_without_a_charset_is_read(content_type: str) -> None:
    assert read_json('{"name": "Şişli قم"}'.encode(), content_type).content == {"name": "Şişli قم"}


def test_the_hash_is_of_what_is_said_and_not_of_how_it_is_spelt() -> None:
    first = read_json(b'{"a": 1, "b": "\\u015f"}', JSON).sha256
    assert read_json('{ "b": "ş",\n"a": 1 }'.encode(), JSON).sha256 == first
    assert read_json(b'{"a": 2, "b": "\\u015f"}', JSON).sha256 != first
    assert read_json(b'{"a": "1", "b": "\\u015f"}', JSON).sha256 != first


def refused(content: object) -> Refusal:
    with pytest.raises(Invalid) as refusal:
        convert(content, Package)
    return refusal.value


def test_an_unknown_field_is_named_with_its_path() -> None:
    top = refused(GOOD | {"share": 100})
    below = refused(GOOD | {"price": GOOD["price"] | {"share": 1}})
    assert (type(top), top.field) == (UnknownField, "share")
    assert (type(below), below.field) == (UnknownField, "price.share")


def test_a_missing_field_is_named_with_its_path() -> None:
    top = refused({"name": "x"})
    below = refused(GOOD | {"price": {"amount": 1}})
    assert (type(top), top.field) == (MissingField, "price")
    assert (type(below), below.field) == (MissingField, "price.currency")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"price": {"amount": -1, "currency": "TRY"}}, "price.amount"),
        ({"price": {"amount": "5", "currency": "TRY"}}, "price.amount"),
        ({"price": {"amount": True, "currency": "TRY"}}, "price.amount"),
        ({"price": {"amount": 1.5, "currency": "TRY"}}, "price.amount"),
        ({"price": 5}, "price"),
        ({"name": None}, "name"),
        ({"tags": ["a", 1]}, "tags[1]"),
    ],
)
def test_a_value_that_is_not_acceptable_is_named_with_its_path(change: dict[str, object], field: str) -> None:
    refusal = refused(GOOD | change)
    assert (type(refusal), refusal.field) == (Invalid, field)


def test_what_is_acceptable_comes_through() -> None:
    assert convert(GOOD, Package).price.amount == 149000


def test_a_query_turns_text_into_numbers_and_keeps_its_bounds() -> None:
    assert convert({"limit": "7"}, Window, strict=False).limit == 7
    for limit in ("0", "101", "x", "1e3", ""):
        with pytest.raises(Invalid) as refusal:
            convert({"limit": limit}, Window, strict=False)
        assert refusal.value.field == "limit"
