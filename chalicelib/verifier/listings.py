"""A package of sessions is listed for each whom it concerns, and nothing is listed that is not there (B2)."""

from collections.abc import Iterator
from typing import ClassVar

import msgspec

from chalicelib.assignments.model import Assignment
from chalicelib.table import keys
from chalicelib.verifier.model import Difference, Fact, Seen


class Concerned(msgspec.Struct, frozen=True, array_like=True):
    """Whom a package concerns."""

    people: list[str]


class Listed(msgspec.Struct, frozen=True, array_like=True):
    """For whom it is listed."""

    person: str


class Listings:
    """One package of sessions."""

    kinds: ClassVar[tuple[type, ...]] = (Concerned, Listed)

    def __init__(self, group: str) -> None:
        self._group = group
        self._concerned: set[str] | None = None
        self._listed: set[str] = set()

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]:
        record = item.record
        if isinstance(record, Assignment):
            yield Fact(f"{record.platform_id} {record.id}", Concerned(list(record.people)))
        elif item.entity == "assigned" and record:
            platform_id, person = keys.owner_of(item.key)
            yield Fact(f"{platform_id} {record.assignment_id}", Listed(person))

    def see(self, content: Concerned | Listed) -> None:
        if isinstance(content, Concerned):
            self._concerned = set(content.people)
        else:
            self._listed.add(content.person)

    def differences(self) -> Iterator[Difference]:
        if self._concerned is None:
            for person in sorted(self._listed):
                yield self._difference("listed-package-missing", person, f"it is listed for {person}")
            return
        for person in sorted(self._concerned - self._listed):
            yield self._difference("package-not-listed", person, f"it concerns {person}")

    def _difference(self, name: str, person: str, detail: str) -> Difference:
        return Difference(rule="B2", name=name, place=self._group, detail=detail, subject=person)
