"""The composition root: which service is given what. What goes on by itself is in ``background``.

Everything is imported and made on first use, so that a function pays only for what its path needs.
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.accounts.service import Accounts
    from chalicelib.adapters.identity import CognitoIdentity
    from chalicelib.adapters.parameters import Parameters
    from chalicelib.assignments.assigning import Assigning
    from chalicelib.assignments.service import Assignments
    from chalicelib.booking.changes import Changes
    from chalicelib.booking.desk import Desk
    from chalicelib.booking.reminders import Reminders
    from chalicelib.booking.selling import Selling
    from chalicelib.booking.service import Bookings
    from chalicelib.booking.single import SingleBookings
    from chalicelib.booking.slots import Slots
    from chalicelib.booking.sold_slots import SoldSlots
    from chalicelib.calendar.service import Calendars
    from chalicelib.catalogue.service import Catalogue
    from chalicelib.core.payments import PaymentProvider
    from chalicelib.core.telephony import Telephony
    from chalicelib.ics.service import CalendarFiles
    from chalicelib.notices.service import Notices
    from chalicelib.orders.checkout import Checkout
    from chalicelib.orders.fulfilment import Fulfilment
    from chalicelib.orders.giving_back import Refunds
    from chalicelib.orders.providers import PaymentProviders
    from chalicelib.orders.service import Orders
    from chalicelib.orders.settlement import Settlements
    from chalicelib.orders.webhooks import Webhooks
    from chalicelib.platforms.service import Platforms
    from chalicelib.reconciliation.service import Reconciliations
    from chalicelib.reports.exports import Exports
    from chalicelib.reports.service import Reports
    from chalicelib.sessions.service import Sessions
    from chalicelib.telephony.alerts import Alerts
    from chalicelib.telephony.calls import Calls
    from chalicelib.telephony.service import Phones
    from chalicelib.verifier.repair.service import Repairs
    from chalicelib.wallet.expiries import Expiries
    from chalicelib.wallet.service import Wallets


@cache
def platforms() -> "Platforms":
    from chalicelib.platforms.service import Platforms

    return Platforms()


@cache
def identity() -> "CognitoIdentity":
    from chalicelib.adapters.identity import CognitoIdentity

    return CognitoIdentity()


@cache
def accounts() -> "Accounts":
    from chalicelib.accounts.service import Accounts

    return Accounts(platforms(), identity())


@cache
def catalogue() -> "Catalogue":
    from chalicelib.catalogue.service import Catalogue

    return Catalogue(platforms(), phones)


@cache
def wallets() -> "Wallets":
    from chalicelib.wallet.service import Wallets

    return Wallets()


@cache
def expiries() -> "Expiries":
    from chalicelib.wallet.expiries import Expiries

    return Expiries(wallets(), platforms())


@cache
def phones() -> "Phones":
    from chalicelib.telephony.service import Phones

    return Phones(accounts())


@cache
def phone_alerts() -> "Alerts":
    from chalicelib.telephony.alerts import Alerts

    return Alerts(platforms(), accounts())


def telephony_provider(*, sandbox: bool) -> "Telephony":
    """A sandbox platform's calls ring nowhere."""
    if sandbox:
        from chalicelib.adapters.telephony import SandboxTelephony

        return SandboxTelephony()
    return _twilio()


@cache
def _twilio() -> "Telephony":
    from chalicelib.adapters.parameters import Parameters
    from chalicelib.adapters.twilio_calls import TwilioCalls

    return TwilioCalls(Parameters())


@cache
def calls() -> "Calls":
    from chalicelib.telephony.calls import Calls

    return Calls(platforms(), accounts(), telephony_provider)


@cache
def calendars() -> "Calendars":
    from chalicelib.calendar.service import Calendars

    return Calendars()


@cache
def payments() -> "PaymentProviders":
    """The providers by name. Each adapter is imported when an order of its own is first met."""
    from chalicelib.adapters.parameters import Parameters
    from chalicelib.orders.providers import PaymentProviders

    parameters = Parameters()
    return PaymentProviders(
        {
            "stripe": lambda: _stripe(parameters),
            "iyzico": lambda: _iyzico(parameters),
            "zarinpal": lambda: _zarinpal(parameters),
        },
        lambda platform_id, name: parameters.has(f"platforms/{platform_id}/{name}"),
    )


def _stripe(parameters: "Parameters") -> "PaymentProvider":
    from chalicelib.adapters.stripe_payments import StripePayments

    return StripePayments(parameters)


def _iyzico(parameters: "Parameters") -> "PaymentProvider":
    from chalicelib.adapters.iyzico_payments import IyzicoPayments

    return IyzicoPayments(parameters)


def _zarinpal(parameters: "Parameters") -> "PaymentProvider":
    from chalicelib.adapters.zarinpal_payments import ZarinpalPayments

    return ZarinpalPayments(parameters)


@cache
def settlements() -> "Settlements":
    from chalicelib.orders.settlement import Settlements

    return Settlements(platforms(), payments(), fulfilments())


@cache
def fulfilments() -> "dict[str, Fulfilment]":
    """What each kind of product is sold and delivered by."""
    from chalicelib.assignments.by_card import SessionPackageFulfilment
    from chalicelib.booking.by_card import AppointmentFulfilment
    from chalicelib.orders.credit_packages import CreditFulfilment
    from chalicelib.orders.model import ProductKind
    from chalicelib.orders.phone_balance import PhoneBalanceFulfilment

    return {
        ProductKind.CREDIT_PACKAGE: CreditFulfilment(catalogue(), wallets()),
        ProductKind.APPOINTMENT_PACKAGE: AppointmentFulfilment(
            accounts(), catalogue(), calendars(), bookings(), slots(), selling(), wallets()
        ),
        ProductKind.SESSION_PACKAGE: SessionPackageFulfilment(catalogue(), assigning(), assignments()),
        ProductKind.PHONE_BALANCE: PhoneBalanceFulfilment(phones()),
    }


@cache
def checkout() -> "Checkout":
    from chalicelib.orders.checkout import Checkout

    return Checkout(platforms(), accounts(), payments(), settlements(), fulfilments())


@cache
def orders() -> "Orders":
    from chalicelib.orders.service import Orders

    return Orders(platforms(), settlements())


@cache
def refunds() -> "Refunds":
    from chalicelib.orders.giving_back import Refunds

    return Refunds(platforms(), payments(), settlements())


@cache
def webhooks() -> "Webhooks":
    from chalicelib.orders.webhooks import Webhooks

    return Webhooks(platforms(), payments(), settlements())


@cache
def assignments() -> "Assignments":
    from chalicelib.assignments.service import Assignments

    return Assignments(platforms(), accounts())


@cache
def assigning() -> "Assigning":
    from chalicelib.assignments.assigning import Assigning

    return Assigning(platforms(), accounts(), catalogue())


@cache
def bookings() -> "Bookings":
    from chalicelib.booking.service import Bookings

    return Bookings(assignments(), phones())


@cache
def slots() -> "Slots":
    from chalicelib.booking.slots import Slots

    return Slots(platforms(), accounts(), calendars(), phones())


@cache
def sold_slots() -> "SoldSlots":
    from chalicelib.booking.sold_slots import SoldSlots

    return SoldSlots(assignments(), bookings())


@cache
def selling() -> "Selling":
    from chalicelib.booking.selling import Selling

    return Selling(accounts(), catalogue(), wallets(), assignments())


@cache
def single_bookings() -> "SingleBookings":
    from chalicelib.booking.single import SingleBookings

    return SingleBookings(platforms(), accounts(), calendars(), assignments(), slots(), selling())


@cache
def changes() -> "Changes":
    from chalicelib.booking.changes import Changes
    from chalicelib.booking.returning import Returns
    from chalicelib.sessions.news import marked_missed

    return Changes(platforms(), calendars(), bookings(), Returns(wallets(), assignments()), marked_missed)


@cache
def desk() -> "Desk":
    from chalicelib.booking.desk import Desk

    return Desk(platforms(), accounts(), catalogue(), bookings(), single_bookings(), slots())


@cache
def reminders() -> "Reminders":
    from chalicelib.booking.reminders import Reminders

    return Reminders(platforms(), bookings())


@cache
def calendar_files() -> "CalendarFiles":
    from chalicelib.adapters.mail import SesMailer
    from chalicelib.booking.lists import BookingLists
    from chalicelib.ics.service import CalendarFiles

    return CalendarFiles(platforms(), accounts(), BookingLists(bookings()), SesMailer())


@cache
def sessions() -> "Sessions":
    from chalicelib.adapters.meetings import LinkMeetings
    from chalicelib.sessions.service import Sessions

    return Sessions(platforms(), calendars(), bookings(), LinkMeetings())


@cache
def reports() -> "Reports":
    from chalicelib.reports.service import Reports

    return Reports(accounts())


@cache
def exports() -> "Exports":
    from chalicelib.adapters.files import S3Files
    from chalicelib.adapters.queue import ExportQueue
    from chalicelib.reports.exports import Exports

    return Exports(platforms(), accounts(), reports(), S3Files(), ExportQueue())


@cache
def notices() -> "Notices":
    import chalicelib.orders.store  # noqa: F401 - a purchase is read by its item, which must be known
    from chalicelib.adapters.mail import SesMailer
    from chalicelib.notices.service import Notices

    return Notices(platforms(), accounts(), calendars(), bookings(), SesMailer())


@cache
def reconciliations() -> "Reconciliations":
    from chalicelib.reconciliation.service import Reconciliations

    return Reconciliations(platforms(), payments(), orders(), reports())


@cache
def repairs() -> "Repairs":
    from chalicelib.verifier.repair.service import Repairs

    return Repairs(fulfilments())
