"""Answers as files."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import QueryFailed, QueryRefused, UnknownName
from query.engine import QueryEngine
from query.export import write_rows
from query.limits import Limits
from query.results import Result, ResultColumn, unique_names

OpenEngine = Callable[..., QueryEngine]


def exported(result: Result, format_name: str) -> str:
    stream = io.StringIO()
    assert write_rows(result, format_name, stream) == len(result.rows)
    return stream.getvalue()


def one_cell(value: object, type_name: str = "VARCHAR") -> Result:
    return Result((ResultColumn("x", type_name),), [(value,)], truncated=False, elapsed_seconds=0.0)


def test_json_is_an_array_of_objects_in_column_order(engine: QueryEngine) -> None:
    """Times end with Z, days are days, JSON is nested, NaN and infinity are null, decimals are numbers."""
    result = engine.run(
        "SELECT now() AS z, current_date AS d, 'é' AS a, CAST('nan' AS DOUBLE) AS n, CAST('inf' AS DOUBLE) AS i, "
        "1.50 AS r, CAST(2 AS DECIMAL(9, 2)) AS w, '{\"k\": [1]}'::JSON AS j, [now()] AS l, NULL AS e, true AS b"
    )

    assert json.loads(exported(result, "json")) == [
        {
            "z": "2026-11-20T12:00:00Z",
            "d": "2026-11-20",
            "a": "é",
            "n": None,
            "i": None,
            "r": 1.5,
            "w": 2,
            "j": {"k": [1]},
            "l": ["2026-11-20T12:00:00Z"],
            "e": None,
            "b": True,
        }
    ]
    assert list(json.loads(exported(result, "json"))[0]) == [column.name for column in result.columns]


@pytest.mark.parametrize(("format_name", "text"), [("json", "[]\n"), ("ndjson", ""), ("csv", "x\n")])
def test_no_rows_are_written_as_none(engine: QueryEngine, format_name: str, text: str) -> None:
    """An empty answer is a whole file."""
    assert exported(engine.run("SELECT 1 AS x WHERE false"), format_name) == text


def test_ndjson_is_an_object_a_line(engine: QueryEngine) -> None:
    """Line breaks within values are escaped."""
    lines = exported(engine.run("SELECT 'a' || chr(10) || 'b' AS x FROM range(2)"), "ndjson").splitlines()

    assert [json.loads(line) for line in lines] == [{"x": "a\nb"}] * 2


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n", "＝", " =", "\xa0+"])
def test_csv_makes_formulas_text(start: str) -> None:
    """A cell that a spreadsheet would run begins with an apostrophe."""
    text = exported(one_cell(f"{start}cmd|' /C calc'!A0"), "csv")

    assert list(csv.reader(io.StringIO(text, newline="")))[1] == [f"'{start}cmd|' /C calc'!A0"]


def test_csv_keeps_rows_whole_whatever_breaks_lines_in_them() -> None:
    """A carriage return in a name does not begin a new row."""
    text = exported(one_cell("a\rb\r\nc"), "csv")

    assert list(csv.reader(io.StringIO(text, newline=""))) == [["x"], ["a\nb\nc"]]


@pytest.mark.parametrize("value", [-1, -1.5, Decimal("-2.5"), 10**30])
def test_csv_leaves_numbers_alone(value: object) -> None:
    """A minus before a number is no formula."""
    assert exported(one_cell(value, "DOUBLE"), "csv") == f"x\n{value}\n"


def test_csv_headings_are_made_harmless_too() -> None:
    """A column can be called anything."""
    result = Result((ResultColumn("=1+1", "INTEGER"),), [(1,)], truncated=False, elapsed_seconds=0.0)

    assert exported(result, "csv") == "'=1+1\n1\n"


def test_csv_of_nothing_and_of_the_empty_text_differ_from_words() -> None:
    """Null is an empty cell, and a boolean a word."""
    columns = tuple(ResultColumn(name, "VARCHAR") for name in "abc")
    result = Result(columns, [(None, True, datetime(2026, 1, 1, tzinfo=UTC))], truncated=False, elapsed_seconds=0.0)

    assert exported(result, "csv") == "a,b,c\n,true,2026-01-01T00:00:00Z\n"


@given(st.text())
def test_no_text_can_steer_a_terminal(value: str) -> None:
    """Neither format lets a control character through, but for line breaks and tabs in quoted cells of CSV."""
    for format_name in ("json", "ndjson", "csv"):
        written = exported(one_cell(value), format_name)
        assert not any(ord(character) < 32 and character not in "\t\r\n" for character in written)
        assert "\x9b" not in written
        assert "\u202e" not in written


@given(st.text())
def test_json_gives_back_the_text(value: str) -> None:
    """Nothing is lost by escaping."""
    assert json.loads(exported(one_cell(value), "json")) == [{"x": value}]


def test_unknown_format_is_named(engine: QueryEngine) -> None:
    """With the nearest one."""
    with pytest.raises(UnknownName, match="Did you mean 'json'"):
        write_rows(engine.run("SELECT 1"), "jsn", io.StringIO())


def test_columns_of_one_name_are_told_apart(engine: QueryEngine) -> None:
    """The second gets a number, which never meets a name that is there."""
    result = engine.run("SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a")

    assert [column.name for column in result.columns] == ["a", "a_2", "a_1", "a_3"]
    assert result.rows == [(1, 2, 3, 4)]


@given(st.lists(st.sampled_from(["a", "a_1", "a_2", "b", ""])))
def test_unique_names_are_unique_and_as_many(names: list[str]) -> None:
    """Whatever the names, and the first of each stays."""
    unique = unique_names(names)

    assert len(set(unique)) == len(names)
    assert set(names) <= set(unique)


def test_parquet_keeps_types_and_says_that_times_are_utc(engine: QueryEngine, tmp_path: Path) -> None:
    """Names are unique, intervals are text, nothing else is beside the file."""
    target = tmp_path / "out" / "answer.parquet"
    target.parent.mkdir()

    rows = engine.write_parquet(
        "SELECT now() AS t, 1 AS n, 2 AS n, INTERVAL 2 MONTH AS i, [1.5] AS l FROM range(3) WHERE range < $most; -- x",
        {"most": 2},
        target,
    )

    frame = pl.read_parquet(target)
    assert rows == 2
    assert frame.schema["t"] == pl.Datetime("us", "UTC")
    assert frame.row(0)[:4] == (datetime(2026, 11, 20, 12, tzinfo=UTC), 1, 2, "2 months")
    assert [path.name for path in target.parent.iterdir()] == ["answer.parquet"]


def test_parquet_that_fails_leaves_the_old_file(engine: QueryEngine, tmp_path: Path) -> None:
    """Written aside, then renamed: nobody sees half a file."""
    target = tmp_path / "answer.parquet"
    target.write_text("before")

    with pytest.raises(QueryFailed):
        engine.write_parquet("SELECT error('boom') FROM range(10)", {}, target)
    with pytest.raises(QueryRefused):
        engine.write_parquet("DROP TABLE Machine", {}, target)

    assert target.read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} <= {"answer.parquet", "tables", "temp"}


@pytest.mark.parametrize("name", ["missing/answer.parquet", "folder"])
def test_file_that_cannot_be_written_is_named(engine: QueryEngine, tmp_path: Path, name: str) -> None:
    """One line: no such folder, or a folder of that name."""
    (tmp_path / "folder").mkdir()

    with pytest.raises(QueryFailed, match="cannot be written") as failure:
        engine.write_parquet("SELECT 1", {}, tmp_path / name)

    assert len(str(failure.value).splitlines()) == 1


def test_parquet_has_no_row_limit(engine: QueryEngine, tmp_path: Path) -> None:
    """Only time and memory limit an export."""
    target = tmp_path / "answer.parquet"

    assert engine.write_parquet("SELECT * FROM range(50_000)", {}, target, Limits(rows=10)) == 50_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a;=1+1", "a;'=1+1"),
        ('a; "=1+1', "a; \"'=1+1"),
        ("a\n-1", "a\n'-1"),
        ("CVE-1;CVE-2", "CVE-1;CVE-2"),
        ("a,=1", "a,=1"),
        ('[{"a":";@x"}]', '[{"a":";\'@x"}]'),
    ],
)
def test_csv_has_no_formula_where_a_semicolon_ends_a_cell_either(text: str, shown: str) -> None:
    """Spreadsheets with a decimal comma part cells there, whatever the quotes."""
    written = exported(one_cell(text, "JSON" if text.startswith("[") else "VARCHAR"), "csv")

    assert list(csv.reader(io.StringIO(written, newline="")))[1] == [shown]
