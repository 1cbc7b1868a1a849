"""What a deployment would change, by a change set that is shown and thrown away."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.deploy import DeploymentFailed, Request, Target, exists, upload

_NOTHING = ("didn't contain changes", "No updates are to be performed")
_LONGEST_SECONDS = 300


def changes(folder: Path, target: Target) -> list[str]:
    """A line for each resource that would be added, changed, replaced or removed. Executes nothing."""
    with _change_set(upload(folder, target), target) as name:
        described = _described(name, target)
        found = described["Changes"]
        while token := described.get("NextToken"):
            described = _describe(name, target, NextToken=token)
            found += described["Changes"]
    return sorted(_line(change["ResourceChange"]) for change in found)


@contextmanager
def _change_set(request: Request, target: Target) -> Iterator[str]:
    """One that goes again, together with the empty stack that it makes where there was none."""
    cloudformation, is_new = target.client("cloudformation"), not exists(target)
    kind = "CREATE" if is_new else "UPDATE"
    name: str = cloudformation.create_change_set(
        ChangeSetName=f"dry-run-{int(time.time())}", ChangeSetType=kind, **request
    )["Id"]
    try:
        yield name
    finally:
        cloudformation.delete_change_set(ChangeSetName=name, StackName=target.stack_name)
        if is_new:
            cloudformation.delete_stack(StackName=target.stack_name)


def _described(name: str, target: Target) -> dict[str, Any]:
    deadline = time.monotonic() + _LONGEST_SECONDS
    while (described := _describe(name, target))["Status"] not in ("CREATE_COMPLETE", "FAILED"):
        if time.monotonic() > deadline:
            raise DeploymentFailed(f"the change set is still {described['Status']}")
        time.sleep(target.poll_seconds)
    reason = described.get("StatusReason", "")
    if described["Status"] == "FAILED" and not any(nothing in reason for nothing in _NOTHING):
        raise DeploymentFailed(f"CloudFormation refuses the change set: {reason}")
    return described


def _describe(name: str, target: Target, **more: str) -> dict[str, Any]:
    described: dict[str, Any] = target.client("cloudformation").describe_change_set(
        ChangeSetName=name, StackName=target.stack_name, **more
    )
    return described


def _line(change: dict[str, Any]) -> str:
    replaced = {"True": ", replacing it", "Conditional": ", perhaps replacing it"}
    how = replaced.get(change.get("Replacement", ""), "")
    return f"{change['Action'].lower():8} {change['LogicalResourceId']} ({change['ResourceType']}){how}"
