"""An expert's time for those who sell it: claim a slot, move it, give it back."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from chalicelib.calendar import claims, rules, store
from chalicelib.calendar.model import (
    MAX_HORIZON_DAYS,
    MAX_SLOT_MINUTES,
    Agenda,
    AppointmentsInactive,
    Calendar,
    ExpertNotInPackage,
    Length,
    Location,
    PlatformCalendar,
    Reason,
    SlotNotOffered,
    Taken,
)
from chalicelib.calendar.zones import local_date, utc_days, whole_day, zone_of
from chalicelib.catalogue.model import AppointmentPackage, AppointmentType
from chalicelib.platforms.model import Platform
from chalicelib.table import keys, read
from chalicelib.table.keys import Key
from chalicelib.table.read import Loaded
from chalicelib.table.transact import Write

_DAY = timedelta(days=1)
_LONGEST_SLOT = timedelta(minutes=MAX_SLOT_MINUTES)
# How far to each side of a refused start is looked, until something is free; the last is all there can be.
NEAR_DAYS = (7, 31, MAX_HORIZON_DAYS + 2)
_YEARS = range(2000, 9000)  # what is outside cannot be moved by a zone or a day without leaving the calendar


class Calendars:
    """What a claim decides on is read by its caller; only a refusal reads more."""

    def key(self, platform_id: str, expert_id: str) -> Key:
        return keys.calendar(platform_id, expert_id)

    def zone(self, platform_id: str, expert_id: str) -> ZoneInfo:
        """Of the expert's wall clock; one consistent get."""
        calendar = read.get(self.key(platform_id, expert_id), Calendar)
        return zone_of(calendar.zone if calendar else "UTC")

    def agenda_keys(
        self, platform_id: str, expert_id: str, starts_at: datetime, ends_at: datetime | None = None
    ) -> list[Key]:
        """The UTC days of a claim; without an end, all that a new claim is decided on beside the calendar.

        That is what the platform's experts share, the longest claim's days, and the day before them, on which
        its local date may begin. ``SlotNotOffered`` for a start that no calendar reaches.
        """
        if starts_at.year not in _YEARS:
            past = starts_at.year < _YEARS.start
            raise SlotNotOffered(reason=Reason.IN_THE_PAST if past else Reason.BEYOND_HORIZON, nearest=[])
        if ends_at is not None:
            return store.agenda_keys(platform_id, expert_id, starts_at, ends_at)
        days = store.agenda_keys(platform_id, expert_id, starts_at - _DAY, starts_at + _LONGEST_SLOT)
        return [keys.platform_calendar(platform_id), *days]

    def check_bookable(self, platform: Platform, package: AppointmentPackage, expert_id: str) -> None:
        """What must hold for any slot of a package to be offered.

        ``AppointmentsInactive`` (B47), ``ExpertNotInPackage``. A call is checked where it is set aside.
        """
        if not platform.settings.appointment_system_active:
            raise AppointmentsInactive
        if not package.held_by(expert_id):
            raise ExpertNotInPackage(field="expert_id")

    def prepare_claim(
        self,
        loaded: Loaded,
        platform: Platform,
        expert_id: str,
        starts_at: datetime,
        duration_minutes: int,
        break_minutes: int,
        claim_id: str,
        *,
        face_to_face: bool = False,
        until: datetime | None = None,
    ) -> list[Write]:
        """Take the slot: a write for each UTC day that was decided on.

        ``SlotNotOffered``, ``SlotTaken``, whose ``nearest`` start before ``until``.
        """
        calendar, shared = store.calendar(loaded, platform.id, expert_id), store.shared(loaded, platform.id)
        length = Length(
            duration_minutes=duration_minutes, break_minutes=break_minutes, face_to_face=face_to_face
        )
        start = starts_at.astimezone(UTC)
        agendas = store.agendas(loaded, platform.id, expert_id, days_decided_on(calendar, start, length))
        self._check_free(calendar, shared, agendas, length, platform.now(), start, until)
        taken = Taken(
            starts_at=start, ends_at=start + length.slot, break_minutes=break_minutes, claim_id=claim_id
        )
        changed = {agenda.day: agenda for agenda in claims.claimed(agendas, taken)}
        return [store.saved_agenda(changed.get(agenda.day, agenda)) for agenda in agendas]

    def location(
        self,
        loaded: Loaded,
        platform_id: str,
        expert_id: str,
        package: AppointmentPackage,
        starts_at: datetime,
    ) -> Location | None:
        """Where a face-to-face session that begins then is held; an online one is held nowhere.

        The caller has read what a claim is decided on.
        """
        if package.appointment_type is not AppointmentType.FACE_TO_FACE:
            return None
        calendar, shared = store.calendar(loaded, platform_id, expert_id), store.shared(loaded, platform_id)
        days = utc_days(starts_at, starts_at + timedelta(minutes=package.slot_minutes))
        agendas = store.agendas(loaded, platform_id, expert_id, days)
        day = local_date(zone_of(calendar.zone), starts_at)
        hours = rules.open_intervals(calendar, shared, agendas, day)
        return rules.location_at(calendar, shared, hours, starts_at)

    def prepare_move(
        self,
        loaded: Loaded,
        platform: Platform,
        expert_id: str,
        claim: Taken,
        starts_at: datetime,
        *,
        face_to_face: bool = False,
        until: datetime | None = None,
    ) -> list[Write]:
        """Give a claim's time back and take another start for it, on one state of the days of both.

        So the claim is never in its own way: it may move to where it overlaps itself. ``SlotNotOffered``,
        ``SlotTaken`` as of ``prepare_claim``; the caller has read the ``agenda_keys`` of both.
        """
        calendar, shared = store.calendar(loaded, platform.id, expert_id), store.shared(loaded, platform.id)
        start, length = starts_at.astimezone(UTC), replace(claim.length, face_to_face=face_to_face)
        days = {*utc_days(claim.starts_at, claim.ends_at), *days_decided_on(calendar, start, length)}
        before = store.agendas(loaded, platform.id, expert_id, sorted(days))
        agendas = claims.freed(before, claim.claim_id)
        self._check_free(calendar, shared, agendas, length, platform.now(), start, until)
        moved = claims.claimed(agendas, replace(claim, starts_at=start, ends_at=start + length.slot))
        after = {agenda.day: agenda for agenda in moved}
        return [store.saved_agenda(after.get(agenda.day, agenda)) for agenda in agendas]

    def prepare_release(
        self,
        loaded: Loaded,
        platform_id: str,
        expert_id: str,
        starts_at: datetime,
        ends_at: datetime,
        claim_id: str,
    ) -> list[Write]:
        """Give the time ``[starts_at, ends_at)`` of a claim back; the caller has read its ``agenda_keys``."""
        agendas = store.agendas(loaded, platform_id, expert_id, utc_days(starts_at, ends_at))
        return [store.saved_agenda(agenda) for agenda in claims.released(agendas, claim_id)]

    def next_claim(
        self,
        loaded: Loaded,
        platform_id: str,
        expert_id: str,
        starts_at: datetime,
        ends_at: datetime,
        claim_id: str,
    ) -> datetime | None:
        """When the expert's next claim behind this one begins, if that is on a day of the interval (E37)."""
        agendas = store.agendas(loaded, platform_id, expert_id, utc_days(starts_at, ends_at))
        return claims.next_start(agendas, claim_id)

    def prepare_extend(
        self,
        loaded: Loaded,
        platform_id: str,
        expert_id: str,
        starts_at: datetime,
        ends_at: datetime,
        claim_id: str,
    ) -> list[Write]:
        """Keep the time until ``ends_at`` for a claim: nobody books what a late session runs into (E37).

        The caller has read the interval's ``agenda_keys``, and ends no later than ``next_claim``.
        """
        agendas = store.agendas(loaded, platform_id, expert_id, utc_days(starts_at, ends_at))
        return [store.saved_agenda(agenda) for agenda in claims.extended(agendas, claim_id, ends_at)]

    def prepare_shorten(
        self,
        loaded: Loaded,
        platform_id: str,
        expert_id: str,
        starts_at: datetime,
        ends_at: datetime,
        booked: Taken,
        until: datetime,
    ) -> list[Write]:
        """Give back what a claim was extended by behind ``until``, or behind what was ``booked``.

        The caller has read the ``agenda_keys`` of the interval, which holds the claim as it is.
        """
        agendas = store.agendas(loaded, platform_id, expert_id, utc_days(starts_at, ends_at))
        return [store.saved_agenda(agenda) for agenda in claims.shortened(agendas, booked, until)]

    def _check_free(
        self,
        calendar: Calendar,
        shared: PlatformCalendar,
        agendas: Sequence[Agenda],
        length: Length,
        now: datetime,
        starts_at: datetime,
        until: datetime | None,
    ) -> None:
        day = local_date(zone_of(calendar.zone), starts_at)
        if starts_at in rules.free_starts(calendar, shared, agendas, length, now, [day]):
            return
        why = rules.refusal(calendar, shared, agendas, length, now, starts_at)
        raise rules.refused(why, _free_near(calendar, shared, length, now, starts_at, until), starts_at)


def _free_near(
    calendar: Calendar,
    shared: PlatformCalendar,
    length: Length,
    now: datetime,
    starts_at: datetime,
    until: datetime | None,
) -> list[datetime]:
    """The free starts round a start: one query, and up to two more where all round it is closed or taken."""
    free: list[datetime] = []
    around = offered_near(calendar, now, starts_at)
    for near_days in NEAR_DAYS:
        near = timedelta(days=near_days)
        days = days_to_look_at(calendar, now, (around - near).date(), (around + near).date())
        offered = rules.free_starts(calendar, shared, read_agendas(calendar, days), length, now, days)
        free = rules.before(offered, until)
        if free:
            break
    return free


def offered_near(calendar: Calendar, now: datetime, starts_at: datetime) -> datetime:
    """The start, or the end of what is ever offered that is nearest to it: now, or the horizon."""
    return min(max(starts_at, now), now + timedelta(days=calendar.horizon_days))


def length_of(package: AppointmentPackage) -> Length:
    return Length(
        duration_minutes=package.duration_minutes,
        break_minutes=package.break_minutes,
        face_to_face=package.appointment_type is AppointmentType.FACE_TO_FACE,
    )


def days_decided_on(calendar: Calendar, starts_at: datetime, length: Length) -> list[str]:
    """The UTC days of the slot; where a date has a maximum, of its whole local date too.

    All of them are saved, so no two claims are counted on the same state of a date.
    """
    days = set(utc_days(starts_at, starts_at + length.slot))
    if calendar.daily_maximum is not None:
        zone = zone_of(calendar.zone)
        for whole in whole_day(zone, local_date(zone, starts_at)):
            days |= set(utc_days(whole.starts_at, whole.ends_at))
    return sorted(days)


def days_to_look_at(calendar: Calendar, now: datetime, first: date, last: date) -> list[date]:
    """The local dates asked for, so far as anything can be offered on them."""
    zone = zone_of(calendar.zone)
    earliest = max(first, local_date(zone, now))
    latest = min(last, local_date(zone, now + timedelta(days=calendar.horizon_days)))
    return [earliest + count * _DAY for count in range((latest - earliest).days + 1)]


def read_agendas(calendar: Calendar, days: Sequence[date]) -> list[Agenda]:
    """What free starts of local dates rest on: from a UTC day before them to a day and a slot after."""
    if not days:
        return []
    first, last = days[0] - _DAY, days[-1] + _DAY + _LONGEST_SLOT
    return store.stored_agendas(calendar.platform_id, calendar.expert_id, first, last)
