"""Steps over one table: what they do to rows, columns, names and order."""

from typing import Any

import pytest

from query.kql.types import KqlType

MACHINES = {
    "Name": KqlType.STRING,
    "Os": KqlType.STRING,
    "Missing": KqlType.LONG,
    "Scanned": KqlType.DATETIME,
    "VMUUID": KqlType.STRING,
}
ROWS = [
    ("web-01", "Linux", 3, "2026-11-20 11:00:00", "A"),
    ("web-02", "Linux", None, "2026-11-20 10:00:00", "B"),
    ("db-01", "Windows", 7, "2026-11-19 10:00:00", "C"),
    ("old", None, 0, None, None),
]


@pytest.fixture
def machines(kusto: Any) -> Any:
    """Four machines, one of which we know little of."""
    kusto.add("M", MACHINES, ROWS)
    return kusto


QUERIES = [
    # where
    ("M | where Os == 'Linux' | project Name", ["Name"], [("web-01",), ("web-02",)]),
    ("M | where Os != 'Linux' | project Name", ["Name"], [("db-01",), ("old",)]),
    ("M | where Os == '' | project Name", ["Name"], [("old",)]),
    ("M | where isempty(Os) | project Name", ["Name"], [("old",)]),
    ("M | where Missing != 3 | project Name", ["Name"], [("web-02",), ("db-01",), ("old",)]),
    ("M | where Missing > 1 and (Os == 'Linux' or Name has 'db') | project Name", ["Name"], [("web-01",), ("db-01",)]),
    ("M | where not(Os == 'Linux') | project Name", ["Name"], [("db-01",), ("old",)]),
    ("M | filter Missing == 0 | where Name != 'x' | project Name", ["Name"], [("old",)]),
    ("M | where Os in ('Linux') | count", ["Count"], [(2,)]),
    ("M | where Os !in ('Linux') | count", ["Count"], [(2,)]),
    # project and its kin
    ("M | take 0 | project a = 1, Name, b = Missing + 1, strcat(Name, '!'), Missing * 2", None, []),
    ("M | where Name == 'old' | project Missing + 1, 5", ["Column1", "Column2"], [(1, 5)]),
    ("M | where Name == 'old' | project Name, N = Name", ["Name", "N"], [("old", "old")]),
    ("M | where * has 'db' | project Name", ["Name"], [("db-01",)]),
    ("M | where * == 7 and not(* has 'x') | project Name", ["Name"], [("db-01",)]),
    ("M | where Name == 'old' | project-away Scanned, VM*, Os", ["Name", "Missing"], [("old", 0)]),
    ("M | where Name == 'old' | project-keep Missing, N*", ["Name", "Missing"], [("old", 0)]),
    ("M | where Name == 'old' | project Name, Os | project-rename Machine = Name", ["Machine", "Os"], [("old", "")]),
    ("M | where Name == 'old' | project Name, Os, Missing | project-reorder Missing, N*", ["Missing", "Name", "Os"],
     [(0, "old", "")]),
    ("print a10 = 1, a2 = 2, b = 3 | project-reorder b, a* granny-asc", ["b", "a2", "a10"], [(3, 2, 1)]),
    ("print a10 = 1, a2 = 2, b = 3 | project-reorder a* desc", ["a2", "a10", "b"], [(2, 1, 3)]),
    # extend
    ("M | where Name == 'old' | project Name, Os | extend Os = 'none', New = Name", ["Name", "Os", "New"],
     [("old", "none", "old")]),
    ("print a = 1 | extend a = a + 1, b = a", ["a", "b"], [(2, 1)]),
    ("print a = 1 | extend a + 1", ["a", "Column1"], [(1, 2)]),
    ("print Name = 'x' | extend name = 'y', NAME = 'z' | project name, Name, NAME", ["name", "Name", "NAME"],
     [("y", "x", "z")]),
    ("M | where Name == 'db-01' | extend vmuuId = strcat(VMUUID, '!') | project vmuuId, VMUUID", ["vmuuId", "VMUUID"],
     [("C!", "C")]),
    # summarize
    ("M | summarize count() by Os", ["Os", "count_"], [("Linux", 2), ("Windows", 1), ("", 1)]),
    ("M | summarize count(), sum(Missing), dcount(Os), max(Scanned), min(Missing) + 1", None,
     [(4, 10, 3, "2026-11-20 11:00:00", 1)]),
    ("M | where false | summarize count(), sum(Missing), max(Missing)", ["count_", "sum_Missing", "max_Missing"],
     [(0, 0, None)]),
    ("M | where false | summarize count() by Os", ["Os", "count_"], []),
    ("M | summarize by Os", ["Os"], [("Linux",), ("Windows",), ("",)]),
    ("M | summarize n = count() by kind = 1, Os, bin(Missing, 5)", ["kind", "Os", "Missing", "n"],
     [(1, "Linux", 0, 1), (1, "Linux", None, 1), (1, "Windows", 5, 1), (1, "", 0, 1)]),
    ("M | summarize arg_max(Missing, Name, Os)", ["Missing", "Name", "Os"], [(7, "db-01", "Windows")]),
    ("M | project Name, Os, Missing | summarize arg_max(Missing, *) by Os", ["Os", "Missing", "Name"],
     [("Linux", 3, "web-01"), ("Windows", 7, "db-01"), ("", 0, "old")]),
    ("M | summarize arg_max(Scanned, Os) by Os | project Os, Os1", ["Os", "Os1"],
     [("Linux", "Linux"), ("Windows", "Windows"), ("", "")]),
    ("M | summarize total = sum(Missing), empty = '' by Os | where Os == 'Linux'", ["Os", "total", "empty"],
     [("Linux", 3, "")]),
    ("M | where false | summarize total = sum(Missing), kind = 'x'", ["total", "kind"], [(0, "x")]),
    ("M | summarize max(Missing) - min(Missing), count() / 2", ["Column1", "Column2"], [(7, 2)]),
    # distinct and count
    ("M | distinct Os", ["Os"], [("Linux",), ("Windows",), ("",)]),
    ("M | project Os | distinct *", ["Os"], [("Linux",), ("Windows",), ("",)]),
    ("M | count", ["Count"], [(4,)]),
    ("M | where false | count", ["Count"], [(0,)]),
    # sources
    ("datatable (a: long, b: string) [1, 'x', 2, 'y']", ["a", "b"], [(1, "x"), (2, "y")]),
    ("datatable (a: long) []", ["a"], []),
    ("datatable (a: long, b: real, c: timespan) [long(null), 2, 1h]", ["a", "b", "c"], [(None, 2.0, "01:00:00")]),
    ("range x from 1 to 7 step 3", ["x"], [(1,), (4,), (7,)]),
    ("range x from 0.5 to 2.0 step 0.5", ["x"], [(0.5,), (1.0,), (1.5,), (2.0,)]),
    ("range x from 3 to 1 step -1", ["x"], [(3,), (2,), (1,)]),
    ("range t from 1h to 3h step 1h", ["t"], [("01:00:00",), ("02:00:00",), ("03:00:00",)]),
    ("range t from ago(2h) to now() step 1h | count", ["Count"], [(3,)]),
    ("print 1, 'a', b = 2", ["print_0", "print_1", "b"], [(1, "a", 2)]),
    ("print a = 1 | getschema", ["ColumnName", "ColumnOrdinal", "DataType", "ColumnType"],
     [("a", 0, "System.Int64", "long")]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "names", "rows"), QUERIES, ids=[query for query, *_ in QUERIES])
def test_steps_give_these_rows(machines: Any, query: str, names: list[str] | None, rows: list[Any]) -> None:
    """Rows in any order, columns in order, by value."""
    answer = machines.ask(query)

    if names is not None:
        assert answer.names == names
    assert sorted(map(shown, answer.rows), key=repr) == sorted(map(shown, rows), key=repr)


def shown(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(value if value is None or isinstance(value, int | float | str) else str(value) for value in row)


ORDERED = [
    ("M | sort by Missing | project Name", ["db-01", "web-01", "old", "web-02"]),
    ("M | order by Missing asc | project Name", ["web-02", "old", "web-01", "db-01"]),
    ("M | sort by Missing asc nulls last | project Name", ["old", "web-01", "db-01", "web-02"]),
    ("M | sort by Missing desc nulls first | project Name", ["web-02", "db-01", "web-01", "old"]),
    ("M | sort by Os asc, Name desc | project Name", ["old", "web-02", "web-01", "db-01"]),
    ("M | sort by strlen(Name) asc, Name asc | project Name", ["old", "db-01", "web-01", "web-02"]),
    ("M | sort by Name asc | extend Name = strcat('x', Name) | project Name",
     ["xdb-01", "xold", "xweb-01", "xweb-02"]),
    ("M | sort by Missing | where Missing >= 0 | extend n = 1 | take 2 | project Name", ["db-01", "web-01"]),
    ("M | sort by Missing | project-rename m = Missing | project Name, m | project Name",
     ["db-01", "web-01", "old", "web-02"]),
    ("M | sort by Name asc | project-away Missing, Scanned | project-reorder Os | project Name | take 3",
     ["db-01", "old", "web-01"]),
    ("M | top 2 by Missing | project Name", ["db-01", "web-01"]),
    ("M | top 2 by Missing asc nulls last | project Name", ["old", "web-01"]),
    ("M | sort by Name asc | top 3 by Missing desc | project Name", ["db-01", "web-01", "old"]),
    ("M | sort by Name asc | limit 2 | sort by Name desc | project Name", ["old", "db-01"]),
    ("M | sort by Name asc | as X | where Name != 'old' | project Name", ["db-01", "web-01", "web-02"]),
    ("M | sort by Name asc | extend n = row_number() | where n > 2 | project Name", ["web-01", "web-02"]),
    ("M | sort by Name asc | where row_number() > 2 | project Name", ["web-01", "web-02"]),
    ("M | sort by Name asc | extend p = prev(Name) | project p", ["", "db-01", "old", "web-01"]),
    ("M | sort by Name asc | extend p = next(Name, 1, 'end') | project p", ["old", "web-01", "web-02", "end"]),
    ("M | where Missing >= 0 | sort by Name asc | extend s = row_cumsum(Missing) | project s", [7, 7, 10]),
    ("range x from 3 to 1 step -1 | serialize n = row_number() | project n", [1, 2, 3]),
    ("range x from 1 to 4 step 1 | extend y = x % 2 | sort by y asc, x desc | project x", [4, 2, 3, 1]),
    ("M | sort by Missing | project Os | project o = Os", ["Windows", "Linux", "", "Linux"]),
    ("M | where Name == 'old' or Name == 'db-01' | sort by Name | summarize make_list(Name)", ['["old","db-01"]']),
]  # fmt: skip


@pytest.mark.parametrize(("query", "values"), ORDERED, ids=[query for query, _ in ORDERED])
def test_order_goes_on_through_later_steps(machines: Any, query: str, values: list[object]) -> None:
    """Kusto keeps the order of sort and top through where, extend, project and take."""
    assert [row[0] for row in machines.ask(query).rows] == values


def test_sample_gives_that_many_rows(machines: Any) -> None:
    """Which rows is left to chance, how many is not."""
    answer = machines.ask("M | sample 2")

    assert len(answer.rows) == 2
    assert answer.names == list(MACHINES)


def test_day_of_the_partition_is_no_column(machines: Any) -> None:
    """KQL sees the columns of the table alone, and may name a column Day."""
    assert machines.ask("M | take 1").names == list(MACHINES)
    assert machines.ask("M | where Name == 'old' | extend Day = 5 | project Day").rows == [(5,)]


def test_render_is_kept_beside_the_rows(machines: Any) -> None:
    """What to draw is no matter of the rows."""
    from query.kql.translate import translate

    translation = translate("M | summarize count() by Os | render piechart with (title='x')", machines.schema())

    assert translation.chart == "piechart"
    assert dict(translation.chart_options) == {"title": "x"}


def test_text_with_a_line_break_keeps_its_value(kusto: Any) -> None:
    """SQL is indented without touching what stands in quotes."""
    assert kusto.ask("print a = 'one\\n  two' | extend b = a").rows == [("one\n  two", "one\n  two")]
