"""Which slots of a package are free with an expert, for those who look before they book."""

from datetime import timedelta

from chalicelib.accounts.service import Accounts
from chalicelib.calendar import rules, store
from chalicelib.calendar.model import (
    MAX_RANGE_DAYS,
    Calendar,
    PlatformCalendar,
    RangeNotAcceptable,
)
from chalicelib.calendar.service import Calendars, days_to_look_at, length_of, read_agendas
from chalicelib.calendar.slot_views import SlotsQuery, SlotsView
from chalicelib.catalogue.model import AppointmentPackage, Service
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.actor import Actor
from chalicelib.core.countries import check_country
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read
from chalicelib.telephony.service import Phones


class FreeSlots:
    """What is shown here can be claimed, as things stand."""

    def __init__(
        self,
        platforms: Platforms,
        accounts: Accounts,
        catalogue: Catalogue,
        calendars: Calendars,
        phones: Phones,
    ) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._catalogue = catalogue
        self._calendars = calendars
        self._phones = phones

    def of(self, actor: Actor, expert_id: str, asked: SlotsQuery) -> SlotsView:
        """The free slots of a package with an expert (E15, E32): one batch read and one query."""
        _check_range(asked)
        country = actor.country if Role.CUSTOMER in actor.roles else asked.country or actor.country
        country = check_country(country or "")
        platform, shared, calendar, package = self._loaded(
            actor.platform_id, expert_id, country, asked.package_id
        )
        self._calendars.check_bookable(platform, package, expert_id)
        if package.service is Service.PHONE:
            who = actor.id if Role.CUSTOMER in actor.roles else None
            self._phones.check_offered(platform.id, who, expert_id, package.duration_minutes)
        days = days_to_look_at(calendar, platform.now(), asked.first, asked.last)
        agendas = read_agendas(calendar, days)
        free = rules.free_starts(calendar, shared, agendas, length_of(package), platform.now(), days)
        return SlotsView.of(calendar, shared, agendas, package, days, free)

    def _loaded(
        self, platform_id: str, expert_id: str, country: str, package_id: str
    ) -> tuple[Platform, PlatformCalendar, Calendar, AppointmentPackage]:
        wanted = [
            self._platforms.key(platform_id),
            self._accounts.key(platform_id, expert_id),
            self._catalogue.key(platform_id, country),
            self._calendars.key(platform_id, expert_id),
            keys.platform_calendar(platform_id),
        ]
        loaded = read.batch(wanted)
        platform = self._platforms.load(loaded, platform_id)
        self._accounts.load_expert(loaded, platform_id, expert_id)
        package = self._catalogue.appointment_package(loaded, platform_id, country, package_id)
        shared = store.shared(loaded, platform_id)
        return platform, shared, store.calendar(loaded, platform_id, expert_id), package


def _check_range(asked: SlotsQuery) -> None:
    if not timedelta(0) <= asked.last - asked.first < timedelta(days=MAX_RANGE_DAYS):
        raise RangeNotAcceptable(field="to")
