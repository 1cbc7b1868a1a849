"""One table from refusal to status: complete, unambiguous, and one shape of answer."""

import json
import re

import pytest
from botocore.exceptions import ReadTimeoutError
from pynamodb.exceptions import PutError

from chalicelib.core import errors
from chalicelib.core.errors import Conflict, NotFound, Refusal
from chalicelib.web.errors import STATUS, as_refusal, problem, status_of
from tests.unit.web.refusals import refusals


def test_every_refusal_has_a_status_that_its_kind_decides() -> None:
    for kind in refusals():
        assert 400 <= status_of(kind) <= 504, kind
        assert kind in STATUS or sum(base in STATUS for base in kind.__mro__) == 1, f"{kind} is of two kinds"


def test_every_refusal_has_a_code_and_a_message_of_its_own() -> None:
    """Or is, to its caller, the very refusal that it extends; but a kind's code says too little."""
    codes: dict[str, type[Refusal]] = {}
    for kind in refusals():
        assert re.fullmatch(r"[A-Z][A-Z0-9_]{2,49}", kind.code), kind
        assert kind.message.endswith("."), f"{kind}: a message is a sentence"
        if "code" in vars(kind):
            other = codes.setdefault(kind.code, kind)
            assert other is kind, f"{kind} and {other} share the code {kind.code}"
        else:
            assert kind.__base__ not in STATUS, f"{kind} has no code of its own"


def test_a_refusal_that_extends_no_kind_has_no_status() -> None:
    with pytest.raises(KeyError):
        status_of(Refusal)


class SlotGone(Conflict):
    code = "SLOT_GONE"
    message = "The slot is gone."


def test_a_refusal_is_answered_as_a_problem() -> None:
    response = problem(SlotGone("10:00 is gone.", field="starts_at", nearest=["10:30"]))
    assert response.status_code == 409
    assert response.headers == {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    assert json.loads(response.body) == {
        "type": "urn:seans:error:SLOT_GONE",
        "title": "The slot is gone.",
        "status": 409,
        "code": "SLOT_GONE",
        "detail": "10:00 is gone.",
        "nearest": ["10:30"],
        "errors": [{"field": "starts_at", "detail": "10:00 is gone."}],
    }


def test_a_problem_without_a_field_names_none() -> None:
    assert "errors" not in json.loads(problem(NotFound()).body)


def test_who_should_come_again_is_told_when() -> None:
    assert problem(errors.Busy()).headers["Retry-After"] == "1"
    assert "Retry-After" not in problem(SlotGone()).headers


def test_a_mistake_of_ours_tells_no_more_than_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    response = problem(as_refusal(ZeroDivisionError("secret detail")))
    assert response.status_code == 500
    assert json.loads(response.body)["code"] == "INTERNAL"
    assert "secret" not in response.body
    assert json.loads(capsys.readouterr().out)["event"] == "request_failed"


def store_error(code: str) -> PutError:
    cause = Exception()
    cause.response = {"Error": {"Code": code, "Message": "x"}}  # type: ignore[attr-defined] - as botocore does
    return PutError(cause=cause)


def test_a_busy_store_is_busy_and_another_failure_of_it_is_ours() -> None:
    assert as_refusal(store_error("ThrottlingException")).code == "BUSY"
    assert as_refusal(store_error("ResourceNotFoundException")).code == "INTERNAL"


def test_a_store_that_does_not_answer_is_busy() -> None:
    """Its client's time-out has a response, which is ``None``."""
    assert as_refusal(PutError(cause=ReadTimeoutError(endpoint_url="https://store"))).code == "BUSY"
