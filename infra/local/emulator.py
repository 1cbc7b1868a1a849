"""MiniStack, the embedded AWS, as a child; and what it ignores of a template, put right by AWS's API."""

import json
import shutil
from pathlib import Path
from typing import Any

from infra.local.children import HOST, Child
from infra.local.environments import EMBEDDED_AWS, LOCAL
from infra.local.running import RunningStack
from infra.package import TEMPLATE_NAME

# 64 clients at once, with the stream's, the timers' and the sweeper's functions beside them.
_CONCURRENT_FUNCTIONS = 80
_START_SECONDS = 30
_MAPPING_FIELDS = (
    *("EventSourceArn", "BatchSize", "MaximumBatchingWindowInSeconds", "FilterCriteria", "DestinationConfig"),
    *(
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
        "BisectBatchOnFunctionError",
        "FunctionResponseTypes",
    ),
)


class Emulator:
    """The embedded AWS on ``port``, its files in ``folder``; with ``keep`` its state outlives it."""

    def __init__(self, port: int, folder: Path, *, keep: bool) -> None:
        self._temporary = folder / "tmp"
        self._state = folder / "state"
        if not keep:
            shutil.rmtree(self._state, ignore_errors=True)
        self._reset_temporary()
        log = folder / "aws.log"
        command = [str(EMBEDDED_AWS.python), "-m", "ministack"]
        self.child = Child(command, self._environment(port, keep=keep), folder, log)
        self._health = f"http://{HOST}:{port}/_ministack/health"

    def wait(self) -> None:
        """Return when it answers."""
        self.child.wait_until_answers(self._health, _START_SECONDS)

    def stop(self) -> None:
        """End it; it writes its state only when it is asked to end, never when it is killed."""
        self.child.stop()
        # Each function's worker leaves its unpacked code here.
        shutil.rmtree(self._temporary, ignore_errors=True)

    def _reset_temporary(self) -> None:
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir(parents=True)

    def _environment(self, port: int, *, keep: bool) -> dict[str, str]:
        """All that it sees: the functions inherit it, so nothing of this shell may be in it."""
        kept = "1" if keep else "0"
        return {
            "PATH": f"{_node_folder()}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self._temporary),
            "TMPDIR": str(self._temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(port),
            # Without it, roles, tokens and presigned URLs are not checked.
            "AUTH": "true",
            "PERSIST_STATE": kept,
            "S3_PERSIST": kept,
            "STATE_DIR": str(self._state),
            "S3_DATA_DIR": str(self._state / "s3"),
            "LAMBDA_ACCOUNT_CONCURRENCY": str(_CONCURRENT_FUNCTIONS),
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
        }


def _node_folder() -> Path:
    """Where Node is, by which the embedded CloudFront runs its functions: the machine's, or the console's."""
    own = shutil.which("node")
    return Path(own).parent if own else LOCAL / "node" / "bin"


def put_right(stack: RunningStack, package: Path) -> None:
    """Do through AWS's API what the embedded one leaves out of a deployed template."""
    _expire_items(stack)
    _allow_plain_http(stack)
    _allow_schedules_and_mail(stack)
    template = json.loads((package / TEMPLATE_NAME).read_text())
    _answer_at_the_gateway(stack, template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"])


def _expire_items(stack: RunningStack) -> None:
    dynamodb, table = stack.client("dynamodb"), stack.outputs["TableName"]
    described = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if described["TimeToLiveStatus"] == "DISABLED":
        dynamodb.update_time_to_live(
            TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
        )


def _allow_plain_http(stack: RunningStack) -> None:
    """The buckets accept TLS only, and the embedded AWS speaks plain HTTP on the loopback interface."""
    s3, console = stack.client("s3"), stack.outputs["ConsoleBucketName"]
    s3.delete_bucket_policy(Bucket=stack.outputs["ExportsBucketName"])
    policy = json.loads(s3.get_bucket_policy(Bucket=console)["Policy"])
    kept = [statement for statement in policy["Statement"] if statement["Sid"] != "TlsOnly"]
    s3.put_bucket_policy(Bucket=console, Policy=json.dumps(policy | {"Statement": kept}))


def _allow_schedules_and_mail(stack: RunningStack) -> None:
    """It checks a schedule as one of the default group, and a mail as nobody's, whatever the call names."""
    iam, group = stack.client("iam"), f":schedule/{stack.outputs['ScheduleGroupName']}/"
    for role in iam.list_roles()["Roles"]:
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            policy = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]
            checked = json.loads(json.dumps(policy).replace(group, ":schedule/default/"))
            for statement in checked["Statement"]:
                if "ses:SendEmail" in statement["Action"]:
                    statement["Resource"] = "*"
            if checked != policy:
                document = json.dumps(checked)
                iam.put_role_policy(RoleName=role["RoleName"], PolicyName=name, PolicyDocument=document)


def _answer_at_the_gateway(stack: RunningStack, responses: dict[str, Any]) -> None:
    """It takes gateway responses by its API only; a deployment has those that stand at that moment."""
    gateway, api = stack.client("apigateway"), stack.outputs["RestAPIId"]
    for kind, response in responses.items():
        headers = response["ResponseParameters"]["Headers"]
        status = {"statusCode": str(response["StatusCode"])} if "StatusCode" in response else {}
        gateway.put_gateway_response(
            restApiId=api,
            responseType=kind,
            responseParameters={f"gatewayresponse.header.{name}": value for name, value in headers.items()},
            responseTemplates=response["ResponseTemplates"],
            **status,
        )
    gateway.create_deployment(restApiId=api, stageName="api")


def rewind_stream(stack: RunningStack) -> None:
    """Read the table's stream from its beginning: kept state holds the reader's place, but not the stream."""
    functions = stack.client("lambda")
    mappings = functions.list_event_source_mappings(FunctionName=stack.outputs["DrainOutboxName"])
    for mapping in mappings["EventSourceMappings"]:
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
        functions.create_event_source_mapping(
            FunctionName=stack.outputs["DrainOutboxName"],
            StartingPosition="TRIM_HORIZON",
            **{field: mapping[field] for field in _MAPPING_FIELDS if field in mapping},
        )
