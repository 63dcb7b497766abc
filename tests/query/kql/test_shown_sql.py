"""The SQL that --show prints: what is not asked for is not written, and what is there stays right."""

from query.kql.types import KqlType
from tests.query.kql.conftest import Kusto

WIDE = dict.fromkeys(("k", "a", "b", "c", "d", "e"), KqlType.STRING) | {"t": KqlType.LONG}


def test_columns_that_no_later_step_names_are_not_aggregated(kusto: Kusto) -> None:
    """Of arg_max(t, *) over a wide table stays what the rest of the query reads."""
    kusto.add("T", WIDE, [("x", "1", "2", "3", "4", "5", 1), ("x", "6", None, "8", "9", "0", 2)])
    answer = kusto.ask(
        'T | summarize arg_max(t, *) by k | where a == "6" | join (T | where t == 2) on k | project k, b'
    )

    assert answer.rows == [("x", "")]
    assert 'arg_max_nulls_last("b", "t")' in answer.sql
    assert not any(f'"{name}"' in answer.sql for name in "cde")


def test_a_summary_whose_columns_are_only_counted_keeps_one(kusto: Kusto) -> None:
    """A step never becomes empty."""
    kusto.add("T", WIDE, [("x", "1", "2", "3", "4", "5", 1)])

    assert kusto.ask("T | summarize arg_max(t, *) | count").rows == [(1,)]
    assert kusto.ask("T | summarize arg_max(t, *) by k | summarize max(a)").rows == [("1",)]
