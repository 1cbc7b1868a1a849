"""Faults that the next calls of the provider's API meet: a slow, failing, odd or vanishing answer."""

import threading
from dataclasses import asdict, dataclass

from infra.local.payments.messages import JsonObject

KINDS = ("slow", "error_500", "error_429", "nonsense", "lost_request", "lost_response")
FAULTS_LIMIT = 100


@dataclass
class Fault:
    """What the next `count` calls that match `method` and the start of `path` meet.

    `slow` waits `seconds` first; `lost_request` closes the socket without doing the call, `lost_response`
    does it and closes the socket; `stored` makes a 500 the lasting answer of its idempotency key.
    """

    kind: str
    count: int = 1
    seconds: float = 0.0
    method: str | None = None
    path: str | None = None
    stored: bool = False

    def matches(self, method: str, path: str) -> bool:
        """Whether a call of `method` on `path` meets this fault."""
        return self.method in (None, method) and path.startswith(self.path or "")


class Faults:
    """The faults that wait for their calls, first in, first met. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put one more in the line; ValueError when the line is full."""
        with self._lock:
            if len(self._waiting) >= FAULTS_LIMIT:
                raise ValueError(f"at most {FAULTS_LIMIT} faults can wait")
            self._waiting.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this call meets, counted down."""
        with self._lock:
            fault = next((f for f in self._waiting if f.matches(method, path)), None)
            if fault:
                fault.count -= 1
                self._waiting = [f for f in self._waiting if f.count > 0]
            return fault

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._waiting = []

    def waiting(self) -> list[JsonObject]:
        """The faults not met yet, with what is left of their counts."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]
