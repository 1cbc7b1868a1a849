"""One origin for the built console and a running stack's API, as CloudFront is on AWS.

``python -m tests.browser.origin [port]`` serves `.local/console` beside the stack that ``make run`` started.
"""

import json
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from infra.console import config_document, content_security_policy

ROOT = Path(__file__).resolve().parents[2]
_PASSED_ON = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match")
_SECONDS = 30


class _Handler(SimpleHTTPRequestHandler):
    """``/api/*`` goes to the stack's API, ``config.json`` is made of the stack, the rest are files."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".woff2": "font/woff2",
        ".js": "text/javascript",
    }

    def __init__(self, *args: Any, stack: dict[str, Any], directory: str) -> None:
        self._stack = stack
        super().__init__(*args, directory=directory)

    def do_GET(self) -> None:
        if self.path.startswith("/api/"):
            self._pass_on()
        elif self.path.partition("?")[0] == "/config.json":
            self._answer(200, json.dumps(config_document(self._stack)).encode(), "application/json")
        else:
            super().do_GET()

    def do_POST(self) -> None:
        self._pass_on()

    do_PUT = do_DELETE = do_POST  # noqa: N815 - the names are the library's

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", content_security_policy(config_document(self._stack)))
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        """A test's output is no access log."""

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        request = urllib.request.Request(
            self._stack["api_url"] + self.path.removeprefix("/api"),
            data=body,
            method=self.command,
            headers={name: self.headers[name] for name in _PASSED_ON if name in self.headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
                self._answer(answer.status, answer.read(), answer.headers.get("Content-Type", ""))
        except urllib.error.HTTPError as refusal:
            self._answer(refusal.code, refusal.read(), refusal.headers.get("Content-Type", ""))
        except OSError:
            self._answer(502, b"{}", "application/json")

    def _answer(self, status: int, content: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        # A page that went elsewhere waits for no answer.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.end_headers()
            self.wfile.write(content)


@contextmanager
def serving(folder: Path, stack: dict[str, Any], port: int = 0) -> Iterator[str]:
    """Serve while the block runs; yields the origin's address."""
    handler = partial(_Handler, stack=stack, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def main() -> None:
    stack = json.loads((ROOT / ".local/stack.json").read_text())
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 4781
    with serving(ROOT / ".local/console", stack, port) as address:
        print(f"The console is at {address}; Ctrl-C stops it.")
        threading.Event().wait()


if __name__ == "__main__":
    main()
