"""The composition root: which service is given what. Nothing else knows all the parts.

Everything is made on first use, so that a function pays only for what its path needs.
"""

from functools import cache

from chalicelib.accounts import routes as accounts_routes
from chalicelib.accounts.service import Accounts
from chalicelib.accounts.sign_up import SignUps
from chalicelib.adapters.files import S3Files
from chalicelib.adapters.identity import CognitoIdentity
from chalicelib.adapters.mail import SesMailer
from chalicelib.adapters.parameters import Parameters
from chalicelib.adapters.queue import ExportQueue
from chalicelib.adapters.scheduler import Scheduler
from chalicelib.adapters.stripe_payments import StripePayments
from chalicelib.booking import routes as booking_routes
from chalicelib.booking.lists import BookingLists
from chalicelib.booking.model import CONFIRMATION_MAILED
from chalicelib.booking.service import Bookings
from chalicelib.calendar import routes as calendar_routes
from chalicelib.calendar.hours import OpeningHours
from chalicelib.calendar.service import Calendars
from chalicelib.catalogue import routes as catalogue_routes
from chalicelib.catalogue.drafts import Drafts
from chalicelib.catalogue.publishing import Publishing
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.errors import Refusal
from chalicelib.core.log import log
from chalicelib.notices.service import Notices
from chalicelib.orders import routes as orders_routes
from chalicelib.orders.fulfilment import CreditFulfilment
from chalicelib.orders.model import FAILED_PAYMENT_REPORTED, PURCHASE_MAILED, SALE_REPORTED
from chalicelib.orders.service import Orders
from chalicelib.orders.settlement import Settlements
from chalicelib.orders.webhooks import Webhooks
from chalicelib.platforms import routes as platforms_routes
from chalicelib.platforms.service import CLOCK_MOVED, Platforms
from chalicelib.reports import routes as reports_routes
from chalicelib.reports.exports import EXPORT_REQUESTED, Exports
from chalicelib.reports.service import Reports
from chalicelib.sessions import routes as sessions_routes
from chalicelib.sessions.service import Sessions
from chalicelib.sessions.timers import SESSION_TIMER, SessionTimers
from chalicelib.table import keys
from chalicelib.table.outbox import Outbox
from chalicelib.table.sweeper import Sweeper
from chalicelib.wallet import routes as wallet_routes
from chalicelib.wallet.service import Statements, Wallets
from chalicelib.web import health, openapi
from chalicelib.web.blueprint import Blueprint


@cache
def platforms() -> Platforms:
    return Platforms()


@cache
def identity() -> CognitoIdentity:
    return CognitoIdentity()


@cache
def accounts() -> Accounts:
    return Accounts(platforms(), identity())


@cache
def catalogue() -> Catalogue:
    return Catalogue(platforms())


@cache
def wallets() -> Wallets:
    return Wallets()


@cache
def calendars() -> Calendars:
    return Calendars(platforms(), accounts(), catalogue())


@cache
def payments() -> StripePayments:
    return StripePayments(Parameters())


@cache
def settlements() -> Settlements:
    """What each kind of product does when its payment has arrived."""
    return Settlements(platforms(), payments(), {"credit_package": CreditFulfilment(wallets())})


@cache
def orders() -> Orders:
    return Orders(platforms(), accounts(), catalogue(), payments(), settlements())


@cache
def webhooks() -> Webhooks:
    return Webhooks(platforms(), payments(), settlements())


@cache
def bookings() -> Bookings:
    return Bookings(platforms(), accounts(), catalogue(), wallets(), calendars())


@cache
def sessions() -> Sessions:
    return Sessions(platforms(), calendars(), bookings())


@cache
def reports() -> Reports:
    return Reports(accounts())


@cache
def exports() -> Exports:
    return Exports(platforms(), accounts(), reports(), S3Files(), ExportQueue())


@cache
def notices() -> Notices:
    return Notices(platforms(), accounts(), calendars(), bookings(), SesMailer())


@cache
def outbox() -> Outbox:
    """Every kind of effect, and what carries it out."""
    return Outbox(
        {
            CLOCK_MOVED: lambda platform_id, _: sweeper().sweep_platform(platform_id),
            SALE_REPORTED: reports().record_sale,
            FAILED_PAYMENT_REPORTED: reports().record_failed_payment,
            EXPORT_REQUESTED: exports().request_export,
            SESSION_TIMER: SessionTimers(platforms(), Scheduler()).bring,
            CONFIRMATION_MAILED: notices().booking_confirmed,
            PURCHASE_MAILED: notices().credits_bought,
        }
    )


@cache
def sweeper() -> Sweeper:
    """Every kind of item that falls due, by its sort key."""
    return Sweeper(
        {
            "RECEIPT": outbox().drain,
            "ORDER": lambda key: orders().sweep(*keys.owner_of(key)),
            "BOOKING": lambda key: sessions().sweep(*keys.owner_of(key)),
            "SESSION": lambda key: sessions().sweep(*keys.owner_of(key)),
        },
        platforms(),
    )


def catch_up() -> None:
    """Ask each platform's provider for the events that it could not deliver."""
    for platform in platforms().all():
        try:
            webhooks().catch_up(platform.id)
        except Refusal as refusal:
            log("catch_up_failed", platform_id=platform.id, code=refusal.code)


def verification() -> None:
    """Look for what differs. Its modules are many, and no other function needs them."""
    from chalicelib.verifier.nightly import verify_twice

    verify_twice()


@cache
def blueprints() -> list[Blueprint]:
    """Every route of the API, and the document that describes them all."""
    described = [
        platforms_routes.blueprint(platforms()),
        accounts_routes.blueprint(accounts(), SignUps(platforms(), accounts(), identity())),
        catalogue_routes.blueprint(catalogue(), Drafts(accounts()), Publishing(platforms())),
        wallet_routes.blueprint(Statements(wallets(), platforms(), accounts())),
        calendar_routes.blueprint(calendars(), OpeningHours(platforms(), accounts())),
        orders_routes.blueprint(orders(), webhooks()),
        booking_routes.blueprint(bookings(), BookingLists(bookings())),
        sessions_routes.blueprint(sessions()),
        reports_routes.blueprint(reports(), exports()),
        health.blueprint(),
    ]
    return [*described, openapi.blueprint(described)]
