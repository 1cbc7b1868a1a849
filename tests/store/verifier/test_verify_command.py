"""`make verify` as a person runs it: from a stack's file, with an exit code for scripts."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra import verify

OUTPUTS = {
    "TableName": "seans-test",
    "ExportsBucketName": "exports",
    "TimerQueueArn": "arn:aws:sqs:eu-central-1:123456789012:timers",
    "ExportQueueUrl": "https://sqs.eu-central-1.amazonaws.com/123456789012/exports",
    "ScheduleGroupName": "seans-test",
    "SchedulerRoleArn": "arn:aws:iam::123456789012:role/scheduler",
    "UserPoolId": "eu-central-1_test",
    "SignUpClientId": "sign-up",
    "MailSenderAddress": "no-reply@example.com",
    "ParameterPrefix": "/seans/test",
}
LOST = {"PK": "PLATFORM#p#THING", "SK": "THING", "entity": "thing", "version": 1, "record": {}}


@pytest.fixture
def stack_file(table: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    document = {
        "stack_name": "seans-test",
        "region": "eu-central-1",
        "outputs": OUTPUTS,
        "aws_endpoint": "https://dynamodb.eu-central-1.amazonaws.com",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
    }
    for name in verify.environment_on_this_machine(document):
        monkeypatch.setenv(name, "as it was")
    monkeypatch.setenv("TABLE_NAME", "seans-test")
    path = tmp_path / "stack.json"
    path.write_text(json.dumps(document))
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: Any) -> Any:
    monkeypatch.setattr("sys.argv", ["verify", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        verify.main()
    return ended.value.code


def test_a_clean_table_ends_well(stack_file, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "--stack-file", stack_file) == 0
    assert capsys.readouterr().out == "0 items: 0 differences, 0 warnings\n"


def test_each_difference_is_printed_and_the_exit_code_says_so(stack_file, monkeypatch, capsys, plant) -> None:
    plant.put(LOST)
    assert run(monkeypatch, "--stack-file", stack_file) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("L4 unreadable-item at PLATFORM#p#THING THING")
    assert lines[-1] == "1 items: 1 differences, 0 warnings"


def test_a_stack_that_does_not_run_is_told(tmp_path, monkeypatch) -> None:
    assert "make run" in run(monkeypatch, "--stack-file", tmp_path / "none.json")


def test_a_stack_without_its_region_is_told(monkeypatch) -> None:
    assert run(monkeypatch, "--stack", "seans-prod") == 2


def test_a_deployed_stack_is_known_by_its_outputs(table, monkeypatch) -> None:
    monkeypatch.setattr(verify, "outputs", lambda target: OUTPUTS | {"asked": target.stack_name})
    environment = verify.environment_in_aws("seans-prod", "eu-central-1")
    assert environment["TABLE_NAME"] == "seans-test"
    assert environment["STAGE"] == "prod"
    assert "AWS_ENDPOINT_URL" not in environment


def test_a_repair_tells_what_it_did_and_what_is_left(stack_file, monkeypatch, capsys, plant) -> None:
    pointer = {"assignment_id": "asg_1"}
    listed = {
        "PK": "PLATFORM#p#ASSIGNED#a1",
        "SK": "asg_1",
        "entity": "assigned",
        "version": 1,
        "record": pointer,
    }
    plant.put(listed)
    plant.put(LOST)
    assert run(monkeypatch, "--stack-file", stack_file, "--repair") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("repaired: B2 listed-package-missing at p asg_1")
    assert lines[1].endswith("[there is no repair for it]")
    assert lines[-1] == "left: 1 differences, 0 warnings"
