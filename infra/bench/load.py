"""Requests a second of the embedded stack, over HTTP."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from infra.bench.scene import Scene
from infra.local.api import Api

CLIENTS = (1, 8)
_CALLS = 40
_WARM_CALLS = 3


@dataclass(frozen=True, slots=True)
class Rate:
    """``each`` is requests a second for each number of ``CLIENTS``."""

    name: str
    each: list[float]


def rates(scene: Scene) -> list[Rate]:
    """The three routes, each with one client and with eight; every request must succeed."""
    public = Api(scene.document["api_url"])
    catalogue = f"/v1/public/{scene.platform_id}/catalogue"
    return [
        Rate("GET /v1/health", [_rate([lambda _: public.get("/v1/health")] * n) for n in CLIENTS]),
        Rate(
            "the public catalogue",
            [_rate([lambda _: public.get(catalogue, country="TR")] * n) for n in CLIENTS],
        ),
        Rate("a booking", [_rate(_bookers(scene, n)) for n in CLIENTS]),
    ]


def _bookers(scene: Scene, clients: int) -> list[Callable[[int], object]]:
    """Each client books in a day of his own: what is measured is the work, and not the race for a slot."""
    return [
        _booker(scene, f"client-{clients}-{number}", day=3 + clients + number) for number in range(clients)
    ]


def _booker(scene: Scene, name: str, day: int) -> Callable[[int], object]:
    member = scene.add_customer(name)
    starts = scene.slots(member, scene.hour_id, day)
    api = scene.signed_in(member).api
    return lambda number: api.post("/v1/bookings", scene.booking(scene.hour_id, starts[number]))


def _rate(clients: Sequence[Callable[[int], object]]) -> float:
    """``clients`` are called side by side, each so often, after a few calls that warm their functions."""
    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(lambda call: [call(number) for number in range(_WARM_CALLS)], clients))
        began = time.monotonic()
        numbers = range(_WARM_CALLS, _WARM_CALLS + _CALLS)
        list(pool.map(lambda call: [call(number) for number in numbers], clients))
        return len(clients) * _CALLS / (time.monotonic() - began)
