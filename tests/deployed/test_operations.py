"""What an operator reads of the deployed stack: a line for each call, and nothing of anybody."""

import json
import time
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import pytest

from infra.local.api import Api
from infra.local.running import RunningStack

SCHEDULED = {"version": "0", "account": "1", "region": "us-east-1", "detail": {}, "resources": [], "id": "1"}


def lines(stack: RunningStack, since_ms: int = 0) -> Iterator[dict[str, Any]]:
    """All that the functions have written as JSON since then, each function's in order of time."""
    logs = stack.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        if group["logGroupName"].startswith(f"/aws/lambda/{stack.stack_name}-"):
            for event in sorted(events(logs, group["logGroupName"], since_ms), key=itemgetter("timestamp")):
                if event["message"].startswith('{"event"'):
                    yield json.loads(event["message"])


def events(logs: Any, group: str, since_ms: int) -> Iterator[dict[str, Any]]:
    """A stream has more of them than an answer, which says where the next one begins, or itself at the end."""
    for page in logs.get_paginator("describe_log_streams").paginate(logGroupName=group):
        for stream in page["logStreams"]:
            place = {"logGroupName": group, "logStreamName": stream["logStreamName"]}
            place |= {"startFromHead": True, "startTime": since_ms}
            answer, before = logs.get_log_events(**place), None
            while answer["nextForwardToken"] != before:
                yield from answer["events"]
                before = answer["nextForwardToken"]
                answer = logs.get_log_events(**place, nextToken=before)


CATALOGUE = "GET /v1/public/{platform_id}/catalogue"


def now_ms() -> int:
    return int(time.time() * 1_000)


def catalogue_lines(stack: RunningStack, platform_id: str, since_ms: int) -> list[dict[str, Any]]:
    """The embedded gateway tells its callers another request id than its functions; AWS tells the same."""
    found = (line for line in lines(stack, since_ms) if line.get("operation") == CATALOGUE)
    return [line for line in found if line.get("platform_id") == platform_id]


def test_a_request_has_one_line_that_says_whose_it_was_and_how_it_went(stack: RunningStack) -> None:
    began = now_ms()
    assert Api(stack.api_url).call("GET", "/v1/public/demo/catalogue?country=TR").status == 200
    (line,) = catalogue_lines(stack, "demo", began)
    assert line.pop("duration_ms") > 0
    assert len(line.pop("request_id")) > 20
    assert line == {
        "event": "request",
        "stage": "local",
        "operation": CATALOGUE,
        "platform_id": "demo",
        "status": 200,
    }


def test_a_refusal_has_its_code(stack: RunningStack) -> None:
    began = now_ms()
    reply = Api(stack.api_url).call("GET", "/v1/public/nobodys/catalogue?country=TR")
    (line,) = catalogue_lines(stack, "nobodys", began)
    assert (line["status"], line["code"]) == (reply.status, reply.code) == (404, "PLATFORM_NOT_FOUND")


def test_the_nightly_verification_says_what_it_found(stack: RunningStack) -> None:
    began = now_ms()
    answer = stack.client("lambda").invoke(
        FunctionName=stack.outputs["VerifyName"],
        Payload=json.dumps(
            SCHEDULED
            | {"detail-type": "Scheduled Event", "source": "aws.events", "time": "2026-01-01T00:00:00Z"}
        ),
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    verified = [line for line in lines(stack, began) if line["event"] == "verified"][-1]
    assert verified["VerifierDifferences"] == verified["differences"]
    assert verified["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Seans"
    assert verified["operation"] == "verify"
    (call,) = [
        line
        for line in lines(stack, began)
        if line["event"] == "invocation" and line["request_id"] == verified["request_id"]
    ]
    assert (call["status"], call["items"] > 50) == ("done", True)


def test_nobody_is_named_in_the_logs(stack: RunningStack) -> None:
    written = json.dumps(list(lines(stack)), ensure_ascii=False)
    assert '"operation": "POST /v1/' in written
    personal = [login["email"] for login in stack.seeded["logins"]]
    personal += [login["password"] for login in stack.seeded["logins"]]
    assert [text for text in personal if text in written] == []
    assert "@" not in written.replace("…@…", "")


@pytest.mark.parametrize("name", ["sweep-stopped", "api-errors", "effects-parked", "verifier-differences"])
def test_the_alarms_are_there_and_ring_at_one_topic(stack: RunningStack, name: str) -> None:
    found = stack.client("cloudwatch").describe_alarms(AlarmNames=[f"{stack.stack_name}-{name}"])
    (alarm,) = found["MetricAlarms"]
    assert alarm["AlarmActions"] == [stack.outputs["AlarmTopicArn"]]
