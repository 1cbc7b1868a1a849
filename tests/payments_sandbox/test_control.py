"""The control API, and the process as a whole: start, stop, kept state, taken port."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import stripe

from infra.local.payments.sandbox import Config
from infra.local.payments.server import Server
from tests.payments_sandbox.harness import (
    KEY,
    OTHER_KEY,
    WEBHOOK_SECRET,
    Clock,
    Endpoint,
    Shop,
    client,
    order,
)

ROOT = Path(__file__).parents[2]


def test_health_tells_the_version_and_the_address(shop: Shop) -> None:
    health = shop.control("health")
    assert (health["status"], health["api_version"]) == ("ok", stripe.api_version)
    assert health["url"] == shop.server.url


def test_accounts_are_listed_and_replaced_by_their_key(shop: Shop) -> None:
    before = shop.control("accounts")["accounts"][0]
    assert (before["secret_key"], before["webhook_secret"]) == (KEY, WEBHOOK_SECRET)
    after = shop.control(
        "accounts", {"secret_key": KEY, "webhook_url": "http://127.0.0.1:9/x", "webhook_secret": "whsec_new"}
    )
    assert (after["id"], after["name"]) == (before["id"], before["name"])
    assert [a["webhook_secret"] for a in shop.control("accounts")["accounts"]] == ["whsec_new"]


@pytest.mark.parametrize(
    ("action", "status", "payment_status"),
    [
        ("pay", "complete", "paid"),
        ("decline", "open", "unpaid"),
        ("insufficient", "open", "unpaid"),
        ("fail-3ds", "open", "unpaid"),
        ("pay-later", "complete", "unpaid"),
        ("expire", "expired", "unpaid"),
    ],
)
def test_a_script_does_what_a_buyer_would(shop: Shop, action: str, status: str, payment_status: str) -> None:
    session = shop.session()
    result = shop.control(f"sessions/{session.id}/{action}", {})
    assert (result["session"]["status"], result["session"]["payment_status"]) == (status, payment_status)
    assert result["success_location"].endswith(session.id)
    assert [shop.stripe.v1.events.retrieve(event).id for event in result["events"]] == result["events"]
    assert shop.control(f"sessions/{session.id}")["session"] == result["session"]
    assert (result["payment_intent"] is None) == (action == "expire")


def test_sessions_are_listed_for_scripts_and_for_people(shop: Shop) -> None:
    session = shop.session(client_reference_id="<b>ord</b>")
    assert [row["id"] for row in shop.control("sessions")["sessions"]] == [session.id]
    html = shop.request("GET", "/_sandbox").body.decode()
    assert f'href="/pay/{session.id}"' in html
    assert "<b>" not in html
    assert "₺1,490.00" in html
    assert shop.request("GET", "/").headers["location"] == "/_sandbox"


BAD_CONTROLS: list[tuple[str, Any, int, str]] = [
    ("accounts", {}, 400, "INVALID_FIELD"),
    ("accounts", {"secret_key": 5}, 400, "INVALID_FIELD"),
    (
        "accounts",
        {"secret_key": "k", "webhook_url": "file:///x", "webhook_secret": "s"},
        400,
        "INVALID_FIELD",
    ),
    ("accounts", {"secret_key": "k", "webhook_url": "http://127.0.0.1/x"}, 400, "INVALID_FIELD"),
    ("accounts", {"secret_key": "k", "colour": "red"}, 400, "UNKNOWN_FIELD"),
    ("accounts", [], 400, "INVALID_JSON"),
    ("webhooks", {"repeat": 0}, 400, "INVALID_FIELD"),
    ("webhooks", {"repeat": 1.5}, 400, "INVALID_FIELD"),
    ("webhooks", {"drop": 1.5}, 400, "INVALID_FIELD"),
    ("webhooks", {"hold": "yes"}, 400, "INVALID_FIELD"),
    ("webhooks", {"secret_key": OTHER_KEY}, 404, "NO_SUCH_ACCOUNT"),
    ("webhooks/resend", {"event_id": "evt_none"}, 404, "NO_SUCH_DELIVERY"),
    ("faults", {"kind": "earthquake"}, 400, "INVALID_FIELD"),
    ("sessions/cs_none/pay", {}, 404, "NO_SUCH_SESSION"),
    ("sessions/cs_none/steal", {}, 404, "NO_SUCH_OUTCOME"),
    ("nothing", {}, 404, "NO_SUCH_CONTROL"),
]


@pytest.mark.parametrize(("path", "body", "status", "code"), BAD_CONTROLS)
def test_a_bad_control_call_is_refused(shop: Shop, path: str, body: Any, status: int, code: str) -> None:
    assert shop.control(path, body, status)["error"]["code"] == code


def test_the_account_must_be_named_when_there_are_two(shop: Shop) -> None:
    shop.control("accounts", {"secret_key": OTHER_KEY})
    shop.control("webhooks", {"hold": True}, status=400)
    assert shop.control("webhooks", {"secret_key": KEY, "hold": True})["hold"] is True


@pytest.mark.parametrize(
    "headers",
    [{"Host": "sandbox.example.com"}, {"Host": "["}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
def test_the_control_api_serves_this_machine_only(shop: Shop, headers: dict[str, str]) -> None:
    reply = shop.request("POST", "/_sandbox/accounts", b"{}", headers)
    assert (reply.status, reply.json()["error"]["code"]) == (403, "NOT_LOOPBACK")


def test_bodies_without_a_usable_length_are_refused(shop: Shop) -> None:
    for headers, status in (
        ({"Content-Length": "2000000"}, 413),
        ({"Content-Length": "many"}, 400),
        ({"Transfer-Encoding": "chunked"}, 411),
    ):
        connection = http.client.HTTPConnection(shop.server.url.removeprefix("http://"), timeout=5)
        connection.putrequest("POST", "/v1/refunds")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.getresponse().status == status
        connection.close()


def test_kept_state_comes_back_with_what_was_not_sent(tmp_path: Path, endpoint: Endpoint) -> None:
    config = Config(keep=tmp_path / "payments.json", retry_seconds=())
    first = _shop(config, endpoint)
    account = {"secret_key": KEY, "webhook_url": endpoint.url, "webhook_secret": WEBHOOK_SECRET}
    first.control("accounts", account)
    first.control("webhooks", {"hold": True})
    session = first.session(key="k1")
    first.press(session.id, "pay")
    first.server.stop()
    assert endpoint.received == []
    assert (tmp_path / "payments.json").stat().st_mode & 0o777 == 0o600
    second = _shop(config, endpoint)
    try:
        second.settled()
        assert second.retrieve(session.id).payment_status == "paid"
        assert len(endpoint.events()) == 4
        assert second.session(key="k1").id == session.id
    finally:
        second.server.stop()


def _shop(config: Config, endpoint: Endpoint) -> Shop:
    server = Server(config)
    server.start()
    return Shop(server, Clock(), endpoint, client(server.url))


def _start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "infra.local.payments", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def _ready(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    line = process.stderr.readline()
    assert line.startswith("payment sandbox ready on http://127.0.0.1:"), line
    return line.split()[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_serves_logs_a_line_per_request_and_stops_cleanly(number: int, tmp_path: Path) -> None:
    process = _start("--port", "0", "--keep", str(tmp_path / "new" / "kept.json"), "--retry-seconds", "1,2")
    url = _ready(process)
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    connection.request("POST", "/_sandbox/accounts?token=secret", json.dumps({"secret_key": KEY}))
    assert connection.getresponse().status == 200
    connection.close()
    client(url).v1.checkout.sessions.create(params=order())  # type: ignore[arg-type]  # built as a dict
    process.send_signal(number)
    _, log = process.communicate(timeout=10)
    assert process.returncode == 0
    assert json.loads((tmp_path / "new" / "kept.json").read_text())["version"] == 1
    lines = log.splitlines()
    assert len(lines) == 2
    assert " POST /v1/checkout/sessions 200 " in lines[1]
    assert KEY not in log
    assert "secret" not in log.replace("payment_secret", "")


def test_a_taken_port_is_one_clear_message_and_status_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = _start("--port", str(port))
        _, message = process.communicate(timeout=10)
    assert process.returncode == 2
    assert message.startswith(f"payment sandbox: port {port} on 127.0.0.1 cannot be used")
    assert len(message.splitlines()) == 1


def test_a_file_that_is_no_kept_state_is_refused(tmp_path: Path) -> None:
    for content in ("not json", "[]", '{"version": 99}', '{"version": 1}'):
        (tmp_path / "kept.json").write_text(content)
        with pytest.raises(Exception, match=r"kept\.json"):
            Server(Config(keep=tmp_path / "kept.json"))


def test_only_the_loopback_is_bound(shop: Shop) -> None:
    port = int(shop.server.url.rpartition(":")[2])
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    mine = {row[1] for row in listening if row[3] == "0A" and int(row[1].partition(":")[2], 16) == port}
    assert mine == {f"0100007F:{port:04X}"}


def test_a_session_expires_by_the_servers_own_ticker(endpoint: Endpoint) -> None:
    clock = Clock()
    server = Server(Config(tick_seconds=0.02, clock=clock))
    server.start()
    try:
        shop = Shop(server, clock, endpoint, client(server.url))
        shop.control("accounts", {"secret_key": KEY})
        session = shop.session(expires_at=int(clock.now) + 1_800)
        clock.now += 1_801
        deadline = time.monotonic() + 5
        while shop.retrieve(session.id).status == "open" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert shop.retrieve(session.id).status == "expired"
    finally:
        server.stop()


def test_many_buyers_at_once_are_each_charged_once(shop: Shop) -> None:
    sessions = [shop.session().id for _ in range(8)]
    threads = [threading.Thread(target=shop.press, args=(s, "pay")) for s in sessions for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shop.stripe.v1.charges.list(params={"limit": 100}).data) == 8
    shop.settled()
    assert shop.endpoint.types().count("checkout.session.completed") == 8
