"""Filters as they are typed."""

from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.widgets import amounts
from tui.widgets.amounts import Comparison, amount_of, compare_cells
from tui.widgets.contents import Contents
from tui.widgets.filtering import filter_offers, joined_text, matching, parse_filter, unknown_column
from tui.widgets.rows import Row, TableColumn

COLUMNS = (
    TableColumn("name", "Machine"),
    TableColumn("os", "System"),
    TableColumn("tags", "Tags"),
    TableColumn("missing", "Missing"),
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
        ("web !xyzzy:1", "no column xyzzy"),
        ("tags:prod web", ""),
        ("http://mirror", ""),
        ("2:1.0-3", ""),
        ("", ""),
    ],
)
def test_name_of_no_column_is_told_with_the_nearest(text: str, told: str) -> None:
    """A slip does not look like a fleet without machines."""
    assert unknown_column(text, COLUMNS) == told


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
