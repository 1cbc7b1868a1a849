"""What goes on while nobody waits: each step's effects, what falls due, what a provider could not tell."""

import random
from datetime import timedelta
from functools import cache

from chalicelib import wiring
from chalicelib.core import clock
from chalicelib.core.log import log
from chalicelib.table import keys
from chalicelib.table.keys import Key
from chalicelib.table.outbox import Outbox
from chalicelib.table.sweeper import Sweeper

_CATCH_UP = timedelta(minutes=3)  # a run's time, within its Lambda's


@cache
def outbox() -> Outbox:
    """Every kind of effect, and what carries it out."""
    from chalicelib.adapters.scheduler import Scheduler
    from chalicelib.booking.model import (
        CANCELLATION_MAILED,
        CONFIRMATION_MAILED,
        MOVE_MAILED,
        REMINDER_MAILED,
        SERIES_MAILED,
    )
    from chalicelib.feed.service import NOTICE, Feeds
    from chalicelib.orders.lines import FAILED_PAYMENT_REPORTED, SALE_REPORTED
    from chalicelib.orders.model import PURCHASE_MAILED
    from chalicelib.orders.refunds import REFUND_SENT
    from chalicelib.platforms.service import CLOCK_MOVED
    from chalicelib.reports.exports import EXPORT_REQUESTED
    from chalicelib.sessions.lines import SESSION_REPORTED
    from chalicelib.sessions.timers import SESSION_TIMER, SessionTimers
    from chalicelib.telephony.calls import PHONE_CALL
    from chalicelib.wallet.model import CREDITS_EXPIRING

    return Outbox(
        {
            CLOCK_MOVED: lambda platform_id, _: sweeper().sweep_platform(platform_id),
            SALE_REPORTED: wiring.reports().record_sale,
            FAILED_PAYMENT_REPORTED: wiring.reports().record_failed_payment,
            SESSION_REPORTED: wiring.reports().record_session,
            EXPORT_REQUESTED: wiring.exports().request_export,
            SESSION_TIMER: SessionTimers(wiring.platforms(), Scheduler()).bring,
            CONFIRMATION_MAILED: wiring.notices().booking_confirmed,
            CANCELLATION_MAILED: wiring.notices().booking_cancelled,
            MOVE_MAILED: wiring.notices().booking_moved,
            REMINDER_MAILED: wiring.notices().booking_reminder,
            SERIES_MAILED: wiring.notices().series_confirmed,
            PURCHASE_MAILED: wiring.notices().credits_bought,
            CREDITS_EXPIRING: wiring.notices().credits_expiring,
            REFUND_SENT: wiring.refunds().send,
            NOTICE: Feeds().tell,
            PHONE_CALL: wiring.calls().bring,
        }
    )


@cache
def sweeper() -> Sweeper:
    """Every kind of item that falls due, by its sort key."""
    return Sweeper(
        {
            "RECEIPT": outbox().drain,
            "ORDER": lambda key: wiring.orders().sweep(*keys.owner_of(key)),
            "BOOKING": _sweep_booking,
            "WALLET": lambda key: wiring.expiries().sweep(key),
            "LOTS": lambda key: wiring.expiries().sweep(key),
            "ASSIGNMENT": lambda key: wiring.assignments().sweep(*keys.owner_of(key)),
            "BALANCE": lambda key: wiring.phone_alerts().sweep(keys.owner_of(key)[0]),
            "SESSION": lambda key: wiring.sessions().sweep(*keys.owner_of(key)),
        },
        wiring.platforms(),
    )


def _sweep_booking(key: Key) -> None:
    """Its people are reminded of it, or have missed it."""
    wiring.reminders().sweep(*keys.owner_of(key))
    wiring.sessions().sweep(*keys.owner_of(key))


def catch_up() -> None:
    """Ask each platform's providers for the events that they could not deliver.

    One that fails stops no other. Chance says which comes first, so none starves behind a provider that
    does not answer.
    """
    until, platforms = clock.now() + _CATCH_UP, list(wiring.platforms().all())
    random.shuffle(platforms)
    for platform in platforms:
        if clock.now() >= until:
            log("catch_up_cut_off")
            return
        try:
            wiring.webhooks().catch_up(platform.id)
        except Exception as error:
            log("catch_up_failed", platform_id=platform.id, error=repr(error))


def verification() -> None:
    """Look for what differs. Its modules are many, and no other function needs them."""
    from chalicelib.verifier.nightly import verify_twice

    verify_twice()
