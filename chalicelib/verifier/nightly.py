"""The verifier on a clock: over a table that is being written to, within one Lambda's time and memory."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from chalicelib.core import clock
from chalicelib.core.log import log, note
from chalicelib.verifier.model import Difference, Seen
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify

_RUN = timedelta(minutes=13)  # of both looks, within the function's 15
_MAX_TOLD = 50


class CutOff(Exception):
    """The time is up; nothing can be said of the table."""


def verify_twice(scan: Callable[[], Iterable[Seen]] = every_item) -> list[Difference]:
    """What differs now and a moment later in the same way, told and counted. Warnings are not among it.

    A scan is not one instant, so a booking that is made meanwhile looks half done; not so the second time.
    Where the table takes too long, that is told instead; then it is verified from a machine
    (``infra.verify``).
    """
    until = clock.now() + _RUN
    try:
        found = _differences(scan, until)
        if found:
            again = set(_differences(scan, until))
            found = [difference for difference in found if difference in again]
    except CutOff as reason:
        log("verification_cut_off", reason=str(reason))
        return []
    for difference in found[:_MAX_TOLD]:
        log("difference", rule=difference.rule, name=difference.name, place=difference.place)
    log("verified", differences=len(found))
    return found


def _differences(scan: Callable[[], Iterable[Seen]], until: datetime) -> list[Difference]:
    seen = 0

    def counted() -> Iterator[Seen]:
        nonlocal seen
        for item in scan():
            seen += 1
            yield item

    def go_on() -> None:
        if clock.now() >= until:
            raise CutOff(f"the time was up after {seen} items")

    found = [difference for difference in verify(counted(), go_on) if not difference.warning]
    note(items=seen)
    return found
