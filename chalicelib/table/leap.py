"""What falls due while a sandbox's clock leaps, one thing after the other, in the order of its instants."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from chalicelib.table import keys, read
from chalicelib.table.read import Due

MAX_PASSED_OVER = 1000  # entries of what was looked at already and still stands there
_PAGE = 25  # entries asked for at once, of which only the first is wanted


class Leap:
    """Gives what is due first, again and again, until nothing is that was not given before.

    The index may lag behind what has just been done. So where a thing stands afterwards is read from the
    thing itself, and its old place in the index counts no more.
    """

    def __init__(self, partition: str, now: datetime) -> None:
        self._partition = partition
        self._now = now
        self._given: set[Due] = set()
        self._moved: set[Due] = set()

    def next_due(self) -> Due | None:
        """The first that is due; ``None`` where nothing more is."""
        return min([*self._moved, *islice(self._indexed(), 1)], key=lambda due: due.order, default=None)

    def looked_at(self, due: Due) -> bool:
        """Somebody did it, and it may be due again, later in the leap. False where it stands as it stood."""
        self._given.add(due)
        self._moved.discard(due)
        place = read.place_of(due.key, "GSI3")
        if place is None or place.pk != self._partition or place.sk > keys.due_until(self._now)[1]:
            return True
        again = Due(place.sk, due.key)
        if again not in self._given:
            self._moved.add(again)
        return again != due

    def _indexed(self) -> Iterator[Due]:
        due = read.due(self._partition, index="GSI3", between=keys.due_until(self._now), limit=_PAGE)
        bounded = islice(due, len(self._given) + MAX_PASSED_OVER)
        return (each for each in bounded if each not in self._given)
