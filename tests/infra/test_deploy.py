"""The deploy script, beside a CloudFormation that says what it is told to say."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.deploy import DeploymentFailed, Target, deploy, publish_api_url

URL = "https://s3.example"


def refusal(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


class FakeAws:
    """One object for the four services that the script calls; it remembers what it was asked."""

    def __init__(self, *, states: list[str], updates: bool = True, reason: str = "") -> None:
        self.states, self.updates, self.reason = states, updates, reason
        self.parameters: list[str] = []
        self.buckets: set[str] = set()
        self.objects: dict[str, bytes] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.meta = type("Meta", (), {"endpoint_url": URL})

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": "123456789012"}

    def head_bucket(self, Bucket: str) -> None:  # noqa: N803 - AWS's names
        if Bucket not in self.buckets:
            raise refusal("404")

    def create_bucket(self, **request: Any) -> None:
        self.asked.append(("create_bucket", request))
        self.buckets.add(request["Bucket"])

    def put_public_access_block(self, **request: Any) -> None:
        self.asked.append(("put_public_access_block", request))

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 - AWS's names
        assert Bucket in self.buckets
        self.objects[Key] = Body

    def put_parameter(self, **request: Any) -> None:
        self.asked.append(("put_parameter", request))

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        if not self.states:
            raise refusal("ValidationError", "Stack with id seans-test does not exist")
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {
            "Stacks": [
                {
                    "StackStatus": state,
                    "Outputs": [{"OutputKey": "TableName", "OutputValue": "t"}],
                    "Parameters": [{"ParameterKey": name} for name in self.parameters],
                }
            ]
        }

    def create_stack(self, **request: Any) -> None:
        self.asked.append(("create_stack", request))
        self.states = ["CREATE_IN_PROGRESS", "CREATE_COMPLETE" if not self.reason else "ROLLBACK_COMPLETE"]

    def update_stack(self, **request: Any) -> None:
        if not self.updates:
            raise refusal("ValidationError", "No updates are to be performed.")
        self.asked.append(("update_stack", request))

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        now = datetime.now(UTC)
        event = {"ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": self.reason}
        return {
            "StackEvents": [
                event | {"LogicalResourceId": "Table", "Timestamp": now},
                event | {"LogicalResourceId": "LastYear", "Timestamp": now - timedelta(days=365)},
            ]
        }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "deployment.zip", "w") as archive:
        archive.writestr("app.py", "")
    function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "./deployment.zip"}}
    (tmp_path / "sam.json").write_text(
        json.dumps({"Parameters": {"Stage": {}, "RestoredTable": {}}, "Resources": {"APIHandler": function}})
    )
    return tmp_path


def target(aws: FakeAws, region: str = "eu-central-1") -> Target:
    return Target(
        client=lambda _: aws,
        region=region,
        stack_name="seans-test",
        parameters={"Stage": "test"},
        poll_seconds=0,
    )


def test_a_new_stack_is_created_from_what_was_uploaded(folder: Path) -> None:
    aws = FakeAws(states=[])
    assert deploy(folder, target(aws)) == {"TableName": "t"}
    (code,) = [key for key in aws.objects if key.endswith(".zip")]
    (template,) = [key for key in aws.objects if key.endswith(".json")]
    bucket = "seans-artifacts-123456789012-eu-central-1"
    uploaded = json.loads(aws.objects[template])
    assert uploaded["Resources"]["APIHandler"]["Properties"]["CodeUri"] == f"s3://{bucket}/{code}"
    ((_, request),) = [asked for asked in aws.asked if asked[0] == "create_stack"]
    assert request["TemplateURL"] == f"{URL}/{bucket}/{template}"
    assert request["Parameters"] == [{"ParameterKey": "Stage", "ParameterValue": "test"}]


def test_the_artifact_bucket_is_made_once_and_is_private(folder: Path) -> None:
    aws = FakeAws(states=["UPDATE_COMPLETE"])
    deploy(folder, target(aws))
    deploy(folder, target(aws))
    (created,) = [request for name, request in aws.asked if name == "create_bucket"]
    assert created["CreateBucketConfiguration"] == {"LocationConstraint": "eu-central-1"}
    (blocked,) = [request for name, request in aws.asked if name == "put_public_access_block"]
    assert set(blocked["PublicAccessBlockConfiguration"].values()) == {True}


def test_the_oldest_region_is_named_by_naming_none(folder: Path) -> None:
    aws = FakeAws(states=["UPDATE_COMPLETE"])
    deploy(folder, target(aws, "us-east-1"))
    (created,) = [request for name, request in aws.asked if name == "create_bucket"]
    assert "CreateBucketConfiguration" not in created


def test_a_stack_that_is_there_is_updated(folder: Path) -> None:
    aws = FakeAws(states=["CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"])
    deploy(folder, target(aws))
    assert [name for name, _ in aws.asked if name.endswith("_stack")] == ["update_stack"]


def test_a_stack_that_is_as_it_should_be_is_left_alone(folder: Path) -> None:
    aws = FakeAws(states=["UPDATE_COMPLETE"], updates=False)
    assert deploy(folder, target(aws)) == {"TableName": "t"}


def test_a_failure_tells_the_reasons_of_this_deployment(folder: Path) -> None:
    with pytest.raises(DeploymentFailed) as failure:
        deploy(folder, target(FakeAws(states=[], reason="the table's name is taken")))
    assert "ROLLBACK_COMPLETE" in str(failure.value)
    assert "Table: the table's name is taken" in str(failure.value)
    assert "LastYear" not in str(failure.value)


def test_the_same_code_goes_to_the_same_place(folder: Path) -> None:
    first, second = FakeAws(states=[]), FakeAws(states=[])
    deploy(folder, target(first))
    deploy(folder, target(second))
    assert first.objects == second.objects


def test_the_code_is_told_its_public_address() -> None:
    aws = FakeAws(states=[])
    found = {"ParameterPrefix": "/seans/seans-test", "ConsoleUrl": "https://d1.cloudfront.example"}
    publish_api_url(target(aws), found)
    ((_, request),) = aws.asked
    assert request["Name"] == "/seans/seans-test/api_url"
    assert (request["Value"], request["Overwrite"]) == ("https://d1.cloudfront.example/api", True)


def test_a_parameter_that_is_not_given_stays_as_it_is(folder: Path) -> None:
    aws = FakeAws(states=["CREATE_COMPLETE", "UPDATE_COMPLETE"])
    aws.parameters = ["Stage", "RestoredTable", "OfAnOlderTemplate"]
    deploy(folder, target(aws))
    ((_, request),) = [asked for asked in aws.asked if asked[0] == "update_stack"]
    assert request["Parameters"] == [
        {"ParameterKey": "Stage", "ParameterValue": "test"},
        {"ParameterKey": "RestoredTable", "UsePreviousValue": True},
    ]
