"""Races over HTTP on the deployed stack: sixty-four clients, round after round, want what there is once.

Each client keeps his connection, and begins each round in the same moment as all others. A 429 is the embedded
AWS's, which runs only so many functions at once, and a 503 is the product's BUSY: both are asked again, with the same
key, and are no answer. ``tried`` counts rounds, attempts and winners, which chance has no part in; ``measured``
is the time from the round's beginning to an answer.
"""

import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

from chalicelib.sessions.model import Session
from chalicelib.sessions.store import SessionItem
from chalicelib.table import keys, read
from infra.local.chapters import appointment_package
from infra.local.children import HOST
from infra.local.stack import LocalStack, Ports
from tests.conftest import MEMORY
from tests.deployed.world import (
    ARENA,
    EXPERTS,
    PRICE,
    SLOT,
    Arena,
    Customer,
    Slot,
    build_arena,
    differences,
    give,
    inside,
    wallet_of,
)

CLIENTS = 64
AFFORDABLE = 10
WAVE = 8  # so many functions are started at a time
_PATIENCE_SECONDS = 60
_LONGEST_PAUSE_SECONDS = 0.2
REFUSALS = {
    "slot": {"SLOT_TAKEN"},
    "wallet": {"INSUFFICIENT_CREDITS"},
    "last session": {"ASSIGNMENT_EMPTY"},
    "card and credits": {"SLOT_TAKEN"},
    "extension": {"SLOT_TAKEN", "EXTENSION_NOT_FREE"},
}
# Of sixteen rounds twelve are for a slot, the others one for each.
ORDER = ["slot"] * 12 + [kind for kind in REFUSALS if kind != "slot"]
ON_ONE_STACK = 14 * len(ORDER)  # the embedded AWS slows down with all that it holds


@dataclass
class Answered:
    """The last answer that a client got, how long after the round began, and how often he had to ask again."""

    status: int
    body: Any
    milliseconds: float
    again: int

    @property
    def code(self) -> str:
        return str(self.body.get("code", self.status)) if isinstance(self.body, dict) else str(self.status)


class Client:
    """One who keeps his connection. ``token`` is his, or another's of whom he is a device."""

    def __init__(self, url: str, token: str) -> None:
        self._address, self._token = urlsplit(url), token
        self._connection: http.client.HTTPConnection | None = None

    def insist(self, method: str, path: str, body: Any, token: str | None = None) -> Answered:
        """The answer to one who asks again, with the same key, until the product has answered."""
        began, key, again = time.monotonic(), str(uuid4()), 0
        while True:
            status, answer = self._send(method, path, body, key, token or self._token)
            is_answer = not (status == 429 or status >= 500)
            if is_answer or time.monotonic() - began > _PATIENCE_SECONDS:
                return Answered(status, answer, (time.monotonic() - began) * 1_000, again)
            again += 1
            time.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(self, method: str, path: str, body: Any, key: str, token: str) -> tuple[int, Any]:
        headers = {
            "Host": self._address.netloc,
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "Authorization": token,
        }
        if self._connection is None:
            self._connection = http.client.HTTPConnection(HOST, self._address.port, timeout=30)
        content = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, self._address.path + path, content, headers)
            response = self._connection.getresponse()
            raw = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return 599, None
        return response.status, _decoded(raw)


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


Ask = tuple[str, str, Any, str | None]  # method, path, body, and the token if it is not the client's own


@dataclass
class Played:
    """What has been counted, and what was not as it must be."""

    counts: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    again: int = 0
    wrong: list[str] = field(default_factory=list)

    def measured(self) -> dict[str, int]:
        ordered = sorted(self.milliseconds)
        p50, p99 = (round(ordered[(len(ordered) - 1) * percent // 100]) for percent in (50, 99))
        return {"asked again": self.again, "p50 ms of a slot's answer": p50, "p99 ms": p99}


@dataclass
class Races:
    """The crowd on its arena, whose rounds go into ``played``."""

    arena: Arena
    crowd: list[Customer]
    played: Played = field(default_factory=Played)

    def __post_init__(self) -> None:
        self._clients = [Client(self.arena.stack.api_url, str(each.api.token)) for each in self.crowd]
        self._pool = ThreadPoolExecutor(CLIENTS)
        self._barrier = Barrier(CLIENTS)
        admin = self.arena.admin.api
        pair = appointment_package("İkili", 30, 0, PRICE) | {"sessions": 2}
        self._pair_id = admin.post("/v1/admin/appointment-packages", pair)["id"]
        version = admin.call("GET", "/v1/admin/catalogue/changes").etag
        admin.post("/v1/admin/catalogue/apply", if_match=version)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        for client in self._clients:
            client.close()

    # ----------------------------------------------------------------------------------- rounds

    def warm(self) -> None:
        """Start a function for each, a few at a time: all at once they would outlast any client's patience."""
        for count in range(WAVE, CLIENTS + 1, WAVE):
            list(self._pool.map(lambda client: client.insist("GET", "/v1/me", None), self._clients[:count]))

    def run(self, rounds: int, kinds: Sequence[str] = ORDER) -> None:
        play: dict[str, Callable[[], list[Answered]]] = {
            "slot": self._slot,
            "wallet": self._wallet,
            "last session": self._last_session,
            "card and credits": self._card_and_credits,
            "extension": self._extension,
        }
        for number, kind in enumerate(islice(cycle(kinds), rounds)):
            self._count(kind, number, play[kind]())

    def _at_once(self, asks: Sequence[Ask]) -> list[Answered]:
        """The answers; all begin in the same moment."""

        def one(client: Client, ask: Ask) -> Answered:
            self._barrier.wait()
            method, path, body, token = ask
            return client.insist(method, path, body, token)

        return list(self._pool.map(one, self._clients, asks))

    def _slot(self) -> list[Answered]:
        return self._at_once([self._book(self.arena.slot())] * CLIENTS)

    def _wallet(self) -> list[Answered]:
        """One wallet, which holds the price of some of the bookings that its owner's devices ask for."""
        owner = self.arena.customer()
        give(owner, PRICE * AFFORDABLE)
        answers = self._at_once([self._book(self.arena.slot(), owner) for _ in range(CLIENTS)])
        self._expect("wallet", wallet_of(owner).balance == 0, "credits are left, or lack")
        return answers

    def _last_session(self) -> list[Answered]:
        """A package of two sessions, of which one is left."""
        owner = self.arena.customer()
        give(owner, PRICE)
        slot = self.arena.slot()
        first = self.arena.booking_of(slot) | {"package_id": self._pair_id}
        assignment_id = owner.api.post("/v1/bookings", first)["assignment_id"]
        slots = [self.arena.slot() for _ in range(EXPERTS * CLIENTS)]
        times = [each.starts_at for each in slots if each.expert_id == slot.expert_id]
        bodies = [{"assignment_id": assignment_id, "starts_at": start.isoformat()} for start in times]
        return self._at_once([("POST", "/v1/bookings", body, owner.api.token) for body in bodies])

    def _card_and_credits(self) -> list[Answered]:
        """Half of them pay with credits, and half open the payment page, which holds the slot for them."""
        by_credits = self._book(self.arena.slot())
        order = {name: value for name, value in by_credits[2].items() if name != "pay_with"}
        by_card: Ask = ("POST", "/v1/orders", order, None)
        return self._at_once([by_credits, by_card] * (CLIENTS // 2))

    def _extension(self) -> list[Answered]:
        """Two in a session ask for the half hour after it, which all others book."""
        customer, slot, after = self._session_before_a_free_slot()
        path = f"/v1/sessions/{slot}/extension"
        asks: list[Ask] = [
            ("POST", path, {"minutes": 30}, customer.api.token),
            ("POST", path, {"minutes": 30}, self.arena.expert_api(after.expert_id).token),
        ]
        answers = self._at_once(asks + [self._book(after)] * (CLIENTS - 2))
        _ = SessionItem  # whoever reads a session imports its store
        session = read.get(keys.session(ARENA, slot), Session)
        assert session is not None
        is_longer = session.due_end == after.starts_at + SLOT
        for asked in answers[:2]:  # to have asked, or agreed, is to have won only where the end has moved
            asked.status = {200: 202}.get(asked.status, asked.status)
        if is_longer:
            answers[0].status = 201
        return answers

    def _session_before_a_free_slot(self) -> tuple[Customer, str, Slot]:
        first, _, after = (self.arena.slot() for _ in range(3))
        customer = self.arena.customer()
        give(customer, PRICE)
        booking_id = customer.api.post("/v1/bookings", self.arena.booking_of(first))["id"]
        for api in (self.arena.expert_api(first.expert_id), customer.api):
            api.post(f"/v1/sessions/{booking_id}/join")
        return customer, booking_id, after

    def _book(self, slot: Slot, owner: Customer | None = None) -> Ask:
        return ("POST", "/v1/bookings", self.arena.booking_of(slot), owner.api.token if owner else None)

    # ------------------------------------------------------------------------------ what came of it

    def _count(self, kind: str, number: int, answers: list[Answered]) -> None:
        won = sum(each.status == 201 for each in answers)
        may_win = AFFORDABLE if kind == "wallet" else 1
        others = Counter(each.code for each in answers if each.status not in (201, 202))
        self._expect(f"{kind} in round {number}", won == may_win, f"{won} won; the others: {dict(others)}")
        unknown = set(others) - REFUSALS[kind]
        self._expect(f"{kind} in round {number}", not unknown, f"answered by {unknown}")
        self.played.counts.update({"rounds": 1, f"for a {kind}": 1, "attempts": len(answers), "winners": won})
        self.played.milliseconds += [each.milliseconds for each in answers if kind == "slot"]
        self.played.again += sum(each.again for each in answers)

    def _expect(self, where: str, is_so: bool, what: str) -> None:
        if not is_so:
            self.played.wrong.append(f"{where}: {what}")


def run(rounds: int) -> Played:
    """So many rounds, and after them the verifier."""
    played = Played()
    for first in range(0, rounds, ON_ONE_STACK):
        _play(min(ON_ONE_STACK, rounds - first), played)
    return played


def _play(rounds: int, played: Played) -> None:
    parent = MEMORY if MEMORY.is_dir() else None
    with (
        TemporaryDirectory(prefix="seans-torture-", dir=parent) as folder,
        LocalStack(Ports.free(), Path(folder)) as stack,
        inside(stack),
    ):
        arena = build_arena(stack)
        crowd = [arena.customer() for _ in range(CLIENTS)]
        for customer in crowd:
            give(customer, PRICE * rounds)
        with Races(arena, crowd, played) as races:
            races.warm()
            races.run(rounds)
        found = differences()
        played.wrong += found
        played.counts["differences"] += len(found)


if __name__ == "__main__":
    import sys

    began = time.monotonic()
    all_of_it = run(int(sys.argv[1]))
    print(
        dict(all_of_it.counts), all_of_it.measured(), all_of_it.wrong[:5], f"{time.monotonic() - began:.0f} s"
    )
