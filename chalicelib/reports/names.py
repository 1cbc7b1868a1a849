"""People's names beside their ids, looked up in one batch for many rows."""

from collections.abc import Iterable

from chalicelib.accounts.model import AccountNotFound
from chalicelib.accounts.service import Accounts
from chalicelib.table import read

_MAX_KEPT = 10_000


class Names:
    """Remembers whom it has looked up; for one answer, or for one file."""

    def __init__(self, accounts: Accounts, platform_id: str) -> None:
        self._accounts = accounts
        self._platform_id = platform_id
        self._known: dict[str, str | None] = {}

    def look_up(self, account_ids: Iterable[str | None]) -> None:
        """Read who is not known yet, in one batch."""
        if len(self._known) > _MAX_KEPT:
            self._known.clear()
        unknown = [each for each in dict.fromkeys(account_ids) if each and each not in self._known]
        loaded = read.batch(self._accounts.key(self._platform_id, each) for each in unknown)
        for account_id in unknown:
            self._known[account_id] = self._name(loaded, account_id)

    def of(self, account_id: str | None) -> str | None:
        """The name of somebody who was looked up; ``None`` where there is no such account."""
        return self._known.get(account_id) if account_id else None

    def _name(self, loaded: read.Loaded, account_id: str) -> str | None:
        try:
            return self._accounts.load(loaded, self._platform_id, account_id).name
        except AccountNotFound:
            return None
