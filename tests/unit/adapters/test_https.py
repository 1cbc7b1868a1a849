"""Calls of a vendor's API: what a server may do with the body of its answer."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import pytest

from chalicelib.adapters import https
from chalicelib.core.payments import ProviderFailed, ProviderTimeout

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
UNTIL_CLOSED = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"


@contextmanager
def server(parts: Sequence[bytes], seconds_between: float = 0.01) -> Iterator[str]:
    """One that answers once, in parts."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with listening.accept()[0] as connection, suppress(OSError):
                connection.recv(65_536)
                for part in parts:
                    connection.sendall(part)
                    time.sleep(seconds_between)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join()


@pytest.mark.parametrize(
    "parts",
    [
        [WHOLE + b'{"a": 123}'],
        [WHOLE, b'{"a":', b" 123}"],
        [CHUNKED, b'5\r\n{"a":\r\n', b"5\r\n 123}\r\n", b"0\r\n\r\n"],
        [UNTIL_CLOSED, b'{"a":', b" 123}"],
    ],
)
def test_an_answer_is_read_whole_however_it_comes(parts) -> None:
    with server(parts) as url:
        assert https.call_json("GET", url) == {"a": 123}


def test_an_answer_that_breaks_off_is_a_failure() -> None:
    with server([WHOLE, b'{"a":']) as url, pytest.raises(ProviderFailed):
        https.call_json("GET", url)


def test_an_answer_that_trickles_is_waited_for_no_longer_than_one_that_does_not_come(monkeypatch) -> None:
    monkeypatch.setattr(https, "_READ_SECONDS", 0.2)
    with server([WHOLE, *([b" "] * 9), b"1"], seconds_between=0.1) as url:
        began = time.monotonic()
        with pytest.raises(ProviderTimeout):
            https.call_json("GET", url)
        assert time.monotonic() - began < 0.5
