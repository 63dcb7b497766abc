"""``!in`` against the rows of a query."""

import pytest

from tests.query.kql.conftest import Kusto


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("a in ((datatable (b: string) ['x']))", ["x"]),
        ("a !in ((datatable (b: string) ['x']))", ["X", "y"]),
        ("a !in~ ((datatable (b: string) ['x']))", ["y"]),
        ("a !in ((datatable (b: string) []))", ["x", "X", "y"]),
        ("a !in~ ((datatable (b: string) ['X', 'Y'] | take 0))", ["x", "X", "y"]),
        ("strlen(a) !in ((datatable (n: long) [2, long(null)]))", ["x", "X", "y"]),
    ],
)
def test_rows_that_are_not_among_others_stay(kusto: Kusto, condition: str, rows: list[str]) -> None:
    """The negated form keeps what the plain one leaves out; an empty query leaves nothing out."""
    answer = kusto.ask(f"datatable (a: string) ['x', 'X', 'y'] | where {condition}")
    assert sorted(str(row[0]) for row in answer.rows) == sorted(rows)
