"""Restore the table as it was at an instant: into a new table, which is verified and then switched to.

``python -m infra.restore --stack seans-prod --region eu-central-1 make --at 2026-11-22T10:00:00Z`` makes the
new table and verifies it; ``… repair --table NAME`` mends what a restore tore; ``… switch --table NAME`` has
the deployment work on it. The old table stays as it is, and switching to its name goes back. What to think of
before and after stands in ``docs/restore.md``.
"""

import argparse
import sys
import time
from datetime import UTC, datetime
from typing import Any

import boto3

from infra.deploy import CAPABILITIES, DeploymentFailed, Target, outputs, wait
from infra.progress import say, step
from infra.verify import Result, environment_in_aws, repaired, tell, verify_deployment

_TABLE = "Table"
"""The logical name of the stack's own table."""
_LONGEST_HOURS = 24


class RestoreFailed(Exception):
    """The new table cannot be made or used; what was worked on before still is."""


def restore(target: Target, at: datetime | None = None) -> str:
    """Make a table as the deployment's was ``at`` that instant, or as late as can be; return its name."""
    source = outputs(target)["TableName"]
    name = f"{target.stack_name}-restored-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    when: dict[str, Any] = {"RestoreDateTime": at} if at else {"UseLatestRestorableTime": True}
    dynamodb = target.client("dynamodb")
    dynamodb.restore_table_to_point_in_time(SourceTableName=source, TargetTableName=name, **when)
    wait_until_active(target, name)
    return name


def complete(target: Target, name: str) -> None:
    """Give the new table what a restore leaves out: stream, expiry, point-in-time recovery, protection."""
    dynamodb = target.client("dynamodb")
    if "LatestStreamLabel" not in dynamodb.describe_table(TableName=name)["Table"]:
        stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        dynamodb.update_table(TableName=name, StreamSpecification=stream)
        wait_until_active(target, name)
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=True)
    wait_until_active(target, name)
    dynamodb.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )


def wait_until_active(target: Target, name: str) -> None:
    """Until the table and its indexes are there; a restore of many gigabytes takes hours."""
    deadline = time.monotonic() + _LONGEST_HOURS * 3600
    while not _is_active(target.client("dynamodb").describe_table(TableName=name)["Table"]):
        if time.monotonic() > deadline:
            raise RestoreFailed(f"{name} is not active after {_LONGEST_HOURS} hours")
        time.sleep(target.poll_seconds)


def _is_active(table: dict[str, Any]) -> bool:
    parts = [table["TableStatus"], *(i["IndexStatus"] for i in table.get("GlobalSecondaryIndexes", []))]
    return all(status == "ACTIVE" for status in parts)


def switch(target: Target, name: str) -> None:
    """Have the deployment work on the table ``name``; with its own table's name, as before any restore."""
    cloudformation = target.client("cloudformation")
    own = cloudformation.describe_stack_resource(StackName=target.stack_name, LogicalResourceId=_TABLE)
    is_own = name == own["StackResourceDetail"]["PhysicalResourceId"]
    chosen = {
        "RestoredTable": "" if is_own else name,
        "RestoredTableStream": "" if is_own else _stream(target, name),
    }
    (stack,) = cloudformation.describe_stacks(StackName=target.stack_name)["Stacks"]
    staying = [entry["ParameterKey"] for entry in stack["Parameters"] if entry["ParameterKey"] not in chosen]
    began = time.time()
    cloudformation.update_stack(
        StackName=target.stack_name,
        UsePreviousTemplate=True,
        Capabilities=CAPABILITIES,
        Parameters=[
            *({"ParameterKey": key, "ParameterValue": value} for key, value in chosen.items()),
            *({"ParameterKey": key, "UsePreviousValue": True} for key in staying),
        ],
    )
    wait(began, target)


def _stream(target: Target, name: str) -> str:
    table: dict[str, Any] = target.client("dynamodb").describe_table(TableName=name)["Table"]
    if "LatestStreamLabel" not in table:
        raise RestoreFailed(f"{name} has no stream: it was not made by `restore make`")
    label: str = table["LatestStreamLabel"]
    return label


def _verified(target: Target, name: str) -> Result:
    """Nobody writes to a table that is not switched to, so here every difference is one."""
    environment = environment_in_aws(target.stack_name, target.region) | {"TABLE_NAME": name}
    with step(f"Verifying {name}"):
        result = verify_deployment(environment)
    tell(result)
    return result


def _repair(target: Target, given: argparse.Namespace) -> None:
    """Of a table that nobody works on yet."""
    if outputs(target)["TableName"] == given.table:
        raise RestoreFailed("The deployment works on this table; stop it and use `infra.verify --repair`.")
    environment = environment_in_aws(target.stack_name, target.region) | {"TABLE_NAME": given.table}
    with step(f"Repairing {given.table}"):
        result = repaired(environment)
    if result.differences:
        raise RestoreFailed("What is left, a person must decide on.")


def _make(target: Target, given: argparse.Namespace) -> None:
    with step("Restoring"):
        name = restore(target, given.at)
    with step("Setting stream, expiry, recovery and protection"):
        complete(target, name)
    _verified(target, name)
    say(f"\nNothing was switched. Next: … repair --table {name}, then … switch --table {name}")


def _switch(target: Target, given: argparse.Namespace) -> None:
    if _verified(target, given.table).differences and not given.despite_differences:
        raise RestoreFailed("The table differs; switch to it anyway by --despite-differences.")
    with step(f"Switching to {given.table}"):
        switch(target, given.table)
    say(f"{target.stack_name} works on {outputs(target)['TableName']}")


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or at > datetime.now(UTC):
        raise ValueError(text)
    return at


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stack", required=True, help="the stack's name, such as seans-prod")
    parser.add_argument("--region", required=True)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="make a new table, and verify it")
    make.add_argument(
        "--at",
        type=_instant,
        metavar="INSTANT",
        help="an instant with its zone, in the last 35 days; if not given, the latest",
    )
    make.set_defaults(run=_make)
    repairing = commands.add_parser("repair", help="mend what the restore tore, in a table not switched to")
    repairing.add_argument("--table", required=True)
    repairing.set_defaults(run=_repair)
    switching = commands.add_parser("switch", help="verify a table, and have the deployment work on it")
    switching.add_argument("--table", required=True)
    switching.add_argument("--despite-differences", action="store_true")
    switching.set_defaults(run=_switch)
    return parser


def main() -> None:
    """The command line; credentials are boto3's ordinary ones."""
    given = _arguments().parse_args()
    session: Any = boto3.Session(region_name=given.region)
    target = Target(client=session.client, region=given.region, stack_name=given.stack, parameters={})
    try:
        given.run(target, given)
    except (DeploymentFailed, RestoreFailed) as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
