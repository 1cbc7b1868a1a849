"""Calling off what is left of a series."""

from chalicelib.booking import store
from chalicelib.booking.changes import Changes
from chalicelib.booking.model import BookingBegan, BookingNotOpen, Series, SeriesNotFound, SessionBegan
from chalicelib.booking.series_views import SeriesCancelledView
from chalicelib.booking.views import BookingView, CancelRequest
from chalicelib.core.actor import Actor
from chalicelib.core.ids import is_id
from chalicelib.table.operation import Answer, Decision, Operation, perform


class SeriesCancelling:
    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def cancel(self, operation: Operation, series_id: str, request: CancelRequest) -> Answer:
        """Call off what is still open of a series, each booking by its own policy and in a step of its own.

        Repeated after it broke off, it goes on where it stopped. ``SeriesNotFound`` for what is foreign.
        """
        series = self._owned(operation.actor, series_id)
        _claim_key(operation, series)
        cancelled, kept = [], []
        for booking_id in series.booking_ids:
            try:
                answer = self._changes.cancel(operation.step(booking_id), booking_id, request)
                cancelled.append(answer.read_as(BookingView))
            except (BookingNotOpen, BookingBegan, SessionBegan):
                kept.append(booking_id)
        view = SeriesCancelledView.of(series.id, cancelled, kept)
        return perform(operation, [], lambda _: Decision(answer=view))

    def _owned(self, actor: Actor, series_id: str) -> Series:
        series = store.find_series(actor.platform_id, series_id) if is_id(series_id, "srs") else None
        people = (series.customer_id, series.expert_id, series.owner_id) if series else ()
        if series is None or not (actor.id in people or actor.is_admin()):
            raise SeriesNotFound
        return series


def _claim_key(operation: Operation, series: Series) -> None:
    """``IdempotencyKeyReused`` before the first booking is called off, and not when all of them are."""
    perform(operation.step("series"), [], lambda _: Decision(answer=series.id))
