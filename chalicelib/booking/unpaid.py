"""A booking that the wallet could not pay: refused, and one line of the failed payments report (B31)."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from chalicelib.core.errors import Refusal
from chalicelib.orders.lines import FAILED_PAYMENT_REPORTED, FailedPayment
from chalicelib.table.operation import Decision, Effect, Operation, perform


class Unpaid(Exception):
    """What the customer is told, and what the report is."""

    def __init__(self, refusal: Refusal, payment: FailedPayment) -> None:
        super().__init__(payment.id)
        self.refusal = refusal
        self.payment = payment


@contextmanager
def reported(operation: Operation) -> Iterator[None]:
    """What the wallet could not pay is reported, and then refused."""
    try:
        yield
    except Unpaid as unpaid:
        _report(operation, unpaid)
        raise unpaid.refusal from None


def _report(operation: Operation, unpaid: Unpaid) -> None:
    """Promise the line, once however often the operation is repeated.

    The refused operation itself leaves no receipt, so its key may still be used for another request; hence
    the request is part of the step's name. A failure here is the caller's, who then repeats the operation.
    """
    effect = Effect(kind=FAILED_PAYMENT_REPORTED, payload=msgspec.to_builtins(unpaid.payment))
    step = operation.step(f"refused-{operation.input_hash[:16]}")
    perform(step, [], lambda _: Decision(answer=None, effects=[effect]))
