"""Idempotency keys, versions named by If-Match, and path parameters."""

import pytest
from msgspec.structs import replace

from chalicelib.core.actor import public
from chalicelib.core.errors import ConditionRequired, Stale
from chalicelib.core.versions import check_version
from chalicelib.web.call import (
    Call,
    IdempotencyKeyRequired,
    IfMatchMalformed,
    decoded,
    etag,
    lower_case,
)


def call(**headers: str) -> Call[None, None]:
    return Call(
        actor=public("p"),
        route="PUT /v1/things/{thing_id}",
        path={"thing_id": "t1"},
        body=None,
        query=None,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body_sha256="b1",
        raw_body=b"",
    )


@pytest.mark.parametrize("key", ["", " ", "a b", "a\nb", "é", "k" * 256, "\x00"])
def test_a_write_without_a_usable_key_is_refused(key: str) -> None:
    with pytest.raises(IdempotencyKeyRequired) as refused:
        _ = call(idempotency_key=key).operation
    assert refused.value.field == "header.Idempotency-Key"


def test_a_write_without_any_key_is_refused() -> None:
    with pytest.raises(IdempotencyKeyRequired):
        _ = call().operation


@pytest.mark.parametrize("key", ["k", "k" * 255, "550e8400-e29b-41d4-a716-446655440000", "!#~"])
def test_the_operation_bears_the_callers_key_and_the_routes_name(key: str) -> None:
    operation = call(idempotency_key=key).operation
    assert (operation.key, operation.name, operation.platform_id) == (key, "PUT /v1/things/{thing_id}", "p")


def test_the_input_is_the_body_the_path_and_the_version_that_is_edited() -> None:
    first = call(idempotency_key="k", if_match='"1"')
    hashes = {
        each.operation.input_hash
        for each in (
            first,
            replace(first, body_sha256="b2"),
            replace(first, path={"thing_id": "t2"}),
            call(idempotency_key="k", if_match='"2"'),
            call(idempotency_key="k"),
        )
    }
    assert len(hashes) == 5
    assert call(idempotency_key="other", if_match='"1"').operation.input_hash == first.operation.input_hash


def test_two_path_parameters_are_not_exchanged_unseen() -> None:
    one = replace(call(idempotency_key="k"), path={"a": "1", "b": "2"})
    other = replace(call(idempotency_key="k"), path={"a": "2", "b": "1"})
    assert one.operation.input_hash != other.operation.input_hash


@pytest.mark.parametrize("header", ['"3"', ' "3" ', 'W/"3"'])
def test_if_match_names_a_version(header: str) -> None:
    assert call(if_match=header).edited_version == 3


def test_an_edit_without_if_match_is_refused() -> None:
    with pytest.raises(ConditionRequired):
        _ = call().edited_version


@pytest.mark.parametrize("header", ["3", "*", '"x"', '"3", "4"', '"-1"', '"' + "9" * 13 + '"', '"٣"', ""])
def test_if_match_of_another_shape_is_malformed(header: str) -> None:
    with pytest.raises(IfMatchMalformed):
        _ = call(if_match=header).edited_version


def test_an_etag_comes_back_as_the_version_that_it_was_made_of() -> None:
    assert call(if_match=etag(41)).edited_version == 41
    check_version(41, 41)
    for edited in (40, 42):
        with pytest.raises(Stale):
            check_version(41, edited)


def test_path_parameters_are_decoded_once() -> None:
    assert decoded({"name": "a%20b%252F%C5%9F"}) == {"name": "a b%2Fş"}
    assert decoded(None) == {}


def test_headers_are_known_by_their_lower_case_names() -> None:
    assert lower_case({"If-Match": '"1"'}) == {"if-match": '"1"'}
