"""The studio by phone: people with numbers, rates, a balance, and a provider that remembers whom it called."""

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from chalicelib.accounts.model import Account
from chalicelib.accounts.store import saved
from chalicelib.core.money import Money
from chalicelib.core.telephony import CallRefused, PhoneCall, TelephonyFailed
from chalicelib.orders.model import Order, OrderState, ProductKind
from chalicelib.orders.phone_balance import PhoneBalanceFulfilment
from chalicelib.orders.store import saved as saved_order
from chalicelib.table import keys, read, transact
from chalicelib.table.operation import Decision, perform
from chalicelib.telephony.desk import PhoneDesk
from chalicelib.telephony.model import Balance, Reservation
from chalicelib.telephony.views import RateBody, RatesRequest
from chalicelib.verifier.scan import every_item
from chalicelib.verifier.service import verify
from chalicelib.wallet.model import Origin
from tests.store.booking import studio
from tests.store.booking.studio import ADMIN, PLATFORM, open_studio, operation, platforms

RATE = 13_500  # 0.0135 USD a minute to Türkiye
PRICE = 50 * RATE  # of the studio's hour by phone, which is 50 minutes


class Switch:
    """A provider that remembers whom it called, and whether it hung up."""

    def __init__(self) -> None:
        self.calls: dict[str, PhoneCall] = {}
        self.told: list[str] = []
        self.loses_answers = False
        self.refuses: str | None = None

    def __call__(self, *, sandbox: bool) -> "Switch":
        return self

    def serves(self, platform_id: str) -> bool:
        return True

    def start_call(self, call: PhoneCall) -> str:
        if self.refuses:
            raise CallRefused(self.refuses)
        self.calls[f"CA{len(self.calls)}"] = call
        self.told.append("start")
        if self.loses_answers:
            raise TelephonyFailed
        return f"CA{len(self.calls) - 1}"

    def find_call(self, call: PhoneCall, since: datetime) -> str | None:
        return next((reference for reference, made in self.calls.items() if made == call), None)

    def end_call(self, platform_id: str, reference: str) -> None:
        assert reference in self.calls
        self.told.append("end")


desk = PhoneDesk(platforms, Switch())


def open_switchboard(free: int = PRICE, **more: Any) -> None:
    """Ada, Bora and Elif can be called, and the balance has ``free`` micro-dollars."""
    open_studio(**more)
    for person, number in {"ada": "+905551112233", "bora": "+4915112345678", "elif": "+905321112233"}.items():
        number_of(person, number)
    rates({"+90": RATE, "+1": 7_000_000})
    if free:
        top_up(free)
    studio.give(1_000, Origin.GIFT)


def number_of(person_id: str, number: str | None) -> None:
    account = read.get(keys.account(PLATFORM, person_id), Account)
    assert account is not None
    transact.commit([saved(replace(account, phone=number))], f"number{person_id}{account.version}")


def rates(by_prefix: dict[str, int], alert_below: int = 0) -> None:
    bodies = [RateBody(prefix=prefix, micros_per_minute=rate) for prefix, rate in by_prefix.items()]
    version = desk.rates(PLATFORM).version
    asked = operation(f"rates{version}", ADMIN, "rates")
    desk.replace_rates(asked, RatesRequest(rates=bodies, alert_below_micros=alert_below), version)


def top_up(amount: int) -> None:
    """By an order that is paid."""
    platform, number = platforms.get(PLATFORM), balance().entries
    order = Order(
        id=f"ord_balance{number}",
        platform_id=PLATFORM,
        customer_id=ADMIN.id,
        locale="en",
        state=OrderState.PAID,
        product_kind=ProductKind.PHONE_BALANCE,
        product={"id": "pbl_5000", "micros": amount},
        price=Money(5_000, "USD"),
        country="TR",
        provider="stripe",
        created_at=platform.now(),
    )

    def decide(loaded: read.Loaded) -> Decision:
        given = PhoneBalanceFulfilment(studio.phones).deliver(order, loaded, platform)
        return Decision(answer=None, writes=[saved_order(order), *given.writes])

    perform(operation(order.id, ADMIN, "top-up"), [studio.phones.key(PLATFORM)], decide)


def balance() -> Balance:
    found = read.get(keys.phone_balance(PLATFORM), Balance)
    return found or Balance(platform_id=PLATFORM)


def reservation(booking_id: str) -> Reservation:
    found = read.get(keys.phone_reservation(PLATFORM, booking_id), Reservation)
    assert found is not None
    return found


def numbers() -> tuple[int, int]:
    """What is free, and what is set aside."""
    return balance().free, balance().held


def names() -> set[str]:
    return {difference.name for difference in verify(every_item())}
