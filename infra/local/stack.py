"""The whole of Seans on one machine: ``with LocalStack(ports, folder) as stack: …``."""

import json
import shutil
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.console import build as build_console
from infra.deploy import Outputs, Target, deploy, exists, publish_api_url
from infra.local.children import HOST, Child, free_port, require_free
from infra.local.emulator import Emulator, put_right, rewind_stream
from infra.local.environments import EMBEDDED_AWS, ROOT, prepare
from infra.local.running import REGION, RunningStack, provider_addresses, root_client
from infra.local.seeding import seed_once
from infra.locks import locked
from infra.package import package
from infra.progress import step
from infra.site import publish

STACK_NAME = "seans-local"
_MAIL_SENDER = "no-reply@seans.localhost"
_START_SECONDS = 30


class NotReady(Exception):
    """The stack is deployed, and its API does not answer as it should."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the embedded AWS and the sandbox payment provider listen, on the loopback interface."""

    aws: int
    payments: int

    @classmethod
    def free(cls) -> Self:
        """Two ports that nobody uses."""
        return cls(aws=free_port(), payments=free_port())


class LocalStack:
    """Starts, deploys, seeds and warms the stack; its files stand in ``folder``, ``stack.json`` among them.

    With ``keep`` the state of the last run in the same folder, if it ended in order, is taken up again.
    """

    def __init__(self, ports: Ports, folder: Path, *, keep: bool = False) -> None:
        self._ports, self._folder, self._keep = ports, folder, keep
        self._aws_endpoint = f"http://{HOST}:{ports.aws}"
        self._payments_url = f"http://{HOST}:{ports.payments}"
        self._children: list[Child] = []
        self._exits = ExitStack()

    @property
    def document_path(self) -> Path:
        """Where ``stack.json`` stands while the stack runs."""
        return self._folder / "stack.json"

    def __enter__(self) -> RunningStack:
        with self._exits as exits:
            running = self._start(exits)
            self._exits = exits.pop_all()
        return running

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with step("Stopping"):
            self._exits.close()

    def check(self) -> None:
        """Raise ``ChildFailed`` if a child has ended by itself."""
        for child in self._children:
            child.check()

    def _start(self, exits: ExitStack) -> RunningStack:
        exits.enter_context(locked(self._folder / "run.lock", wait=False))
        require_free(self._ports.aws, "PORT")
        require_free(self._ports.payments, "PAYMENTS_PORT")
        self._prepare_folder()
        prepare(EMBEDDED_AWS)
        packaged = package()
        build_console()
        with step("Starting the embedded AWS and the payment provider"):
            self._start_children(exits)
        with step("Deploying"):
            running, is_new = self._deploy(packaged)
        with step("Warming up"):
            _warm(running)
        with step("Seeding"):
            seeded = seed_once(running, self._run_folder, is_new=is_new)
        running = replace(running, seeded=seeded)
        exits.callback(self.document_path.unlink, missing_ok=True)
        self.document_path.write_text(json.dumps(running.document(), indent=2, ensure_ascii=False) + "\n")
        return running

    def _prepare_folder(self) -> None:
        self.document_path.unlink(missing_ok=True)
        if not self._keep:
            shutil.rmtree(self._folder / "run", ignore_errors=True)
        self._run_folder.mkdir(parents=True, exist_ok=True)

    @property
    def _run_folder(self) -> Path:
        return self._folder / "run"

    def _start_children(self, exits: ExitStack) -> None:
        emulator = Emulator(self._ports.aws, self._run_folder, keep=self._keep)
        exits.callback(emulator.stop)
        payments = self._start_payments()
        exits.callback(payments.stop)
        self._children = [emulator.child, payments]
        emulator.wait()
        payments.wait_until_answers(f"{self._payments_url}/_sandbox/health", _START_SECONDS)

    def _start_payments(self) -> Child:
        state = self._run_folder / "payments.json"
        command = [sys.executable, "-m", "infra.local.payments", "--port", str(self._ports.payments)]
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        return Child([*command, "--keep", str(state)], environment, ROOT, self._run_folder / "payments.log")

    def _deploy(self, packaged: Path) -> tuple[RunningStack, bool]:
        """Deploy, and say whether the stack is new, or was there before with its data."""
        addresses = provider_addresses(self._payments_url)
        target = Target(
            client=root_client(self._aws_endpoint),
            region=REGION,
            stack_name=STACK_NAME,
            parameters={
                "Stage": "local",
                "StripeApiBase": addresses["STRIPE_API_BASE"],
                "IyzicoApiBase": addresses["IYZICO_API_BASE"],
                "ZarinpalApiBase": addresses["ZARINPAL_API_BASE"],
                "TwilioApiBase": addresses["TWILIO_API_BASE"],
                "MailSender": _MAIL_SENDER,
                "LocalPort": str(self._ports.aws),
            },
            poll_seconds=0.1,
        )
        is_new = not exists(target)
        running = self._running(deploy(packaged, target))
        publish_api_url(target, running.outputs)
        put_right(running, packaged)
        publish(running.client, running.outputs)
        if not is_new:
            rewind_stream(running)
        return running, is_new

    def _running(self, outputs: Outputs) -> RunningStack:
        return RunningStack(
            folder=self._folder,
            stack_name=STACK_NAME,
            aws_endpoint=self._aws_endpoint,
            payments_url=self._payments_url,
            # The stack's own address is AWS's; this is where the embedded one serves the same API.
            api_url=f"{self._aws_endpoint}/_aws/execute-api/{outputs['RestAPIId']}/api",
            outputs=outputs,
        )


def _warm(running: RunningStack) -> None:
    """Pay for the first function's start here, and prove that the API answers."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{running.api_url}/v1/health", timeout=_START_SECONDS):
                return
        except urllib.error.HTTPError as error:
            if time.monotonic() > deadline:
                raise NotReady(
                    f"The API answers {error.code}: {error.read().decode(errors='replace')}"
                ) from None
            time.sleep(0.5)
