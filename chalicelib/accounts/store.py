"""How people stand in the table: one item of personal data each, and one that says whose an address is."""

from chalicelib.accounts.model import Account, EmailOwner
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.transact import Write


class AccountItem(Item, discriminator="account"):
    record = RecordAttribute(Account)


class EmailOwnerItem(Item, discriminator="email-owner"):
    record = RecordAttribute(EmailOwner)


def saved(account: Account) -> Write:
    """With its place in the list of the platform's people of its role."""
    listed = keys.account_in_list(account.platform_id, account.role, account.created_at, account.id)
    return transact.save(AccountItem.of(keys.account(account.platform_id, account.id), account, owner=listed))


def removed(account_key: Key, account: Account) -> Write:
    return transact.delete(AccountItem, account_key, account)


def owned(owner_key: Key, owner: EmailOwner) -> Write:
    """The address is his from now on; stale when it has become somebody's since it was read."""
    return transact.save(EmailOwnerItem.of(owner_key, owner))


def find(account_key: Key) -> Account | None:
    return read.get(account_key, Account)
