"""A state machine over the whole product, beside a model that knows only what people were told.

Hypothesis chooses what happens next, and makes a failure short. The rules of the house stand in the verifier, which is
asked after every step; the model knows what balances and states must be then.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chalicelib.booking.model import Booking, BookingState
from chalicelib.orders.model import Order, OrderState
from chalicelib.sessions.model import Session, SessionState
from chalicelib.table import keys, read
from chalicelib.wallet import store
from chalicelib.wallet.model import Lot
from infra.local.payments.stripe_api.outcomes import OutcomeRefusedError
from tests.torture.world import CREDITS, HALF_HOUR, LIVE, PRICE, Request, World

TIMES = 4  # half hours that are fought for
QUICK = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),  # a failure is made short when it is looked into, by all phases
)
# Pages of a platform that has no page of its own say how it stands; the platform's own is led to.
PAGE_ANSWERS = {200, 303}


class ProductMachine(RuleBasedStateMachine):
    """One customer, one expert, four half hours. ``world`` is set before it runs, and taken back before each run."""

    world: ClassVar[World]
    begin: ClassVar[tuple[Any, Any]]

    def __init__(self) -> None:
        super().__init__()
        self.live = self.world.live
        self.world.outside.brought_back(self.begin[0])
        self.world.clock.instant = self.begin[1]
        self.first = self.world.clock.instant + timedelta(hours=24)
        self.orders: dict[str, str] = {}  # order and page
        self.paid_at_provider: set[str] = set()
        self.must_be_paid: set[str] = set()
        self.paid: set[str] = set()
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.bookings: dict[str, int] = {}  # booking and its time
        self.cancelled: set[str] = set()
        self.spent = 0  # and expired, less what came back and what was given by hand
        self.refunded: set[str] = set()
        self.sent: list[tuple[Request, bytes]] = []
        self.ended: dict[str, Any] = {}

    # ---------------------------------------------------------------------------- payments

    @rule()
    def order(self) -> None:
        request = self.live.order()
        answer = request()
        assert answer.startswith(b"201"), answer
        order_id = id_in(answer)
        self.orders[order_id] = self.live.page_of(order_id)
        self.sent.append((request, answer))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), action=st.sampled_from(["pay", "decline", "insufficient"]))
    def press(self, data: st.DataObject, action: str) -> None:
        order_id = data.draw(st.sampled_from(list(self.orders)))
        try:
            events = self.world.press(self.orders[order_id], action)
        except OutcomeRefusedError:
            return
        self.events += [(order_id, event) for event in events]
        if action == "pay":
            self.paid_at_provider.add(order_id)

    @precondition(lambda self: self.events)
    @rule(data=st.data(), times=st.integers(1, 3))
    def webhook(self, data: st.DataObject, times: int) -> None:
        """Any event of any time: late, again, out of order."""
        order_id, event = data.draw(st.sampled_from(self.events))
        for _ in range(times):
            answer = self.world.webhook(event)()
            assert answer.startswith(b"200"), answer
        if event["type"] in ("checkout.session.completed", "payment_intent.succeeded"):
            self.must_be_paid.add(order_id)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(list(self.orders)))
        reply = Request(
            "GET",
            "/v1/public/{platform_id}/orders/{order_id}/return",
            path={"platform_id": LIVE, "order_id": order_id},
            query={"session_id": self.orders[order_id]},
        ).send()
        assert reply.status in PAGE_ANSWERS, reply
        if order_id in self.paid_at_provider:
            self.must_be_paid.add(order_id)

    @precondition(lambda self: self.paid)
    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        """All of the money goes back, once, and with it the credits; what is no longer there is owed (P3)."""
        order_id = data.draw(st.sampled_from(sorted(self.paid)))
        request = self.admin_s("POST", "/v1/admin/orders/{order_id}/refunds", {"reason": "asked"}, order_id)
        answer = request()
        assert answer.startswith(b"409" if order_id in self.refunded else b"201"), answer
        if order_id not in self.refunded:
            self.refunded.add(order_id)
            self.sent.append((request, answer))

    @rule(amount=st.sampled_from([-50, 70, 150]), days=st.sampled_from([None, 1]))
    def adjust(self, amount: int, days: int | None) -> None:
        """An admin gives, for a day or for ever, or takes what is there, whatever is owed."""
        wallet = self.live.wallet()
        resource = "/v1/admin/customers/{account_id}/wallets/{asset}/adjustments"
        path = {"account_id": self.live.customer.id, "asset": "credit"}
        expires = {"expires_in_days": days} if days and amount > 0 else {}
        body = {"amount": amount, "reason": "by hand"} | expires
        request = self.world.request(self.live.admin, "POST", resource, body, path=path)
        answer = request()
        can_take = wallet.balance >= -amount
        assert answer.startswith(b"201" if amount > 0 or can_take else b"409"), answer
        if answer.startswith(b"201"):
            self.spent -= amount
            self.sent.append((request, answer))

    # ------------------------------------------------------------------ bookings and sessions

    @rule(time=st.integers(0, TIMES - 1))
    def book(self, time: int) -> None:
        taken, perhaps = time in self.bookings.values(), self.perhaps_taken(time)
        starts_at = self.first + HALF_HOUR * time
        wallet = self.live.wallet()
        can_pay = wallet.owed == 0 and wallet.balance >= PRICE
        request = self.live.book(starts_at=starts_at)
        answer = request()
        if starts_at <= self.world.clock.instant or taken or not can_pay:
            assert answer[:3] in (b"409", b"422"), answer
            return
        if perhaps and b"SLOT_TAKEN" in answer:
            return
        assert answer.startswith(b"201"), answer
        self.bookings[id_in(answer)] = time
        self.spent += PRICE
        self.sent.append((request, answer))

    @precondition(lambda self: self.bookings)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """What comes back is what the customer is told, and never more than he paid."""
        booking_id = data.draw(st.sampled_from(list(self.bookings)))
        request = self.live.of_booking("cancel", booking_id, {})
        answer = request()
        if answer.startswith(b"200"):
            back = json.loads(answer[4:])["returned"]["credits"]
            assert 0 <= back <= PRICE
            self.spent -= back
            del self.bookings[booking_id]
            self.cancelled.add(booking_id)
            self.sent.append((request, answer))
        assert answer[:3] in (b"200", b"409"), answer

    @precondition(lambda self: self.bookings)
    @rule(data=st.data(), time=st.integers(0, TIMES - 1))
    def reschedule(self, data: st.DataObject, time: int) -> None:
        booking_id = data.draw(st.sampled_from(list(self.bookings)))
        starts_at = self.first + HALF_HOUR * time
        answer = self.live.of_booking("reschedule", booking_id, {"starts_at": starts_at.isoformat()})()
        if answer.startswith(b"200"):
            assert time not in self.bookings.values()
            self.bookings[booking_id] = time
        assert answer[:3] in (b"200", b"409", b"422"), answer

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """The same key and body: the same answer, byte for byte, for a day."""
        request, answer = data.draw(st.sampled_from(self.sent))
        assert request() == answer

    @precondition(lambda self: self.bookings)
    @rule(data=st.data(), by_expert=st.booleans())
    def join(self, data: st.DataObject, by_expert: bool) -> None:
        booking_id = data.draw(st.sampled_from(list(self.bookings)))
        self.answers(self.live.join(self.live.expert if by_expert else self.live.customer, booking_id))

    @precondition(lambda self: self.bookings)
    @rule(data=st.data(), by_expert=st.booleans())
    def extend(self, data: st.DataObject, by_expert: bool) -> None:
        """One asks, and the other agrees; never into a time that is sold."""
        booking_id = data.draw(st.sampled_from(list(self.bookings)))
        person = self.live.expert if by_expert else self.live.customer
        path = {"booking_id": booking_id}
        body = {"minutes": 30}
        self.answers(
            self.world.request(person, "POST", "/v1/sessions/{booking_id}/extension", body, path=path)
        )

    @precondition(lambda self: self.bookings)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        self.answers(self.live.end(data.draw(st.sampled_from(list(self.bookings)))))

    @precondition(lambda self: self.bookings)
    @rule(data=st.data(), generation=st.integers(0, 3))
    def fire(self, data: st.DataObject, generation: int) -> None:
        """A timer of any generation, at any time, whether or not there ever was one."""
        booking_id = data.draw(st.sampled_from(list(self.bookings)))
        before = self.session(booking_id)
        message = {"platform_id": LIVE, "booking_id": booking_id, "generation": generation}
        self.world.message("on_timer", message)
        if before and generation != before.generation:
            assert self.session(booking_id) == before  # S2

    # ------------------------------------------------------------------------- time and repair

    @rule(minutes=st.sampled_from([1, 10, 45, 12 * 60]))
    def wait(self, minutes: int) -> None:
        """The verifier allows the clock's own work five minutes, which the sweeper is given here."""
        self.world.clock.forward(minutes=minutes)
        self.sent = [] if minutes > 60 else self.sent
        self.sweep()

    @rule()
    def sweep(self) -> None:
        lots, given, began = self.lots(), self.given(), self.world.clock.instant
        for _ in range(3):
            self.world.tick("sweep")
            self.world.clock.forward(seconds=46)  # it leaves a timer so long
        self.expire(lots, given, began)

    @rule()
    def catch_up(self) -> None:
        self.world.tick("catch_up")
        self.must_be_paid |= self.paid_at_provider

    @rule()
    def stream(self) -> None:
        self.world.stream()

    # ---------------------------------------------------------------------------- what is true

    def expire(self, lots: list[Lot], given: int, began: datetime) -> None:
        """What was left in the lots whose time has come is gone, and nothing else."""
        ended = self.world.clock.instant
        gone = given - self.given()
        surely = sum(lot.remaining for lot in lots if lot.has_expired(began))
        assert surely <= gone <= sum(lot.remaining for lot in lots if lot.has_expired(ended))
        self.spent += gone

    @invariant()
    def nothing_differs(self) -> None:
        assert self.world.differences() == []

    @invariant()
    def orders_are_as_the_provider_says(self) -> None:
        """P1 and P2: paid only if the provider has the money, paid once told, and never unpaid again."""
        now = {order_id for order_id in self.orders if self.state_of(order_id) is OrderState.PAID}
        assert self.paid | self.must_be_paid <= now <= self.paid_at_provider
        self.paid = now

    @invariant()
    def the_wallet_holds_what_was_bought_and_not_spent(self) -> None:
        wallet = self.live.wallet()
        bought = CREDITS * (len(self.paid) - len(self.refunded))
        assert wallet.balance - wallet.owed == bought - self.spent
        assert min(wallet.balance, wallet.owed) >= 0

    @invariant()
    def sessions_end_once(self) -> None:
        """S1, and B3: what has ended stays as it ended, and a stored instant never moves."""
        for booking_id, time in self.bookings.items():
            booking, session = self.booking(booking_id), self.session(booking_id)
            assert booking.starts_at == self.first + HALF_HOUR * time
            if session and session.state is SessionState.ENDED:
                assert self.ended.setdefault(booking_id, session.ended_at) == session.ended_at
                assert booking.state in (BookingState.COMPLETED, BookingState.MISSED)

    @invariant()
    def what_is_cancelled_stays_so(self) -> None:
        for booking_id in self.cancelled:
            assert self.booking(booking_id).state is BookingState.CANCELLED

    def teardown(self) -> None:
        """When all is quiet again, the provider's truth is ours, and nobody sits in a session."""
        if not hasattr(self, "ended"):
            return
        self.catch_up()
        self.wait(48 * 60)
        self.orders_are_as_the_provider_says()
        self.nothing_differs()
        for booking_id in self.bookings:
            assert self.booking(booking_id).state is not BookingState.CONFIRMED

    # ----------------------------------------------------------------------------- how it is asked

    def answers(self, request: Request) -> None:
        """It is done, or refused by a name; never a failure."""
        status = int(request()[:3])
        assert status in (200, 201, 404, 409), status

    def admin_s(self, method: str, resource: str, body: Any, order_id: str) -> Request:
        return self.world.request(self.live.admin, method, resource, body, path={"order_id": order_id})

    def given(self) -> int:
        """What there is beside what was bought."""
        paid = [order_id for order_id in self.orders if self.state_of(order_id) is OrderState.PAID]
        wallet = self.live.wallet()
        return wallet.balance - wallet.owed - CREDITS * len(paid)

    def lots(self) -> list[Lot]:
        """Those in the wallet's item and those on its pages."""
        wallet = self.live.wallet()
        return [*wallet.lots, *(lot for page in store.all_pages(wallet) for lot in page.lots)]

    def perhaps_taken(self, time: int) -> bool:
        """Whether a session that was extended may still hold this half hour."""
        start = self.first + HALF_HOUR * time
        sessions = (self.session(booking_id) for booking_id in self.bookings)
        return any(session and session.starts_at < start < session.due_end for session in sessions)

    def state_of(self, order_id: str) -> OrderState:
        found = read.get(keys.order(LIVE, order_id), Order)
        assert found is not None
        return found.state

    def booking(self, booking_id: str) -> Booking:
        found = read.get(keys.booking(LIVE, booking_id), Booking)
        assert found is not None
        return found

    def session(self, booking_id: str) -> Session | None:
        return read.get(keys.session(LIVE, booking_id), Session)


def id_in(answer: bytes) -> str:
    found: str = json.loads(answer.split(b" ", 1)[1])["id"]
    return found


def prepared(world: World) -> type[ProductMachine]:
    """The machine on a world, which is left as it is found."""
    ProductMachine.world = world
    ProductMachine.begin = world.outside.kept(), world.clock.instant
    return ProductMachine


def counted(machine: type[ProductMachine]) -> tuple[type[ProductMachine], Callable[[], dict[str, int]]]:
    """The same machine, which counts its runs and its steps."""
    counts = {"runs": 0, "steps": 0}

    class Counted(machine):  # type: ignore[misc, valid-type]  # a class that is given
        def __init__(self) -> None:
            super().__init__()
            counts["runs"] += 1

        def check_invariants(self, *given: Any, **named: Any) -> None:
            counts["steps"] += 1
            super().check_invariants(*given, **named)

    return Counted, lambda: dict(counts)
