"""RFC 5545: appointments as the text that calendars read. Every instant is in UTC, so no zone is named."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum

from msgspec import Struct

MEDIA_TYPE = "text/calendar"
_LINE_OCTETS = 75
_CRLF = "\r\n"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\t": " "})
_QUOTED = str.maketrans({'"': "'", "\n": " ", "\t": " "})


class Method(StrEnum):
    """RFC 5546: to be looked at, to be taken into a calendar, to be taken out of it."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class Status(StrEnum):
    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class Party(Struct, frozen=True, kw_only=True):
    name: str
    email: str


class Event(Struct, frozen=True, kw_only=True):
    """``uid`` stays as long as the appointment does; ``sequence`` rises with each change of it."""

    uid: str
    sequence: int
    status: Status
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    organizer: Party
    attendee: Party | None = None


def document(method: Method, events: Iterable[Event], stamped_at: datetime, name: str = "") -> str:
    """One calendar of these events; ``name`` is what a subscriber sees it called."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Seans//Appointments//EN", "CALSCALE:GREGORIAN"]
    lines.append(f"METHOD:{method}")
    if name:
        lines += [f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H"]
    for event in events:
        lines += _event(event, stamped_at)
    lines.append("END:VCALENDAR")
    return "".join(folded(line) + _CRLF for line in lines)


def escaped(text: str) -> str:
    """RFC 5545, 3.3.11: a value of text, without what no line may hold."""
    return _CONTROL.sub("", text.replace("\r\n", "\n")).translate(_ESCAPED)


def folded(line: str) -> str:
    """RFC 5545, 3.1: lines of at most 75 octets; each further one begins with a space. No letter is cut."""
    parts, octets = [""], 0
    for letter in line:
        size = len(letter.encode())
        if octets + size > _LINE_OCTETS:
            parts.append(" ")
            octets = 1
        parts[-1] += letter
        octets += size
    return _CRLF.join(parts)


def utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _event(event: Event, stamped_at: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTAMP:{utc(stamped_at)}"
    yield f"DTSTART:{utc(event.starts_at)}"
    yield f"DTEND:{utc(event.ends_at)}"
    yield f"SUMMARY:{escaped(event.summary)}"
    yield f"DESCRIPTION:{escaped(event.description)}"
    if event.location:
        yield f"LOCATION:{escaped(event.location)}"
    yield f"STATUS:{event.status}"
    yield "TRANSP:TRANSPARENT" if event.status is Status.CANCELLED else "TRANSP:OPAQUE"
    yield f"ORGANIZER{_party(event.organizer)}"
    if event.attendee:
        yield f"ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE{_party(event.attendee)}"
    yield "END:VEVENT"


def _party(party: Party) -> str:
    """RFC 5545, 3.2: a parameter's value is quoted, and holds neither quotes nor control characters."""
    name = _CONTROL.sub("", party.name.translate(_QUOTED))
    return f';CN="{name}":mailto:{party.email}'
