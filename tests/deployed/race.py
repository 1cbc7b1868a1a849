"""Races: many clients that start together, and what must be true of the answers that they get."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from infra.local.api import Reply

T = TypeVar("T")
CLIENTS = 64
_PATIENCE_SECONDS = 90
_LONGEST_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Outcome:
    """The last answer that a client got, and how often before he was told BUSY, or got none of the product's."""

    status: int
    code: str | None
    body: bytes
    busy: int = 0
    failed: int = 0


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """What each of the calls returns; they begin in the same moment, each in a thread of its own."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def insisting(call: Callable[[], Reply]) -> Outcome:
    """The answer to a client who tries again, with the same key, where he is told BUSY or is not answered.

    A 429 is the embedded AWS's, which runs only so many functions at once; the product has not seen the call. A
    5xx without a code of ours is of its making too: nobody knows whether the call was done.
    """
    deadline, busy, failed = time.monotonic() + _PATIENCE_SECONDS, 0, 0
    while True:
        reply = call()
        is_busy = (reply.status, reply.code) == (503, "BUSY")
        is_failed = reply.status >= 500 and reply.code is None
        is_answer = not (is_busy or is_failed or reply.status == 429)
        if is_answer or time.monotonic() > deadline:
            return Outcome(reply.status, reply.code, reply.raw, busy, failed)
        busy, failed = busy + is_busy, failed + is_failed
        time.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))


def winners(outcomes: Sequence[Outcome], count: int, refusal: str) -> list[Outcome]:
    """Those who won; assert that they are ``count``, and that all others were refused by that name."""
    won = [outcome for outcome in outcomes if outcome.status == 201]
    others = Counter(outcome.code or outcome.body for outcome in outcomes if outcome.status != 201)
    assert len(won) == count, f"{len(won)} won, and not {count}; the others: {others}"
    assert set(others) <= {refusal}, others
    return won
