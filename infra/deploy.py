"""Deploy a packaged folder with CloudFormation: to AWS (``infra.to_aws``) and to the embedded one alike."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.bundle import ZIP_NAME
from infra.package import TEMPLATE_NAME

Outputs = dict[str, str]
Request = dict[str, Any]
ClientFactory = Callable[[str], Any]

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
_LONGEST_SECONDS = 1800
_POLL_SECONDS = 3.0
"""How long to wait between two looks at a stack; the local runner looks more often."""


class DeploymentFailed(Exception):
    """CloudFormation refused or rolled back; the message holds its own reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a package goes: what makes a service's client, the region, the stack's name and parameters."""

    client: ClientFactory
    region: str
    stack_name: str
    parameters: Mapping[str, str]
    poll_seconds: float = _POLL_SECONDS


def deploy(folder: Path, target: Target) -> Outputs:
    """Create or update the stack from ``folder`` and return its outputs, once it is complete."""
    request = upload(folder, target)
    began = time.time()
    if _start(request, target):
        wait(began, target)
    return outputs(target)


def upload(folder: Path, target: Target) -> Request:
    """Put the package where CloudFormation reads it; return the request for it. Nothing that runs changes."""
    template_url = _upload(folder, _artifact_bucket(target), target)
    declared = json.loads((folder / TEMPLATE_NAME).read_text())["Parameters"]
    return {
        "StackName": target.stack_name,
        "TemplateURL": template_url,
        "Parameters": _parameters(target, declared),
        "Capabilities": CAPABILITIES,
    }


def _parameters(target: Target, declared: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those that are given; the rest stay as they are, which CloudFormation wants to be told."""
    given = [{"ParameterKey": k, "ParameterValue": v} for k, v in target.parameters.items()]
    known = _describe(target).get("Parameters", []) if exists(target) else []
    staying = {entry["ParameterKey"] for entry in known} & declared.keys() - target.parameters.keys()
    return given + [{"ParameterKey": name, "UsePreviousValue": True} for name in sorted(staying)]


def outputs(target: Target) -> Outputs:
    """What the template's ``Outputs`` say of the deployed stack."""
    return {entry["OutputKey"]: entry["OutputValue"] for entry in _describe(target)["Outputs"]}


def publish_api_url(target: Target, found: Outputs) -> None:
    """Tell the code its public address; the template cannot, since the API refers to the function."""
    name, url = f"{found['ParameterPrefix']}/api_url", f"{found['ConsoleUrl']}/api"
    target.client("ssm").put_parameter(Name=name, Value=url, Type="String", Overwrite=True)


def _artifact_bucket(target: Target) -> str:
    account = target.client("sts").get_caller_identity()["Account"]
    name, s3 = f"seans-artifacts-{account}-{target.region}", target.client("s3")
    try:
        s3.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        _create_bucket(s3, name, target.region)
    return name


def _create_bucket(s3: Any, name: str, region: str) -> None:
    # S3 refuses its oldest region as a location.
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **where)
    blocked = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(blocked, True))


def _upload(folder: Path, bucket: str, target: Target) -> str:
    """Put the zip and the template under their hashes; return the template's URL."""
    s3 = target.client("s3")
    code = (folder / ZIP_NAME).read_bytes()
    code_key = f"{hashlib.sha256(code).hexdigest()}.zip"
    s3.put_object(Bucket=bucket, Key=code_key, Body=code)
    template = _with_code(json.loads((folder / TEMPLATE_NAME).read_text()), f"s3://{bucket}/{code_key}")
    body = json.dumps(template, separators=(",", ":"), sort_keys=True).encode()
    template_key = f"{hashlib.sha256(body).hexdigest()}.json"
    s3.put_object(Bucket=bucket, Key=template_key, Body=body)
    return f"{s3.meta.endpoint_url}/{bucket}/{template_key}"


def _with_code(template: dict[str, Any], uri: str) -> dict[str, Any]:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = uri
    return template


def _start(request: Request, target: Target) -> bool:
    """Begin to create or update the stack; false if it already is as the template says."""
    cloudformation = target.client("cloudformation")
    try:
        if exists(target):
            cloudformation.update_stack(**request)
        else:
            cloudformation.create_stack(**request)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return False
        raise DeploymentFailed(f"{target.stack_name}: {error}") from error
    return True


def exists(target: Target) -> bool:
    """Whether the stack has been created before."""
    try:
        _describe(target)
    except ClientError as error:
        if "does not exist" in str(error):
            return False
        raise
    return True


def _describe(target: Target) -> dict[str, Any]:
    stack: dict[str, Any] = target.client("cloudformation").describe_stacks(StackName=target.stack_name)[
        "Stacks"
    ][0]
    return stack


def wait(began: float, target: Target) -> None:
    """Wait until the stack is complete; all but success is ``DeploymentFailed`` with the failing events."""
    deadline = time.monotonic() + _LONGEST_SECONDS
    while (status := _describe(target)["StackStatus"]).endswith("IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise DeploymentFailed(f"{target.stack_name} is still {status} after {_LONGEST_SECONDS} s")
        time.sleep(target.poll_seconds)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise DeploymentFailed(f"{target.stack_name} is {status}\n" + "\n".join(_failures(began, target)))


def _failures(began: float, target: Target) -> list[str]:
    """The reasons that CloudFormation gave since ``began`` (seconds since the epoch), the first one first."""
    events = target.client("cloudformation").describe_stack_events(StackName=target.stack_name)["StackEvents"]
    return [
        f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', event['ResourceStatus'])}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("FAILED") and event["Timestamp"].timestamp() >= began - 1
    ]
