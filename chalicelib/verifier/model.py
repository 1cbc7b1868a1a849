"""What the verifier sees of the table, and what it says of it."""

from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

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

    A ``warning`` breaks no invariant and waits for a person. ``subject`` is whose it is, or which of several
    things at the place, where a repair must know.
    """

    rule: str
    name: str
    place: str
    detail: str
    warning: bool = False
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.rule} {self.name} at {self.place}: {self.detail}"


class Checker(Protocol):
    """Invariants that need a few numbers of the whole table. It sees every item once, in any order."""

    def see(self, item: Seen) -> None: ...

    def differences(self) -> Iterator[Difference]: ...


class Fact(msgspec.Struct, frozen=True):
    """What a family must know of an item; those of one ``group`` come together, by ``order``."""

    group: str
    content: Any
    order: str = ""


class Family(Protocol):
    """Invariants that hold in each group of items by itself: in a wallet, an order, a booking.

    ``facts`` says what of an item is needed, of the ``kinds`` named. There is one instance for a group, alive
    while its facts are folded: so memory is bounded by the largest group, never by the table.
    """

    kinds: ClassVar[tuple[type, ...]]

    def __init__(self, group: str) -> None: ...

    @staticmethod
    def facts(item: Seen) -> Iterator[Fact]: ...

    def see(self, content: Any) -> None: ...

    def differences(self) -> Iterator[Difference]: ...
