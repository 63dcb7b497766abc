"""Blackouts from iCalendar files: what is read, and what is refused rather than left out."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.errors import BadInput
from ops.deployments.calendars import MOST_BYTES, read_blackouts

_SINCE = datetime(2026, 11, 20, tzinfo=UTC)
_OWN_ZONE = """BEGIN:VTIMEZONE
TZID:Head office
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE"""


def _calendar(*events: str, more: str = "") -> str:
    body = "\n".join(f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT" for number, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{more}\n{body}\nEND:VCALENDAR\n".replace("\n\n", "\n")


def _read(folder: Path, text: str | bytes, zone: str = "Europe/Berlin") -> list[str]:
    path = folder / "holidays.ics"
    path.write_bytes(text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode())
    blackouts = read_blackouts(str(path), zone, _SINCE)
    return [f"{each.starts_at:%Y-%m-%dT%H:%M} {each.ends_at:%Y-%m-%dT%H:%M} {each.summary}" for each in blackouts]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("SUMMARY:Christmas\nDTSTART;VALUE=DATE:20261224", "2026-12-23T23:00 2026-12-24T23:00 Christmas"),
        (
            "SUMMARY:Freeze\nDTSTART;VALUE=DATE:20261220\nDTEND;VALUE=DATE:20270103",
            "2026-12-19T23:00 2027-01-02T23:00 Freeze",
        ),
        (
            "SUMMARY:Two days over the change\nDTSTART;VALUE=DATE:20270327\nDURATION:P2D",
            "2027-03-26T23:00 2027-03-28T22:00 Two days over the change",
        ),
        (
            "SUMMARY:Zoned\nDTSTART;TZID=America/New_York:20261224T180000\nDTEND;TZID=America/New_York:20261224T200000",
            "2026-12-24T23:00 2026-12-25T01:00 Zoned",
        ),
        ("SUMMARY:UTC\nDTSTART:20261224T180000Z\nDURATION:PT90M", "2026-12-24T18:00 2026-12-24T19:30 UTC"),
        ("SUMMARY:Floating\nDTSTART:20261224T180000\nDURATION:PT1H", "2026-12-24T17:00 2026-12-24T18:00 Floating"),
        (
            "SUMMARY:Own zone\nDTSTART;TZID=Head office:20260701T180000\nDURATION:PT1H",
            "2026-07-01T16:00 2026-07-01T17:00 Own zone",
        ),
        (
            "SUMMARY:Free\\, but a holiday\nTRANSP:TRANSPARENT\nDTSTART;VALUE=DATE:20270101",
            "2026-12-31T23:00 2027-01-01T23:00 Free, but a holiday",
        ),
        ("DTSTART;VALUE=DATE:20270101", "2026-12-31T23:00 2027-01-01T23:00 0"),
    ],
)
def test_event_is_a_blackout(tmp_path: Path, event: str, expected: str) -> None:
    """Whole days and floating times are of the schedule's zone, others of their own."""
    assert _read(tmp_path, _calendar(event, more=_OWN_ZONE)) == [expected]


def test_recurring_event_is_unfolded_without_its_exceptions(tmp_path: Path) -> None:
    """Each month's last day, but not the two that are excluded, one of which is named by its day."""
    event = (
        "SUMMARY:Closing\nDTSTART;TZID=Europe/Berlin:20261031T180000\nDURATION:PT6H\n"
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=6\n"
        "EXDATE;TZID=Europe/Berlin:20261130T180000\nEXDATE;VALUE=DATE:20270131"
    )
    assert [line[:16] for line in _read(tmp_path, _calendar(event))] == [
        "2026-10-31T17:00",
        "2026-12-31T17:00",
        "2027-02-28T17:00",
        "2027-03-31T16:00",
    ]


def test_recurrence_without_end_is_given_for_years(tmp_path: Path) -> None:
    """A yearly freeze that began in 1990 is there for this year and the next eight."""
    lines = _read(tmp_path, _calendar("SUMMARY:Freeze\nDTSTART;VALUE=DATE:19901224\nRRULE:FREQ=YEARLY"))
    assert [line[:4] for line in lines] == [str(year) for year in range(2025, 2034)]


def test_added_and_moved_times_are_heeded(tmp_path: Path) -> None:
    """RDATE adds one, RECURRENCE-ID moves one, a cancelled RECURRENCE-ID takes one away."""
    text = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:a
SUMMARY:Weekly
DTSTART:20261201T100000Z
DURATION:PT1H
RRULE:FREQ=WEEKLY;COUNT=4
RDATE:20261203T100000Z
END:VEVENT
BEGIN:VEVENT
UID:a
SUMMARY:Weekly\\, moved
RECURRENCE-ID:20261208T100000Z
DTSTART:20261209T120000Z
DURATION:PT2H
END:VEVENT
BEGIN:VEVENT
UID:a
RECURRENCE-ID:20261215T100000Z
STATUS:CANCELLED
DTSTART:20261215T100000Z
DURATION:PT1H
END:VEVENT
END:VCALENDAR
"""
    assert _read(tmp_path, text) == [
        "2026-12-01T10:00 2026-12-01T11:00 Weekly",
        "2026-12-03T10:00 2026-12-03T11:00 Weekly",
        "2026-12-09T12:00 2026-12-09T14:00 Weekly, moved",
        "2026-12-22T10:00 2026-12-22T11:00 Weekly",
    ]


def test_what_is_said_cannot_steer_a_terminal(tmp_path: Path) -> None:
    """A summary is a text of somebody else."""
    (line,) = _read(tmp_path, _calendar("SUMMARY:a\x1b[31mred\\nline\nDTSTART;VALUE=DATE:20270101"))
    assert "\x1b" not in line
    assert "\n" not in line


def test_folded_lines_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    """As real calendars write them."""
    text = (
        b"\xef\xbb\xbf" + _calendar("SUMMARY:Chris\n tmas\nDTSTART;VALUE=DATE:20261224").replace("\n", "\r\n").encode()
    )
    assert _read(tmp_path, text) == ["2026-12-23T23:00 2026-12-24T23:00 Christmas"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "does not begin with BEGIN:VCALENDAR"),
        ("<html>not found</html>", "does not begin with BEGIN:VCALENDAR"),
        (b"\xff\xfeB\0E\0", "not UTF-8"),
        (b"BEGIN:VCALENDAR\0", "NUL"),
        ("BEGIN:VCALENDAR\nVERSION:2.0\n", "END:VCALENDAR is missing"),
        (_calendar("DTSTART;VALUE=DATE:20270101")[:-40], "iCalendar file"),
        ("BEGIN:VCALENDAR\n" * 3000, "iCalendar file"),
        ("BEGIN:VCALENDAR\nnonsense\nEND:VCALENDAR\n", "no iCalendar file"),
        (_calendar(*["DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=YEARLY"] * 201), "201 of its events recur"),
        (_calendar("SUMMARY:x\nDTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:99991231"), "the year 9999"),
        (_calendar("SUMMARY:x\nDTSTART;VALUE=DATE:20261224\nDURATION:P99999D"), "longer than ten years"),
        (_calendar("SUMMARY:x"), "event 'x': it has no DTSTART"),
        (_calendar("SUMMARY:x\nDTSTART:garbage"), "event 'x': its DTSTART cannot be read"),
        (_calendar("SUMMARY:x\nDTSTART:20261224T180000"), "no DTEND and no DURATION"),
        (_calendar("SUMMARY:x\nDTSTART:20261224T180000\nDTEND:20261224T170000"), "ends before it begins"),
        (_calendar("SUMMARY:x\nDTSTART:20261224T180000\nDURATION:soon"), "its DURATION cannot be read"),
        (_calendar("SUMMARY:x\nDTSTART:20261224T180000\nDTEND;VALUE=DATE:20261225"), "the other a time"),
        (_calendar("SUMMARY:x\nDTSTART;TZID=Nowhere:20261224T180000\nDURATION:PT1H"), "time zone 'Nowhere' is neither"),
        (_calendar("SUMMARY:x\nDTSTART;VALUE=DATE:20261224\nRRULE:FREQ=MINUTELY"), "FREQ=MINUTELY is too often"),
        (_calendar("SUMMARY:x\nDTSTART;VALUE=DATE:20261224\nRRULE:FREQ=MEH"), "its RRULE cannot be read"),
        (_calendar("SUMMARY:x\nDTSTART;VALUE=DATE:20261224\nEXDATE:foo"), "its EXDATE cannot be read"),
        (_calendar("SUMMARY:x\nDTSTART;VALUE=DATE:20261224\nDTSTART;VALUE=DATE:20261225"), "more than one DTSTART"),
        (
            _calendar("SUMMARY:x\nDTSTART;VALUE=DATE:20261224\nRDATE;VALUE=PERIOD:20260101T000000Z/PT1H"),
            "its RDATE has periods",
        ),
        (
            _calendar("SUMMARY:x\nDTSTART;VALUE=DATE:20261224\nRECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20261224"),
            "RANGE",
        ),
    ],
)
@pytest.mark.timeout(60)
def test_calendar_that_cannot_be_read_whole_is_refused(tmp_path: Path, text: str | bytes, words: str) -> None:
    """One line with the file and what is wrong; no event is left out in silence."""
    with pytest.raises(BadInput) as raised:
        _read(tmp_path, text)
    assert words in str(raised.value)
    assert "holidays.ics" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_broken_property_that_does_not_matter_is_passed_over(tmp_path: Path) -> None:
    """When the event was written does not change when it is."""
    assert _read(tmp_path, _calendar("SUMMARY:x\nLAST-MODIFIED:never\nDTSTART;VALUE=DATE:20261224"))


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The line names the file and the system's word."""
    with pytest.raises(BadInput, match=r"Cannot read the calendar .*none\.ics: No such file"):
        read_blackouts(str(tmp_path / "none.ics"), "UTC")
    with pytest.raises(BadInput, match="Cannot read the calendar"):
        read_blackouts(str(tmp_path), "UTC")
    with pytest.raises(BadInput, match="Cannot read the calendar"):
        read_blackouts("a\0b", "UTC")


def test_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """It is not even parsed."""
    with pytest.raises(BadInput, match="larger than 1,000,000 bytes"):
        _read(tmp_path, b"BEGIN:VCALENDAR\n" + b"x" * MOST_BYTES)


@pytest.mark.timeout(60)
def test_rules_that_match_nothing_take_little_time(tmp_path: Path) -> None:
    """A file of the worst rules is read in seconds: each ends."""
    event = "SUMMARY:x\nDTSTART:20261224T180000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    assert len(_read(tmp_path, _calendar(*[event] * 50))) == 50


@pytest.mark.timeout(60)
def test_events_without_number_are_refused(tmp_path: Path) -> None:
    """Hourly events for eight years are more than anybody meant."""
    events = ["SUMMARY:x\nDTSTART:20261224T180000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY"]
    with pytest.raises(BadInput, match="more than 20,000 blackouts"):
        _read(tmp_path, _calendar(*events))


def test_change_of_the_file_is_seen_at_once(tmp_path: Path) -> None:
    """It is read whenever starts are asked for."""
    before = _read(tmp_path, _calendar("SUMMARY:x\nDTSTART;VALUE=DATE:20261224"))
    assert _read(tmp_path, _calendar("SUMMARY:x\nDTSTART;VALUE=DATE:20261225")) != before


_PIECES = st.sampled_from(
    (
        "BEGIN:VCALENDAR",
        "END:VCALENDAR",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "DTSTART:20261224T180000Z",
        "DTSTART;VALUE=DATE:20261224",
        "DTSTART;TZID=:20261224T180000",
        "DURATION:PT1H",
        "DURATION:-P1D",
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=DAILY;COUNT=2",
        "EXDATE:",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "RDATE:20261224T180000",
        "RECURRENCE-ID:20261224T180000Z",
        "DTEND:00000000T000000",
        "BEGIN:VTIMEZONE",
        "END:VTIMEZONE",
        "TZID:x",
        "SUMMARY",
        ":",
        ";",
        "DTSTART:99991231T235959Z",
        "DTEND;VALUE=DATE:99991231",
    )
)


@given(st.lists(_PIECES | st.text(max_size=20), max_size=25))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
def test_any_text_is_read_or_refused(tmp_path: Path, pieces: list[str]) -> None:
    """Whatever stands in the file: blackouts, or one line."""
    text = "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *pieces, "END:VEVENT", "END:VCALENDAR"])
    try:
        _read(tmp_path, text.encode("utf-8", "replace"))
    except BadInput as error:
        assert "\n" not in str(error)  # noqa: PT017  # either way is right
