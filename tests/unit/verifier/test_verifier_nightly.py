"""The nightly verification: what stays is told and counted, what passes is not, and it ends in its bounds."""

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.log import one_call
from chalicelib.table.keys import Key
from chalicelib.verifier import nightly
from chalicelib.verifier.model import Seen


def unreadable(name: str) -> Seen:
    """One item that differs: the product cannot read it (L4)."""
    return Seen(key=Key(name, "X"), entity="x", raw={}, unreadable="KeyError('x')")


def looks(*scans: list[Seen]) -> Callable[[], Iterable[Seen]]:
    left = iter(scans)
    return lambda: iter(next(left))


def told(capsys: pytest.CaptureFixture[str], scan: Callable[[], Iterable[Seen]]) -> list[dict[str, Any]]:
    with one_call("invocation", stage="prod"):
        nightly.verify_twice(scan)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_nothing_is_found_by_one_look_at_a_table_that_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    verified, call = told(capsys, looks([]))
    assert (verified["event"], verified["VerifierDifferences"]) == ("verified", 0)
    assert call["items"] == 0


def test_what_is_gone_a_moment_later_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    stays, passes = unreadable("stays"), unreadable("passes")
    difference, verified, _ = told(capsys, looks([stays, passes], [stays, unreadable("comes")]))
    assert difference["event"] == "difference"
    assert "stays" in difference["place"]
    assert verified["VerifierDifferences"] == 1


def test_it_ends_before_its_time_is_up(capsys: pytest.CaptureFixture[str], moving_clock: Any) -> None:
    def slow() -> Iterable[Seen]:
        for name in ("a", "b", "c"):
            moving_clock.forward(minutes=6)
            yield unreadable(name)

    cut_off, _ = told(capsys, slow)
    assert cut_off["event"] == "verification_cut_off"
    assert cut_off["reason"] == "the time was up after 3 items"
    assert cut_off["VerificationsCutOff"] == 1
    assert timedelta(seconds=900) > nightly._RUN
