"""Every alarm wakes somebody and has its page, and every metric of ours that can be written has its alarm."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.log import METRICS, NAMESPACE

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = ROOT / "docs" / "runbook"
HEADINGS = ["## What it means", "## Look here", "## Do this", "## How to verify"]


@pytest.fixture
def alarms(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each alarm's properties, by the name of its page."""
    found = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            words = re.sub(r"(?<!^)(?=[A-Z])", "-", name.removesuffix("Alarm"))
            found[words.lower()] = resource["Properties"]
    return found


def test_every_alarm_has_its_page_and_every_page_its_alarm(alarms: dict[str, Any]) -> None:
    pages = {path.stem for path in RUNBOOK.glob("*.md")} - {"README"}
    assert pages == set(alarms)
    assert len(pages) >= 15


def test_every_alarm_names_its_page_and_wakes_somebody(alarms: dict[str, Any]) -> None:
    for name, alarm in alarms.items():
        assert alarm["AlarmName"] == {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
        assert alarm["AlarmDescription"].endswith(f"See docs/runbook/{name}.md")
        assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]


def test_every_page_says_the_four_things_in_one_screen() -> None:
    for path in RUNBOOK.glob("*.md"):
        lines = path.read_text().splitlines()
        if path.stem != "README":
            assert [line for line in lines if line.startswith("## ")] == HEADINGS, path.name
        assert len(lines) <= 45, path.name


def test_the_pages_lead_to_pages_that_are_there() -> None:
    for path in RUNBOOK.glob("*.md"):
        for target in re.findall(r"\]\(([^)]+)\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
    listed = re.findall(r"\[[a-z-]+\]\(([a-z-]+)\.md\)", (RUNBOOK / "README.md").read_text())
    assert sorted(listed) == sorted(path.stem for path in RUNBOOK.glob("*.md") if path.stem != "README")


def metrics(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    if "MetricName" in alarm:
        return [alarm]
    return [entry["MetricStat"]["Metric"] for entry in alarm["Metrics"] if "MetricStat" in entry]


def test_all_that_the_code_counts_has_an_alarm_and_nothing_else_is_watched(alarms: dict[str, Any]) -> None:
    ours = [m for alarm in alarms.values() for m in metrics(alarm) if m["Namespace"] == NAMESPACE]
    assert {metric["MetricName"] for metric in ours} == set(METRICS.values())
    assert all(metric["Dimensions"] == [{"Name": "stage", "Value": {"Ref": "Stage"}}] for metric in ours)


def test_every_event_that_is_counted_is_written_somewhere() -> None:
    source = "".join(path.read_text() for path in (ROOT / "chalicelib").rglob("*.py") if path.stem != "log")
    assert [event for event in METRICS if f'"{event}"' not in source] == []


def test_every_function_is_watched_for_errors_and_throttles(
    alarms: dict[str, Any], functions: dict[str, Any]
) -> None:
    for name in ("function-errors", "function-throttles"):
        watched = {metric["Dimensions"][0]["Value"]["Ref"] for metric in metrics(alarms[name])}
        assert watched == set(functions)


def test_every_queue_that_keeps_what_failed_is_watched(
    alarms: dict[str, Any], template: dict[str, Any]
) -> None:
    fed = {
        resource["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in resource["Properties"]
    }
    watched = {
        metric["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in alarms.values()
        for metric in metrics(alarm)
        if metric["Namespace"] == "AWS/SQS"
    }
    assert watched == fed | {"FailureQueue"}


def test_an_event_that_needs_a_person_is_not_taken_back(alarms: dict[str, Any]) -> None:
    for name in ("effects-parked", "payments-for-review", "verifications-cut-off"):
        assert "OKActions" not in alarms[name]
    assert alarms["verifier-differences"]["TreatMissingData"] == "ignore"
    assert alarms["sweep-stopped"]["TreatMissingData"] == "breaching"


def test_the_dashboard_shows_every_alarm(template: dict[str, Any], alarms: dict[str, Any]) -> None:
    body, _ = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    first, *_ = json.loads(body)["widgets"]
    assert {name.removeprefix("${Alarms}-") for name in first["properties"]["alarms"]} == set(alarms)


def test_somebody_is_told_where_an_address_is_given(template: dict[str, Any]) -> None:
    subscription = template["Resources"]["AlarmSubscription"]
    assert subscription["Condition"] == "HasAlarmEmail"
    assert subscription["Properties"]["Endpoint"] == {"Ref": "AlarmEmail"}
    assert template["Parameters"]["AlarmEmail"]["Default"] == ""


def test_traces_are_off_unless_they_are_asked_for(template: dict[str, Any]) -> None:
    assert template["Parameters"]["Traces"]["Default"] == "off"
    assert template["Globals"]["Function"]["Tracing"] == {"Fn::If": ["IsTraced", "Active", "PassThrough"]}
    assert template["Resources"]["TracePolicy"]["Condition"] == "IsTraced"
    roles = {role["Ref"] for role in template["Resources"]["TracePolicy"]["Properties"]["Roles"]}
    assert roles == {n for n in template["Resources"] if n.endswith("Role")} - {"SchedulerRole"}
