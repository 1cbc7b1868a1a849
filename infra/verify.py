"""Verify a deployment: ``python -m infra.verify`` folds its whole table again and names each difference.

Without options it verifies the stack that runs on this machine, which ``.local/stack.json`` describes; with
``--stack`` and ``--region`` any other, with the operator's own credentials. It exits with 1 where something
differs. It only reads, unless ``--repair`` has it mend what a restore tore. A table that is being written to
meanwhile may show differences that are none.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from infra.deploy import Target, outputs
from infra.progress import say

STACK_FILE = Path(".local/stack.json")

Environment = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How many items were seen, where that was counted, and what differs; warnings break nothing."""

    items: int | None
    differences: list[str]
    warnings: list[str]


def environment_of(stack_name: str, region: str, found: Mapping[str, str]) -> Environment:
    """What ``chalicelib.settings`` reads, from the outputs of a stack."""
    return {
        "STAGE": stack_name.removeprefix("seans-"),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "TABLE_NAME": found["TableName"],
        "EXPORTS_BUCKET": found["ExportsBucketName"],
        "TIMER_QUEUE_ARN": found["TimerQueueArn"],
        "EXPORT_QUEUE_URL": found["ExportQueueUrl"],
        "SCHEDULE_GROUP": found["ScheduleGroupName"],
        "SCHEDULER_ROLE_ARN": found["SchedulerRoleArn"],
        "USER_POOL_ID": found["UserPoolId"],
        "SIGN_UP_CLIENT_ID": found["SignUpClientId"],
        "PARAMETER_PREFIX": found["ParameterPrefix"],
        # Nothing is paid from here.
        "STRIPE_API_BASE": found.get("StripeApiBase", ""),
        "IYZICO_API_BASE": found.get("IyzicoApiBase", ""),
        "ZARINPAL_API_BASE": found.get("ZarinpalApiBase", ""),
        "TWILIO_API_BASE": found.get("TwilioApiBase", ""),
        "MAIL_SENDER": found["MailSenderAddress"],
    }


def environment_on_this_machine(document: Mapping[str, Any]) -> Environment:
    """The same from ``stack.json``, with the address and the keys of the embedded AWS."""
    return environment_of(document["stack_name"], document["region"], document["outputs"]) | {
        "AWS_ENDPOINT_URL": document["aws_endpoint"],
        "AWS_ACCESS_KEY_ID": document["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": document["aws_secret_access_key"],
    }


def environment_in_aws(stack_name: str, region: str) -> Environment:
    """The same from a deployed stack, whose outputs are asked for."""
    session: Any = boto3.Session(region_name=region)
    target = Target(client=session.client, region=region, stack_name=stack_name, parameters={})
    return environment_of(stack_name, region, outputs(target))


def verify_deployment(environment: Environment) -> Result:
    """Everything that differs in the table that ``environment`` names. Once in a process: settings stay."""
    os.environ.update(environment)
    from chalicelib.verifier.scan import every_item
    from chalicelib.verifier.service import verify

    count = 0

    def counted(items: Iterable[Any]) -> Iterator[Any]:
        nonlocal count
        for count, item in enumerate(items, start=1):  # noqa: B007 - read after the loop
            yield item

    found = list(verify(counted(every_item())))
    return Result(
        items=count,
        differences=[str(difference) for difference in found if not difference.warning],
        warnings=[str(difference) for difference in found if difference.warning],
    )


def repair_deployment(environment: Environment) -> tuple[Result, list[str]]:
    """Mend what a restore tore, and say what was done and what is left. Once in a process: settings stay."""
    os.environ.update(environment)
    from chalicelib import wiring

    repaired = wiring.repairs().run()
    return Result(items=None, differences=repaired.left, warnings=repaired.warnings), repaired.done


def repaired(environment: Environment) -> Result:
    """The same, told line by line."""
    result, done = repair_deployment(environment)
    for line in done:
        say(f"repaired: {line}")
    tell(result)
    return result


def tell(result: Result) -> None:
    """Each difference, and how many there are."""
    for line in [*(f"warning: {warning}" for warning in result.warnings), *result.differences]:
        say(line)
    seen = "left" if result.items is None else f"{result.items} items"
    say(f"{seen}: {len(result.differences)} differences, {len(result.warnings)} warnings")


def main() -> None:
    """The command line; credentials are the operator's own, or those of the stack on this machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", help="the stack's name in AWS, such as seans-prod")
    parser.add_argument("--region", help="where it is deployed; goes with --stack")
    parser.add_argument("--stack-file", type=Path, default=STACK_FILE, help="what describes a local stack")
    parser.add_argument(
        "--repair", action="store_true", help="mend what can be mended; nobody may write meanwhile"
    )
    given = parser.parse_args()
    if bool(given.stack) != bool(given.region):
        parser.error("--stack and --region go together")
    if not given.stack and not given.stack_file.exists():
        sys.exit(f"{given.stack_file} is not there: start `make run`, or name --stack and --region.")
    if given.stack:
        environment = environment_in_aws(given.stack, given.region)
    else:
        environment = environment_on_this_machine(json.loads(given.stack_file.read_text()))
    if given.repair:
        result = repaired(environment)
    else:
        result = verify_deployment(environment)
        tell(result)
    sys.exit(1 if result.differences else 0)


if __name__ == "__main__":
    main()
