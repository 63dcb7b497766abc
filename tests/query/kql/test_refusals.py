"""What is not translated is refused at its place, with what to do instead; nothing is guessed."""

import subprocess
import sys
from typing import Any

import pytest

from fleet.errors import BadInput, QueryRefused, UnknownName
from query.kql.translate import translate
from query.kql.types import KqlType

REFUSED = [
    ("Tee", 1, "There is no table 'Tee'. Did you mean 'Tea'?"),
    ("tea", 1, "There is no table 'tea'. Did you mean 'Tea'?"),
    ("Tea | where Sise > 1", 13, "There is no column 'Sise'. Did you mean 'Size'?"),
    ("Tea | where size > 1", 13, "There is no column 'size'. Did you mean 'Size'?"),
    ("Tea | project-away Sise", 20, "There is no column 'Sise'."),
    ("Tea | join kind=iner (Tea) on Name", 7, "There is no kind of join 'iner'. Did you mean 'inner'?"),
    ("Tea | join (Tea) on Nome", 21, "There is no column 'Nome'. Did you mean 'Name'?"),
    ("Tea | join (Tea) on $left.Name == $right.Size", 21, "'Name' is string and 'Size' is long"),
    ("Tea | join (Tea) on Name == 'x'", 21, "A join compares columns"),
    ("Tea | lookup kind=fullouter (Tea) on Name", 7, "lookup is leftouter or inner"),
    ("Tea | project a = 1, a = 2", 22, "Two columns are called 'a'"),
    ("Tea | project-rename Name = Size", 7, "Two columns would be called 'Name'"),
    ("Tea | extend n = row_number()", 18, "needs rows in order"),
    ("Tea | take 'x'", 12, "A whole number of rows"),
    ("Tea | take -1", 12, "cannot be negative"),
    ("Tea | where Name", 13, "A condition stands here"),
    ("Tea | mv-expand Name", 17, "Arrays and bags are expanded"),
    ("Tea | evaluate bag_unpack(Bag)", 7, "name the members instead"),
    ("Tea | evaluate pivot(Name)", 7, "name the values instead"),
    ("Tea | evaluate autocluster()", 7, "The plugin 'autocluster' is not translated"),
    ("Tea | scan with (step s: true)", 7, "use sort, prev() and next()"),
    ("externaldata (a: string) ['http://x']", 1, "patchdeck tables load"),
    ("cluster('x').database('y').Tea", 1, "name the table alone"),
    ("database('y').Tea | count", 1, "name the table alone"),
    ("Tea* | count", None, ""),
    ("union Nope*", 7, "No table is called like 'Nope*'"),
    ("let f = (x: long) { x }; print f()", 32, "f() needs a value for 'x'"),
    ("let f = (x: long) { x }; print f(1, 2)", 32, "f() takes 1 argument"),
    ("let f = (x: long) { x }; print f(y = 2)", 34, "There is no parameter of f() 'y'"),
    ("let f = (x: long) { Tea | take x }; print f(1)", 43, "gives a table"),
    ("let f = (x: long) { x }; f(1) | count", 26, "gives a value"),
    ("let f = (x: long) { toscalar(Tea | where Size == x | count) }; Tea | extend n = f(Size)", 50, "differs from row"),
    ("let f = (t: (Nope: long)) { t }; f(Tea)", 36, "no column Nope: long"),
    ("let x = 1; x | count", 12, "'x' is a value"),
    ("print Tea", 7, "'Tea' is a table"),
    ("Tea | invoke g()", 14, "There is no function that let defines 'g'"),
    ("g() | count", 1, "There is no function that gives a table 'g'"),
    ("datatable (a: long, b: long) [1, 2, 3]", 1, "do not fill whole rows"),
    ("range x from 'a' to 'b' step 1", 14, "range counts numbers"),
    ("range x from now() to now() step 1", 34, "A timespan stands here"),
    ("declare query_parameters(days: long); print days", 26, "has no default"),
    ("Tea | parse Name with a b", 23, "Nothing tells where this column ends"),
    ("Tea | make-series count() on Name step 1", 30, "An axis of numbers or times"),
    ("Tea | mv-apply Bag on (join (Tea) on Name)", 24, "not translated inside of mv-apply"),
    ("Tea | summarize count() by Name | where $left.Name == 'x'", 41, "in the conditions of a join only"),
]


@pytest.fixture
def tea(kusto: Any) -> Any:
    """One table."""
    kusto.add("Tea", {"Name": KqlType.STRING, "Size": KqlType.LONG, "Bag": KqlType.DYNAMIC}, [])
    return kusto


@pytest.mark.parametrize(("query", "column", "message"), REFUSED, ids=[query for query, *_ in REFUSED])
def test_query_is_refused_at_its_place(tea: Any, query: str, column: int | None, message: str) -> None:
    """Line, column and the sentence that says what would do."""
    with pytest.raises(BadInput) as caught:
        translate(query, tea.schema())

    error = caught.value
    assert isinstance(error, QueryRefused | UnknownName)
    assert error.position is not None
    assert message in str(error)
    if column is not None:
        assert (error.position.line, error.position.column) == (1, column)


def test_place_is_told_by_line_and_caret(tea: Any) -> None:
    """Lines count from 1; the caret stands below the name."""
    with pytest.raises(UnknownName) as caught:
        translate("// é\nTea\n| where Size > 1\n| project\tSise\n", tea.schema())

    position = caught.value.position
    assert position is not None
    assert (position.line, position.column, position.source_line) == (4, 11, "| project\tSise")
    assert position.caret_line == "         \t^"
    assert caught.value.suggestion == "Size"


def test_translating_imports_no_heavy_library() -> None:
    """sqlglot would take 170 ms at each start, and DuckDB is not needed to translate."""
    code = "import sys, query.kql.translate; print([m for m in ('sqlglot', 'polars', 'textual') if m in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert printed.stdout.strip() == "[]"
