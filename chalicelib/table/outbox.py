"""What leaves the table leaves here. The stream brings receipts as they are written, the sweeper the rest."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from chalicelib.core import clock
from chalicelib.core.log import log
from chalicelib.table import read, transact
from chalicelib.table.keys import Key
from chalicelib.table.operation import Effect, Receipt, ReceiptItem
from chalicelib.table.transact import StaleDecision

MAX_TRIES = 8
_FIRST_RETRY = timedelta(seconds=5)

# A handler is told the platform and the payload, and must bear being called again for the same effect.
Handler = Callable[[str, dict[str, Any]], None]


class Outbox:
    """Runs the pending effects of receipts. ``handlers`` maps an effect's kind to what carries it out."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers

    def drain(self, key: Key) -> bool:
        """Run what is pending and due of one receipt, and write down how it went. True if anything was."""
        receipt = read.get(key, Receipt)
        if receipt is None or not receipt.has_work_at(clock.now()):
            return False
        effects = [self._run(receipt, effect) for effect in receipt.effects]
        tries = max((effect.tries for effect in effects if effect.state == "pending"), default=0)
        next_at = clock.now() + _FIRST_RETRY * 2 ** (tries - 1) if tries else None
        self._keep(replace(receipt, effects=effects, next_at=next_at))
        return True

    def take_up(self, key: Key) -> bool:
        """Give a receipt's parked effects their tries again, once a person has mended what was in their way.

        The stream or the sweeper then runs them. False if the receipt has none.
        """
        receipt = read.get(key, Receipt)
        if receipt is None or all(effect.state != "parked" for effect in receipt.effects):
            return False
        effects = [_again(effect) for effect in receipt.effects]
        taken_up = replace(receipt, effects=effects, next_at=clock.now())
        transact.commit([transact.save(ReceiptItem.for_receipt(taken_up))], f"{key}taken-up{receipt.version}")
        return True

    def _run(self, receipt: Receipt, effect: Effect) -> Effect:
        if effect.state != "pending":
            return effect
        try:
            self._handlers[effect.kind](receipt.platform_id, effect.payload)
        except Exception as error:
            tries = effect.tries + 1
            parked = tries >= MAX_TRIES
            event = "effect_parked" if parked else "effect_failed"
            key = receipt.table_key
            log(event, pk=key.pk, sk=key.sk, kind=effect.kind, tries=tries, error=repr(error))
            return replace(effect, tries=tries, state="parked" if parked else "pending")
        return replace(effect, state="done")

    def _keep(self, receipt: Receipt) -> None:
        """Another drain may have been quicker; then its word stands, and running twice did no harm."""
        token = f"{receipt.table_key}drained{receipt.version}{receipt.next_at}"
        try:
            transact.commit([transact.save(ReceiptItem.for_receipt(receipt))], token)
        except StaleDecision:
            log("effect_drained_elsewhere", operation=receipt.operation)


def _again(effect: Effect) -> Effect:
    return replace(effect, state="pending", tries=0) if effect.state == "parked" else effect
