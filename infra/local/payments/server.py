"""The HTTP server: loopback only, one thread per connection, one log line per request."""

import sys
import threading
import time
import traceback
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from infra.local.payments import page, twilio_api, zarinpal_api
from infra.local.payments.control import routes as control
from infra.local.payments.iyzico_api import routes as iyzico_api
from infra.local.payments.messages import Request, Response, json_response, redirect
from infra.local.payments.sandbox import Config, Sandbox
from infra.local.payments.state import new_id
from infra.local.payments.stripe_api import routes as stripe_api

ADDRESS = "127.0.0.1"
BODY_LIMIT_BYTES = 1_000_000
IDLE_SECONDS = 60
STOP_POLL_SECONDS = 0.05
PREFIXES = (
    ("/v1/", stripe_api.respond),
    ("/iyzico/", iyzico_api.respond),
    ("/zarinpal/", zarinpal_api.respond),
    ("/twilio/", twilio_api.respond),
    ("/pay/", page.respond),
    ("/_sandbox", control.respond),
)


class Server:
    """The sandbox behind its port. OSError when the port is taken."""

    def __init__(self, config: Config) -> None:
        self._http = _HttpServer((ADDRESS, config.port), _Handler)
        try:
            self.sandbox = self._http.sandbox = Sandbox(config)
        except Exception:
            self._http.server_close()
            raise
        self.url = f"http://{ADDRESS}:{self._http.server_port}"
        self.sandbox.base_url = (config.public_url or self.url).rstrip("/")
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(STOP_POLL_SECONDS,), name="http", daemon=True
        )

    def start(self) -> None:
        """Serve on a thread of its own."""
        self.sandbox.start()
        self._thread.start()

    def stop(self) -> None:
        """Close the port and stop what runs behind it."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        self.sandbox.stop()


def respond(sandbox: Sandbox, request: Request) -> Response:
    """The answer of the part of the sandbox that the path belongs to."""
    if request.path == "/":
        return redirect("/_sandbox")
    for prefix, answer in PREFIXES:
        if request.path.startswith(prefix):
            return answer(sandbox, request)
    return json_response(404, {"error": {"code": "NOT_FOUND", "message": request.path}})


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    sandbox: Sandbox


class _Handler(BaseHTTPRequestHandler):
    server: "_HttpServer"
    protocol_version = "HTTP/1.1"
    server_version = "seans-payment-sandbox"
    sys_version = ""
    timeout = IDLE_SECONDS
    wbufsize = -1
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        began = time.monotonic()
        request_id = new_id("req", 14)
        response = self._respond(request_id)
        self._log(response, request_id, began)
        if response.disconnect:
            self.close_connection = True
            return
        self._send(response, request_id)

    # The names are the base class's.
    do_GET = do_HEAD = do_POST = do_DELETE = do_PUT = do_PATCH = _serve  # noqa: N815

    def _respond(self, request_id: str) -> Response:
        refused = self._refused()
        if refused:
            self.close_connection = True
            return refused
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        request = Request(self.command, path, query, headers, body, request_id)
        try:
            return respond(self.server.sandbox, request)
        except Exception:  # the last resort: one call's mistake is its caller's 500
            traceback.print_exc(file=sys.stderr)
            return json_response(500, {"error": {"type": "api_error", "message": "Internal error."}})

    def _refused(self) -> Response | None:
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding"):
            return json_response(411, {"error": {"message": "Content-Length is needed."}})
        if not (length.isascii() and length.isdigit()):
            return json_response(400, {"error": {"message": "Content-Length is not a number."}})
        if int(length) > BODY_LIMIT_BYTES:
            return json_response(413, {"error": {"message": f"At most {BODY_LIMIT_BYTES} bytes."}})
        return None

    def _send(self, response: Response, request_id: str) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("Request-Id", request_id)
        for name, value in response.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _log(self, response: Response, request_id: str, began: float) -> None:
        # The path without its query, and no body: neither secrets nor buyers' data are written.
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = self.path.partition("?")[0]
        outcome = "closed" if response.disconnect else str(response.status)
        milliseconds = round((time.monotonic() - began) * 1000)
        line = f"{now} {self.command} {ascii(path)[1:-1]} {outcome} {milliseconds}ms {request_id}\n"
        sys.stderr.write(line)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Silent: `_log` writes the one line per request."""
