"""The one source of time. Instants are timezone-aware and in UTC, to the millisecond."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_source: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731 - replaced as a whole by tests

# The instant of a leap that is being lived through, and of which platform's clock.
_lived: ContextVar[tuple[str, datetime] | None] = ContextVar("lived", default=None)


def now() -> datetime:
    """The real instant now."""
    return to_millisecond(_source())


def set_source(source: Callable[[], datetime]) -> Callable[[], datetime]:
    """Let a test decide what time it is; returns the source that was in force."""
    global _source
    previous, _source = _source, source
    return previous


@contextmanager
def living(platform_id: str, instant: datetime) -> Iterator[None]:
    """For what is done meanwhile the clock of that sandbox shows ``instant``, which it has leapt over."""
    token = _lived.set((platform_id, instant))
    try:
        yield
    finally:
        _lived.reset(token)


def lived(platform_id: str) -> datetime | None:
    """What the clock of that sandbox shows to whoever lives through its leap; ``None`` outside of one."""
    living_through = _lived.get()
    return living_through[1] if living_through and living_through[0] == platform_id else None


def to_millisecond(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def stamp(instant: datetime) -> str:
    """RFC 3339 in UTC with a fixed width, so that stamps sort as their instants do."""
    utc = instant.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def epoch_seconds(instant: datetime) -> int:
    """Whole seconds since 1970, as DynamoDB's time to live wants them."""
    return int(instant.timestamp())


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
