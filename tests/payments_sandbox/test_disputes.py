"""Disputes at the sandbox's Stripe: opened, won and lost by the control API, told by events and the list."""

import pytest

from tests.payments_sandbox.harness import Shop


def disputed(shop: Shop) -> str:
    session = shop.session()
    shop.press(session.id, "pay")
    shop.control(f"sessions/{session.id}/dispute", {})
    return session.id


def about_disputes(shop: Shop) -> list[str]:
    shop.settled()
    return [kind for kind in shop.endpoint.types() if kind.startswith("charge.dispute")]


OPENED = ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


@pytest.mark.parametrize(
    ("step", "status", "told"),
    [
        ("win-dispute", "won", ["charge.dispute.closed", "charge.dispute.funds_reinstated"]),
        ("lose-dispute", "lost", ["charge.dispute.closed"]),
    ],
)
def test_a_dispute_is_opened_and_ends(shop, step, status, told) -> None:
    session_id = disputed(shop)
    charge = shop.retrieve(session_id).payment_intent.latest_charge
    [found] = shop.stripe.v1.disputes.list(params={"charge": charge.id}).data
    assert (charge.disputed, found.status, found.amount) == (True, "needs_response", 149_000)
    shop.control(f"sessions/{session_id}/{step}", {})
    [found] = shop.stripe.v1.disputes.list(params={"payment_intent": charge.payment_intent}).data
    assert found.status == status
    assert sorted(about_disputes(shop)) == sorted([*OPENED, *told])  # events come in any order


def test_what_cannot_be_disputed_is_refused(shop) -> None:
    session = shop.session()
    shop.control(f"sessions/{session.id}/dispute", {}, status=409)
    shop.press(session.id, "pay")
    shop.control(f"sessions/{session.id}/win-dispute", {}, status=409)
    shop.control(f"sessions/{session.id}/dispute", {})
    shop.control(f"sessions/{session.id}/dispute", {}, status=409)
