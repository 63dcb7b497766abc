"""Filters as they are typed."""

import re
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.widgets import amounts
from tui.widgets.amounts import Comparison, amount_of, compare_cells
from tui.widgets.contents import Contents
from tui.widgets.filtering import filter_mistake, filter_offers, joined_text, matching, parse_filter
from tui.widgets.rows import Row, TableColumn

COLUMNS = (
    TableColumn("name", "Machine"),
    TableColumn("os", "System"),
    TableColumn("tags", "Tags"),
    TableColumn("missing", "Missing", is_number=True),
    TableColumn("age", "Assessed"),
)
ROWS = [
    Row("1", ("web-fra-01", "Debian 12", "env=prod", "1,204", "12 min")),
    Row("2", ("web-ams-01", "Ubuntu 24.04", "env=test", "9", "3 d")),
    Row("3", ("db-fra-01", "Debian 13", "", "?", "never")),
]


def keys(text: str) -> list[str]:
    """The keys of the rows that the filter lets through."""
    found = matching(ROWS, [joined_text(row) for row in ROWS], parse_filter(text, COLUMNS))
    return [ROWS[index].key for index in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "123"),
        ("web", "12"),
        ("WEB FRA", "1"),
        ("!web", "3"),
        ("os:debian", "13"),
        ("sys:debian !machine:db", "1"),
        ("!tags:prod", "23"),
        ("nothing", ""),
        ("os:", "123"),
        ("http://x", ""),
        ("!", "123"),
        ('"debian 12"', "1"),
        ('os:"debian 1" web', "1"),
        ('!"debian 1"', "2"),
        ('"debian', "13"),
        ("~wfr", "1"),
        ("~wdebian", ""),
        ("name:~d01", "3"),
        ("!~w01", "3"),
        ("missing:>10", "1"),
        ("missing:<10", "2"),
        ("missing:=9", "2"),
        ("missing:=?", "3"),
        ("!missing:>10", "23"),
        ("age:>1h", "23"),
        ("age:<=12m", "1"),
        ("age:>2", "23"),
        ("age:>5GiB", ""),
        ("tags:=", "3"),
        ("!tags:=", "12"),
        ("! web", "3"),
        ("! web fra", "23"),
        ("! ", "123"),
        ("! !web", "12"),
        ("nocolumn:web", ""),
    ],
)
def test_filter_finds_the_rows_that_fit(text: str, expected: str) -> None:
    """Words, columns, letters in order, amounts, quotes, and each of them turned round."""
    assert "".join(keys(text)) == expected


def test_words_do_not_match_across_cells() -> None:
    """The end of one cell and the beginning of the next are not one word, nor do letters in order go on there."""
    assert keys("01debian") == []
    assert keys("~01debian") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tgas:prod", "no column tgas, tags?"),
        ("web !xyzzy:1", "no column xyzzy: name, os, tags, missing, age"),
        ("missing:>ten web", "missing: ten is no number"),
        ("missing:> missing:", ""),
        ("tags:prod web", ""),
        ("http://mirror", ""),
        ("2:1.0-3", ""),
        ("", ""),
    ],
)
def test_what_cannot_be_meant_is_told(text: str, told: str) -> None:
    """A slip does not look like a fleet without machines."""
    assert filter_mistake(text, COLUMNS) == told


@pytest.mark.parametrize(
    ("cell", "number", "kind"),
    [
        ("1,204", 1204, "number"),
        ("12 of 45", 12, "number"),
        ("40 ms", 0.04, "time"),
        ("3 min 05 s", 185, "time"),
        ("48 h", 172_800, "time"),
        ("1.4 mib", 1.4 * 2**20, "size"),
        ("87%", 87, "number"),
    ],
)
def test_amounts_are_read_as_cells_show_them(cell: str, number: float, kind: str) -> None:
    """Whatever the unit that a cell was short in, amounts of one kind can be compared."""
    amount = amount_of(cell)
    assert amount is not None
    assert amount.number == pytest.approx(number)
    assert amount.kind == kind


@pytest.mark.parametrize("cell", ["", "?", "3.0.7-1~deb12u1", "2026-11-22 14:05z", "192.0.2.1", "02:31:07z", "web-01"])
def test_versions_addresses_and_instants_are_no_amounts(cell: str) -> None:
    """They begin with a number that means nothing by itself."""
    assert amount_of(cell) is None


def test_instants_compare_as_texts() -> None:
    """ISO times stand in their order."""
    assert compare_cells(["2026-11-22 14:05Z"], Comparison.MORE, "2026-11-01") == [True]
    assert compare_cells(["2026-11-22 14:05Z"], Comparison.LESS, "2026-11-01") == [False]


def test_cell_with_a_line_break_is_compared_as_one() -> None:
    """Cells are compared together; none of them may shift the others."""
    cells = ["a\nb", "Never", "", "3 d"]
    assert compare_cells(cells, Comparison.MORE, "2d") == [False, True, False, True]
    assert compare_cells(cells, Comparison.IS, "") == [False, False, True, False]


def test_100000_different_cells_are_compared_without_a_call_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typing waits 50 ms at most; each call takes a microsecond and more."""
    reading = Mock(wraps=amount_of)
    monkeypatch.setattr(amounts, "amount_of", reading)
    cells = [f"3.{number}-1ubuntu{number % 7}" for number in range(100_000)]
    assert not any(compare_cells(cells, Comparison.MORE, "5"))
    assert all(compare_cells(cells, Comparison.LESS, "lib"))
    assert reading.call_count == 2  # what is wanted, once each


@pytest.mark.parametrize(
    ("text", "start", "words"),
    [
        ("web o", 4, ("os:",)),
        ("!na", 1, ("name:",)),
        ("os:deb", 3, ('"Debian 12"', '"Debian 13"')),
        ('web os:"Debian 1', 7, ('"Debian 12"', '"Debian 13"')),
        ("name:web", 5, ("web-ams-01", "web-fra-01")),
    ],
)
def test_columns_and_their_values_are_offered(text: str, start: int, words: tuple[str, ...]) -> None:
    """The last word is completed: a column, and behind its colon what stands in it, quoted where it must be."""
    contents = Contents(COLUMNS)
    contents.set_rows(ROWS)
    offers = filter_offers(text, contents)
    assert offers.start == start
    assert offers.words[: len(words)] == words


VERSIONS = ("3.5-1", "1:3.10-2", "3.0.7~rc1-1", "0.8", "12 min", "2026-11-22", "", "gone", "3.5.1-2ubuntu4")


@pytest.mark.parametrize(
    ("wanted", "fitting"),
    [
        (">3.5", {"3.5-1", "1:3.10-2", "3.5.1-2ubuntu4"}),
        ("<3.5", {"3.0.7~rc1-1", "0.8"}),
        (">=3.5.1-2ubuntu4", {"1:3.10-2", "3.5.1-2ubuntu4"}),
        ("<3.0.7", {"3.0.7~rc1-1", "0.8"}),
        (">1:0", {"1:3.10-2"}),
        ("=3.5-1", {"3.5-1"}),
    ],
)
def test_versions_compare_as_versions(wanted: str, fitting: set[str]) -> None:
    """3.10 is newer than 3.5, a candidate older than what it becomes; an epoch counts where one is asked for."""
    sign = next(each for each in (">=", ">", "<", "=") if wanted.startswith(each))
    verdicts = compare_cells(VERSIONS, Comparison(sign), wanted.removeprefix(sign))
    assert {cell for cell, fits in zip(VERSIONS, verdicts, strict=True) if fits} - {"12 min"} == fitting


def test_severities_compare_as_severities() -> None:
    """Of updates and of alerts; the beginning of one is enough, and what is none fits nothing."""
    cells = ["Critical", "Important", "Moderate", "Warning", "", "low", "none"]
    assert compare_cells(cells, Comparison.AT_LEAST, "important") == [True, True, *[False] * 5]
    assert compare_cells(cells, Comparison.LESS, "warn") == [*[False] * 5, True, False]
    assert compare_cells(["Beta", "Alpha"], Comparison.MORE, "important") == [False, False]


def test_times_and_ages_compare_with_each_other() -> None:
    """A day against ages, an age against days; what never was is older than all."""
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    ages, days = ["3 d", "12 min", "never", "?"], ["2026-11-22 11:00Z", "2026-10-01 00:00Z", ""]
    assert compare_cells(ages, Comparison.LESS, "2026-11-21", now) == [True, False, True, False]
    assert compare_cells(ages, Comparison.MORE, "2026-11-21", now) == [False, True, False, False]
    assert compare_cells(days, Comparison.MORE, "7d", now) == [False, True, False]
    assert compare_cells(days, Comparison.LESS, "2026-11", now) == [False, True, False]


def test_filters_of_the_manual_do_what_it_says() -> None:
    """Each example of docs/app.md is read with the meaning that stands beside it; none names an unknown column."""
    page = Path(__file__).parents[2].joinpath("docs/app.md").read_text()
    section = page.partition("## Filters")[2].partition("\n## ")[0]
    columns = [TableColumn(name, name.title()) for name in (*MANUAL, "web")]
    cells = {row: tuple(cell[row] for cell in MANUAL.values()) for row in (0, 1)}
    rows = [Row(str(row), (*cells[row], words)) for row, words in ((0, "web-fra-01 two words web fra"), (1, "db-02"))]
    joined = [joined_text(row) for row in rows]
    examples = [text for line in section.splitlines() if line.startswith("| `") for text in _codes(line)]
    assert len(examples) > 14
    for text in examples:
        assert filter_mistake(text, columns) == "", text
        found = matching(rows, joined, parse_filter(text, columns), datetime(2026, 11, 22, tzinfo=UTC))
        assert found == ([1] if text.startswith("!") or text == "tags:=" else [0]), text


# Of each column that the manual names: what fits its examples, and what does not.
MANUAL = {
    "os": ("Debian 12", "Ubuntu"), "missing": ("11", "2"), "size": ("1.4 GiB", "2.0 GiB"), "took": ("6 min", "1 min"),
    "assessed": ("30 d", "1 h"), "started": ("2026-11-21 04:00Z", "2026-01-01 00:00Z"), "tags": ("env=prod", ""),
    "version": ("3.10-1", "3.1"), "severity": ("Critical", "Low"),
}  # fmt: skip


def _codes(line: str) -> list[str]:
    """What stands between backticks in the first cell of ``line``."""
    return re.findall(r"`([^`]+)`", line.partition(" | ")[0])


@given(st.text(alphabet='web-01 !~:"<>=.dbfr%tagsmin', max_size=24))
def test_filter_and_its_inverse_share_the_rows_out(text: str) -> None:
    """Whatever is typed, nothing breaks, and each row is in exactly one of both unless the filter says nothing."""
    straight, inverse = parse_filter(text.lstrip(" !"), COLUMNS), parse_filter(f"! {text.lstrip(' !')}", COLUMNS)
    joined = [joined_text(row) for row in ROWS]
    shown, rest = matching(ROWS, joined, straight), matching(ROWS, joined, inverse)
    assert sorted([*shown, *rest]) == [0, 1, 2] if straight.terms else rest == [0, 1, 2]
    assert shown == sorted(shown)


@given(st.text(alphabet="abcw-01", min_size=1, max_size=8), st.text(alphabet="abcw-01", max_size=30))
def test_letters_in_order_are_found_wherever_they_stand(wanted: str, cell: str) -> None:
    """A cell fits exactly where its letters hold those that are wanted, one after the other."""
    letters = iter(cell)
    expected = all(letter in letters for letter in wanted)
    row = Row("1", (cell,))
    assert bool(matching([row], [joined_text(row)], parse_filter(f"~{wanted}", COLUMNS[:1]))) == expected
