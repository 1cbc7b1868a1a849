"""A restore: into a new table, verified, and worked on after the switch. On a stack of its own, since it moves it.

The embedded AWS restores the table as it is now, whatever instant is asked for, and knows no PITR of its own.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from infra.deploy import Target, outputs
from infra.local.api import Api
from infra.local.running import REGION, RunningStack
from infra.local.stack import LocalStack, Ports
from infra.restore import RestoreFailed, complete, restore, switch


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    with LocalStack(Ports.free(), tmp_path_factory.mktemp("restored")) as running:
        yield running


@pytest.fixture(scope="module")
def target(own_stack: RunningStack) -> Target:
    return Target(
        client=own_stack.client,
        region=REGION,
        stack_name=own_stack.stack_name,
        parameters={},
        poll_seconds=0.1,
    )


def items(target: Target, table: str) -> dict[tuple[str, str], dict[str, Any]]:
    pages = target.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    found = [item for page in pages for item in page["Items"]]
    return {(item["PK"]["S"], item["SK"]["S"]): item for item in found}


def test_the_restored_table_is_worked_on_after_the_switch(own_stack: RunningStack, target: Target) -> None:
    before = outputs(target)["TableName"]
    name = restore(target)
    complete(target, name)
    assert items(target, name).keys() == items(target, before).keys() != set()
    settings(target, name)

    switch(target, name)
    assert outputs(target)["TableName"] == name
    assert listened_to(own_stack) == [name]
    left_alone = items(target, before)
    api = admin(own_stack)
    moved = api.call("PUT", "/v1/admin/clock", {"now": "2031-05-06T07:08:09Z"})
    assert moved.status == 200, moved.body
    wait_until_swept(target, name)
    assert items(target, before) == left_alone, "nobody writes to the old table any more"

    switch(target, before)
    assert outputs(target)["TableName"] == before
    assert listened_to(own_stack) == [before]
    assert api.get("/v1/admin/clock")["now"] < "2031", "what was done on the new table is not in the old one"


def listened_to(stack: RunningStack) -> list[str]:
    """The tables whose streams feed the outbox."""
    found = stack.client("lambda").list_event_source_mappings(FunctionName=stack.outputs["DrainOutboxName"])
    return [mapping["EventSourceArn"].split("/")[1] for mapping in found["EventSourceMappings"]]


def settings(target: Target, name: str) -> None:
    dynamodb = target.client("dynamodb")
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert table["DeletionProtectionEnabled"] is True
    assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} == {"GSI1", "GSI2", "GSI3"}
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert (expiry["TimeToLiveStatus"], expiry["AttributeName"]) == ("ENABLED", "expires_at")
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def admin(stack: RunningStack) -> Api:
    (login,) = [
        login
        for login in stack.seeded["logins"]
        if login["role"] == "admin" and login["platform"] == "demo-sandbox"
    ]
    answer = stack.client("cognito-idp").initiate_auth(
        ClientId=stack.outputs["UserPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={
            "USERNAME": f"{login['platform']}:{login['email']}",
            "PASSWORD": login["password"],
        },
    )
    return Api(stack.api_url, answer["AuthenticationResult"]["IdToken"])


def wait_until_swept(target: Target, table: str) -> None:
    """The moved clock's effect is carried out, and written down in the new table."""
    deadline = time.monotonic() + 30
    while True:
        found = items(target, table)
        moved = [
            item["record"]["M"]["effects"]["L"] for key, item in found.items() if "admin/clock" in key[0]
        ]
        if [effect["M"]["state"]["S"] for effects in moved for effect in effects] == ["done"]:
            return
        assert time.monotonic() < deadline, moved
        time.sleep(0.5)


def test_a_table_that_no_restore_made_is_not_switched_to(target: Target) -> None:
    before = outputs(target)["TableName"]
    target.client("dynamodb").create_table(
        TableName="without-a-stream",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
    )
    with pytest.raises(RestoreFailed, match="has no stream"):
        switch(target, "without-a-stream")
    assert outputs(target)["TableName"] == before
