"""Background threads that run jobs when they are due, and the HTTP POST of one webhook."""

import heapq
import http.client
import itertools
import sys
import threading
import time
import traceback
from collections.abc import Callable
from urllib.parse import urlsplit

Job = Callable[[], None]
STOP_SECONDS = 2.0
RESPONSE_BYTES_READ = 65_536


class Courier:
    """A few threads that take jobs from a heap ordered by due time."""

    def __init__(self, workers: int) -> None:
        self._condition = threading.Condition()
        self._heap: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._running = 0
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._work, name=f"webhooks-{i}", daemon=True) for i in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def schedule(self, delay_seconds: float, job: Job) -> None:
        """Run `job` on one of the threads, `delay_seconds` from now."""
        with self._condition:
            heapq.heappush(self._heap, (time.monotonic() + delay_seconds, next(self._order), job))
            self._condition.notify_all()

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Wait until no job is waiting or running; False when the time is up before."""
        with self._condition:
            return self._condition.wait_for(lambda: not self._heap and not self._running, timeout_seconds)

    def stop(self) -> None:
        """Run no further job; wait for the running ones, but not for long."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except Exception:  # one job's mistake must not end the thread of all later jobs
                traceback.print_exc(file=sys.stderr)
            with self._condition:
                self._running -= 1
                self._condition.notify_all()

    def _next(self) -> Job | None:
        with self._condition:
            while not self._stopping:
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    self._running += 1
                    return heapq.heappop(self._heap)[2]
                self._condition.wait(wait)
        return None


def post(url: str, body: bytes, signature: tuple[str, str], timeout_seconds: float) -> int:
    """POST a webhook and return the HTTP status; OSError or HTTPException when there is no answer.

    `signature` is a header and its value. Redirects are not followed, as a provider follows none.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    # A name under .localhost is this machine, although not every resolver knows it.
    address = "127.0.0.1" if host.endswith(".localhost") else host
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(address, parts.port, timeout=timeout_seconds)
    headers = {
        "Host": parts.netloc.rpartition("@")[2],
        "Content-Type": "application/json; charset=utf-8",
        signature[0]: signature[1],
        "User-Agent": "Seans-payment-sandbox/1.0",
    }
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, headers)
        response = connection.getresponse()
        response.read(RESPONSE_BYTES_READ)
        return response.status
    finally:
        connection.close()
