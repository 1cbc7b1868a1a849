"""Assignments: what a customer has left of a package of several sessions."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from chalicelib.catalogue.model import AppointmentPackage
from chalicelib.core.errors import Conflict, NotFound


class AssignmentNotFound(NotFound):
    code = "ASSIGNMENT_NOT_FOUND"
    message = "There is no such package of sessions."


class AssignmentEmpty(Conflict):
    code = "ASSIGNMENT_EMPTY"
    message = "All sessions of this package are booked or used."


class SessionNotHeld(Conflict):
    code = "SESSION_NOT_HELD"
    message = "No session of this package is set aside for this booking."


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """The sessions that one sale gave (E13, E14). ``held`` and ``used`` name the bookings that drew them."""

    id: str
    platform_id: str
    customer_id: str
    expert_id: str
    package: AppointmentPackage
    sale_id: str
    total: int
    created_at: datetime
    held: list[str] = []
    used: list[str] = []
    version: int = 0

    @property
    def left(self) -> int:
        """How many may still be booked."""
        return self.total - len(self.held) - len(self.used)

    def holding(self, booking_id: str) -> "Assignment":
        """One session set aside. ``AssignmentEmpty`` where none is left."""
        if self.left <= 0:
            raise AssignmentEmpty
        return replace(self, held=[*self.held, booking_id])

    def capturing(self, booking_id: str) -> "Assignment":
        """The booking's session is used. ``SessionNotHeld`` where none is set aside for it."""
        return replace(self.releasing(booking_id), used=[*self.used, booking_id])

    def releasing(self, booking_id: str) -> "Assignment":
        """The booking's session is free again. ``SessionNotHeld`` where none is set aside for it."""
        if booking_id not in self.held:
            raise SessionNotHeld
        return replace(self, held=[held for held in self.held if held != booking_id])
