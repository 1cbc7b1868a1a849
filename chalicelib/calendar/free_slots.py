"""Which slots of a package are free with an expert, for those who look before they book."""

from collections.abc import Callable
from datetime import timedelta

from chalicelib.accounts.service import Accounts
from chalicelib.calendar import claims, rules, store
from chalicelib.calendar.model import MAX_RANGE_DAYS, RangeNotAcceptable
from chalicelib.calendar.offers import Offer, Offers, OnSale
from chalicelib.calendar.service import Calendars, days_to_look_at, length_of, read_agendas
from chalicelib.calendar.slot_views import SlotsQuery, SlotsView
from chalicelib.catalogue.model import Service
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.actor import Actor
from chalicelib.core.permissions import Role
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
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
        sold: Callable[[], Offers],
    ) -> None:
        """``sold`` is asked for where a list is of what is sold, and so not at each cold start."""
        self._platforms = platforms
        self._accounts = accounts
        self._on_sale = OnSale(catalogue)
        self._calendars = calendars
        self._phones = phones
        self._sold = sold

    def of(self, actor: Actor, expert_id: str, asked: SlotsQuery) -> SlotsView:
        """The free slots of a package with an expert (E15, E32, E39): one batch read and one query.

        A get more where it is of a booking that was made on a package of sessions.
        """
        _check_range(asked)
        offers = self._sold() if asked.is_of_sold() else self._on_sale
        platform_id = actor.platform_id
        loaded = read.batch([*self._keys(platform_id, expert_id), *offers.keys(actor, asked)])
        platform = self._platforms.load(loaded, platform_id)
        self._accounts.load_expert(loaded, platform_id, expert_id)
        offer = offers.load(loaded, platform, actor, expert_id, asked)
        self._calendars.check_bookable(platform, offer.package, expert_id)
        self._check_call(actor, expert_id, offer)
        calendar, shared = store.calendar(loaded, platform_id, expert_id), store.shared(loaded, platform_id)
        days = days_to_look_at(calendar, platform.now(), asked.first, asked.last)
        agendas = read_agendas(calendar, days)
        if offer.moved is not None:
            agendas = claims.freed(agendas, offer.moved.claim_id)
        length = length_of(offer.package)
        free = rules.free_starts(calendar, shared, agendas, length, platform.now(), days)
        return SlotsView.of(calendar, shared, agendas, offer.package, days, offer.of(free))

    def _keys(self, platform_id: str, expert_id: str) -> list[Key]:
        return [
            self._platforms.key(platform_id),
            self._accounts.key(platform_id, expert_id),
            self._calendars.key(platform_id, expert_id),
            keys.platform_calendar(platform_id),
        ]

    def _check_call(self, actor: Actor, expert_id: str, offer: Offer) -> None:
        """By phone, its call must be covered; that of a booking which is to move is set aside already."""
        if offer.package.service is Service.PHONE and offer.moved is None:
            who = actor.id if Role.CUSTOMER in actor.roles else None
            self._phones.check_offered(actor.platform_id, who, expert_id, offer.package.duration_minutes)


def _check_range(asked: SlotsQuery) -> None:
    if not timedelta(0) <= asked.last - asked.first < timedelta(days=MAX_RANGE_DAYS):
        raise RangeNotAcceptable(field="to")
