"""Answers as Markdown."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.engine import QueryEngine
from query.export import write_rows
from query.results import Result, ResultColumn, Row


def markdown(*values: object, type_name: str = "VARCHAR", name: str = "x") -> list[str]:
    """The lines of a table of one column."""
    stream = io.StringIO()
    rows: list[Row] = [(value,) for value in values]
    result = Result((ResultColumn(name, type_name),), rows, truncated=False, elapsed_seconds=0.0)
    assert write_rows(result, "markdown", stream) == len(rows)
    return stream.getvalue().split("\n")


def test_a_table_has_a_heading_a_rule_and_rows(engine: QueryEngine) -> None:
    """Numbers on the right, null is empty, times have a Z, JSON is text."""
    stream = io.StringIO()
    write_rows(
        engine.run("SELECT now() AS t, -1 AS n, NULL::VARCHAR AS e, true AS b, [1] AS l, 1.5::DECIMAL(4,1) AS d"),
        "markdown",
        stream,
    )

    assert stream.getvalue() == (
        "| t | n | e | b | l | d |\n| --- | ---: | --- | --- | --- | ---: |\n"
        "| 2026-11-20T12:00:00Z | -1 |  | true | \\[1\\] | 1.5 |\n"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("a\nb\r\nc\rd", "a<br>b<br>c<br>d"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("![x](http://evil)", r"!\[x\](http://evil)"),
        ("`a` *b* _c_ ~~d~~ $e$", r"\`a\` \*b\* \_c\_ \~\~d\~\~ \$e\$"),
        ("a\\", "a\\\\"),
        ("&amp;", "&amp;amp;"),
        ("\x1b[31mred\u202e", "\ufffd\\[31mred\ufffd"),
        ("  a\t ", "a"),
    ],
)
def test_nothing_in_a_cell_is_markup(text: str, shown: str) -> None:
    """Neither in a heading."""
    assert markdown(text)[2] == f"| {shown} |"
    assert markdown(name=text)[0] == f"| {shown} |"


@given(st.text())
def test_whatever_a_cell_holds_it_is_one_cell_of_one_row(text: str) -> None:
    """Its pipes are all escaped, and nothing steers a terminal."""
    lines = markdown(text, text)
    assert len(lines) == 5
    assert all(line.replace("\\\\", "").replace(r"\|", "").count("|") == 2 for line in lines[:4])
    assert all(ord(character) >= 32 for line in lines for character in line)


def test_an_answer_without_rows_is_a_heading() -> None:
    """And whole."""
    assert markdown() == ["| x |", "| --- |", ""]
