"""What each mail tells: to a booking's customer, to its expert, and to who bought credits."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from chalicelib.accounts.model import Account, Locale
from chalicelib.booking.model import Booking, Returned, Told
from chalicelib.calendar.zones import zone_of
from chalicelib.core.mail import Mail
from chalicelib.core.money import Money
from chalicelib.ics.words import session_of
from chalicelib.notices.formats import moment, money, number, zone_at
from chalicelib.notices.layout import Row, laid_out
from chalicelib.notices.model import Appointment
from chalicelib.notices.texts import TEXTS
from chalicelib.orders.model import Order
from chalicelib.platforms.model import Platform
from chalicelib.wallet.model import CREDIT


def to_customer(appointment: Appointment) -> Mail:
    """His appointment is confirmed."""
    booking, customer = appointment.booking, appointment.customer
    rows = [
        ("appointment", booking.package.title),
        ("expert", appointment.expert.name),
        *_when("start", booking.starts_at, appointment.zone, customer.locale),
        *_how(booking, customer.locale),
        *_session(booking, customer.locale),
        *_payment(booking, customer.locale),
        ("booking_id", booking.id),
    ]
    start = moment(booking.starts_at, appointment.zone, customer.locale)
    return laid_out(customer, "booked", rows, appointment.platform.name, start)


def to_expert(appointment: Appointment) -> Mail:
    """Somebody has booked him."""
    booking, expert = appointment.booking, appointment.expert
    rows = [
        ("appointment", booking.package.title),
        ("customer", appointment.customer.name),
        *_when("start", booking.starts_at, appointment.zone, expert.locale),
        *_how(booking, expert.locale),
        *_session(booking, expert.locale),
        ("booking_id", booking.id),
    ]
    start = moment(booking.starts_at, appointment.zone, expert.locale)
    return laid_out(expert, "assigned", rows, appointment.platform.name, start)


def of_change(appointment: Appointment, topic: str, to: Told) -> Mail:
    """One of the two is told that it is ``cancelled`` or ``moved``, or is ``reminded`` of it."""
    booking = appointment.booking
    receiver, other = appointment.customer, appointment.expert
    if to is Told.EXPERT:
        receiver, other = other, receiver
    rows = [
        ("appointment", booking.package.title),
        ("customer" if to is Told.EXPERT else "expert", other.name),
        *_when("start", booking.starts_at, appointment.zone, receiver.locale),
        *_how(booking, receiver.locale),
        *_session(booking, receiver.locale),
        *([("reason", booking.cancel_reason)] if booking.cancel_reason else []),
        *(_returned(booking.returned, receiver.locale) if to is not Told.EXPERT else []),
        ("booking_id", booking.id),
    ]
    start = moment(booking.starts_at, appointment.zone, receiver.locale)
    return laid_out(receiver, topic, rows, appointment.platform.name, start)


def of_series(appointment: Appointment, bookings: Sequence[Booking], to: Told) -> Mail:
    """One of the two is told of the bookings that one request made, which differ in when and where."""
    booking = appointment.booking
    receiver, other = appointment.customer, appointment.expert
    if to is Told.EXPERT:
        receiver, other = other, receiver
    zone, locale = appointment.zone, receiver.locale
    rows = [
        ("appointment", booking.package.title),
        ("customer" if to is Told.EXPERT else "expert", other.name),
        *_how(replace(booking, location=None), locale),
        *(row for each in bookings for row in _occurrence(each, zone, locale)),
        ("zone", zone.key),
    ]
    start = moment(booking.starts_at, zone, locale)
    return laid_out(receiver, "series", rows, appointment.platform.name, start)


def to_buyer(order: Order, granted: int, customer: Account, platform: Platform) -> Mail:
    """His payment has arrived, and so have the credits. Nobody knows his zone, so the time is UTC's."""
    rows = [
        ("package", order.product_name),
        ("credits", number(granted, customer.locale)),
        ("paid", money(order.price, customer.locale)),
        *_when("date", order.paid_at or order.created_at, zone_of("UTC"), customer.locale),
        ("order_id", order.id),
    ]
    return laid_out(customer, "bought", rows, platform.name)


def to_holder(expires_at: datetime, amount: int, customer: Account, platform: Platform) -> Mail:
    """Credits of his expire; nobody knows his zone, so the time is UTC's."""
    rows = [
        ("credits", number(amount, customer.locale)),
        *_when("expires", expires_at, zone_of("UTC"), customer.locale),
    ]
    return laid_out(customer, "expiring", rows, platform.name)


def _when(label: str, instant: datetime, zone: ZoneInfo, locale: Locale) -> list[Row]:
    return [(label, moment(instant, zone, locale)), ("zone", zone_at(instant, zone))]


def _occurrence(booking: Booking, zone: ZoneInfo, locale: Locale) -> list[Row]:
    start = moment(booking.starts_at, zone, locale)
    return [("start", start), *_ordinal(booking, locale), *_where(booking)]


def _how(booking: Booking, locale: Locale) -> list[Row]:
    words, package = TEXTS[locale], booking.package
    minutes = words["minutes"].format(count=number(package.duration_minutes, locale))
    meeting = package.service.value if package.service else package.appointment_type.value
    return [("duration", minutes), ("meeting", words[f"meeting.{meeting}"]), *_where(booking)]


def _where(booking: Booking) -> list[Row]:
    place = booking.location
    where = ", ".join(part for part in (place.name, place.address) if part) if place else ""
    return [("location", where)] if where else []


def _returned(returned: Returned | None, locale: Locale) -> list[Row]:
    words = TEXTS[locale]
    if returned is None:
        return []
    if returned.credits:
        return [("returned", words["returned.credits"].format(count=number(returned.credits, locale)))]
    return [("returned", words["returned.session" if returned.session else "returned.nothing"])]


def _session(booking: Booking, locale: Locale) -> list[Row]:
    """Which of a package's sessions it is, and who comes where it is not who bought."""
    rows = _ordinal(booking, locale)
    if booking.participant is not None:
        rows.append(("participant", booking.participant))
    return rows


def _ordinal(booking: Booking, locale: Locale) -> list[Row]:
    count = session_of(booking.ordinal, booking.total, locale)
    return [("session", count)] if count else []


def _payment(booking: Booking, locale: Locale) -> list[Row]:
    """What was paid in this step, a row for each unit: credits and currencies are never added together."""
    if booking.sale is None:
        return [("payment", TEXTS[locale][f"payment.{booking.paid_with}"])]
    paid: dict[str, int] = {}
    for part in booking.sale.parts:
        paid[part.unit] = paid.get(part.unit, 0) + part.amount
    return [_paid(amount, unit, locale) for unit, amount in paid.items()]


def _paid(amount: int, unit: str, locale: Locale) -> Row:
    if unit == CREDIT:
        return "credits", number(amount, locale)
    return "paid", money(Money(amount, unit), locale)
