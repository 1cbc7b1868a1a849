"""Which feature answers at which path, and with which services.

A blueprint is imported and made when one of its paths is called first (``web/routes.py``).
"""

from functools import cache

from chalicelib import wiring
from chalicelib.web.blueprint import Blueprint
from chalicelib.web.routes import Feature


@cache
def platforms() -> Blueprint:
    from chalicelib.platforms import routes

    return routes.blueprint(wiring.platforms())


@cache
def accounts() -> Blueprint:
    from chalicelib.accounts import routes
    from chalicelib.accounts.sign_up import SignUps

    sign_ups = SignUps(wiring.platforms(), wiring.accounts(), wiring.identity())
    return routes.blueprint(wiring.accounts(), sign_ups)


@cache
def catalogue() -> Blueprint:
    from chalicelib.catalogue import routes
    from chalicelib.catalogue.drafts import Drafts
    from chalicelib.catalogue.publishing import Publishing
    from chalicelib.catalogue.settings import SettingsDrafts

    settings_drafts = SettingsDrafts(wiring.platforms())
    publishing = Publishing(wiring.platforms(), settings_drafts)
    return routes.blueprint(wiring.catalogue(), Drafts(wiring.accounts()), publishing, settings_drafts)


@cache
def wallet() -> Blueprint:
    from chalicelib.wallet import routes
    from chalicelib.wallet.adjustments import Adjustments
    from chalicelib.wallet.explanations import Explanations
    from chalicelib.wallet.extensions import Extensions
    from chalicelib.wallet.statements import Statements

    parts = wiring.wallets(), wiring.platforms(), wiring.accounts()
    explanations = Explanations(wiring.wallets(), wiring.accounts())
    return routes.blueprint(Statements(*parts), Adjustments(*parts), Extensions(*parts), explanations)


@cache
def telephony() -> Blueprint:
    from chalicelib.telephony import routes
    from chalicelib.telephony.desk import PhoneDesk

    return routes.blueprint(PhoneDesk(wiring.platforms(), wiring.telephony_provider))


@cache
def calendar() -> Blueprint:
    from chalicelib.calendar import routes
    from chalicelib.calendar.free_slots import FreeSlots
    from chalicelib.calendar.hours import OpeningHours
    from chalicelib.calendar.shared import SharedCalendars

    free_slots = FreeSlots(
        wiring.platforms(),
        wiring.accounts(),
        wiring.catalogue(),
        wiring.calendars(),
        wiring.phones(),
        wiring.sold_slots,
    )
    opening_hours = OpeningHours(wiring.platforms(), wiring.accounts())
    shared_calendars = SharedCalendars(wiring.platforms(), wiring.accounts())
    return routes.blueprint(free_slots, opening_hours, shared_calendars)


@cache
def orders() -> Blueprint:
    from chalicelib.orders import routes

    return routes.blueprint(wiring.checkout(), wiring.orders(), wiring.refunds(), wiring.webhooks())


@cache
def reconciliation() -> Blueprint:
    from chalicelib.reconciliation import routes

    return routes.blueprint(wiring.reconciliations())


@cache
def assignments() -> Blueprint:
    from chalicelib.assignments import routes
    from chalicelib.assignments.changing import AssignmentChanges

    changes = AssignmentChanges(wiring.platforms())
    return routes.blueprint(wiring.assignments(), wiring.assigning(), changes)


@cache
def booking() -> Blueprint:
    from chalicelib.booking import routes
    from chalicelib.booking.lists import BookingLists

    return routes.blueprint(
        wiring.single_bookings(), BookingLists(wiring.bookings()), wiring.changes(), wiring.desk()
    )


@cache
def booking_series() -> Blueprint:
    from chalicelib.booking import series_routes
    from chalicelib.booking.series import RecurringBookings
    from chalicelib.booking.series_cancelling import SeriesCancelling
    from chalicelib.booking.series_starts import Starts

    recurring = RecurringBookings(
        wiring.platforms(),
        wiring.accounts(),
        wiring.catalogue(),
        wiring.assignments(),
        wiring.selling(),
        Starts(wiring.accounts(), wiring.calendars(), wiring.slots()),
        wiring.desk(),
    )
    return series_routes.blueprint(recurring, SeriesCancelling(wiring.changes()))


@cache
def calendar_files() -> Blueprint:
    from chalicelib.ics import routes

    return routes.blueprint(wiring.calendar_files())


@cache
def sessions() -> Blueprint:
    from chalicelib.sessions import routes
    from chalicelib.sessions.extending import Extensions

    extensions = Extensions(wiring.platforms(), wiring.calendars(), wiring.bookings())
    return routes.blueprint(wiring.sessions(), extensions)


@cache
def feed() -> Blueprint:
    from chalicelib.feed import routes
    from chalicelib.feed.service import Feeds

    return routes.blueprint(Feeds())


@cache
def audit() -> Blueprint:
    from chalicelib.audit import routes
    from chalicelib.audit.service import Audits

    return routes.blueprint(Audits())


@cache
def reports() -> Blueprint:
    from chalicelib.reports import routes
    from chalicelib.reports.statements import Statements

    statements = Statements(wiring.platforms(), wiring.accounts())
    return routes.blueprint(wiring.reports(), wiring.exports(), statements)


@cache
def health() -> Blueprint:
    from chalicelib.web import health

    return health.blueprint()


@cache
def document() -> Blueprint:
    """The OpenAPI document, which describes every other route."""
    from chalicelib.web import openapi

    features = dict.fromkeys(feature for feature in FEATURES.values() if feature is not document)
    return openapi.blueprint([feature() for feature in features])


# The beginning of a path, up to a slash; where two fit, the longer one decides. A test holds it complete.
FEATURES: dict[str, Feature] = {
    "/v1/admin/clock": platforms,
    "/v1/admin/settings": platforms,
    "/v1/public/{platform_id}": platforms,
    "/v1/admin/customers": accounts,
    "/v1/admin/experts": accounts,
    "/v1/me": accounts,
    "/v1/public/{platform_id}/experts": accounts,
    "/v1/public/{platform_id}/resend-code": accounts,
    "/v1/public/{platform_id}/sign-up": accounts,
    "/v1/public/{platform_id}/verify-email": accounts,
    "/v1/admin/appointment-packages": catalogue,
    "/v1/admin/appointment-settings": catalogue,
    "/v1/admin/catalogue": catalogue,
    "/v1/admin/credit-packages": catalogue,
    "/v1/admin/session-packages": catalogue,
    "/v1/public/{platform_id}/catalogue": catalogue,
    "/v1/admin/customers/{account_id}/wallets": wallet,
    "/v1/me/wallets": wallet,
    "/v1/admin/phone": telephony,
    "/v1/admin/phone-top-ups": orders,
    "/v1/admin/calendar": calendar,
    "/v1/experts/{expert_id}/calendar": calendar,
    "/v1/experts/{expert_id}/slots": calendar,
    "/v1/admin/bookings": booking,
    "/v1/admin/booking-series": booking_series,
    "/v1/admin/orders": orders,
    "/v1/admin/reconciliations": reconciliation,
    "/v1/admin/orders-in-review": orders,
    "/v1/orders": orders,
    "/v1/public/{platform_id}/orders": orders,
    "/v1/webhooks": orders,
    "/v1/admin/customers/{account_id}/assignments": assignments,
    "/v1/admin/assignments": assignments,
    "/v1/assignments": assignments,
    "/v1/me/assignments": assignments,
    "/v1/bookings": booking,
    "/v1/booking-series": booking_series,
    "/v1/bookings/{booking_id}/calendar.ics": calendar_files,
    "/v1/me/feed": calendar_files,
    "/v1/public/{platform_id}/feeds": calendar_files,
    "/v1/sessions": sessions,
    "/v1/me/notices": feed,
    "/v1/admin/audit": audit,
    "/v1/admin/reports": reports,
    "/v1/admin/experts/{account_id}/statement": reports,
    "/v1/me/statement": reports,
    "/v1/health": health,
    "/v1/openapi.json": document,
}


def blueprints() -> list[Blueprint]:
    """Every route of the API."""
    return [feature() for feature in dict.fromkeys(FEATURES.values())]
