"""A dry run tells what a deployment would do, and does nothing."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from infra.changes import changes
from infra.deploy import Target
from infra.local.running import REGION, RunningStack
from infra.package import package


@pytest.fixture
def target(stack: RunningStack) -> Target:
    return Target(
        client=stack.client, region=REGION, stack_name=stack.stack_name, parameters={}, poll_seconds=0.1
    )


def described(target: Target) -> dict[str, str]:
    (found,) = target.client("cloudformation").describe_stacks(StackName=target.stack_name)["Stacks"]
    return {entry["ParameterKey"]: entry["ParameterValue"] for entry in found["Parameters"]}


def test_what_is_deployed_as_it_is_would_not_change(target: Target) -> None:
    assert changes(package(), target) == []


def test_what_would_change_is_told_and_stays_as_it_is(target: Target) -> None:
    before = described(target)
    lines = changes(package(), replace(target, parameters={"StripeApiBase": "https://stripe.example"}))
    assert any(line.startswith("modify   APIHandler (AWS::Lambda::Function)") for line in lines)
    assert described(target) == before
    summaries = target.client("cloudformation").list_change_sets(StackName=target.stack_name)["Summaries"]
    assert summaries == []


def test_a_deployment_that_is_not_there_would_be_made_and_is_not(target: Target) -> None:
    new = replace(
        target,
        stack_name="seans-dry",
        parameters={"Stage": "dry", "MailSender": "a@b.cd", "LocalPort": "1"},
    )
    lines = changes(package(), new)
    assert "add      Table (AWS::DynamoDB::Table)" in lines
    assert len(lines) > 60
    with pytest.raises(ClientError, match="does not exist"):
        described(new)
