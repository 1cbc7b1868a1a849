"""Tells people by mail what they expect to hear. Each method carries out one kind of effect."""

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.booking.model import Booking, BookingState, Told
from chalicelib.booking.service import Bookings
from chalicelib.booking.views import BookingView
from chalicelib.calendar.model import Calendar
from chalicelib.calendar.service import Calendars
from chalicelib.calendar.zones import zone_of
from chalicelib.core import clock
from chalicelib.core.clock import stamp
from chalicelib.core.errors import NotFound
from chalicelib.core.log import log
from chalicelib.core.mail import Attachment, Mail, Mailer
from chalicelib.ics import invitations
from chalicelib.ics.document import MEDIA_TYPE, Method, document
from chalicelib.notices import letters
from chalicelib.notices.model import Appointment
from chalicelib.orders.model import Order, OrderNotFound
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read
from chalicelib.table.read import Loaded
from chalicelib.wallet.model import Origin, Wallet
from chalicelib.wallet.opening import find_lot

# Which mails about a change bring a calendar up to date; a reminder does not.
_METHODS = {"moved": Method.REQUEST, "cancelled": Method.CANCEL}


class Notices:
    """An effect is one mail: it fails if the mail does, and where it runs twice the mail comes twice."""

    def __init__(
        self,
        platforms: Platforms,
        accounts: Accounts,
        calendars: Calendars,
        bookings: Bookings,
        mailer: Mailer,
    ) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._calendars = calendars
        self._bookings = bookings
        self._mailer = mailer

    def booking_confirmed(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Tell ``to``, the ``customer`` or the ``expert``, of a booking that still stands."""
        booking_id, to = str(payload["booking_id"]), Told(payload["to"])
        self._send(lambda: self._confirmation(platform_id, booking_id, to), booking_id=booking_id, to=to)

    def series_confirmed(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Tell ``to`` of those bookings of a series that still stand."""
        series_id, to = str(payload["series_id"]), Told(payload["to"])
        self._send(lambda: self._series(platform_id, series_id, to), series_id=series_id, to=to)

    def booking_cancelled(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Tell ``to`` that a booking was called off."""
        self._send_change("cancelled", platform_id, payload)

    def booking_moved(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Tell ``to`` when a booking is now, if it still is then."""
        self._send_change("moved", platform_id, payload)

    def booking_reminder(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Remind ``to`` of a booking that is still to be then (V20)."""
        self._send_change("reminded", platform_id, payload)

    def credits_bought(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Tell who paid an order that he has what he paid for."""
        order_id = str(payload["order_id"])
        self._send(lambda: self._purchase(platform_id, order_id), order_id=order_id)

    def credits_expiring(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Tell the owner of a lot that what is left of it expires, if that is still so."""
        lot_id = str(payload["lot_id"])
        self._send(lambda: self._expiry(platform_id, payload), lot_id=lot_id, days=str(payload["days"]))

    def _send(self, write: Callable[[], Mail | None], **what: str) -> None:
        """Where the booking, a person or the platform is gone by now, nobody is told, and that is that."""
        try:
            mail = write()
        except NotFound as gone:
            log("mail_dropped", code=gone.code, **what)
            return
        if mail is not None:
            log("mail_sent", message_id=self._mailer.send(mail), **what)

    def _confirmation(self, platform_id: str, booking_id: str, to: Told) -> Mail | None:
        found = read.batch([self._bookings.key(platform_id, booking_id)])
        booking = self._bookings.load(found, platform_id, booking_id)
        if booking.state is not BookingState.CONFIRMED:
            return None
        appointment = self._appointment(booking, to)
        mail = letters.to_expert(appointment) if to is Told.EXPERT else letters.to_customer(appointment)
        return self._with_file(mail, appointment, [booking], to, Method.REQUEST)

    def _series(self, platform_id: str, series_id: str, to: Told) -> Mail | None:
        found = self._bookings.of_series(platform_id, series_id)
        standing = [booking for booking in found if booking.state is BookingState.CONFIRMED]
        if not standing:
            return None
        appointment = self._appointment(standing[0], to)
        mail = letters.of_series(appointment, standing, to)
        return self._with_file(mail, appointment, standing, to, Method.PUBLISH)

    def _send_change(self, topic: str, platform_id: str, payload: dict[str, Any]) -> None:
        booking_id, to = str(payload["booking_id"]), Told(payload["to"])

        def write() -> Mail | None:
            found = read.batch([self._bookings.key(platform_id, booking_id)])
            booking = self._bookings.load(found, platform_id, booking_id)
            if not _is_still_so(booking, topic, payload):
                return None
            appointment = self._appointment(booking, to)
            mail = letters.of_change(appointment, topic, to)
            method = _METHODS.get(topic)
            return self._with_file(mail, appointment, [booking], to, method) if method else mail

        self._send(write, booking_id=booking_id, to=to, topic=topic)

    def _with_file(
        self, mail: Mail, appointment: Appointment, bookings: Sequence[Booking], to: Told, method: Method
    ) -> Mail:
        """The mail with its appointments as a calendar file, which says the same instants."""
        receiver, other = appointment.customer, appointment.expert
        if to is Told.EXPERT:
            receiver, other = other, receiver
        about = (appointment.platform, self._mailer.sender, other.name, receiver.locale, receiver)
        events = [invitations.event(BookingView.of(each, each.version), *about) for each in bookings]
        file = Attachment(
            name="appointment.ics",
            content_type=f"{MEDIA_TYPE}; method={method}; charset=UTF-8",
            text=document(method, events, clock.now()),
        )
        return replace(mail, attachments=[file])

    def _appointment(self, booking: Booking, to: Told) -> Appointment:
        """With who bought, where it is he who is told, in the place of who comes."""
        platform_id, expert_id = booking.platform_id, booking.expert_id
        customer_id = booking.people[Told.CUSTOMER if to is Told.EXPERT else to]
        people = [self._accounts.key(platform_id, person_id) for person_id in (customer_id, expert_id)]
        calendar = self._calendars.key(platform_id, expert_id)
        loaded = read.batch([self._platforms.key(platform_id), *people, calendar])
        return Appointment(
            booking=booking,
            customer=self._accounts.load(loaded, platform_id, customer_id),
            expert=self._accounts.load(loaded, platform_id, expert_id),
            platform=self._platforms.load(loaded, platform_id),
            zone=self._zone(loaded, platform_id, expert_id),
        )

    def _zone(self, loaded: Loaded, platform_id: str, expert_id: str) -> ZoneInfo:
        calendar = loaded.get(self._calendars.key(platform_id, expert_id), Calendar)
        return zone_of(calendar.zone if calendar else "UTC")

    def _purchase(self, platform_id: str, order_id: str) -> Mail:
        order = read.get(keys.order(platform_id, order_id), Order)
        if order is None:
            raise OrderNotFound
        customer = self._accounts.key(platform_id, order.customer_id)
        loaded = read.batch([self._platforms.key(platform_id), customer])
        return letters.to_buyer(
            order,
            order.credits_for_price,
            self._accounts.load(loaded, platform_id, order.customer_id),
            self._platforms.load(loaded, platform_id),
        )

    def _expiry(self, platform_id: str, payload: dict[str, Any]) -> Mail | None:
        """Where the lot is used up or its expiry was put off meanwhile, there is nothing to tell."""
        owner_id, wallet_key = (
            payload["owner_id"],
            keys.wallet(platform_id, payload["owner_id"], payload["asset"]),
        )
        account = self._accounts.key(platform_id, owner_id)
        loaded = read.batch([self._platforms.key(platform_id), account, wallet_key])
        wallet = loaded.get(wallet_key, Wallet)
        origin, place = Origin(payload["origin"]), payload["place"]
        lot = find_lot(wallet, payload["lot_id"], origin, place) if wallet else None
        if lot is None or lot.expires_at is None or stamp(lot.expires_at) != payload["expires_at"]:
            return None
        return letters.to_holder(
            lot.expires_at,
            min(lot.remaining, payload["amount"]),
            self._accounts.load(loaded, platform_id, owner_id),
            self._platforms.load(loaded, platform_id),
        )


def _is_still_so(booking: Booking, topic: str, payload: dict[str, Any]) -> bool:
    """Whether what was to be told is true: called off, or still to be at the start that was meant."""
    called_off = booking.state is BookingState.CANCELLED
    if topic == "cancelled":
        return called_off
    return not called_off and stamp(booking.starts_at) == payload["starts_at"]
