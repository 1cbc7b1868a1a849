"""What the platform's admin keeps of telephony: the rates; and what he sees of the balance."""

from msgspec.structs import replace

from chalicelib.core.telephony import TelephonyOf
from chalicelib.core.versions import check_version
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read
from chalicelib.table.operation import Answer, Decision, Operation, perform
from chalicelib.table.read import Loaded
from chalicelib.telephony import rules, store
from chalicelib.telephony.model import Rates, TelephonyNotConfigured
from chalicelib.telephony.views import (
    BalanceView,
    PhoneEntriesQuery,
    PhoneEntriesView,
    PhoneEntryView,
    RatesRequest,
    RatesView,
)


class PhoneDesk:
    def __init__(self, platforms: Platforms, telephony: TelephonyOf) -> None:
        self._platforms = platforms
        self._telephony = telephony

    def rates(self, platform_id: str) -> RatesView:
        loaded = _read(platform_id)
        rates = store.rates(loaded, platform_id)
        return RatesView.of(rates, store.balance(loaded, platform_id), rates.version)

    def replace_rates(self, operation: Operation, request: RatesRequest, edited_version: int) -> Answer:
        """All rates in the place of those read as ``edited_version``.

        ``RateRepeated``, ``Stale``; ``TelephonyNotConfigured`` where no call would ring.
        """
        stated, platform_id = request.stated(), operation.platform_id
        rules.check_rates(stated)

        def decide(loaded: Loaded) -> Decision:
            platform = self._platforms.load(loaded, platform_id)
            if stated and not self._telephony(sandbox=platform.sandbox).serves(platform_id):
                raise TelephonyNotConfigured
            before = store.rates(loaded, platform_id)
            check_version(before.version, edited_version)
            after: Rates = replace(before, rates=sorted(stated, key=lambda rate: rate.prefix))
            balance = store.balance(loaded, platform_id)
            watched = rules.with_rates(balance, after.rates, request.alert_below_micros)
            writes = [store.saved_rates(after), store.saved_balance(watched)]
            return Decision(answer=RatesView.of(after, watched, after.version + 1), writes=writes)

        return perform(operation, [self._platforms.key(platform_id), *_keys(platform_id)], decide)

    def balance(self, platform_id: str) -> BalanceView:
        return BalanceView.of(store.balance(_read(platform_id), platform_id))

    def entries(self, platform_id: str, asked: PhoneEntriesQuery) -> PhoneEntriesView:
        """Why the balance is what it is, newest first. ``CursorInvalid``."""
        page = store.entries(platform_id, asked.limit, asked.cursor)
        return PhoneEntriesView(items=[PhoneEntryView.of(each) for each in page.records], cursor=page.cursor)


def _keys(platform_id: str) -> list[keys.Key]:
    return [keys.phone_rates(platform_id), keys.phone_balance(platform_id)]


def _read(platform_id: str) -> Loaded:
    return read.batch(_keys(platform_id))
