"""A cold start pays for nothing that it does not need."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    ["chalicelib.adapters.stripe_payments", "chalicelib.orders.routes", "chalicelib.orders.webhooks"],
)
def test_the_payment_provider_s_sdk_is_not_imported_along(module) -> None:
    script = f"import sys, {module}; print([name for name in ('stripe', 'requests') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
