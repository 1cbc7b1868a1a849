"""The platform's admins are told that the balance for calls is low, before it is too short to sell (E34)."""

from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.accounts.views import ListQuery
from chalicelib.core.actor import system
from chalicelib.core.log import log
from chalicelib.core.permissions import Role
from chalicelib.feed.model import NoticeKind
from chalicelib.feed.service import notice
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read
from chalicelib.table.operation import Decision, by_system, perform
from chalicelib.table.read import Loaded
from chalicelib.telephony import store

_ADMINS = ListQuery(limit=50)


class Alerts:
    def __init__(self, platforms: Platforms, accounts: Accounts) -> None:
        self._platforms = platforms
        self._accounts = accounts

    def sweep(self, platform_id: str) -> None:
        """Tell each admin once, until the balance has been above its threshold again."""
        wanted = [self._platforms.key(platform_id), keys.phone_balance(platform_id)]
        seen = store.balance(read.batch(wanted), platform_id)
        if not seen.is_low or seen.alerted:
            return
        admins = [each.id for each in self._accounts.people(platform_id, Role.ADMIN, _ADMINS).items]

        def decide(loaded: Loaded) -> Decision:
            balance = store.balance(loaded, platform_id)
            if not balance.is_low or balance.alerted:
                return Decision(answer=None)
            now = self._platforms.load(loaded, platform_id).now()
            low = NoticeKind.PHONE_BALANCE_LOW
            told = [notice(each, low, now, free_micros=balance.free) for each in admins]
            return Decision(
                answer=None, writes=[store.saved_balance(replace(balance, alerted=True))], effects=told
            )

        perform(by_system(system(platform_id), "phone.low", f"{seen.version}"), wanted, decide)
        log("phone_balance_low", platform_id=platform_id)
