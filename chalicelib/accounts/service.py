"""Use cases of accounts."""

from chalicelib.accounts import store
from chalicelib.accounts.model import Account, AccountNotFound, ExpertNotFound, is_account_id
from chalicelib.core.permissions import Role
from chalicelib.table import keys
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded


class Accounts:
    def key(self, platform_id: str, account_id: str) -> Key:
        """What to read to load a person. ``AccountNotFound`` for what cannot be an account's id."""
        if not is_account_id(account_id):
            raise AccountNotFound
        return keys.account(platform_id, account_id)

    def load(self, loaded: Loaded, platform_id: str, account_id: str) -> Account:
        """The person among what a use case read. ``AccountNotFound``."""
        account = loaded.get(self.key(platform_id, account_id), Account)
        if account is None:
            raise AccountNotFound
        return account

    def load_expert(self, loaded: Loaded, platform_id: str, account_id: str) -> Account:
        """The same, if he is an expert. ``ExpertNotFound``."""
        account = loaded.get(self.key(platform_id, account_id), Account)
        if account is None or account.role is not Role.EXPERT:
            raise ExpertNotFound
        return account

    def get(self, platform_id: str, account_id: str) -> Account:
        """One consistent get. ``AccountNotFound``."""
        account = store.find(self.key(platform_id, account_id))
        if account is None:
            raise AccountNotFound
        return account
