"""A month of an expert who is booked 40 times a day: what DynamoDB answers to a look at his slots."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.accounts.model import Account, AccountState, Locale
from chalicelib.calendar.model import Agenda, Calendar, OpenHours, Taken
from chalicelib.catalogue.model import (
    AppointmentPackage,
    AppointmentType,
    CataloguePage,
    HowItEnds,
    Service,
    WhenItEnds,
)
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform
from chalicelib.table import keys
from chalicelib.table.base import Record, to_dynamo
from chalicelib.table.keys import Key
from infra.bench.events import proxy_event
from infra.bench.programs.canned import MONTH

BOOKINGS_A_DAY, DATES = 40, 31
_SLOT = timedelta(minutes=30)
_PLATFORM, _EXPERT, _PACKAGE = "bench", "expert", "apk_month"
_DAYS_ROUND = 3  # the query begins a UTC day before the dates, and ends a day and the longest slot after


def write(folder: Path) -> None:
    """The event, and the items of its batch read and of its query, for the measured programs to replay."""
    first = datetime.now(UTC).date() + timedelta(days=1)
    last = first + timedelta(days=DATES - 1)
    query = {"package_id": _PACKAGE, "from": first.isoformat(), "to": last.isoformat()}
    claims = {
        "sub": "customer",
        "custom:platform": _PLATFORM,
        "custom:country": "TR",
        "cognito:groups": "customer",
        "token_use": "id",
    }
    path = {"expert_id": _EXPERT}
    event = proxy_event("GET", "/v1/experts/{expert_id}/slots", path=path, query=query, claims=claims)
    begin = datetime.combine(first, time(), UTC) - timedelta(days=1)
    days = [_day(begin + timedelta(days=count)) for count in range(DATES + 1 + _DAYS_ROUND)]
    content = {"event": event, "read": list(_read()), "found": days}
    (folder / MONTH.name).write_text(json.dumps(content))


def _day(begin: datetime) -> dict[str, Any]:
    taken = [
        Taken(
            starts_at=begin + number * _SLOT,
            ends_at=begin + (number + 1) * _SLOT,
            break_minutes=5,
            claim_id=f"bkg_{number:026}",
        )
        for number in range(BOOKINGS_A_DAY)
    ]
    day = begin.date().isoformat()
    agenda = Agenda(platform_id=_PLATFORM, expert_id=_EXPERT, day=day, taken=taken)
    return _item("agenda", keys.agenda(_PLATFORM, _EXPERT, day), agenda)


def _item(entity: str, key: Key, record: Record) -> dict[str, Any]:
    """As the table holds it, at its first version."""
    plain = msgspec.to_builtins(record, builtin_types=(datetime,))
    plain.pop("version", None)
    one = {"N": "1"}
    names = {"PK": {"S": key.pk}, "SK": {"S": key.sk}, "entity": {"S": entity}}
    return names | {"schema_version": one, "version": one, "record": to_dynamo(plain)}


def _read() -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    platform = Platform(id=_PLATFORM, name="Bench", created_at=now)
    yield _item("platform", keys.platform(_PLATFORM), platform)
    expert = Account(
        id=_EXPERT,
        platform_id=_PLATFORM,
        role=Role.EXPERT,
        state=AccountState.ACTIVE,
        email="expert@example.com",
        name="Expert",
        country="TR",
        locale=Locale.TURKISH,
        created_at=now,
    )
    yield _item("account", keys.account(_PLATFORM, _EXPERT), expert)
    weekly = [OpenHours(weekday=weekday, opens="00:00", closes="24:00") for weekday in range(7)]
    calendar = Calendar(platform_id=_PLATFORM, expert_id=_EXPERT, zone="Europe/Istanbul", weekly=weekly)
    yield _item("calendar", keys.calendar(_PLATFORM, _EXPERT), calendar)
    page = CataloguePage(
        platform_id=_PLATFORM,
        country="TR",
        revision=1,
        page=1,
        pages=1,
        published_at=now,
        credit_packages=[],
        appointment_packages=[_package()],
    )
    yield _item("catalogue-page", keys.catalogue(_PLATFORM, "TR"), page)


def _package() -> AppointmentPackage:
    return AppointmentPackage(
        id=_PACKAGE,
        title="Half an hour",
        description="",
        appointment_type=AppointmentType.ONLINE,
        service=Service.VIDEO,
        duration_minutes=25,
        break_minutes=5,
        fee=None,
        credits=100,
        sessions=1,
        country="TR",
        currency="TRY",
        listing_order=1,
        how_it_ends=HowItEnds.AUTOMATIC,
        when_it_ends=WhenItEnds.SCHEDULED_END,
        expert_ids=[],
    )
