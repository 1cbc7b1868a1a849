"""Of what free slots are asked: of a package on sale, or of one that somebody has bought, as it was sold."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from chalicelib.calendar import rules
from chalicelib.calendar.model import Taken
from chalicelib.calendar.slot_views import SlotsQuery
from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.catalogue.service import Catalogue
from chalicelib.core.actor import Actor
from chalicelib.core.countries import check_country
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import Platform
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing of the package starts from ``until`` on; ``moved`` is the time of a booking that is to move."""

    package: AppointmentPackage
    until: datetime | None = None
    moved: Taken | None = None

    def of(self, free: Iterable[datetime]) -> list[datetime]:
        """Those of the free starts that can be had: a booking is not moved to where it is already."""
        now_at = self.moved.starts_at if self.moved else None
        return [starts_at for starts_at in rules.before(free, self.until) if starts_at != now_at]


class Offers(Protocol):
    """What is sold already, later features keep: the calendar asks them for it by this."""

    def keys(self, actor: Actor, asked: SlotsQuery) -> list[Key]:
        """What to read to load it."""

    def load(
        self, loaded: Loaded, platform: Platform, actor: Actor, expert_id: str, asked: SlotsQuery
    ) -> Offer:
        """What is asked for, by the very checks of a booking; 404 where it is foreign."""


class OnSale:
    """Whatever is published in the buyer's country (E21)."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def keys(self, actor: Actor, asked: SlotsQuery) -> list[Key]:
        """``UnknownCountry``."""
        return [self._catalogue.key(actor.platform_id, _country(actor, asked))]

    def load(
        self,
        loaded: Loaded,
        platform: Platform,
        actor: Actor,
        expert_id: str,  # noqa: ARG002 - with whom it is sold, whoever claims a slot asks of the package
        asked: SlotsQuery,
    ) -> Offer:
        """``PackageNotOnSale``."""
        package = self._catalogue.appointment_package(
            loaded, platform.id, _country(actor, asked), asked.package_id or ""
        )
        return Offer(package=package)


def _country(actor: Actor, asked: SlotsQuery) -> str:
    named = actor.country if Role.CUSTOMER in actor.roles else asked.country or actor.country
    return check_country(named or "")
