"""The payment sandbox: payment providers' wire protocols on one machine, with no real money.

It runs as a process of its own, so an application meets it as it meets the real provider: with the
provider's unchanged SDK, another base URL and another secret.
"""
