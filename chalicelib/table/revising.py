"""A change of one record alone, beside any operation: where it is stale, it is decided again."""

from collections.abc import Callable
from typing import TypeVar

from chalicelib.table import transact
from chalicelib.table.operation import MAX_TRIES
from chalicelib.table.transact import StaleDecision, Write

R = TypeVar("R")


def revised(
    record: R,
    change: Callable[[R], R],
    saved: Callable[[R], Write],
    again: Callable[[], R | None],
    token: str,
) -> R | None:
    """The record as it stands after ``change``, which may leave it; ``None`` where others were quicker.

    ``token`` names the change; with the number of the try it is the transaction's.
    """
    for number in range(MAX_TRIES):
        after = change(record)
        if after == record:
            return record
        write = saved(after)
        try:
            transact.commit([write], f"{token}{number}")
        except StaleDecision:
            record = again() or record
        else:
            stands: R = write.item.loaded()
            return stands
    return None
