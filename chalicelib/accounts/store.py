"""How people stand in the table: one item of personal data each, and one that says whose an address is."""

from chalicelib.accounts.model import Account, EmailOwner, email_sha256
from chalicelib.core.permissions import Role
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded, Page
from chalicelib.table.transact import Write


class AccountItem(Item, discriminator="account"):
    record = RecordAttribute(Account)


class EmailOwnerItem(Item, discriminator="email-owner"):
    record = RecordAttribute(EmailOwner)


def owner_key(platform_id: str, email: str) -> Key:
    return keys.email_owner(platform_id, email_sha256(email))


def owner(loaded: Loaded, platform_id: str, email: str) -> EmailOwner | None:
    return loaded.get(owner_key(platform_id, email), EmailOwner)


def saved(account: Account) -> Write:
    """With its place in the list of the platform's people of its role."""
    listed = keys.account_in_list(account.platform_id, account.role, account.created_at, account.id)
    return transact.save(AccountItem.of(keys.account(account.platform_id, account.id), account, owner=listed))


def settled(account: Account, previous: EmailOwner | None) -> list[Write]:
    """A new person and the address that is his from now on; stale when it has become somebody's meanwhile."""
    owner = EmailOwner(account_id=account.id, version=previous.version if previous else 0)
    key = owner_key(account.platform_id, account.email)
    return [saved(account), transact.save(EmailOwnerItem.of(key, owner))]


def removed(account: Account) -> Write:
    return transact.delete(AccountItem, keys.account(account.platform_id, account.id), account)


def find(account_key: Key) -> Account | None:
    return read.get(account_key, Account)


def page(platform_id: str, role: Role, limit: int, cursor: str | None) -> Page:
    """The platform's people of one role, oldest first."""
    listed = keys.accounts_of_role(platform_id, role)
    return read.query(listed, index="GSI1", limit=limit, cursor=cursor)
