"""Everything the sandbox remembers, in bounded tables under one lock, and how it is kept in a file."""

import json
import os
import secrets
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from infra.local.payments.accounts import Account
from infra.local.payments.messages import JsonObject

KEPT_VERSION = 1
TABLE_LIMIT = 20_000
TABLES = (
    "checkout.session", "payment_intent", "charge", "refund", "dispute", "event", "delivery", "idempotency",
    "call",
)  # fmt: skip


class KeptStateError(Exception):
    """The file of `--keep` cannot be read as a kept state."""


@dataclass
class Record:
    """One provider's object: `object` as the API shows it, `private` what the API does not show."""

    account: str
    object: JsonObject
    private: JsonObject = field(default_factory=dict)


class Table:
    """Records by id, oldest first; beyond `TABLE_LIMIT` the oldest is forgotten."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}

    def put(self, record_id: str, record: Record) -> None:
        """Add or replace; a replaced record keeps its place in the order."""
        self._records[record_id] = record
        if len(self._records) > TABLE_LIMIT:
            del self._records[next(iter(self._records))]

    def get(self, record_id: str, account: str | None = None) -> Record | None:
        """The record, if it exists and belongs to `account` (None: to anyone)."""
        record = self._records.get(record_id)
        return record if record and account in (None, record.account) else None

    def drop(self, record_id: str) -> None:
        """Forget the record."""
        self._records.pop(record_id, None)

    def newest_first(self, account: str | None = None) -> Iterator[Record]:
        """The records of `account` (None: of all)."""
        return (r for r in reversed(self._records.values()) if account in (None, r.account))

    def items(self) -> list[tuple[str, Record]]:
        """All (id, record), oldest first."""
        return list(self._records.items())


class State:
    """Accounts and tables. Hold `lock` for every read and write; never hold it over a network call."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.accounts: dict[str, Account] = {}
        self.tables: dict[str, Table] = {name: Table() for name in TABLES}

    def account(self, account_id: str) -> Account:
        """The account of this id; KeyError when there is none."""
        for account in self.accounts.values():
            if account.id == account_id:
                return account
        raise KeyError(account_id)

    def save(self, path: Path) -> None:
        """Write all to `path`, readable by its owner alone (it holds secrets), in one atomic step."""
        with self.lock:
            text = json.dumps(self._to_json(), ensure_ascii=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)

    def load(self, path: Path) -> None:
        """Read what `save` wrote; KeptStateError when the file holds something else."""
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["version"] != KEPT_VERSION:
                raise KeptStateError(f"{path}: version {kept['version']}, expected {KEPT_VERSION}")
            with self.lock:
                self._from_json(kept)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeptStateError(f"{path}: not a kept state ({error})") from error

    def _to_json(self) -> JsonObject:
        return {
            "version": KEPT_VERSION,
            "accounts": [asdict(account) for account in self.accounts.values()],
            "tables": {
                name: [[record_id, asdict(record)] for record_id, record in table.items()]
                for name, table in self.tables.items()
            },
        }

    def _from_json(self, kept: JsonObject) -> None:
        for row in kept["accounts"]:
            account = Account(**{**row, "enabled_events": tuple(row["enabled_events"])})
            self.accounts[account.secret_key] = account
        for name in TABLES:
            for record_id, row in kept["tables"].get(name, []):
                self.tables[name].put(record_id, Record(**row))


def new_id(prefix: str, length: int = 24) -> str:
    """A random id in the provider's style, e.g. `pi_3f0c...`."""
    return f"{prefix}_{secrets.token_hex((length + 1) // 2)[:length]}"
