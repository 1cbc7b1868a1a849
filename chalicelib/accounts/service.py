"""Use cases of accounts: who is who, people added by hand, and what an admin keeps of an expert."""

from msgspec.structs import replace

from chalicelib.accounts import store
from chalicelib.accounts.model import Account, AccountNotFound, AccountState, ExpertNotFound, is_account_id
from chalicelib.accounts.views import (
    AccountList,
    AccountView,
    ExpertEdit,
    ExpertRequest,
    ListQuery,
    PersonRequest,
    PhoneEdit,
    PublicExpertList,
    PublicExpertView,
)
from chalicelib.core.actor import Actor
from chalicelib.core.identity import EmailTaken, Identity, NewPerson
from chalicelib.core.permissions import Role
from chalicelib.core.versions import check_version
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys
from chalicelib.table.keys import Key
from chalicelib.table.operation import Answer, Decision, Operation, by_system, perform
from chalicelib.table.read import Loaded


class Accounts:
    def __init__(self, platforms: Platforms, identity: Identity) -> None:
        self._platforms = platforms
        self._identity = identity

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

    def me(self, actor: Actor) -> AccountView:
        """The caller himself. That an invited person calls shows that he has signed in: he is active."""
        account = self.get(actor.platform_id, actor.id)
        if account.state is AccountState.INVITED:
            answer: AccountView = self._activate(actor).read_as(AccountView)
            return answer
        return AccountView.of(account)

    def customer(self, platform_id: str, account_id: str) -> AccountView:
        account = self.get(platform_id, account_id)
        if account.role is not Role.CUSTOMER:
            raise AccountNotFound
        return AccountView.of(account)

    def expert(self, platform_id: str, account_id: str) -> AccountView:
        account = self.get(platform_id, account_id)
        if account.role is not Role.EXPERT:
            raise ExpertNotFound
        return AccountView.of(account)

    def people(self, platform_id: str, role: Role, query: ListQuery) -> AccountList:
        """One page of the platform's people of a role, oldest first."""
        page = store.page(platform_id, role, query.limit, query.cursor)
        return AccountList(items=[AccountView.of(account) for account in page.records], cursor=page.cursor)

    def public_experts(self, platform_id: str, query: ListQuery) -> PublicExpertList:
        """What anyone may see of a platform's experts. ``PlatformNotFound``."""
        self._platforms.get(platform_id)
        page = store.page(platform_id, Role.EXPERT, query.limit, query.cursor)
        items = [PublicExpertView.of(account) for account in page.records]
        return PublicExpertList(items=items, cursor=page.cursor)

    def add_person(
        self, operation: Operation, role: Role, request: PersonRequest, password: str | None = None
    ) -> Answer:
        """Add somebody by hand (E41, B37); a mail invites him where no password is given. ``EmailTaken``.

        Cognito comes first: a user whom a crash left without an account is taken on by the next try.
        """
        platform_id, email = operation.platform_id, request.email.lower()

        def decide(loaded: Loaded) -> Decision:
            platform = self._platforms.load(loaded, platform_id)
            if store.owner(loaded, platform_id, email) is not None:
                raise EmailTaken(field="email")
            account = self._added(platform, role, request, password)
            answer = AccountView.of(replace(account, version=1))
            return Decision(answer=answer, writes=store.settled(account, None))

        wanted = [self._platforms.key(platform_id), store.owner_key(platform_id, email)]
        return perform(operation, wanted, decide)

    def edit_expert(
        self, operation: Operation, account_id: str, edit: ExpertEdit, edited_version: int
    ) -> Answer:
        """Change the expert that was read as ``edited_version``. What was sold keeps its share (B41)."""

        def decide(loaded: Loaded) -> Decision:
            expert = self.load_expert(loaded, operation.platform_id, account_id)
            check_version(expert.version, edited_version)
            edited = replace(
                expert,
                name=edit.name,
                phone=edit.phone,
                title=edit.title,
                share_basis_points=edit.share_basis_points,
            )
            return _saved(edited)

        return perform(operation, [self.key(operation.platform_id, account_id)], decide)

    def edit_phone(self, operation: Operation, edit: PhoneEdit, edited_version: int) -> Answer:
        """The caller's own number, for sessions by phone (E7). ``AccountNotFound``, ``Stale``."""
        platform_id, account_id = operation.platform_id, operation.actor.id

        def decide(loaded: Loaded) -> Decision:
            account = self.load(loaded, platform_id, account_id)
            check_version(account.version, edited_version)
            return _saved(replace(account, phone=edit.phone))

        return perform(operation, [self.key(platform_id, account_id)], decide)

    def _added(self, platform: Platform, role: Role, request: PersonRequest, password: str | None) -> Account:
        email = request.email.lower()
        person = NewPerson(
            platform_id=platform.id,
            email=email,
            name=request.name,
            country=request.country,
            locale=request.locale,
        )
        return Account(
            id=self._identity.invite(person, role, password),
            platform_id=platform.id,
            role=role,
            state=AccountState.INVITED if password is None else AccountState.ACTIVE,
            email=email,
            name=request.name,
            phone=request.phone,
            country=request.country,
            locale=request.locale,
            title=request.title if isinstance(request, ExpertRequest) else None,
            share_basis_points=request.share_basis_points if isinstance(request, ExpertRequest) else 0,
            created_at=platform.now(),
        )

    def _activate(self, actor: Actor) -> Answer:
        def decide(loaded: Loaded) -> Decision:
            account = self.load(loaded, actor.platform_id, actor.id)
            return _saved(replace(account, state=AccountState.ACTIVE))

        operation = by_system(actor, "accounts.activate", actor.id)
        return perform(operation, [self.key(actor.platform_id, actor.id)], decide)


def _saved(account: Account) -> Decision:
    answer = AccountView.of(replace(account, version=account.version + 1))
    return Decision(answer=answer, writes=[store.saved(account)])
