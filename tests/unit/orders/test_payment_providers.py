"""Who takes the money for an order, and that only the adapter that is used is ever imported."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from chalicelib.core.payments import ProviderNotConfigured
from chalicelib.orders.providers import PaymentProviders, ProviderUnknown
from chalicelib.platforms.model import Platform, PlatformSettings, SettingInvalid

ALL = ("stripe", "iyzico", "zarinpal")


def providers(configured=ALL, known=ALL) -> PaymentProviders:
    return PaymentProviders(dict.fromkeys(known, object), lambda _, name: name in configured)


def platform(**chosen: str) -> Platform:
    by_country = {sold.replace("_", "/"): name for sold, name in chosen.items()}
    return Platform(
        id="acme",
        name="Acme",
        settings=PlatformSettings(payment_providers=by_country),
        created_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("country", "currency", "configured", "chosen"),
    [
        ("TR", "TRY", ALL, "iyzico"),
        ("TR", "TRY", ("stripe",), "stripe"),
        ("DE", "TRY", ALL, "stripe"),
        ("TR", "EUR", ALL, "stripe"),
        ("IR", "IRR", ALL, "zarinpal"),
        ("TR", "IRR", ALL, "zarinpal"),
        ("KW", "KWD", (), "stripe"),
    ],
)
def test_by_default_country_and_currency_decide(country, currency, configured, chosen) -> None:
    assert providers(configured).choose(platform(), country, currency) == chosen


def test_the_platform_s_own_choice_comes_first_and_the_closer_one_before_all() -> None:
    own = platform(TR_TRY="stripe", TRY="iyzico", EUR="iyzico")
    chosen = [providers().choose(own, *sold) for sold in (("TR", "TRY"), ("CY", "TRY"), ("DE", "EUR"))]
    assert chosen == ["stripe", "iyzico", "iyzico"]


def test_a_provider_that_is_not_there_is_refused() -> None:
    with pytest.raises(ProviderNotConfigured):
        providers(known=("stripe",)).choose(platform(IRR="zarinpal"), "IR", "IRR")
    with pytest.raises(ProviderUnknown):
        providers().of("paypal")


@pytest.mark.parametrize(
    "chosen", [{"TRY": "paypal"}, {"TR": "stripe"}, {"tr_TRY": "stripe"}, {"TR_": "stripe"}]
)
def test_a_setting_that_names_nothing_is_refused(chosen) -> None:
    with pytest.raises(SettingInvalid):
        platform(**chosen)


def test_each_is_made_once_and_only_when_needed() -> None:
    made = []
    registry = PaymentProviders({"stripe": lambda: made.append(1) or object()}, lambda *_: True)
    assert made == []
    assert registry.of("stripe") is registry.of("stripe")
    assert made == [1]


@pytest.mark.parametrize("used", ALL)
def test_only_the_adapter_that_is_used_is_imported(used) -> None:
    script = (
        f"import sys; from chalicelib import wiring; wiring.payments().of({used!r}); wiring.webhooks()\n"
        "print(sorted(name.split('.')[-1] for name in sys.modules if name.endswith('_payments')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"['{used}_payments']"
