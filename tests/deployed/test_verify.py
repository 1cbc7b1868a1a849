"""``make verify`` on the deployed table: nothing is wrong with it, and what is planted in a copy is named."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chalicelib.table import keys
from chalicelib.table.base import from_dynamo, to_dynamo
from chalicelib.wallet.model import CREDIT
from infra.local.environments import ROOT
from infra.local.running import RunningStack
from tests.deployed.bookings import Book
from tests.deployed.payments import Payment
from tests.deployed.scratch import copied_arena
from tests.deployed.world import ARENA, Arena, Customer, give, inside


def verify(stack_file: Path, *options: str) -> tuple[int, str]:
    """The exit status, and what is printed."""
    command = [sys.executable, "-m", "infra.verify", "--stack-file", str(stack_file), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, done.stdout


def test_nothing_is_wrong_with_the_deployed_table(telling, stack: RunningStack) -> None:
    """After the story, and all that tests did to the stack before this one."""
    telling.end()
    status, printed = verify(stack.folder / "stack.json")
    assert (status, printed.splitlines()[-1].split(": ")[1]) == (0, "0 differences, 0 warnings"), printed


@pytest.fixture(scope="module")
def content(arena: Arena, stack: RunningStack) -> Customer:
    """Who paid and then booked, so that there is something to damage."""
    with inside(stack):
        customer = arena.customer()
        give(customer, 1_000)
        for step in (Payment(arena, customer, "pay", "checkout.session.completed"), Book(arena, customer)):
            step.act(step.prepare())
    return customer


@dataclass(frozen=True)
class Copy:
    """A copy of the arena that is to be damaged, and what describes its stack."""

    dynamodb: Any
    table_name: str
    stack_file: Path

    def first(self, entity: str) -> dict[str, Any]:
        """An item of this kind."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.table_name)
        found: dict[str, Any] = next(
            item for page in pages for item in page["Items"] if item["entity"]["S"] == entity
        )
        return found

    def remove(self, entity: str) -> None:
        self._delete(self.first(entity))

    def remove_last_line(self, owner_id: str) -> None:
        """The last line of this owner's journal."""
        partition = keys.wallet(ARENA, owner_id, CREDIT).pk
        (line,) = self.dynamodb.query(
            TableName=self.table_name,
            KeyConditionExpression="PK = :partition AND begins_with(SK, :lines)",
            ExpressionAttributeValues={":partition": {"S": partition}, ":lines": {"S": "ENTRY#"}},
            ScanIndexForward=False,
            Limit=1,
        )["Items"]
        self._delete(line)

    def _delete(self, item: dict[str, Any]) -> None:
        self.dynamodb.delete_item(TableName=self.table_name, Key={name: item[name] for name in ("PK", "SK")})

    def change(self, entity: str, **fields: Callable[[Any], Any]) -> None:
        item = self.first(entity)
        record = item["record"]["M"]
        for name, change in fields.items():
            record[name] = to_dynamo(change(from_dynamo(record[name])))
        self.dynamodb.put_item(TableName=self.table_name, Item=item)


@pytest.fixture
def copy(content: Customer, stack: RunningStack, tmp_path: Path) -> Iterator[Copy]:
    with copied_arena(stack) as table_name:
        outputs = stack.outputs | {"TableName": table_name}
        stack_file = tmp_path / "stack.json"
        stack_file.write_text(json.dumps(stack.document() | {"outputs": outputs}))
        yield Copy(stack.client("dynamodb"), table_name, stack_file)


FAULTS = {
    "a balance too high": (
        lambda copy: copy.change("wallet", balance=lambda balance: balance + 1),
        "balance-not-fold",
    ),
    "a journal without a line": (lambda copy: copy.remove("ledger-transaction"), "sequence-gap"),
    "an expert's day forgotten": (lambda copy: copy.remove("agenda"), "booking-without-time"),
    "a booking lost": (lambda copy: copy.remove("booking"), "spend-without-booking"),
    "a payment forgotten": (
        lambda copy: copy.change("order", state=lambda _: "pending"),
        "fulfilment-without-payment",
    ),
}


def test_nothing_is_wrong_with_the_copy(copy: Copy) -> None:
    status, printed = verify(copy.stack_file)
    assert status == 0, printed


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(copy: Copy, fault: str) -> None:
    plant, name = FAULTS[fault]
    plant(copy)
    status, printed = verify(copy.stack_file)
    assert (status, name in printed) == (1, True), printed


def test_a_torn_booking_is_repaired(copy: Copy, content: Customer) -> None:
    """As a restore may tear it: the wallet and the booking are there, its line and the expert's day are lost."""
    copy.remove_last_line(content.id)
    copy.remove("agenda")
    status, printed = verify(copy.stack_file)
    assert (status, "sequence-gap" in printed, "booking-without-time" in printed) == (1, True, True), printed
    status, printed = verify(copy.stack_file, "--repair")
    assert (status, "repaired: " in printed) == (0, True), printed
    status, printed = verify(copy.stack_file)
    assert (status, ": 0 differences" in printed) == (0, True), printed
