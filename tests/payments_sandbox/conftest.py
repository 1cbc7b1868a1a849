"""A payment sandbox in the test's process, and a merchant's endpoint."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra.local.payments.sandbox import Config
from infra.local.payments.server import Server
from tests.payments_sandbox.harness import KEY, WEBHOOK_SECRET, Clock, Endpoint, Shop, client


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signature = self.headers["Stripe-Signature"] or self.headers["X-IYZ-SIGNATURE-V3"]
            target.received.append((body, signature))
            if target.on_event:
                target.on_event(target.events()[-1])
            self.send_response(target.answers.pop(0) if target.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    target = Endpoint(f"http://hooks.localhost:{server.server_port}/hook?tenant=acme")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield target
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def shop(endpoint: Endpoint) -> Iterator[Shop]:
    clock = Clock()
    config = Config(retry_seconds=(0.02, 0.04), tick_seconds=30, clock=clock)
    server = Server(config)
    server.start()
    shop = Shop(server, clock, endpoint, client(server.url))
    account = {"secret_key": KEY, "webhook_url": endpoint.url, "webhook_secret": WEBHOOK_SECRET}
    shop.control("accounts", {**account, "name": "Seans Akademi"})
    yield shop
    server.stop()
