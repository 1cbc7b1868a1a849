"""What the verifier sees of the table, and what it says of it."""

from collections.abc import Iterator
from typing import Any, Protocol

import msgspec

from chalicelib.table.keys import Key


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One item: as DynamoDB holds it, and as the product reads it, or why it cannot."""

    key: Key
    entity: str
    raw: dict[str, Any]
    record: Any = None
    unreadable: str | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Where the table is not as an invariant (``rule``, such as L2) says, by what name, and how.

    A ``warning`` breaks no invariant and waits for a person.
    """

    rule: str
    name: str
    place: str
    detail: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.rule} {self.name} at {self.place}: {self.detail}"


class Checker(Protocol):
    """One family of invariants. It sees every item once, in any order, and then says what differs."""

    def see(self, item: Seen) -> None: ...

    def differences(self) -> Iterator[Difference]: ...
