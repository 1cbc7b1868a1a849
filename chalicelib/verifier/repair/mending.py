"""One repair: decided on fresh reads and written in one transaction, with its receipt and an audit record."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import msgspec

from chalicelib.audit.model import MAX_REASON_LENGTH, AuditRecord
from chalicelib.audit.service import prepare_record
from chalicelib.core import clock
from chalicelib.core.actor import system
from chalicelib.core.ids import new_id
from chalicelib.table.keys import Key
from chalicelib.table.operation import Decision, Effect, by_system, perform
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write
from chalicelib.verifier.model import Difference


class CannotRepair(Exception):
    """What stands does not say how it should be: a person must decide."""


class NothingToRepair(Exception):
    """It is as it must be by now."""


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """What makes it whole again; ``did`` says so, ``subject_id`` is whose it is."""

    did: str
    subject_id: str
    writes: Sequence[Write]
    effects: Sequence[Effect] = ()


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A difference that is to be mended. ``run`` names this attempt, once and for ever."""

    run: str
    difference: Difference

    @property
    def words(self) -> list[str]:
        """The place: a platform, and what stands there."""
        return self.difference.place.split(" ")

    @property
    def platform_id(self) -> str:
        return self.words[0]


Decide = Callable[[Loaded], Mended]


def mend(task: Task, reads: Iterable[Key], decide: Decide) -> str:
    """What was done. ``CannotRepair``, ``NothingToRepair``; nothing is written then."""
    difference = task.difference
    operation = by_system(
        system(task.platform_id),
        f"repair.{difference.name}",
        f"{task.run}:{difference.place}:{difference.subject}",
    )
    answer: str = perform(operation, reads, partial(_decided, task, decide)).read_as(str)
    return answer


def _decided(task: Task, decide: Decide, loaded: Loaded) -> Decision:
    mended = decide(loaded)
    record = AuditRecord(
        id=new_id("aud"),
        platform_id=task.platform_id,
        actor_id="system",
        at=clock.now(),
        action="repair",
        subject_id=mended.subject_id,
        reason=str(task.difference)[:MAX_REASON_LENGTH],
        reference={"place": task.difference.place, "run": task.run},
        before={"difference": task.difference.name},
        after={"did": mended.did},
    )
    return Decision(
        answer=mended.did, writes=[*mended.writes, prepare_record(record)], effects=mended.effects
    )
