"""Stripe's HTTP API, as the stripe SDK calls it."""
