"""One transaction for one step. A store returns writes; a service commits them, once.

Every write carries a condition. ``create`` demands that nothing stands there, ``save`` that what
stands there is still the version that was read. What a failed condition means is decided here:
a write with a refusal refuses, and one without is *stale*, which is no refusal: read and decide again.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

import msgspec
from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.core.clock import epoch_seconds
from chalicelib.core.errors import Refusal
from chalicelib.table.base import Item, Record, connection, failure_code
from chalicelib.table.keys import Key

MAX_WRITES = 100
_STALE_CODES = {"ConditionalCheckFailed", "TransactionConflict"}
# Another call with this try's token is under way, or was quicker with other content: read what it did.
_TOKEN_IN_USE = {"TransactionInProgressException", "IdempotentParameterMismatchException"}


class StaleDecision(Exception):
    """The decision was made on something that has changed meanwhile: read again and decide again."""


class Write(msgspec.Struct, frozen=True):
    """One conditional write. ``refusal`` is raised when the condition fails; without one it is stale."""

    kind: Literal["put", "check", "delete"]
    item: Item
    condition: Condition
    refusal: Refusal | None = None


def create(item: Item, refusal: Refusal | None = None) -> Write:
    """Put an item where there is none."""
    return Write("put", item, Item.pk.does_not_exist(), refusal)


def create_or_replace_expired(item: Item, now: datetime) -> Write:
    """Put an item where there is none, or where one stands that time to live has not removed yet."""
    nothing_there = Item.pk.does_not_exist()
    already_expired = Item.expires_at < epoch_seconds(now)
    return Write("put", item, nothing_there | already_expired)


def save(item: Item, refusal: Refusal | None = None) -> Write:
    """Put a new version in the place of the version that was read, or the first where there was none."""
    read_version = int(item.item_version) - 1
    if read_version == 0:
        return create(item, refusal)
    return Write("put", item, Item.item_version == read_version, refusal)


def unchanged(item_type: type[Item], key: Key, record: Record, refusal: Refusal | None = None) -> Write:
    """Demand that a record that the decision rests on has not changed; it is not written."""
    return Write("check", item_type(key.pk, key.sk), Item.item_version == record.version, refusal)


def absent(item_type: type[Item], key: Key, refusal: Refusal | None = None) -> Write:
    """Demand that nothing stands there; nothing is written."""
    return Write("check", item_type(key.pk, key.sk), Item.pk.does_not_exist(), refusal)


def delete(item_type: type[Item], key: Key, record: Record, refusal: Refusal | None = None) -> Write:
    """Remove the version that was read."""
    return Write("delete", item_type(key.pk, key.sk), Item.item_version == record.version, refusal)


def put_if_absent(item: Item) -> None:
    """Put one item on its own where nothing stands, and nothing where something does.

    For what must be kept before anything is decided about it. A repeated call changes nothing, so there is no
    telling afterwards which call put it.
    """
    linked = connection()
    try:
        linked.put_item(
            Item.Meta.table_name,
            item.pk,
            item.sk,
            attributes=item.serialize(),
            condition=Item.pk.does_not_exist(),
        )
    except PutError as error:
        if failure_code(error) != "ConditionalCheckFailedException":
            raise


def commit(writes: Sequence[Write], token: str) -> None:
    """All of the writes or none.

    ``token`` names this very try of this operation: the store remembers it for ten minutes, so that a
    repeated call with the same content has one effect. Raises ``StaleDecision`` or a write's refusal.
    """
    if not 0 < len(writes) <= MAX_WRITES:
        raise ValueError(f"a transaction holds 1 to {MAX_WRITES} writes, not {len(writes)}")
    sent = sorted(writes, key=lambda write: ("check", "delete", "put").index(write.kind))
    try:
        with TransactWrite(connection=connection(), client_request_token=_client_token(token)) as transaction:
            for write in sent:
                _add(transaction, write)
    except TransactWriteError as error:
        raise _outcome(error, sent) from error


def _add(transaction: TransactWrite, write: Write) -> None:
    match write.kind:
        case "put":
            transaction.save(write.item, condition=write.condition)
        case "check":
            transaction.condition_check(
                type(write.item), write.item.pk, write.item.sk, condition=write.condition
            )
        case "delete":
            transaction.delete(write.item, condition=write.condition)


def _outcome(error: TransactWriteError, sent: Sequence[Write]) -> Exception:
    """PynamoDB sends checks, deletes, puts in that order, and ``sent`` is in the same."""
    reasons = error.cancellation_reasons
    codes: list[Any] = [reason and reason.code for reason in reasons]
    if not any(codes) or not set(codes) <= _STALE_CODES | {None}:
        return StaleDecision() if failure_code(error) in _TOKEN_IN_USE else error
    refused = [
        write.refusal
        for write, code in zip(sent, codes, strict=True)
        if code == "ConditionalCheckFailed" and write.refusal
    ]
    return refused[0] if refused else StaleDecision()


def _client_token(token: str) -> str:
    return sha256(token.encode()).hexdigest()[:36]
