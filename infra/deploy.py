"""Deploy a packaged folder with CloudFormation: ``python -m infra.deploy --help``.

The embedded AWS of ``infra.local`` is deployed to by the same code; only the endpoint differs.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.bundle import ZIP_NAME
from infra.package import TEMPLATE_NAME, package
from infra.progress import say

Outputs = dict[str, str]
ClientFactory = Callable[[str], Any]

_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
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
    bucket = _artifact_bucket(target)
    template_url = _upload(folder, bucket, target)
    began = time.time()
    if _start(template_url, target):
        _wait(began, target)
    return outputs(target)


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


def _start(template_url: str, target: Target) -> bool:
    """Begin to create or update the stack; false if it already is as the template says."""
    cloudformation = target.client("cloudformation")
    request = {
        "StackName": target.stack_name,
        "TemplateURL": template_url,
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in target.parameters.items()],
        "Capabilities": _CAPABILITIES,
    }
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


def _wait(began: float, target: Target) -> None:
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


def main() -> None:
    """The command line; credentials and endpoint are boto3's ordinary ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True, help="names the deployment; the stack is seans-<stage>")
    parser.add_argument("--region", required=True)
    parser.add_argument("--mail-sender", required=True, help="the address that mail comes from")
    parser.add_argument("--folder", type=Path, help="a package made before; made now if not given")
    given = parser.parse_args()
    session: Any = boto3.Session(region_name=given.region)
    target = Target(
        client=session.client,
        region=given.region,
        stack_name=f"seans-{given.stage}",
        parameters={"Stage": given.stage, "MailSender": given.mail_sender},
    )
    try:
        found = deploy(given.folder or package(), target)
    except DeploymentFailed as failure:
        sys.exit(str(failure))
    publish_api_url(target, found)
    for name, value in sorted(found.items()):
        say(f"{name:20} {value}")


if __name__ == "__main__":
    main()
