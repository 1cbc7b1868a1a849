"""What makes a step happen once: its receipt, which is written in the same transaction as its effect.

The receipt stands under platform, actor, operation and idempotency key. It holds the hash of the input,
the answer as it was given, and the *effects*: what must still leave the table (a schedule, a mail, a row
of the report). So nothing is promised outside that is not decided inside, and nothing decided is forgotten.
"""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
from msgspec.structs import replace

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Busy, Conflict
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.transact import StaleDecision, Write

KEPT_FOR = timedelta(hours=24)
STREAM_HAS = timedelta(seconds=30)  # then the sweeper takes what the stream did not bring
MAX_TRIES = 4
_BACKOFF_SECONDS = 0.05


class IdempotencyKeyReused(Conflict):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = "This Idempotency-Key was used before, with another request. Use a new one."


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that one actor asks for, once. ``input_hash`` is the SHA-256 of what he sent.

    ``asked_by``: who sent the key, where that is somebody else than the actor.
    """

    actor: Actor
    name: str
    key: str
    input_hash: str = ""
    asked_by: str = ""

    @property
    def platform_id(self) -> str:
        return self.actor.platform_id

    @property
    def receipt_key(self) -> Key:
        return keys.receipt(self.platform_id, self.caller_id, self.name, self.key)

    @property
    def caller_id(self) -> str:
        return self.asked_by or self.actor.id

    def on_behalf_of(self, actor: Actor) -> "Operation":
        """The same as if the actor asked for it; the key stays its caller's."""
        return replace(self, actor=actor, asked_by=self.caller_id)

    def step(self, name: str) -> "Operation":
        """A step of this operation that commits on its own, under a receipt of its own."""
        return replace(self, name=f"{self.name}/{name}")


def by_system(actor: Actor, name: str, key: str) -> Operation:
    """What the product does of itself; ``key`` is derived from the thing it is done to."""
    return Operation(actor=actor, name=name, key=key, input_hash=sha256(key.encode()).hexdigest())


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must still leave the table. ``payload`` is plain: text, integers, lists, maps."""

    kind: str
    payload: dict[str, Any]
    state: str = "pending"
    tries: int = 0


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """That an operation happened, what was answered, and which of its effects are still to come."""

    platform_id: str
    actor_id: str
    operation: str
    key: str
    input_hash: str
    answer: str
    effects: list[Effect]
    at: datetime
    next_at: datetime | None
    version: int = 0

    @property
    def table_key(self) -> Key:
        return keys.receipt(self.platform_id, self.actor_id, self.operation, self.key)

    @property
    def expires_at(self) -> datetime | None:
        """It outlives a day where an effect is still to come, or is parked."""
        is_done = self.next_at is None and all(effect.state != "parked" for effect in self.effects)
        return self.at + KEPT_FOR if is_done else None

    def has_work_at(self, now: datetime) -> bool:
        """The first try is made as soon as the stream brings the receipt, each later one when it is due."""
        tried = any(effect.tries for effect in self.effects)
        return self.next_at is not None and (not tried or self.next_at <= now)


class ReceiptItem(Item, discriminator="receipt"):
    record = RecordAttribute(Receipt)

    @classmethod
    def for_receipt(cls, receipt: Receipt) -> "ReceiptItem":
        """Work while an effect is pending, rubbish a day later when none is."""
        table_key = receipt.table_key
        work = keys.work(table_key.pk, receipt.next_at) if receipt.next_at else None
        return cls.of(table_key, receipt, work=work, expires_at=receipt.expires_at)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a use case decided: the writes, the answer to its caller, and what must leave the table."""

    answer: Any
    writes: Sequence[Write] = ()
    effects: Sequence[Effect] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer's JSON, byte for byte the same however often the operation is repeated."""

    body: bytes
    replayed: bool

    def read_as(self, answer_type: Any) -> Any:
        return msgspec.json.decode(self.body, type=answer_type)


def perform(operation: Operation, reads: Iterable[Key], decide: Callable[[read.Loaded], Decision]) -> Answer:
    """Read, decide and commit, exactly once however often it is called.

    ``decide`` sees ``reads`` as of one batch read and either raises a ``Refusal`` or returns a
    ``Decision``. A stale decision is made again from fresh reads, at most four times; then ``Busy``.

    A batch read is no snapshot: it can miss the receipt and see the rest of what the same operation, called
    twice at once, has done. So a refusal is believed only where there is still no receipt after it.
    """
    wanted = [operation.receipt_key, *reads]
    for attempt in range(MAX_TRIES):
        loaded = read.batch(wanted)
        if (receipt := _live_receipt(operation, loaded)) is not None:
            return _replay(receipt, operation)
        try:
            decision = decide(loaded)
            answer = msgspec.json.encode(decision.answer)
            transact.commit(_with_receipt(operation, decision, answer), f"{operation.receipt_key}{attempt}")
            return Answer(body=answer, replayed=False)
        except StaleDecision:
            _wait(attempt)
        except Exception:
            if (receipt := _own_receipt(operation)) is not None:
                return _replay(receipt, operation)
            raise
    if (receipt := _own_receipt(operation)) is not None:
        return _replay(receipt, operation)
    raise Busy


def _with_receipt(operation: Operation, decision: Decision, answer: bytes) -> list[Write]:
    now = clock.now()
    receipt = Receipt(
        platform_id=operation.platform_id,
        actor_id=operation.caller_id,
        operation=operation.name,
        key=operation.key,
        input_hash=operation.input_hash,
        answer=answer.decode(),
        effects=list(decision.effects),
        at=now,
        next_at=now + STREAM_HAS if decision.effects else None,
    )
    return [transact.create_or_replace_expired(ReceiptItem.for_receipt(receipt), now), *decision.writes]


def _live_receipt(operation: Operation, loaded: read.Loaded) -> Receipt | None:
    """A receipt a day old is as good as gone: time to live removes it some time later."""
    receipt = loaded.get(operation.receipt_key, Receipt)
    if receipt is None or (receipt.expires_at and receipt.expires_at < clock.now()):
        return None
    return receipt


def _own_receipt(operation: Operation) -> Receipt | None:
    return _live_receipt(operation, read.batch([operation.receipt_key]))


def _replay(receipt: Receipt, operation: Operation) -> Answer:
    if receipt.input_hash != operation.input_hash:
        raise IdempotencyKeyReused
    return Answer(body=receipt.answer.encode(), replayed=True)


def _wait(attempt: int) -> None:
    time.sleep(random.uniform(0, _BACKOFF_SECONDS * 2**attempt))  # noqa: S311 - jitter, not a secret
