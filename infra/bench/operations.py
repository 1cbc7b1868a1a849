"""AWS calls and write units of each operation, run in this process on the embedded AWS."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib import background
from chalicelib.table.keys import Key
from infra.bench.programs.canned import FULFILMENT, RECORDED
from infra.bench.scene import Member, NotAnswered, Scene
from infra.bench.units import item_bytes
from infra.bench.watch import Seen, Watch, heard
from infra.local.running import root_client


@dataclass(frozen=True, slots=True)
class Operation:
    """What one operation took."""

    name: str
    seen: Seen

    @property
    def calls(self) -> str:
        """For example ``2: BatchGetItem, TransactWriteItems``."""
        counted = Counter(call.partition(":")[2] for call in self.seen.calls)
        names = [f"{count} × {name}" if count > 1 else name for name, count in counted.items()]
        return f"{len(self.seen.calls)}: {', '.join(names)}"

    @property
    def kilobytes(self) -> str:
        return " + ".join(f"{item_bytes(item) / 1024:.2f}" for item in self.seen.written)

    @property
    def table_units(self) -> int:
        return sum(change.table_units for change in self.seen.changes)

    @property
    def index_units(self) -> int:
        return sum(change.index_units for change in self.seen.changes)

    @property
    def least_units(self) -> int:
        """The arithmetic if each item and entry were of at most 1 KB."""
        return sum(change.units_per_kb + change.entries for change in self.seen.changes)


def operations(document: Mapping[str, Any], scene: Scene, folder: Path) -> list[Operation]:
    """Run each once, after one like it; booking and payment are recorded in ``folder``, to be replayed."""
    watch = _watch(document)
    buyer = scene.add_customer("buyer")
    starts = scene.slots(buyer, scene.hour_id, day=2)
    for start in starts[:2]:
        scene.call(buyer, "POST", "/v1/bookings", scene.booking(scene.hour_id, start))
    asked = scene.event(buyer, "POST", "/v1/bookings", scene.booking(scene.hour_id, starts[2]))
    with watch.during() as booked:
        scene.answer(asked)
    (folder / RECORDED.name).write_text(
        json.dumps({"event": asked, "keys": booked.keys_read, "read": booked.read, "written": booked.written})
    )
    return [
        Operation("a booking with credits", booked),
        _drain(watch, scene, buyer, starts[3:]),
        *_payment(watch, scene, folder),
        *_session(watch, scene),
        _apply(watch, scene),
    ]


def _drain(watch: Watch, scene: Scene, buyer: Member, starts: Sequence[str]) -> Operation:
    """What the stream's function does after a booking; the stack's own may be quicker, and then once more."""
    for start in starts:
        with watch.during() as booked:
            scene.call(buyer, "POST", "/v1/bookings", scene.booking(scene.hour_id, start))
        (key,) = [item for item in booked.written if item["SK"]["S"] == "RECEIPT"]
        with watch.during() as drained:
            was_first = background.outbox().drain(Key(key["PK"]["S"], key["SK"]["S"]))
        if was_first:
            return Operation("… and what its receipt still asks for, from the stream", drained)
    raise NotAnswered("the stream is always quicker than this process")


def _payment(watch: Watch, scene: Scene, folder: Path) -> list[Operation]:
    payer = scene.add_customer("payer")
    starts = scene.slots(payer, scene.hour_id, day=2)
    wanted = {"package_id": scene.credits_id}
    scene.call(payer, "POST", "/v1/orders", wanted)
    with watch.during() as started:
        order = scene.call(payer, "POST", "/v1/orders", wanted)
    scene.call(payer, "POST", "/v1/orders", scene.mixed_order(scene.hour_id, starts[0]))
    with watch.during() as held:
        scene.call(payer, "POST", "/v1/orders", scene.mixed_order(scene.hour_id, starts[1]))
    told = scene.webhook_event(order)
    with watch.during() as fulfilled, heard() as answers:
        scene.answer(told)
    recorded = {"keys": fulfilled.keys_read, "read": fulfilled.read, "written": fulfilled.written}
    of_provider = {"keys_of_provider": scene.provider_keys, "page": answers[0]}
    (folder / FULFILMENT.name).write_text(json.dumps({"event": told} | recorded | of_provider))
    return [
        Operation("an order's start", started),
        Operation("… of an appointment, with a hold of credits", held),
        Operation("a fulfilment (the webhook)", fulfilled),
    ]


def _session(watch: Watch, scene: Scene) -> list[Operation]:
    """Three minutes that begin within three minutes: they may be joined at once."""
    visitor = scene.add_customer("visitor")
    start = scene.slots(visitor, scene.short_id, day=0)[0]
    booking = scene.call(visitor, "POST", "/v1/bookings", scene.booking(scene.short_id, start))
    path = {"booking_id": booking["id"]}
    with watch.during() as joined:
        scene.call(visitor, "POST", "/v1/sessions/{booking_id}/join", path=path)
    scene.call(scene.expert, "POST", "/v1/sessions/{booking_id}/join", path=path)
    with watch.during() as ended:
        scene.call(scene.expert, "POST", "/v1/sessions/{booking_id}/end", path=path)
    return [Operation("a join (the first)", joined), Operation("an end (by the expert)", ended)]


def _apply(watch: Watch, scene: Scene) -> Operation:
    event = scene.edit_and_apply_event("Yeni")
    with watch.during() as applied:
        scene.answer(event)
    return Operation("an apply (one of 4 packages is new)", applied)


def _watch(document: Mapping[str, Any]) -> Watch:
    dynamodb = root_client(document["aws_endpoint"])("dynamodb")
    table = document["table_name"]
    return Watch(lambda key: dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item"))
