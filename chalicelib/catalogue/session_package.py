"""Session packages: a count of sessions, spent on one or several services (D2 to D5). Pure."""

import msgspec

from chalicelib.catalogue.checks import check_line, check_price, check_range, check_text
from chalicelib.catalogue.errors import (
    CountsExceedTotal,
    CurrencyMismatch,
    ServiceRepeated,
    SessionsNotCovered,
)
from chalicelib.core.countries import check_country
from chalicelib.core.money import Money, minor_digits

MAX_SHORT_INFO_LENGTH = 500
MAX_LISTING_ORDER = 1_000_000
MAX_SESSIONS = 1_000
MAX_SERVICES = 50
MAX_VALID_DAYS = 3_650


class CoveredService(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment package that sessions may be spent on; at most ``count`` of them (D4)."""

    package_id: str
    count: int | None = None


class SessionPackage(msgspec.Struct, frozen=True, kw_only=True):
    """``total_sessions`` of the ``services``, paid together in advance (D17), in one country.

    Without a ``price`` it is not on sale by itself: an admin assigns it (D6). ``expires_after_days`` counts
    from the assignment; ``None`` is never.
    """

    id: str
    name: str
    total_sessions: int
    services: list[CoveredService]
    price: Money | None
    country: str
    currency: str
    listing_order: int
    short_info: str
    expires_after_days: int | None

    def __post_init__(self) -> None:
        check_line(self.name, "name")
        check_text(self.short_info, "short_info", MAX_SHORT_INFO_LENGTH)
        check_range(self.total_sessions, "total_sessions", 1, MAX_SESSIONS)
        check_country(self.country)
        check_range(self.listing_order, "listing_order", 0, MAX_LISTING_ORDER)
        if self.expires_after_days is not None:
            check_range(self.expires_after_days, "expires_after_days", 1, MAX_VALID_DAYS)
        self._check_price()
        self._check_services()

    def _check_price(self) -> None:
        minor_digits(self.currency)
        if self.price is not None:
            check_price(self.price, "price")
            if self.price.currency != self.currency:
                raise CurrencyMismatch("The price must be in the package's currency.", field="price.currency")

    def _check_services(self) -> None:
        check_range(len(self.services), "services", 1, MAX_SERVICES)
        counted, seen = 0, set[str]()
        for place, service in enumerate(self.services):
            if service.package_id in seen:
                raise ServiceRepeated(field=f"services[{place}].package_id")
            seen.add(service.package_id)
            counted += self._checked_count(service, place)
            if counted > self.total_sessions:
                raise CountsExceedTotal(field=f"services[{place}].count")
        check_all_usable(self.services, self.total_sessions)

    def _checked_count(self, service: CoveredService, place: int) -> int:
        if service.count is None:
            return 0
        check_range(service.count, f"services[{place}].count", 1, MAX_SESSIONS)
        return service.count


def check_all_usable(services: list[CoveredService], total_sessions: int) -> None:
    """Every session can be spent on something. ``SessionsNotCovered`` where the counts leave some over."""
    counts = [service.count for service in services if service.count is not None]
    if len(counts) == len(services) and sum(counts) < total_sessions:
        raise SessionsNotCovered(field="total_sessions")
