"""`python -m infra.local.payments --port P [--keep FILE]`: run the payment sandbox until it is stopped."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from infra.local.payments.sandbox import RETRY_SECONDS, Config
from infra.local.payments.server import ADDRESS, Server
from infra.local.payments.state import KeptStateError


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 after a stop by signal, 2 when the sandbox cannot start."""
    config = _config(arguments)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        server = Server(config)
    except KeptStateError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"port {config.port} on {ADDRESS} cannot be used: {error.strerror or error}")
    server.start()
    print(f"payment sandbox ready on {server.url}", file=sys.stderr, flush=True)
    stopped.wait()
    server.stop()
    return 0


def _config(arguments: list[str] | None) -> Config:
    parser = argparse.ArgumentParser(
        prog="python -m infra.local.payments", description="The payment sandbox."
    )
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="load the state at start, save it at stop")
    parser.add_argument("--public-url", metavar="URL", help="where browsers find it (default: its address)")
    parser.add_argument(
        "--retry-seconds",
        type=_seconds,
        metavar="S,S,...",
        default=RETRY_SECONDS,
        help="waits before a webhook is sent again (default: %(default)s)",
    )
    given = parser.parse_args(arguments)
    if not 0 <= given.port <= 65535:
        parser.error("--port: expected 0 to 65535")
    return Config(given.port, given.keep, given.public_url, given.retry_seconds)


def _seconds(text: str) -> tuple[float, ...]:
    waits = tuple(float(part) for part in text.split(",") if part.strip())
    if any(not 0 <= wait <= 3600 for wait in waits):
        raise argparse.ArgumentTypeError("each wait is from 0 to 3600 seconds")
    return waits


def _refuse(message: str) -> int:
    print(f"payment sandbox: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
