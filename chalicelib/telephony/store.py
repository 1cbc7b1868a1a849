"""Where the balance, its journal, the rates and the reservations stand. Nothing here commits."""

from chalicelib.core import clock
from chalicelib.table import keys, read, transact
from chalicelib.table.base import Item, RecordAttribute
from chalicelib.table.read import Loaded, Page
from chalicelib.table.transact import Write
from chalicelib.telephony.model import Balance, PhoneEntry, Rates, Reservation


class PhoneBalanceItem(Item, discriminator="phone-balance"):
    record = RecordAttribute(Balance)


class PhoneRatesItem(Item, discriminator="phone-rates"):
    record = RecordAttribute(Rates)


class PhoneEntryItem(Item, discriminator="phone-entry"):
    record = RecordAttribute(PhoneEntry)


class PhoneReservationItem(Item, discriminator="phone-reservation"):
    record = RecordAttribute(Reservation)


def balance(loaded: Loaded, platform_id: str) -> Balance:
    """The balance among what was read; an empty one where none is stored yet."""
    found = loaded.get(keys.phone_balance(platform_id), Balance)
    return found or Balance(platform_id=platform_id)


def find_balance(platform_id: str) -> Balance:
    """The same by one consistent get."""
    found = read.get(keys.phone_balance(platform_id), Balance)
    return found or Balance(platform_id=platform_id)


def rates(loaded: Loaded, platform_id: str) -> Rates:
    return loaded.get(keys.phone_rates(platform_id), Rates) or Rates(platform_id=platform_id)


def reservation(loaded: Loaded, platform_id: str, booking_id: str) -> Reservation | None:
    return loaded.get(keys.phone_reservation(platform_id, booking_id), Reservation)


def find_reservation(platform_id: str, booking_id: str) -> Reservation | None:
    """One consistent get."""
    return read.get(keys.phone_reservation(platform_id, booking_id), Reservation)


def saved_balance(balance: Balance) -> Write:
    """The balance; while it is low and nobody was told, the sweeper comes."""
    untold = balance.is_low and not balance.alerted
    work = keys.work(balance.platform_id, clock.now()) if untold else None
    return transact.save(PhoneBalanceItem.of(keys.phone_balance(balance.platform_id), balance, work=work))


def saved_rates(rates: Rates) -> Write:
    return transact.save(PhoneRatesItem.of(keys.phone_rates(rates.platform_id), rates))


def saved_reservation(reservation: Reservation) -> Write:
    key = keys.phone_reservation(reservation.platform_id, reservation.booking_id)
    return transact.save(PhoneReservationItem.of(key, reservation))


def written(entry: PhoneEntry) -> Write:
    """The step at the next number of the journal, where nothing stands yet (L3)."""
    return transact.create(PhoneEntryItem.of(keys.phone_entry(entry.platform_id, entry.sequence), entry))


def entries(platform_id: str, limit: int, cursor: str | None) -> Page:
    """A page of the journal, newest first."""
    partition = keys.phone_balance(platform_id).pk
    return read.query(partition, prefix="ENTRY#", limit=limit, cursor=cursor, newest_first=True)
