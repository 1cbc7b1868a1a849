"""`KEEP=1`: what one run left is there in the next one, and its stream still wakes the outbox."""

import time
from pathlib import Path

import pytest

from infra.local.running import RunningStack
from infra.local.stack import LocalStack, Ports

KEPT = {"PK": {"S": "KEPT"}, "SK": {"S": "KEPT"}}
PASSWORD = "long-enough-1"


def leave_something(stack: RunningStack) -> None:
    stack.client("dynamodb").put_item(TableName=stack.outputs["TableName"], Item=KEPT)
    cognito, pool = stack.client("cognito-idp"), stack.outputs["UserPoolId"]
    cognito.admin_create_user(UserPoolId=pool, Username="kept", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="kept", Password=PASSWORD, Permanent=True)


def runs_of_the_outbox(stack: RunningStack) -> str:
    (mapping,) = stack.client("lambda").list_event_source_mappings(
        FunctionName=stack.outputs["DrainOutboxName"]
    )["EventSourceMappings"]
    return mapping["LastProcessingResult"]


@pytest.mark.slow
def test_a_kept_stack_goes_on_where_it_stopped(tmp_path: Path) -> None:
    ports = Ports.free()
    with LocalStack(ports, tmp_path, keep=True) as first:
        leave_something(first)
    assert not (tmp_path / "stack.json").exists()

    with LocalStack(ports, tmp_path, keep=True) as second:
        assert second.outputs == first.outputs
        table = second.outputs["TableName"]
        item = second.client("dynamodb").get_item(TableName=table, Key=KEPT, ConsistentRead=True)["Item"]
        assert item == KEPT
        second.client("cognito-idp").initiate_auth(
            ClientId=second.outputs["UserPoolClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "kept", "PASSWORD": PASSWORD},
        )
        assert runs_of_the_outbox(second) == "No records processed"
        pending = {"entity": {"S": "receipt"}, "GSI3PK": {"S": "WORK#0"}, "GSI3SK": {"S": "2026"}}
        second.client("dynamodb").put_item(TableName=table, Item=KEPT | pending)
        deadline = time.monotonic() + 20
        while runs_of_the_outbox(second) == "No records processed" and time.monotonic() < deadline:
            time.sleep(0.2)
        assert runs_of_the_outbox(second) != "No records processed"
