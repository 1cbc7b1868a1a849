"""The sandbox as a whole: its state, its faults, its webhooks, and units of work upon them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.payments.faults import Faults
from infra.local.payments.state import State
from infra.local.payments.stripe_api import outcomes
from infra.local.payments.webhooks import Webhooks
from infra.local.payments.work import Work

RETRY_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)


@dataclass(frozen=True)
class Config:
    """How to run: `public_url` is where browsers find the payment page; None: the bound address."""

    port: int = 0
    keep: Path | None = None
    public_url: str | None = None
    retry_seconds: tuple[float, ...] = RETRY_SECONDS
    tick_seconds: float = 1.0
    clock: Callable[[], float] = time.time


class Sandbox:
    """State and its surroundings. `base_url` is set once the port is known."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.state = State()
        if config.keep and config.keep.exists():
            self.state.load(config.keep)
        self.faults = Faults()
        self.webhooks = Webhooks(self.state, config.retry_seconds)
        self.base_url = config.public_url or ""
        self._stopping = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="expiry", daemon=True)

    def start(self) -> None:
        """Begin to expire sessions, and send what a kept state had not sent."""
        self.webhooks.resume()
        self._ticker.start()

    @contextmanager
    def work(self, request_id: str | None = None, idempotency_key: str | None = None) -> Iterator[Work]:
        """One unit of work under the lock; its events are sent once the lock is released.

        An application calls the API back while it receives a webhook, so that a send under the lock would
        wait for itself.
        """
        with self.state.lock:
            now = int(self.config.clock())
            work = Work(self.state, now, self.base_url, request_id, idempotency_key)
            yield work
        self.webhooks.dispatch(work.event_ids)

    def expire_due(self) -> None:
        """Expire every open session whose time is up."""
        with self.work() as work:
            outcomes.expire_due(work)

    def stop(self) -> None:
        """Stop the threads and, with `keep`, save the state."""
        self._stopping.set()
        self.webhooks.stop()
        if self.config.keep:
            self.state.save(self.config.keep)

    def _tick(self) -> None:
        while not self._stopping.wait(self.config.tick_seconds):
            self.expire_due()
