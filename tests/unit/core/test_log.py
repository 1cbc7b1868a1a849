"""Lines of the log: one of JSON each, counted where a person may have to hear of it, and without addresses."""

import json
from typing import Any

import pytest

from chalicelib.core.log import METRICS, log, note, one_call


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_call_has_one_line_with_what_became_known_of_it(lines: Any) -> None:
    with one_call("request", stage="prod", operation="GET /v1/me", request_id="r1"):
        note(platform_id="clinic")
        note(status=200)
    (line,) = lines()
    assert 0 <= line.pop("duration_ms") < 1000
    assert line == {
        "event": "request",
        "stage": "prod",
        "operation": "GET /v1/me",
        "request_id": "r1",
        "platform_id": "clinic",
        "status": 200,
    }


def test_a_call_that_breaks_off_has_its_line_too(lines: Any) -> None:
    with pytest.raises(ZeroDivisionError), one_call("invocation", stage="prod", operation="sweep"):
        raise ZeroDivisionError
    (line,) = lines()
    assert (line["event"], line["status"]) == ("invocation", "failed")


def test_what_is_told_in_a_call_names_the_call(lines: Any) -> None:
    with one_call("request", stage="prod", request_id="r1"):
        note(platform_id="clinic")
        log("order_settled", order_id="ord_1", platform_id="salon")
    told, _ = lines()
    assert told == {
        "event": "order_settled",
        "stage": "prod",
        "request_id": "r1",
        "platform_id": "salon",
        "order_id": "ord_1",
    }


def test_nothing_of_a_call_is_left_after_it(lines: Any) -> None:
    with one_call("request", stage="prod", request_id="r1"):
        pass
    note(platform_id="nobody's")
    log("order_settled")
    _, after = lines()
    assert after == {"event": "order_settled"}


def test_what_a_person_may_have_to_hear_of_is_counted_for_its_stage(lines: Any, moving_clock: Any) -> None:
    with one_call("invocation", stage="prod"):
        log("verified", differences=3)
    counted, _ = lines()
    assert counted["VerifierDifferences"] == 3
    described = counted["_aws"]
    assert described["Timestamp"] == int(moving_clock.instant.timestamp() * 1000)
    assert described["CloudWatchMetrics"] == [
        {
            "Namespace": "Seans",
            "Dimensions": [["stage"]],
            "Metrics": [{"Name": "VerifierDifferences", "Unit": "Count"}],
        }
    ]
    assert counted["stage"] == "prod"


def test_zero_is_counted_too(lines: Any) -> None:
    with one_call("invocation", stage="prod"):
        log("verified", differences=0)
    assert lines()[0]["VerifierDifferences"] == 0


@pytest.mark.parametrize("event", sorted(METRICS))
def test_without_a_stage_nothing_is_counted(lines: Any, event: str) -> None:
    log(event)
    assert lines() == [{"event": event}]


@pytest.mark.parametrize(
    "text",
    [
        "UsernameExistsException(\"User 'demo:zeynep.k+1@demo.example.com' exists\")",
        "<ayşe@örnek.com>",
        "a@b",
    ],
)
def test_no_address_gets_into_the_log(lines: Any, text: str) -> None:
    log("request_failed", error=text, facts={"deep": [text]})
    (line,) = lines()
    assert "@" not in json.dumps(line, ensure_ascii=False).replace("…@…", "")
    assert "…@…" in line["error"]
