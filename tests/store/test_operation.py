"""A step happens once: receipts, stale decisions, refusals and pages, on moto."""

from datetime import UTC, datetime

import msgspec
import pytest
from msgspec.structs import replace

from chalicelib.core.actor import public
from chalicelib.core.errors import Busy, Conflict
from chalicelib.table import read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.operation import Decision, Effect, IdempotencyKeyReused, Operation, Receipt, perform
from chalicelib.table.outbox import MAX_TRIES, Outbox

pytestmark = pytest.mark.usefixtures("table")


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    count: int
    at: datetime
    notes: dict[str, list[int]]
    missing: str | None = None
    version: int = 0


class CounterItem(Item, discriminator="test-counter"):
    record = RecordAttribute(Counter)


class Taken(Conflict):
    code = "TAKEN"


KEY = Key("PLATFORM#p#COUNTER", "COUNTER")
START = Counter(count=0, at=datetime(2026, 11, 22, 9, tzinfo=UTC), notes={"a": [1, 2]})


def operation(key: str = "k1", input_hash: str = "h1") -> Operation:
    return Operation(actor=public("p"), name="count", key=key, input_hash=input_hash)


def count_once(loaded: read.Loaded) -> Decision:
    counter = loaded.get(KEY, Counter) or START
    counted = replace(counter, count=counter.count + 1)
    return Decision(answer={"count": counted.count}, writes=[transact.save(CounterItem.of(KEY, counted))])


def stored() -> Counter:
    counter = read.get(KEY, Counter)
    assert counter is not None
    return counter


def test_a_record_comes_back_as_it_was_kept() -> None:
    perform(operation(), [KEY], count_once)
    assert stored() == replace(START, count=1, version=1)


def test_the_same_key_and_input_give_the_same_bytes_and_one_effect() -> None:
    first = perform(operation(), [KEY], count_once)
    again = perform(operation(), [KEY], count_once)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.body == again.body == b'{"count":1}'
    assert stored().count == 1


def test_another_input_under_the_same_key_is_refused() -> None:
    perform(operation(), [KEY], count_once)
    with pytest.raises(IdempotencyKeyReused):
        perform(operation(input_hash="h2"), [KEY], count_once)
    assert stored().count == 1


def test_what_the_operation_itself_has_done_is_no_reason_to_refuse_it(monkeypatch) -> None:
    """Called twice at once, the second call reads no receipt and then what the first one wrote."""

    def take(loaded: read.Loaded) -> Decision:
        if loaded.get(KEY, Counter):
            raise Taken
        return count_once(loaded)

    first = perform(operation(), [KEY], take)
    batch, torn = read.batch, []

    def batch_torn_once(keys):
        loaded = batch(keys)
        if not torn:
            torn.append(loaded._records.pop(operation().receipt_key))
        return loaded

    monkeypatch.setattr(read, "batch", batch_torn_once)
    again = perform(operation(), [KEY], take)
    assert torn
    assert (again.replayed, again.body) == (True, first.body)
    with pytest.raises(Taken):
        perform(operation("another key"), [KEY], take)


def test_a_key_may_be_used_again_after_a_day(moving_clock) -> None:
    perform(operation(), [KEY], count_once)
    moving_clock.forward(hours=24, seconds=1)
    perform(operation(input_hash="h2"), [KEY], count_once)
    assert stored().count == 2


def test_a_stale_decision_is_made_again_and_is_no_refusal() -> None:
    seen = []

    def decide(loaded: read.Loaded) -> Decision:
        if not seen:
            perform(operation("k2"), [KEY], count_once)
        seen.append(loaded.get(KEY, Counter))
        return count_once(loaded)

    assert perform(operation(), [KEY], decide).body == b'{"count":2}'
    assert len(seen) == 2


def test_what_is_stale_four_times_is_busy() -> None:
    others = iter(range(100))

    def decide(loaded: read.Loaded) -> Decision:
        perform(operation(f"other-{next(others)}"), [KEY], count_once)
        return count_once(loaded)

    with pytest.raises(Busy):
        perform(operation(), [KEY], decide)
    assert stored().count == 4


def test_a_refusal_attached_to_a_write_is_raised_and_nothing_is_written() -> None:
    perform(operation(), [KEY], count_once)
    other = Key("PLATFORM#p#COUNTER", "OTHER")

    def decide(_: read.Loaded) -> Decision:
        writes = [
            transact.save(CounterItem.of(other, START)),
            transact.create(CounterItem.of(KEY, START), Taken()),
        ]
        return Decision(answer=None, writes=writes)

    with pytest.raises(Taken):
        perform(operation("k2"), [], decide)
    assert read.get(other, Counter) is None


def test_a_check_refuses_what_changed_and_a_delete_removes_only_what_was_read() -> None:
    perform(operation(), [KEY], count_once)
    old = replace(stored(), version=7)

    def check(_: read.Loaded) -> Decision:
        return Decision(answer=None, writes=[transact.unchanged(CounterItem, KEY, old, Taken())])

    def remove(_: read.Loaded) -> Decision:
        return Decision(answer=None, writes=[transact.delete(CounterItem, KEY, stored())])

    with pytest.raises(Taken):
        perform(operation("k2"), [], check)
    perform(operation("k3"), [], remove)
    assert read.get(KEY, Counter) is None


def test_a_list_is_read_page_by_page_and_a_cursor_is_bound_to_its_partition() -> None:
    for number in range(5):
        record = replace(START, count=number)
        key = Key("PLATFORM#p#LIST", f"{number}")

        def decide(_: read.Loaded, record: Counter = record, key: Key = key) -> Decision:
            return Decision(answer=None, writes=[transact.save(CounterItem.of(key, record))])

        perform(operation(f"list-{number}"), [], decide)
    first = read.query("PLATFORM#p#LIST", limit=2)
    second = read.query("PLATFORM#p#LIST", limit=2, cursor=first.cursor)
    assert [record.count for record in first.records + second.records] == [0, 1, 2, 3]
    assert [record.count for record in read.query_all("PLATFORM#p#LIST", limit=2)] == [0, 1, 2, 3, 4]
    assert [r.count for r in read.query("PLATFORM#p#LIST", between=("1", "3")).records] == [1, 2, 3]
    with pytest.raises(read.CursorInvalid):
        read.query("PLATFORM#p#LIST", cursor="nonsense")
    assert read.query("PLATFORM#other#LIST", cursor=first.cursor).records == []


def with_effect(_: read.Loaded) -> Decision:
    return Decision(answer=None, effects=[Effect(kind="ring", payload={"times": 3})])


def receipt() -> Receipt:
    found = read.get(operation().receipt_key, Receipt)
    assert found is not None
    return found


def test_an_effect_is_carried_out_once_and_marked_done() -> None:
    rung = []
    perform(operation(), [], with_effect)
    outbox = Outbox({"ring": lambda platform_id, payload: rung.append((platform_id, payload["times"]))})
    assert outbox.drain(operation().receipt_key)
    assert not outbox.drain(operation().receipt_key)
    assert rung == [("p", 3)]
    assert [effect.state for effect in receipt().effects] == ["done"]


def test_an_effect_that_fails_is_tried_again_later_and_parked_in_the_end(moving_clock) -> None:
    perform(operation(), [], with_effect)
    outbox = Outbox({"ring": lambda platform_id, payload: 1 / 0})
    for tries in range(1, MAX_TRIES):
        assert outbox.drain(operation().receipt_key)
        assert receipt().effects[0].tries == tries
        assert not outbox.drain(operation().receipt_key), "not before it is due"
        moving_clock.instant = receipt().next_at
    assert outbox.drain(operation().receipt_key)
    assert [effect.state for effect in receipt().effects] == ["parked"]


def test_a_key_with_parked_work_is_not_used_again_after_a_day_either(moving_clock) -> None:
    first = perform(operation(), [], with_effect)
    faulty = Outbox({"ring": lambda platform_id, payload: 1 / 0})
    while receipt().effects[0].state == "pending":
        faulty.drain(operation().receipt_key)
        moving_clock.instant = receipt().next_at or moving_clock.instant
    moving_clock.forward(hours=25)
    again = perform(operation(), [], with_effect)
    assert (again.body, again.replayed) == (first.body, True)
    with pytest.raises(IdempotencyKeyReused):
        perform(operation(input_hash="h2"), [], with_effect)


def test_what_was_parked_is_taken_up_by_a_person_and_has_all_its_tries_again(moving_clock) -> None:
    perform(operation(), [], with_effect)
    faulty, key = Outbox({"ring": lambda platform_id, payload: 1 / 0}), operation().receipt_key
    assert not faulty.take_up(key), "nothing is parked"
    while receipt().effects[0].state == "pending":
        faulty.drain(key)
        moving_clock.instant = receipt().next_at or moving_clock.instant
    assert faulty.take_up(key)
    assert [(effect.state, effect.tries) for effect in receipt().effects] == [("pending", 0)]
    rung = []
    assert Outbox({"ring": lambda platform_id, payload: rung.append(payload["times"])}).drain(key)
    assert rung == [3]
    assert not faulty.take_up(key), "what is done stays done"


def test_work_is_listed_by_where_it_stands_until_it_is_done() -> None:
    perform(operation(), [], with_effect)
    shards = [f"WORK#{shard}" for shard in range(4)]
    due = [key for shard in shards for key in read.query(shard, index="GSI3").records]
    assert due == [operation().receipt_key]
    Outbox({"ring": lambda platform_id, payload: None}).drain(operation().receipt_key)
    assert [key for shard in shards for key in read.query(shard, index="GSI3").records] == []
