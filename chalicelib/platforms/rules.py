"""Moving a sandbox's clock, so that a month of sessions can be lived through in a minute."""

import math
from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.core import clock
from chalicelib.platforms.model import ClockBackwards, ClockNotMovable, ClockTooFar, Platform

FARTHEST = timedelta(days=3650)


def with_clock_at(platform: Platform, to: datetime) -> Platform:
    """The platform whose clock shows ``to`` or up to a second later, for offsets are whole seconds."""
    if not platform.sandbox:
        raise ClockNotMovable
    if to < platform.now():
        raise ClockBackwards(f"It is {clock.stamp(platform.now())} on this platform.", field="now")
    ahead = to - clock.now()
    if ahead > FARTHEST:
        raise ClockTooFar(field="now")
    offset_seconds = max(math.ceil(ahead / timedelta(seconds=1)), platform.clock_offset_seconds)
    return replace(platform, clock_offset_seconds=offset_seconds)
