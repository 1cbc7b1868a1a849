"""Calling a booking off, and moving it: its customer may by the platform's policy, others freely."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from msgspec.structs import replace

from chalicelib.booking import policy, store
from chalicelib.booking.model import CANCELLATION_MAILED, MOVE_MAILED, Booking, BookingState, NoShow, Who
from chalicelib.booking.news import mails
from chalicelib.booking.returning import Returns
from chalicelib.booking.service import Bookings
from chalicelib.booking.views import BookingView, CancelRequest, NoShowRequest, RescheduleRequest
from chalicelib.calendar.service import Calendars
from chalicelib.catalogue.model import AppointmentType
from chalicelib.core.clock import stamp
from chalicelib.platforms.model import Platform
from chalicelib.platforms.service import Platforms
from chalicelib.table import read
from chalicelib.table.operation import Answer, Decision, Effect, Operation, perform
from chalicelib.table.read import Loaded


class Changes:
    """What a decision needs beyond the booking is read once the booking is: so it is of one state.

    ``tell_missed`` makes what leaves of a booking that is marked as missed: the sessions', who come later.
    """

    def __init__(
        self,
        platforms: Platforms,
        calendars: Calendars,
        bookings: Bookings,
        returns: Returns,
        tell_missed: Callable[[Booking, Who, datetime], list[Effect]],
    ) -> None:
        self._platforms = platforms
        self._calendars = calendars
        self._bookings = bookings
        self._returns = returns
        self._tell_missed = tell_missed

    def cancel(self, operation: Operation, booking_id: str, request: CancelRequest) -> Answer:
        """Call it off: the time is free again, and what the policy says comes back.

        ``BookingNotFound`` for what is foreign; ``BookingNotOpen``, ``BookingBegan``, ``SessionBegan``.
        """
        return self._perform(operation, booking_id, partial(self._cancelled, operation, booking_id, request))

    def reschedule(self, operation: Operation, booking_id: str, request: RescheduleRequest) -> Answer:
        """Another start for the same booking, with the same expert and as it was sold.

        ``BookingNotFound``, ``BookingNotOpen``, ``BookingBegan``, ``SessionBegan``, ``SameStart``,
        ``RescheduleTooLate``, ``RescheduledTooOften``, ``AssignmentClosed``, and what the calendar refuses.
        """
        return self._perform(operation, booking_id, partial(self._moved, operation, booking_id, request))

    def mark_missed(self, operation: Operation, booking_id: str, request: NoShowRequest) -> Answer:
        """Somebody was not there: an expert who was not costs the customer nothing, else nothing comes back.

        ``BookingNotFound``, ``BookingNotOpen``, ``BookingNotBegun``, ``CustomerMayCome``; ``SessionBegan``,
        for then the session's own end tells.
        """
        return self._perform(operation, booking_id, partial(self._missed, operation, booking_id, request))

    def _perform(self, operation: Operation, booking_id: str, decide: partial[Decision]) -> Answer:
        wanted = [
            self._platforms.key(operation.platform_id),
            self._bookings.key(operation.platform_id, booking_id),
        ]
        return perform(operation, wanted, decide)

    def _open(self, operation: Operation, booking_id: str, loaded: Loaded) -> tuple[Platform, Booking, Who]:
        platform = self._platforms.load(loaded, operation.platform_id)
        booking = self._bookings.load_owned(loaded, operation.actor, booking_id)
        policy.check_changeable(booking, platform.now())
        return platform, booking, policy.hand_of(booking, operation.actor)

    def _cancelled(
        self, operation: Operation, booking_id: str, request: CancelRequest, loaded: Loaded
    ) -> Decision:
        platform, booking, who = self._open(operation, booking_id, loaded)
        now = platform.now()
        kept = policy.kept_basis_points(who, booking, now, platform.settings)
        back = self._returns.prepare(booking, kept, now)
        cancelled = replace(
            booking.closed(BookingState.CANCELLED, now),
            cancelled_by=who,
            cancel_reason=request.reason,
            returned=back.returned,
        )
        claim = booking.claim
        days = self._calendars.agenda_keys(platform.id, booking.expert_id, claim.starts_at, claim.ends_at)
        released = self._calendars.prepare_release(
            read.batch(days), platform.id, booking.expert_id, claim.starts_at, claim.ends_at, booking.id
        )
        return Decision(
            answer=BookingView.of(cancelled, cancelled.version + 1),
            writes=[
                store.nobody_joined(booking),
                store.closed_booking(cancelled),
                *released,
                *back.writes,
                *self._bookings.prepare_call_over(booking, now),
            ],
            effects=[*back.effects, *mails(CANCELLATION_MAILED, cancelled)],
        )

    def _missed(
        self, operation: Operation, booking_id: str, request: NoShowRequest, loaded: Loaded
    ) -> Decision:
        platform = self._platforms.load(loaded, operation.platform_id)
        booking = self._bookings.load_owned(loaded, operation.actor, booking_id)
        now = platform.now()
        policy.check_missable(booking, request.no_show, now)
        kept = 0 if request.no_show is NoShow.EXPERT else policy.ALL_KEPT
        back = self._returns.prepare(booking, kept, now)
        closed = booking.closed(BookingState.MISSED, now)
        missed = replace(closed, no_show=request.no_show, returned=back.returned)
        over = self._bookings.prepare_call_over(booking, now)
        told = self._tell_missed(missed, policy.hand_of(booking, operation.actor), now)
        return Decision(
            answer=BookingView.of(missed, missed.version + 1),
            writes=[store.nobody_joined(booking), store.closed_booking(missed), *back.writes, *over],
            effects=[*back.effects, *told],
        )

    def _moved(
        self, operation: Operation, booking_id: str, request: RescheduleRequest, loaded: Loaded
    ) -> Decision:
        platform, booking, who = self._open(operation, booking_id, loaded)
        now, package = platform.now(), booking.package
        policy.check_reschedulable(booking, who, request.starts_at, now, platform.settings)
        self._calendars.check_bookable(platform, package, booking.expert_id)
        until = self._bookings.check_package_lasts(booking, request.starts_at)
        days = self._days_of(booking, request.starts_at)
        starts_at = request.starts_at.astimezone(UTC)  # which the ends of time do not bear, but `days` refuse
        kept = policy.kept_basis_points(who, booking, now, platform.settings)
        moved = replace(
            booking.moved(starts_at),
            kept_at_least_basis_points=max(kept, booking.kept_at_least_basis_points),
            location=self._calendars.location(days, platform.id, booking.expert_id, package, starts_at),
            moves=booking.moves + (who is Who.CUSTOMER),
            remind_at=policy.next_reminder(starts_at, now, platform.settings),
        )
        return Decision(
            answer=BookingView.of(moved, moved.version + 1),
            writes=[
                store.nobody_joined(booking),
                store.open_booking(moved, platform),
                *self._calendars.prepare_move(
                    days,
                    platform,
                    booking.expert_id,
                    booking.claim,
                    starts_at,
                    face_to_face=package.appointment_type is AppointmentType.FACE_TO_FACE,
                    until=until,
                ),
            ],
            effects=mails(MOVE_MAILED, moved, now, starts_at=stamp(starts_at)),
        )

    def _days_of(self, booking: Booking, starts_at: datetime) -> Loaded:
        """The expert's calendar, and the days of the booking's time and of the new one."""
        place, claim = (booking.platform_id, booking.expert_id), booking.claim
        days = [
            *self._calendars.agenda_keys(*place, claim.starts_at, claim.ends_at),
            *self._calendars.agenda_keys(*place, starts_at),
        ]
        return read.batch([self._calendars.key(*place), *days])
