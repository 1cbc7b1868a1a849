"""A booking's call is brought to what is stored of it: begun with the session, and over with it."""

from typing import Any

from msgspec.structs import replace

from chalicelib.accounts.service import Accounts
from chalicelib.accounts.views import ListQuery
from chalicelib.core import clock
from chalicelib.core.actor import system
from chalicelib.core.ids import new_id
from chalicelib.core.log import log
from chalicelib.core.permissions import Role
from chalicelib.core.telephony import CallRefused, PhoneCall, Telephony, TelephonyOf
from chalicelib.feed.model import NoticeKind
from chalicelib.feed.service import notice
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import keys
from chalicelib.table.operation import Decision, Effect, by_system, perform
from chalicelib.table.read import Loaded
from chalicelib.telephony import asking, store
from chalicelib.telephony.model import Asking, ExpertPhoneMissing, PhoneMissing, Reservation

PHONE_CALL = "phone.call"
_ADMINS = ListQuery(limit=50)


def call_effect(booking_id: str) -> Effect:
    """No number is in it: whoever carries it out reads the people's."""
    return Effect(kind=PHONE_CALL, payload={"booking_id": booking_id})


class Calls:
    """Carries out the effect ``phone.call``, which may come late, twice, or after that of a later step."""

    def __init__(self, platforms: Platforms, accounts: Accounts, telephony: TelephonyOf) -> None:
        self._platforms = platforms
        self._accounts = accounts
        self._telephony = telephony

    def bring(self, platform_id: str, payload: dict[str, Any]) -> None:
        """Call both while the session runs, hang up once it is over. ``TelephonyFailed``."""
        reservation = store.find_reservation(platform_id, str(payload["booking_id"]))
        if reservation is None or reservation.called_at is None:
            return
        platform = self._platforms.get(platform_id)
        provider = self._telephony(sandbox=platform.sandbox)
        if reservation.is_to_call:
            reservation = self._start(provider, platform, reservation)  # it may be over meanwhile
        if not reservation.state.is_open:
            self._end(provider, reservation)

    def _start(self, provider: Telephony, platform: Platform, reservation: Reservation) -> Reservation:
        mine = Asking(id=new_id("ask"), since=clock.now())
        try:
            call = self._call(reservation)
        except (PhoneMissing, ExpertPhoneMissing) as missing:
            return self._refused(platform, reservation, missing.code)
        reservation = asking.begin(reservation, mine)
        if reservation.asking != mine or reservation.asked_since is None:
            return reservation
        known = None
        try:
            if reservation.asked_since < mine.since:
                known = provider.find_call(call, reservation.asked_since)
            reference = known or provider.start_call(call)
        except CallRefused as refused:
            return self._refused(platform, reservation, refused.reason)
        return asking.keep(reservation, mine, reference)

    def _end(self, provider: Telephony, reservation: Reservation) -> None:
        """Hang up on what was asked for, whether its answer has come or not."""
        if reservation.asked_since is None or reservation.call_refused is not None:
            return
        reference = reservation.call_reference
        try:
            if reference is None:
                asking.check_free(reservation, clock.now())
                reference = provider.find_call(self._call(reservation), reservation.asked_since)
            if reference is not None:
                provider.end_call(reservation.platform_id, reference)
        except CallRefused as refused:
            log("phone_call_not_ended", platform_id=reservation.platform_id, reason=refused.reason)

    def _refused(self, platform: Platform, reservation: Reservation, reason: str) -> Reservation:
        """No call is made of it, so it costs nothing; its parties and the admins are told."""
        platform_id, booking_id = reservation.platform_id, reservation.booking_id
        admins = [each.id for each in self._accounts.people(platform_id, Role.ADMIN, _ADMINS).items]
        people = dict.fromkeys([reservation.customer_id, reservation.expert_id, *admins])
        refused = NoticeKind.PHONE_CALL_REFUSED

        def decide(loaded: Loaded) -> Decision:
            before = store.reservation(loaded, platform_id, booking_id) or reservation
            after = replace(before, asking=None, call_refused=reason)
            told = [notice(each, refused, platform.now(), booking_id=booking_id) for each in people]
            return Decision(answer=None, writes=[store.saved_reservation(after)], effects=told)

        operation = by_system(system(platform_id), "phone.refused", booking_id)
        perform(operation, [keys.phone_reservation(platform_id, booking_id)], decide)
        log("phone_call_refused", platform_id=platform_id, booking_id=booking_id, reason=reason)
        return replace(reservation, asking=None, call_refused=reason)

    def _call(self, reservation: Reservation) -> PhoneCall:
        customer = self._accounts.get(reservation.platform_id, reservation.customer_id)
        expert = self._accounts.get(reservation.platform_id, reservation.expert_id)
        if customer.phone is None:
            raise PhoneMissing
        if expert.phone is None:
            raise ExpertPhoneMissing
        return PhoneCall(
            id=f"call-{reservation.booking_id}",
            platform_id=reservation.platform_id,
            customer_number=customer.phone,
            expert_number=expert.phone,
            max_minutes=reservation.minutes,
        )
