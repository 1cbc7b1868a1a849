"""``make run``: the whole of Seans on this machine until Ctrl-C.

``PORT`` and ``PAYMENTS_PORT`` choose where it listens; ``KEEP=1`` keeps its data for the next run.
"""

import os
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from infra.bundle import PackagingFailed
from infra.deploy import DeploymentFailed
from infra.local.children import ChildFailed, PortTaken
from infra.local.environments import LOCAL
from infra.local.people import EMAIL_CODE
from infra.local.running import REGION, RunningStack
from infra.local.seeding import SeedFailed
from infra.local.stack import LocalStack, NotReady, Ports
from infra.locks import Locked
from infra.progress import say
from infra.site import ConsoleNotBuilt

_FAILURES = (
    *(PortTaken, PackagingFailed, DeploymentFailed, ChildFailed),
    *(ConsoleNotBuilt, NotReady, SeedFailed),
)


class _Stopped(BaseException):
    """Somebody asked the stack to end; no library's ``except Exception`` may swallow it."""


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    # A second Ctrl-C must not break the end that the first one began.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise _Stopped


def _port(variable: str, default: int) -> int:
    chosen = os.environ.get(variable) or str(default)
    if not chosen.isdecimal() or not 1024 <= int(chosen) <= 65535:
        sys.exit(f"{variable}={chosen} is no port; choose one from 1024 to 65535")
    return int(chosen)


def _run(stack: LocalStack) -> None:
    began = time.monotonic()
    with stack as running:
        _describe(running, time.monotonic() - began)
        while True:
            time.sleep(1)
            stack.check()


def _describe(stack: RunningStack, seconds: float) -> None:
    say(f"\nSeans is ready after {seconds:.0f} s.\n")
    say(f"  Console   {stack.console_url}")
    say(f"  API       {stack.api_url}")
    say(f"  Mail      {stack.mail_url} (Cognito's code is always {EMAIL_CODE})")
    say(f"  Payments  {stack.payments_url}")
    say(f"  AWS       {stack.aws_endpoint} (key and secret: test, region {REGION})")
    for login in stack.seeded["logins"]:
        say(f"  {login['role']:9} {login['platform']:14} {login['email']:32} {login['password']}")
    say("\nThe same as JSON: .local/stack.json; logs: .local/run/*.log; Ctrl-C stops it.")


def main() -> None:
    """Run until a signal ends it; every failure is one readable message."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        ports = Ports(aws=_port("PORT", 4780), payments=_port("PAYMENTS_PORT", 4790))
        _run(LocalStack(ports, LOCAL, keep=os.environ.get("KEEP") == "1"))
    except _Stopped:
        return
    except Locked:
        sys.exit("Seans already runs from this folder; its addresses are in .local/stack.json")
    except _FAILURES as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
