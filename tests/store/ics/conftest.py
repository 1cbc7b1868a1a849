"""The mails of bookings, carried out by the outbox and kept by a postman."""

from typing import Any

import pytest

from chalicelib.booking.model import CANCELLATION_MAILED, CONFIRMATION_MAILED, MOVE_MAILED
from chalicelib.notices.service import Notices
from chalicelib.table.outbox import Outbox
from tests.store.booking import studio
from tests.store.notices.postman import Postman


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def outbox(postman: Postman) -> Outbox:
    notices = Notices(studio.platforms, studio.accounts, studio.calendars, studio.bookings, postman)
    silent: dict[str, Any] = {"report.sale": lambda *_: None}
    told = {
        CONFIRMATION_MAILED: notices.booking_confirmed,
        MOVE_MAILED: notices.booking_moved,
        CANCELLATION_MAILED: notices.booking_cancelled,
    }
    return Outbox(silent | told)
