"""Values as results have them, a row or many at a time."""

from datetime import UTC, date, datetime, time, timedelta

from query.results import ResultColumn
from query.values import row_converter, rows_converter

COLUMNS = tuple(
    ResultColumn(f"c{index}", type_)
    for index, type_ in enumerate(("VARCHAR", "TIMESTAMP", "DATE", "TIME", "TIMESTAMP[]", "BIGINT", "VARCHAR[]"))
)
NOON = datetime(2026, 11, 20, 12)  # noqa: DTZ001 - as DuckDB gives it
ROWS = [
    ("a", NOON, date(2026, 11, 20), time(12), [NOON], 1, ["x"]),
    (None, None, None, None, None, None, None),
    ("b", NOON + timedelta(days=1), date(2026, 11, 21), time(1), [], 2, []),
]


def test_rows_at_once_are_converted_as_rows_one_by_one() -> None:
    """Whatever the types, and nulls."""
    convert = row_converter(COLUMNS)

    assert rows_converter(COLUMNS)(ROWS) == [convert(row) for row in ROWS]
    assert rows_converter(COLUMNS)(ROWS)[0][1] == NOON.replace(tzinfo=UTC)


def test_no_rows_and_plain_rows_stay_as_they_are() -> None:
    """There is nothing to convert."""
    assert rows_converter(COLUMNS)([]) == []
    assert rows_converter(COLUMNS[:1])([("a",)]) == [("a",)]
