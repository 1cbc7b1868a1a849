"""Planted bugs: each is put into a copy of the product, and the check that stands beside it must notice.

So the checks themselves are checked: one that cannot fail would let its bug through.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
_CRASHES = "tests/torture/test_crashes.py::test_whatever_call_is_struck_it_is_as_if_nothing_had_failed"
_AT_ONCE = "tests/torture/test_crashes.py::test_two_at_once_have_one_effect"
_TROUBLE = "tests/torture/test_crashes.py::test_trouble_is_borne"
_RIVALS = "tests/torture/test_rivals.py"
_COMMIT = 'transact.commit(_with_receipt(operation, decision, answer), f"{operation.receipt_key}{attempt}")'


@dataclass(frozen=True)
class Mutant:
    """``wrong`` stands in the place of ``right`` in one file; ``check`` is a test of pytest."""

    name: str
    path: str
    right: str
    wrong: str
    check: str


MUTANTS = (
    Mutant(
        "check, then put: a day of the agenda is written whatever stands there",
        "chalicelib/calendar/store.py",
        "return transact.save(AgendaItem.of(key, record))",
        "return transact.Write('put', AgendaItem.of(key, record), AgendaItem.pk.exists() | AgendaItem.pk.does_not_exist())",
        f"{_RIVALS}::test_a_slot_that_a_rival_takes_meanwhile_is_refused",
    ),
    Mutant(
        "a dropped condition: a version is not compared",
        "chalicelib/table/transact.py",
        'return Write("put", item, Item.item_version == read_version, refusal)',
        'return Write("put", item, Item.pk.exists(), refusal)',
        f"{_RIVALS}::test_an_edit_of_what_a_rival_has_edited_meanwhile_is_refused",
    ),
    Mutant(
        "a receipt is put over another",
        "chalicelib/table/transact.py",
        "nothing_there | already_expired)",
        "nothing_there | Item.pk.exists() | already_expired)",
        f"{_AT_ONCE}[order]",
    ),
    Mutant(
        "an operation without an id of its own: what is there already is not looked for",
        "chalicelib/table/operation.py",
        "if receipt is None or (receipt.expires_at and receipt.expires_at < clock.now()):",
        "if receipt is None or receipt.at <= clock.now():",
        f"{_CRASHES}[book]",
    ),
    Mutant(
        "marked before it is credited",
        "chalicelib/table/operation.py",
        _COMMIT,
        "[transact.commit([write], f'{operation.receipt_key}{attempt}{place}') "
        "for place, write in enumerate(_with_receipt(operation, decision, answer))]",
        f"{_CRASHES}[payment]",
    ),
    Mutant(
        "credited before it is marked",
        "chalicelib/table/operation.py",
        _COMMIT,
        "[transact.commit([write], f'{operation.receipt_key}{attempt}{place}') "
        "for place, write in reversed(list(enumerate(_with_receipt(operation, decision, answer))))]",
        f"{_CRASHES}[book]",
    ),
    Mutant(
        "a stale decision is called a refusal",
        "chalicelib/table/operation.py",
        "        except StaleDecision:\n            _wait(attempt)\n",
        "        except StaleDecision:\n            raise Busy from None\n",
        f"{_RIVALS}::test_a_rival_on_another_time_of_the_day_is_no_obstacle",
    ),
    Mutant(
        "an effect that failed is called done",
        "chalicelib/table/outbox.py",
        'state="parked" if parked else "pending")',
        'state="done")',
        f"{_TROUBLE}[drain_booking]",
    ),
    Mutant(
        "an event is closed when it comes, not when it is done",
        "chalicelib/orders/webhooks.py",
        "        if event.state is not InboxState.RECEIVED:\n",
        "        if get(store.inbox_key(event), InboxEvent).version or event.state is not InboxState.RECEIVED:\n",
        f"{_CRASHES}[payment]",
    ),
    Mutant(
        "no look at the generation of a timer",
        "chalicelib/sessions/service.py",
        "if session is None or session.generation != generation:",
        "if session is None:",
        "tests/store/sessions/test_sessions.py::test_a_stale_timer_does_nothing",
    ),
    Mutant(
        "> for >=: the clock acts a moment too late",
        "chalicelib/sessions/rules.py",
        "now < session.wakes_at",
        "now <= session.wakes_at",
        "tests/unit/sessions/test_session_rules.py",
    ),
    Mutant(
        "<= for <: what begins when another ends is in its way",
        "chalicelib/calendar/rules.py",
        "taken[place].starts_at < starts_at + length.slot",
        "taken[place].starts_at <= starts_at + length.slot",
        "tests/unit/calendar/test_calendar_rules.py",
    ),
    Mutant(
        "local time: a stamp is written in the zone of the machine",
        "chalicelib/core/clock.py",
        "utc = instant.astimezone(UTC)",
        "utc = instant.astimezone()",
        "tests/unit/test_data_model.py",
    ),
    Mutant(
        "what was paid is not compared with the price",
        "chalicelib/orders/rules.py",
        "as_ordered = payment.amount == order.price.amount and payment.currency == order.price.currency",
        "as_ordered = payment.currency == order.price.currency",
        "tests/unit/orders/test_order_rules.py",
    ),
    Mutant(
        "a paid order goes back",
        "chalicelib/orders/rules.py",
        "    if order.is_final():\n        return order.state\n    if payment.state is PaymentState.PAID:",
        "    if payment.state is PaymentState.PAID:",
        "tests/unit/orders/test_order_rules.py",
    ),
    Mutant(
        "a look that an order is owed is taken away by its next event",
        "chalicelib/orders/rules.py",
        "check_at=order.check_at if order.is_final() else _next_check(order, state, now)",
        "check_at=_next_check(order, state, now)",
        "tests/store/orders/test_refunds.py",
    ),
    Mutant(
        "held credits are spent",
        "chalicelib/wallet/lots.py",
        "lot.remaining - held.get(lot.id, 0)",
        "lot.remaining",
        "tests/unit/wallet/test_wallet_rules.py",
    ),
)


def caught(mutant: Mutant) -> bool:
    """Whether the check fails on the copy. It is known to pass on the product itself, which the tests see to."""
    with planted(mutant) as folder:
        # Where it is not UTC, an hour that is not said to be UTC's shows.
        environment = os.environ | {"TZ": "Europe/Istanbul", "PYTHONDONTWRITEBYTECODE": "1"}
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-o",
            f"pythonpath={folder} {ROOT}",
            mutant.check,
        ]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, check=False, timeout=300
        )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{mutant.name}: {done.stdout[-1_000:]!r}")
    return done.returncode == 1


@contextmanager
def planted(mutant: Mutant) -> Iterator[Path]:
    """A copy of the product with the bug in it."""
    with TemporaryDirectory(prefix="seans-planted-") as name:
        folder = Path(name)
        shutil.copytree(
            ROOT / "chalicelib", folder / "chalicelib", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(ROOT / "app.py", folder)
        changed = folder / mutant.path
        text = changed.read_text()
        if text.count(mutant.right) != 1:
            raise RuntimeError(f"{mutant.name}: {mutant.path} is no longer what the bug was made for")
        changed.write_text(text.replace(mutant.right, mutant.wrong))
        yield folder
