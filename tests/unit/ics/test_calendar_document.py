"""RFC 5545: folding, escaping, instants."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.ics.document import Event, Method, Party, Status, document, escaped, folded, utc
from tests.calendar_text import lines_of, properties

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVENT = Event(
    uid="bkg_1@studio.seans",
    sequence=0,
    status=Status.CONFIRMED,
    starts_at=NOON,
    ends_at=NOON + timedelta(minutes=50),
    summary="Hour – Elif",
    description="Studio\nbkg_1",
    location="",
    organizer=Party(name="Studio", email="no-reply@example.com"),
)


def test_a_calendar_is_what_the_standard_says() -> None:
    attended = replace(EVENT, attendee=Party(name="Ada", email="ada@example.com"), location="Moda; 1, TR")
    assert lines_of(document(Method.REQUEST, [attended], NOON)) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Seans//Appointments//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "UID:bkg_1@studio.seans",
        "SEQUENCE:0",
        "DTSTAMP:20261123T120000Z",
        "DTSTART:20261123T120000Z",
        "DTEND:20261123T125000Z",
        "SUMMARY:Hour – Elif",
        "DESCRIPTION:Studio\\nbkg_1",
        "LOCATION:Moda\\; 1\\, TR",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        'ORGANIZER;CN="Studio":mailto:no-reply@example.com',
        'ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE;CN="Ada":mailto:ada@example.com',
        "END:VEVENT",
        "END:VCALENDAR",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b;c\\d", "a\\,b\\;c\\\\d"),
        ("a\r\nb\nc", "a\\nb\\nc"),
        ("a\rBEGIN:VEVENT", "aBEGIN:VEVENT"),
        ("\x00\x07a\tb", "a b"),
    ],
)
def test_a_text_cannot_leave_its_line(text, expected) -> None:
    assert escaped(text) == expected


def test_a_name_cannot_leave_its_quotes() -> None:
    sly = Party(name='A";X=1:mailto:x\r\nBEGIN:VALARM', email="no-reply@example.com")
    text = document(Method.PUBLISH, [replace(EVENT, organizer=sly)], NOON)
    (line,) = [line for line in lines_of(text) if line.startswith("ORGANIZER")]
    assert line == 'ORGANIZER;CN="A\';X=1:mailto:x BEGIN:VALARM":mailto:no-reply@example.com'


@given(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=400))
def test_folding_keeps_every_letter_and_cuts_none(text) -> None:
    parts = folded(text).split("\r\n")
    assert all(len(part.encode()) <= 75 for part in parts)
    assert all(part.startswith(" ") for part in parts[1:])
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == text


@pytest.mark.parametrize(("letters", "lines"), [(75, 1), (76, 2), (149, 2), (150, 3)])
def test_a_line_is_folded_at_75_octets(letters, lines) -> None:
    assert len(folded("a" * letters).split("\r\n")) == lines
    assert folded("ş" * 38).split("\r\n") == ["ş" * 37, " ş"]


def test_an_instant_is_utc_whatever_offset_it_came_with() -> None:
    assert utc(NOON.astimezone(timezone(timedelta(hours=10, minutes=30)))) == "20261123T120000Z"


def test_what_is_called_off_takes_no_time() -> None:
    off = properties(document(Method.CANCEL, [replace(EVENT, status=Status.CANCELLED, sequence=2)], NOON))
    assert (off["METHOD"], off["STATUS"], off["SEQUENCE"], off["TRANSP"]) == (
        "CANCEL",
        "CANCELLED",
        "2",
        "TRANSPARENT",
    )
