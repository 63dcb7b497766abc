"""Filters as they are typed."""

import pytest

from tui.widgets.filtering import joined_text, matching, parse_filter
from tui.widgets.rows import Row, TableColumn

COLUMNS = (TableColumn("name", "Machine"), TableColumn("os", "System"), TableColumn("tags", "Tags"))
ROWS = [
    Row("1", ("web-fra-01", "Debian 12", "env=prod")),
    Row("2", ("web-ams-01", "Ubuntu 24.04", "env=test")),
    Row("3", ("db-fra-01", "Debian 13", "env=prod")),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1", "2", "3"]),
        ("web", ["1", "2"]),
        ("WEB FRA", ["1"]),
        ("!web", ["3"]),
        ("os:debian", ["1", "3"]),
        ("sys:debian !machine:db", ["1"]),
        ("!tags:prod", ["2"]),
        ("nothing", []),
        ("os:", ["1", "2", "3"]),
        ("http://x", []),
        ("!", ["1", "2", "3"]),
    ],
)
def test_filter_finds_the_rows_that_fit_every_word(text: str, expected: list[str]) -> None:
    """Words must all be there, ``!`` turns one round, ``column:`` looks in one column."""
    terms = parse_filter(text, COLUMNS)
    found = matching(ROWS, [joined_text(row) for row in ROWS], terms)
    assert [ROWS[index].key for index in found] == expected


def test_words_do_not_match_across_cells() -> None:
    """The end of one cell and the beginning of the next are not one word."""
    terms = parse_filter("01debian", COLUMNS)
    assert matching(ROWS, [joined_text(row) for row in ROWS], terms) == []
