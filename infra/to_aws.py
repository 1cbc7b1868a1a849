"""Deploy to AWS: ``make deploy STAGE=… REGION=… MAIL_SENDER=… ALARM_EMAIL=…``; ``DRY_RUN=1`` looks first.

Everything that was given is checked before anything changes; what is wrong is one line and exit status 2.
Credentials are boto3's ordinary ones.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.bundle import PackagingFailed
from infra.changes import changes
from infra.deploy import DeploymentFailed, Target, deploy, publish_api_url
from infra.package import package
from infra.progress import say
from infra.site import ConsoleNotBuilt, check_built, publish

_STAGE = re.compile(r"[a-z][a-z0-9-]{0,19}")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def faults(given: argparse.Namespace) -> Iterator[str]:
    """What is wrong with what was given, in the words of the Makefile's variables. Asks nobody."""
    if not _STAGE.fullmatch(given.stage):
        yield f"STAGE={given.stage}: name the deployment with 1 to 20 of a-z, 0-9 and -, a letter first."
    if given.region not in _regions():
        yield f"REGION={given.region}: AWS has no such region; one is eu-central-1."
    for variable, address in (("MAIL_SENDER", given.mail_sender), ("ALARM_EMAIL", given.alarm_email)):
        if not _ADDRESS.fullmatch(address):
            yield f"{variable}={address}: give an e-mail address."
    if given.traces not in ("on", "off"):
        yield f"TRACES={given.traces}: it is on or off."


def _regions() -> set[str]:
    session: Any = boto3.Session()
    partitions = session.get_available_partitions()
    return {
        region for p in partitions for region in session.get_available_regions("lambda", partition_name=p)
    }


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", default="", help="names the deployment; the stack is seans-<stage>")
    parser.add_argument("--region", default="")
    parser.add_argument("--mail-sender", default="", help="the address that mail comes from")
    parser.add_argument("--alarm-email", default="", help="who is told of alarms")
    parser.add_argument("--traces", default="off", help="on or off: whether X-Ray follows calls")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    return parser


def _target(given: argparse.Namespace) -> Target:
    session: Any = boto3.Session(region_name=given.region)
    return Target(
        client=session.client,
        region=given.region,
        stack_name=f"seans-{given.stage}",
        parameters={
            "Stage": given.stage,
            "MailSender": given.mail_sender,
            "AlarmEmail": given.alarm_email,
            "Traces": given.traces,
        },
    )


def _check_access(target: Target) -> None:
    """Whether anybody may be asked at all. ``DeploymentFailed``."""
    try:
        target.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise DeploymentFailed(f"AWS does not let us in: {error}") from error


def _show(target: Target) -> None:
    lines = changes(package(), target)
    for line in lines:
        say(line)
    say(f"{target.stack_name} in {target.region}: {len(lines)} changes; nothing was executed.")


def _carry_out(target: Target) -> None:
    found = deploy(package(), target)
    publish_api_url(target, found)
    publish(target.client, found)
    for name, value in sorted(found.items()):
        say(f"{name:20} {value}")
    say(f"\n{found['ConsoleUrl']}")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    given = _arguments().parse_args(arguments)
    if fault := next(faults(given), None):
        say(fault)
        sys.exit(2)
    target = _target(given)
    try:
        check_built()
        _check_access(target)
    except (ConsoleNotBuilt, DeploymentFailed) as failure:
        say(str(failure))
        sys.exit(2)
    try:
        (_show if given.dry_run else _carry_out)(target)
    except (DeploymentFailed, PackagingFailed, ClientError) as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
