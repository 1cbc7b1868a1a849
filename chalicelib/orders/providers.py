"""Which payment provider an order is paid with: each knows its own currencies, countries and secrets."""

from collections.abc import Callable, Mapping

from chalicelib.core.errors import NotFound
from chalicelib.core.payments import PaymentProvider, ProviderNotConfigured
from chalicelib.platforms.model import Platform

# Where the platform's settings name nobody, the first of these that the platform has an account with, and
# else the last, whose refusal says what is the matter. Stripe takes no rial.
DEFAULTS = {"TR/TRY": ("iyzico", "stripe"), "IRR": ("zarinpal", "stripe")}
FALLBACK = ("stripe",)


class ProviderUnknown(NotFound):
    code = "PROVIDER_UNKNOWN"
    message = "There is no such payment provider."


class PaymentProviders:
    """The providers by name; each is made, and its adapter imported, when it is first needed."""

    def __init__(
        self,
        makers: Mapping[str, Callable[[], PaymentProvider]],
        is_configured: Callable[[str, str], bool],
    ) -> None:
        """``is_configured`` says whether a platform, by its id, has an account with the provider."""
        self._makers = makers
        self._is_configured = is_configured
        self._made: dict[str, PaymentProvider] = {}

    def of(self, name: str) -> PaymentProvider:
        """``ProviderUnknown``."""
        if name not in self._makers:
            raise ProviderUnknown
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def choose(self, platform: Platform, country: str, currency: str) -> str:
        """Who takes the money for what is sold in a country and currency: the platform's setting, else ours.

        Nothing is looked up where there is no choice. ``ProviderNotConfigured`` where the named one is not
        there.
        """
        chosen = platform.settings.payment_providers
        named = chosen.get(f"{country}/{currency}") or chosen.get(currency)
        candidates = (named,) if named else _defaults(country, currency)
        known = [name for name in candidates if name in self._makers]
        for name in known[:-1]:
            if self._is_configured(platform.id, name):
                return name
        if not known:
            raise ProviderNotConfigured
        return known[-1]

    def configured(self, platform_id: str) -> list[str]:
        """The providers that the platform has an account with."""
        return [name for name in self._makers if self._is_configured(platform_id, name)]


def _defaults(country: str, currency: str) -> tuple[str, ...]:
    return DEFAULTS.get(f"{country}/{currency}") or DEFAULTS.get(currency) or FALLBACK
