"""The switches that disturb the deliveries of an account's webhooks."""

import random
import threading
from dataclasses import dataclass


@dataclass
class Switches:
    """How the deliveries of one account are disturbed; the defaults disturb nothing.

    `drop`: the next n events (a whole number) or this share of all (a fraction) are never sent. `repeat`:
    each event is sent so many times in all. `hold`: events wait for a flush. `reorder`: the events of one
    `window_seconds` are sent in another order than they happened. `concurrent`: each event is sent on a
    thread of its own, instead of one after the other. `seed` makes what is random the same every time.
    """

    drop: float = 0
    repeat: int = 1
    delay_seconds: float = 0.0
    reorder: bool = False
    window_seconds: float = 0.5
    hold: bool = False
    concurrent: bool = False
    seed: int = 1


class SwitchBoard:
    """The switches of all accounts. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._switches: dict[str, Switches] = {}
        self._random: dict[str, random.Random] = {}

    def of(self, account_id: str) -> Switches:
        """The account's switches."""
        with self._lock:
            return self._switches.get(account_id, Switches())

    def set(self, account_id: str, switches: Switches) -> None:
        """Set the account's switches; the random sequence begins again at the seed."""
        with self._lock:
            self._switches[account_id] = switches
            self._random[account_id] = random.Random(switches.seed)

    def drops_next(self, account_id: str) -> bool:
        """Whether the account's next event is lost; a whole number counts down."""
        with self._lock:
            switches = self._switches.get(account_id, Switches())
            if 0 < switches.drop < 1:
                return self._random[account_id].random() < switches.drop
            if switches.drop >= 1:
                switches.drop -= 1
                return True
            return False


def reordered(ids: list[str], seed: int) -> list[str]:
    """The ids shuffled by the seed, and never in the order in which they came."""
    shuffled = list(ids)
    random.Random(seed).shuffle(shuffled)
    return shuffled if shuffled != ids else list(reversed(ids))
