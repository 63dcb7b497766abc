"""Values as workspaces export them."""

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.exported_values import parse_exported, parse_time
from fleet.tables import Column, ColumnType

_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def parsed(type_: ColumnType, value: object) -> object:
    return parse_exported(Column("X", type_, ""), value)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T12:00:00Z",
        "2026-11-20T12:00:00.0000000Z",
        "2026-11-20 12:00:00",
        "2026-11-20 12:00",
        "2026-11-20T13:00:00+01:00",
        "2026-11-20T06:30:00.000-0530",
        "2026-11-20 12:00:00 UTC",
        "11/20/2026, 12:00:00.000 PM",
        "11/20/2026 12:00:00 PM",
        "11/20/2026, 12:00:00.0000000",
        " 2026-11-20T12:00:00z ",
        datetime(2026, 11, 20, 12),  # noqa: DTZ001 - as Parquet without zone gives it
        datetime(2026, 11, 20, 14, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_times_are_read_as_exports_write_them(text: object) -> None:
    """ISO 8601 in several forms, and the portal's own; UTC where no zone is said."""
    assert parse_time(text) == _NOON


@pytest.mark.parametrize(
    ("text", "hour", "microsecond"),
    [("11/20/2026, 12:00:00.000 AM", 0, 0), ("11/20/2026, 1:02:03.1234567 PM", 13, 123456), ("11/20/2026", 0, 0)],
)
def test_half_days_and_fractions(text: str, hour: int, microsecond: int) -> None:
    """Midnight is 12 AM; what is finer than a microsecond is cut off."""
    moment = parse_time(text)
    assert (moment.date(), moment.hour, moment.microsecond) == (date(2026, 11, 20), hour, microsecond)


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "20/11/2026, 12:00", "2026-13-01", "13:00 PM", "11/20/2026, 13:00:00 PM", 1763640000, True, "１"],
)
def test_what_is_no_time_is_refused(value: object) -> None:
    """Numbers too: seconds or milliseconds nobody knows."""
    with pytest.raises(ValueError, match=r"."):
        parse_time(value)


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_time_is_read_as_it_was_written(moment: datetime) -> None:
    """By isoformat, whatever the year."""
    assert parse_time(moment.isoformat()) == moment


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (ColumnType.STRING, None, ""),
        (ColumnType.STRING, 44, "44"),
        (ColumnType.STRING, True, "true"),
        (ColumnType.STRING, ["a"], '["a"]'),
        (ColumnType.STRING, "\ud800x", "\ufffdx"),
        (ColumnType.BOOL, "True", True),
        (ColumnType.BOOL, 0, False),
        (ColumnType.BOOL, "", None),
        (ColumnType.INT, "7", 7),
        (ColumnType.INT, 7.0, 7),
        (ColumnType.INT, "-7.0", -7),
        (ColumnType.LONG, str(2**62), 2**62),
        (ColumnType.LONG, Decimal(5), 5),
        (ColumnType.REAL, "1.5e3", 1500.0),
        (ColumnType.REAL, "-Infinity", -math.inf),
        (ColumnType.DYNAMIC, {"a": [1]}, '{"a":[1]}'),
        (ColumnType.DYNAMIC, '{"a": [1]}', '{"a":[1]}'),
        (ColumnType.DYNAMIC, "no json", '"no json"'),
        (ColumnType.DYNAMIC, "NaN", '"NaN"'),
        (ColumnType.DYNAMIC, "1e999", '"1e999"'),
        (ColumnType.DYNAMIC, "[" * 100_000, json.dumps("[" * 100_000)),
        (ColumnType.DATE, "2026-11-20", date(2026, 11, 20)),
    ],
)
def test_values_become_those_of_their_column(type_: ColumnType, value: object, expected: object) -> None:
    """Also where CSV has text only; nothing is the empty text or null."""
    assert parsed(type_, value) == expected


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (ColumnType.BOOL, "maybe"),
        (ColumnType.BOOL, 2),
        (ColumnType.INT, "2147483648"),
        (ColumnType.INT, "1.5"),
        (ColumnType.INT, True),
        (ColumnType.INT, 10**400),
        (ColumnType.LONG, "9" * 30),
        (ColumnType.REAL, "1,5"),
        (ColumnType.REAL, []),
        (ColumnType.STRING, "x" * 1_000_001),
        (ColumnType.DATETIME, "\x1b[31m"),
    ],
)
def test_values_that_do_not_fit_are_refused_in_words(type_: ColumnType, value: object) -> None:
    """One line without anything that steers a terminal."""
    with pytest.raises(ValueError, match=r"^X is .*, not ") as failure:
        parsed(type_, value)
    assert str(failure.value).isprintable()


@given(st.sampled_from(list(ColumnType)), st.none() | st.text() | st.integers() | st.floats() | st.booleans())
def test_nothing_but_a_refusal_is_ever_raised(type_: ColumnType, value: object) -> None:
    """And what is taken can be written as UTF-8."""
    try:
        result = parsed(type_, value)
    except ValueError:
        return
    if isinstance(result, str):
        result.encode()
        assert type_ is not ColumnType.DYNAMIC or result == "" or json.loads(result) is not NotImplemented
