"""Delivers events to the accounts' endpoints: signed, retried, and disturbed as the switches say."""

import http.client
import json
import time
from collections.abc import Iterable
from functools import partial

import stripe

from infra.local.payments.accounts import Account
from infra.local.payments.courier import Courier, post
from infra.local.payments.iyzico_api.events import notification
from infra.local.payments.iyzico_api.signing import webhook_signature
from infra.local.payments.messages import JsonObject
from infra.local.payments.state import Record, State
from infra.local.payments.switches import SwitchBoard, Switches, reordered

ATTEMPTS_SHOWN = 50
TIMEOUT_SECONDS = 20.0
WORKERS = 4


class Webhooks:
    """The sending side of the webhooks. Rows of `delivery` tell what became of each event."""

    def __init__(self, state: State, retry_seconds: tuple[float, ...]) -> None:
        self._state = state
        self._retry_seconds = retry_seconds
        self._courier = Courier(WORKERS)
        self.switchboard = SwitchBoard()

    def dispatch(self, event_ids: Iterable[str]) -> None:
        """Send what one unit of work has caused. Call it without the state's lock."""
        with self._state.lock:
            opened = [self._open_delivery(event_id) for event_id in event_ids]
            rows = [record.object for record in opened if record]
        for account_id in {row["account"]: None for row in rows}:
            self._dispatch([row for row in rows if row["account"] == account_id], account_id)

    def _dispatch(self, rows: list[JsonObject], account_id: str) -> None:
        switches = self.switchboard.of(account_id)
        sent = [row["event"] for row in rows if row["state"] == "pending" for _ in range(row["copies"])]
        self._send_copies(sent, switches, switches.delay_seconds)
        if any(row["state"] == "reordering" for row in rows):
            delay_seconds = switches.delay_seconds + switches.window_seconds
            self._courier.schedule(delay_seconds, partial(self._release, account_id))

    def flush(
        self, account_id: str, seed: int | None, states: tuple[str, ...] = ("held", "reordering")
    ) -> list[str]:
        """Send what waits, and return the event ids in the order of sending.

        With a seed they are shuffled by it. Without, held events keep the order in which they happened,
        and reordered ones surely do not.
        """
        with self._state.lock:
            rows = [
                record.object
                for _, record in self._state.tables["delivery"].items()
                if record.account == account_id and record.object["state"] in states
            ]
            switches = self.switchboard.of(account_id)
            reordering = any(row["state"] == "reordering" for row in rows)
            for row in rows:
                row["state"] = "pending"
            ids = [row["event"] for row in rows for _ in range(row["copies"])]
        ordered = (
            reordered(ids, switches.seed if seed is None else seed) if reordering or seed is not None else ids
        )
        self._send_copies(ordered, switches, 0.0)
        return ordered

    def resend(self, event_id: str) -> bool:
        """Send the event once more, now and whatever the switches say; False when nobody can get it."""
        with self._state.lock:
            record = self._state.tables["delivery"].get(event_id)
            if record is None or record.object["state"] == "unwanted":
                return False
            if record.object["state"] != "delivered":
                record.object["state"] = "pending"
        self._courier.schedule(0.0, partial(self._deliver, [event_id], 0))
        return True

    def resume(self) -> None:
        """Send what a kept state had not sent yet."""
        with self._state.lock:
            rows = [record.object for _, record in self._state.tables["delivery"].items()]
            ids = [row["event"] for row in rows if row["state"] in ("pending", "reordering", "held")]
            for row in rows:
                row["state"] = "pending" if row["event"] in ids else row["state"]
        self._send_copies(ids, Switches(), 0.0)

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Wait until nothing is on its way, retries included; held events do not count."""
        return self._courier.wait_until_idle(timeout_seconds)

    def stop(self) -> None:
        """Stop sending."""
        self._courier.stop()

    def _open_delivery(self, event_id: str) -> Record | None:
        event = self._state.tables["event"].get(event_id)
        if event is None:  # forgotten already, since one unit of work filled the whole table
            return None
        account = self._state.account(event.account)
        switches = self.switchboard.of(account.id)
        state = self._first_state(account, event.object["type"], switches)
        event.object["pending_webhooks"] = 0 if state == "unwanted" else 1
        row = {
            "event": event_id,
            "type": event.object["type"],
            "account": account.id,
            "state": state,
            "copies": max(1, switches.repeat),
            "attempts": [],
        }
        record = Record(account.id, row)
        self._state.tables["delivery"].put(event_id, record)
        return record

    def _first_state(self, account: Account, event_type: str, switches: Switches) -> str:
        if not account.wants(event_type):
            return "unwanted"
        if self.switchboard.drops_next(account.id):
            return "dropped"
        if switches.hold:
            return "held"
        return "reordering" if switches.reorder else "pending"

    def _release(self, account_id: str) -> None:
        self.flush(account_id, None, ("reordering",))

    def _send_copies(self, copies: list[str], switches: Switches, delay_seconds: float) -> None:
        batches = [[copy] for copy in copies] if switches.concurrent else [copies] if copies else []
        for batch in batches:
            self._courier.schedule(delay_seconds, partial(self._deliver, batch, 0))

    def _deliver(self, batch: list[str], tries: int) -> None:
        """Send the copies one after the other, so that a batch arrives in its order."""
        for event_id in batch:
            prepared = self._prepared(event_id)
            if prepared is None:
                continue
            status, error = self._post(*prepared)
            if not self._settled(event_id, status, error, last=tries >= len(self._retry_seconds)):
                self._courier.schedule(
                    self._retry_seconds[tries], partial(self._deliver, [event_id], tries + 1)
                )

    def _prepared(self, event_id: str) -> tuple[str, str, tuple[str, str]] | None:
        with self._state.lock:
            event = self._state.tables["event"].get(event_id)
            if event is None:
                return None
            account = self._state.account(event.account)
            if account.webhook_url is None or account.webhook_secret is None:
                return None
            return account.webhook_url, *_signed(account, account.webhook_secret, event.object)

    def _post(self, url: str, body: str, signature: tuple[str, str]) -> tuple[int | None, str | None]:
        try:
            return post(url, body.encode(), signature, TIMEOUT_SECONDS), None
        except (OSError, http.client.HTTPException) as error:
            return None, f"{type(error).__name__}: {error}"

    def _settled(self, event_id: str, status: int | None, error: str | None, *, last: bool) -> bool:
        delivered = status is not None and 200 <= status < 300
        with self._state.lock:
            record = self._state.tables["delivery"].get(event_id)
            event = self._state.tables["event"].get(event_id)
            if record is None or event is None:
                return True
            row = record.object
            row["attempts"].append({"at": round(time.time(), 3), "status": status, "error": error})
            del row["attempts"][:-ATTEMPTS_SHOWN]
            if delivered:
                row["state"] = "delivered"
                event.object["pending_webhooks"] = 0
            elif last and row["state"] == "pending":
                row["state"] = "failed"
        return delivered or last


def _signed(account: Account, secret: str, event: JsonObject) -> tuple[str, tuple[str, str]]:
    """The body as the account's provider writes it, and the header that signs it."""
    if account.protocol == "iyzico":
        told = notification(event)
        return json.dumps(told), ("X-IYZ-SIGNATURE-V3", webhook_signature(told, secret))
    body = json.dumps(event, ensure_ascii=False)
    return body, ("Stripe-Signature", stripe.WebhookSignature.generate_signature_header(body, secret))
