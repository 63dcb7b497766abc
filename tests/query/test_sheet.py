"""Answers as workbooks, read back as the XML that they are."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fleet.errors import QueryFailed
from query.results import Result, ResultColumn, Row
from query.sheet import MOST_CHARACTERS, MOST_ROWS, write_sheet

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(tmp_path: Path, *values: object, name: str = "x") -> list[tuple[str, str]]:
    """The cells of a column below its heading: their type and content; empty type for numbers."""
    rows: list[Row] = [(value,) for value in values]
    file = io.BytesIO()
    write_sheet(Result((ResultColumn(name, "VARCHAR"),), rows, truncated=False, elapsed_seconds=0), file, tmp_path)
    assert list(tmp_path.iterdir()) == []
    found = [(c.get("t") or "", "".join(c.itertext())) for c in sheet_of(file).iter(f"{_NS}c")]
    return found[1:] if values else found


def sheet_of(file: io.BytesIO) -> ElementTree.Element:
    return ElementTree.fromstring(zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml"))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "http://evil/", "mailto:a@b", "12", "2026-11-20", "true", "{=1}", "  =1"]
)
def test_texts_are_texts(tmp_path: Path, text: str) -> None:
    """Never formulas, links, numbers or dates; headings neither."""
    assert cells(tmp_path, text) == [("inlineStr", text)]
    assert cells(tmp_path, name=text) == [("inlineStr", text)]


def test_values_have_their_types(tmp_path: Path) -> None:
    """Numbers, truths, times in UTC as dates of the sheet; what a sheet has no type for is text."""
    moment = datetime(2026, 11, 20, 12, tzinfo=UTC)
    given = (7, 1.5, Decimal("2.5"), True, moment, date(2026, 11, 20), 10**15, float("nan"), [1, "é"], {"a": moment})
    assert cells(tmp_path, *given, datetime(1899, 1, 1, tzinfo=UTC)) == [
        ("", "7"),
        ("", "1.5"),
        ("", "2.5"),
        ("b", "1"),
        ("", "46346.5"),
        ("", "46346"),
        ("inlineStr", "1000000000000000"),
        ("inlineStr", "nan"),
        ("inlineStr", '[1, "é"]'),
        ("inlineStr", '{"a": "2026-11-20T12:00:00Z"}'),
        ("inlineStr", "1899-01-01T00:00:00Z"),
    ]


def test_the_sheet_is_ready_to_look_at(tmp_path: Path) -> None:
    """The heading stands still and filters, times have a format, columns are as wide as what is in them."""
    file = io.BytesIO()
    columns = (ResultColumn("Time", "TIMESTAMP"), ResultColumn("Text", "VARCHAR"))
    rows: list[Row] = [(datetime(2026, 11, 20, tzinfo=UTC), "x" * 500), (None, None)]
    write_sheet(Result(columns, rows, truncated=False, elapsed_seconds=0), file, tmp_path, "UpdateRunProgress")

    sheet = sheet_of(file)
    assert [pane.get("state") for pane in sheet.iter(f"{_NS}pane")] == ["frozen"]
    assert [each.get("ref") for each in sheet.iter(f"{_NS}autoFilter")] == ["A1:B3"]
    widths = [float(column.get("width", "0")) for column in sheet.iter(f"{_NS}col")]
    assert 19 < widths[0] < 25
    assert 59 < widths[1] < 62
    assert b"yyyy-mm-dd hh:mm:ss" in zipfile.ZipFile(file).read("xl/styles.xml")
    assert b'name="UpdateRunProgress"' in zipfile.ZipFile(file).read("xl/workbook.xml")


def test_hostile_characters_cannot_break_the_file(tmp_path: Path) -> None:
    """What XML cannot hold, and what Excel reads as an escape, are shown as they are or as U+FFFD."""
    (found,) = cells(tmp_path, "a\x00\x1b\ufffe\ud800_x0041_<&>\r\nb")
    assert found[1].startswith("a")
    assert found[1].endswith("<&>\nb")
    assert "_x005F_x0041_" in found[1]


def test_a_text_too_long_for_a_cell_is_cut_and_told(tmp_path: Path) -> None:
    """By what Excel counts: a character outside of the first plane is two."""
    rows: list[Row] = [("x" * MOST_CHARACTERS,), ("x" * (MOST_CHARACTERS + 1),), ("😀" * 20_000,)]
    file = io.BytesIO()
    report = write_sheet(
        Result((ResultColumn("x", "VARCHAR"),), rows, truncated=False, elapsed_seconds=0), file, tmp_path
    )

    texts = ["".join(c.itertext()) for c in sheet_of(file).iter(f"{_NS}c")][1:]
    assert [len(text.encode("utf-16-le")) // 2 for text in texts] == [MOST_CHARACTERS, MOST_CHARACTERS, MOST_CHARACTERS]
    assert [text[-1] for text in texts] == ["x", "…", "…"]
    assert report.note.startswith("2 texts are longer than the 32,767 characters")


@dataclass(frozen=True)
class _Many:
    """An answer of more rows than a sheet has, none of them held."""

    columns: tuple[ResultColumn, ...] = (ResultColumn("x", "INTEGER"),)

    def batches(self) -> Iterator[list[Row]]:
        yield [(None,)] * (MOST_ROWS - 1)
        yield [(None,)]


def test_more_rows_than_a_sheet_has_are_refused(tmp_path: Path) -> None:
    """Clearly, and without leaving anything behind."""
    with pytest.raises(QueryFailed, match="room for 1,048,575 rows and a heading"):
        write_sheet(_Many(), io.BytesIO(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_more_columns_than_a_sheet_has_are_refused(tmp_path: Path) -> None:
    """Before anything is asked."""
    columns = tuple(ResultColumn(str(number), "INTEGER") for number in range(16_385))
    with pytest.raises(QueryFailed, match="room for 16,384 columns"):
        write_sheet(Result(columns, [], truncated=False, elapsed_seconds=0), io.BytesIO(), tmp_path)
