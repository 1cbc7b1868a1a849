"""What the packaged template promises: nothing is lost, nothing is public, nothing hangs."""

import ast
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chalicelib.web.errors import Problem

ROOT = Path(__file__).resolve().parents[2]


def sources(functions: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every event source's properties, by function."""
    found = {}
    for name, function in functions.items():
        for event in function.get("Events", {}).values():
            found[name] = event["Properties"] | {"Type": event["Type"]}
    return found


def test_every_entry_of_the_app_is_deployed_with_its_source(functions: dict[str, Any]) -> None:
    kinds = {name: source["Type"] for name, source in sources(functions).items()}
    assert kinds == {
        "DrainOutbox": "DynamoDB",
        "OnTimer": "SQS",
        "ExportReport": "SQS",
        "Sweep": "Schedule",
        "CatchUp": "Schedule",
        "Reconcile": "Schedule",
        "Verify": "Schedule",
    }


def test_what_a_source_cannot_deliver_is_kept_for_a_person(
    functions: dict[str, Any], template: dict[str, Any]
) -> None:
    for name, source in sources(functions).items():
        if source["Type"] == "SQS":
            queue = template["Resources"][source["Queue"]["Fn::GetAtt"][0]]["Properties"]
            assert queue["RedrivePolicy"]["maxReceiveCount"] >= 3, name
            assert queue["VisibilityTimeout"] >= 6 * functions[name]["Timeout"], name
        if source["Type"] == "DynamoDB":
            assert source["DestinationConfig"]["OnFailure"]["Destination"] == {
                "Fn::GetAtt": ["FailureQueue", "Arn"]
            }
            assert source["BisectBatchOnFunctionError"] is True
            assert 0 < source["MaximumRetryAttempts"] <= 10
            assert 60 <= source["MaximumRecordAgeInSeconds"] <= 86_400
        if source["Type"] == "Schedule":
            assert source["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": ["FailureQueue", "Arn"]}
            assert "OnFailure" in functions[name]["EventInvokeConfig"]["DestinationConfig"]


def test_one_bad_record_does_not_repeat_the_good_ones(functions: dict[str, Any]) -> None:
    batched = [source for source in sources(functions).values() if source["Type"] != "Schedule"]
    assert len(batched) == 3
    for source in batched:
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_only_a_receipt_with_work_left_wakes_the_outbox(functions: dict[str, Any]) -> None:
    (only,) = sources(functions)["DrainOutbox"]["FilterCriteria"]["Filters"]
    pattern = json.loads(only["Pattern"])
    assert pattern["dynamodb"]["NewImage"] == {
        "entity": {"S": ["receipt"]},
        "GSI3PK": {"S": [{"exists": True}]},
    }
    assert pattern["eventName"] == ["INSERT", "MODIFY"]


def test_no_source_is_left_at_the_placeholder_that_chalice_wants(template: dict[str, Any]) -> None:
    assert "placeholder" not in json.dumps(template).lower()


def test_data_outlives_the_stack(template: dict[str, Any]) -> None:
    for name in ("Table", "ExportsBucket", "UserPool"):
        assert template["Resources"][name]["DeletionPolicy"] == "Retain", name
        assert template["Resources"][name]["UpdateReplacePolicy"] == "Retain", name
    assert template["Resources"]["UserPool"]["Properties"]["DeletionProtection"] == "ACTIVE"


def test_the_table_can_be_restored_and_expires_what_is_rubbish(template: dict[str, Any]) -> None:
    table = template["Resources"]["Table"]["Properties"]
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    projected = {
        index["IndexName"]: index["Projection"]["ProjectionType"] for index in table["GlobalSecondaryIndexes"]
    }
    assert projected == {"GSI1": "ALL", "GSI2": "ALL", "GSI3": "KEYS_ONLY"}


def test_nothing_is_public(template: dict[str, Any]) -> None:
    bucket = template["Resources"]["ExportsBucket"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (tls,) = template["Resources"]["ExportsBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert tls["Effect"] == "Deny"
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    queues = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::SQS::Queue"]
    assert len(queues) == 5
    assert all(queue["SqsManagedSseEnabled"] is True for queue in queues)


def test_no_browser_may_say_who_a_person_is(template: dict[str, Any]) -> None:
    public = template["Resources"]["PublicClient"]["Properties"]
    assert public["GenerateSecret"] is False
    assert {"custom:platform", "custom:country"} <= set(public["ReadAttributes"])
    assert public["PreventUserExistenceErrors"] == "ENABLED"
    assert template["Resources"]["SignUpClient"]["Properties"]["GenerateSecret"] is True
    schema = {
        entry["Name"]: entry["Mutable"] for entry in template["Resources"]["UserPool"]["Properties"]["Schema"]
    }
    assert schema["platform"] is False
    assert set(public["WriteAttributes"]) == {"locale", "zoneinfo"}


def test_the_code_finds_every_variable_that_it_asks_for(template: dict[str, Any]) -> None:
    given = set(template["Globals"]["Function"]["Environment"]["Variables"]) | {"AWS_REGION"}
    tree = ast.parse((ROOT / "chalicelib/settings.py").read_text())
    asked = {
        node.slice.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    }
    assert len(asked) >= 12
    assert asked <= given


def test_the_api_answers_before_its_gateway_gives_up(
    functions: dict[str, Any], template: dict[str, Any]
) -> None:
    assert functions["APIHandler"]["Timeout"] <= 29
    assert template["Resources"]["RestAPI"]["Properties"]["EndpointConfiguration"] == "REGIONAL"


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("UNAUTHORIZED", 401, "UNAUTHENTICATED"),
        ("EXPIRED_TOKEN", 401, "UNAUTHENTICATED"),
        ("ACCESS_DENIED", 403, "FORBIDDEN"),
        ("MISSING_AUTHENTICATION_TOKEN", 404, "NOT_FOUND"),
        ("REQUEST_TOO_LARGE", 413, "BODY_TOO_LARGE"),
        ("THROTTLED", 429, "RATE_LIMITED"),
    ],
)
def test_the_gateway_refuses_in_the_shape_of_every_other_refusal(
    template: dict[str, Any], kind: str, status: int, code: str
) -> None:
    response = template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"][kind]
    body = json.loads(response["ResponseTemplates"]["application/json"])
    assert (response["StatusCode"], body["status"], body["code"]) == (status, status, code)
    problem = msgspec.convert(body, Problem)
    assert problem.type == f"urn:seans:error:{code}"
    assert problem.detail
    assert response["ResponseParameters"]["Headers"]["Content-Type"] == "'application/problem+json'"


def test_every_log_group_is_named_after_a_function_that_is_there(
    template: dict[str, Any], functions: dict[str, Any]
) -> None:
    groups = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::Logs::LogGroup"]
    named = {
        group["LogGroupName"]["Fn::Sub"].removeprefix("/aws/lambda/${").removesuffix("}") for group in groups
    }
    assert named == set(functions)


def test_scripts_find_what_they_need(template: dict[str, Any]) -> None:
    needed = {
        "ApiUrl",
        "RestAPIId",
        "TableName",
        "ExportsBucketName",
        "TimerQueueUrl",
        "ExportQueueUrl",
        "FailureQueueUrl",
    }
    people = {"UserPoolId", "UserPoolClientId", "SignUpClientId"}
    assert needed | people | {"ParameterPrefix"} <= set(template["Outputs"])
