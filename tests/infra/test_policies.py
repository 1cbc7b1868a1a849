"""Each function may do what it does, and no more."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

TABLE_WRITES = {"dynamodb:PutItem", "dynamodb:DeleteItem"}


def statements(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"]["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield name, statement


def actions_of(template: dict[str, Any], role: str) -> set[str]:
    return {
        action
        for name, statement in statements(template)
        if name == role
        for action in as_list(statement["Action"])
    }


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_every_function_has_a_role_of_its_own(functions: dict[str, Any]) -> None:
    roles = [function["Role"]["Fn::GetAtt"][0] for function in functions.values()]
    assert len(set(roles)) == len(functions) == 8


def test_no_statement_allows_every_action_or_every_resource(template: dict[str, Any]) -> None:
    seen = 0
    for role, statement in statements(template):
        seen += 1
        for action in as_list(statement["Action"]):
            assert "*" not in action, f"{role}: {action}"
        for resource in as_list(statement["Resource"]):
            assert resource != "*", f"{role}: {statement['Sid']}"
            assert "NotAction" not in statement
    assert seen > 20


def test_a_role_is_passed_to_the_scheduler_alone(template: dict[str, Any]) -> None:
    passing = [s for _, s in statements(template) if "iam:PassRole" in as_list(s["Action"])]
    assert len(passing) == 2
    for statement in passing:
        assert statement["Resource"] == {"Fn::GetAtt": ["SchedulerRole", "Arn"]}
        assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}


@pytest.mark.parametrize(
    "role",
    [
        "ApiHandlerRole",
        "DrainOutboxRole",
        "OnTimerRole",
        "ExportReportRole",
        "SweepRole",
        "CatchUpRole",
        "ReconcileRole",
    ],
)
def test_no_function_scans_the_table_or_changes_it(template: dict[str, Any], role: str) -> None:
    found = {action for action in actions_of(template, role) if action.startswith("dynamodb:")}
    streams = {
        f"dynamodb:{name}" for name in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    }
    reads = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem"}
    assert found - streams == reads | TABLE_WRITES


def test_who_scans_the_table_changes_nothing_in_it(template: dict[str, Any]) -> None:
    found = {action for action in actions_of(template, "VerifyRole") if not action.startswith("logs:")}
    assert found == {"dynamodb:Scan", "sqs:SendMessage"}


def test_the_api_reaches_no_vendor_by_the_back_door(template: dict[str, Any]) -> None:
    services = {action.split(":")[0] for action in actions_of(template, "ApiHandlerRole")}
    assert services == {"logs", "dynamodb", "ssm", "cognito-idp", "s3"}


def test_mail_leaves_by_the_outbox_alone_and_from_one_sender(template: dict[str, Any]) -> None:
    sending = {
        name: s["Resource"] for name, s in statements(template) if "ses:SendEmail" in as_list(s["Action"])
    }
    identity = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailIdentity}"
    assert sending == {role: {"Fn::Sub": identity} for role in ("DrainOutboxRole", "SweepRole")}


def test_no_function_holds_on_to_the_table_that_a_restore_left(template: dict[str, Any]) -> None:
    """Each resource that names the stack's own table names the restored one too (docs/restore.md)."""
    seen = 0
    for role, statement in statements(template):
        for resource in as_list(statement["Resource"]):
            if "Table" in (text := json.dumps(resource)):
                assert '"IsRestored"' in text, f"{role}: {statement['Sid']}"
                seen += 1
    assert seen >= 12
