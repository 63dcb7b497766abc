"""The traps of KQL in SQL, one by one: each gives wrong rows where it is not minded."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Ask = Callable[[str], Any]
TWO = "let T = datatable(a: long, s: string) [1, 'x', long(null), ''];\n"


def rows_of(ask: Ask, text: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = ask(text)[1]
    return rows


def names_of(ask: Ask, text: str) -> list[str]:
    return [name for name, _ in ask(text)[0]]


def test_trap_1_null_differs_from_every_value(ask: Ask) -> None:
    """``!=`` keeps nulls, ``==`` does not, and not(…) of either is the other."""
    assert rows_of(ask, TWO + "T | where a != 1 | project s") == [("",)]
    assert rows_of(ask, TWO + "T | where a == 1 | project s") == [("x",)]
    assert rows_of(ask, TWO + "T | where not(a == 1) | project s") == [("",)]
    assert rows_of(ask, TWO + "T | extend same = a == 1 | where isnull(same)") == []


def test_trap_2_text_is_never_null(ask: Ask) -> None:
    """What has no text is an empty text: after joins, of functions and of aggregates."""
    text = TWO + "T | join kind=leftouter (T | where a == 1 | project s, other = s) on s | project other, isnull(other)"
    assert sorted(rows_of(ask, text)) == [("", False), ("x", False)]
    assert rows_of(ask, "print extract('x', 0, 'abc'), tostring(int(null)), split('a', ',')[3]") == [("", "", None)]
    assert rows_of(ask, "print tostring(split('a', ',')[3])") == [("",)]


def test_trap_3_names_differ_by_case(ask: Ask) -> None:
    """Two columns whose names differ by case alone stay two columns."""
    text = "print VMUUID = 'a', vmuuId = 'b' | extend both = strcat(VMUUID, vmuuId)"
    assert names_of(ask, text) == ["VMUUID", "vmuuId", "both"]
    assert rows_of(ask, text) == [("a", "b", "ab")]


def test_trap_4_the_latest_row_may_hold_a_null(ask: Ask) -> None:
    """arg_max gives the null of the latest row, not an older value."""
    text = "datatable(t: long, v: long) [1, 5, 2, long(null)] | summarize arg_max(t, v)"
    assert rows_of(ask, text) == [(2, None)]


def test_trap_4_rows_without_a_time_are_rows(ask: Ask) -> None:
    """Where all times are null, arg_max still gives a row's values."""
    text = "datatable(k: string, t: long, v: string) ['a', long(null), 'x'] | summarize arg_max(t, v) by k"
    assert rows_of(ask, text) == [("a", None, "x")]


def test_trap_5_order_is_descending_with_nulls_last(ask: Ask) -> None:
    """sort by x is desc with nulls last; asc has them first."""
    rows = "let T = datatable(a: long) [1, long(null), 2];\n"
    assert rows_of(ask, rows + "T | sort by a") == [(2,), (1,), (None,)]
    assert rows_of(ask, rows + "T | order by a asc") == [(None,), (1,), (2,)]


@pytest.mark.parametrize(
    ("text", "term", "has"),
    [
        ("Non-Critical", "Critical", True),
        ("NonCritical", "Critical", False),
        ("non critical.", "CRITICAL", True),
        ("Critical2", "Critical", False),
        ("Critical_2", "Critical", True),
        ("überkritisch", "kritisch", False),
        ("", "Critical", False),
    ],
)
def test_trap_6_has_takes_whole_runs_of_letters_and_digits(ask: Ask, text: str, term: str, has: bool) -> None:
    """A term is found where no letter and no digit stands beside it, in any case."""
    assert rows_of(ask, f"print '{text}' has '{term}'") == [(has,)]
    assert rows_of(ask, f"let t = '{term}'; print s = '{text}' | where s has t") == [(text,)] * has


def test_trap_7_join_is_innerunique(ask: Ask) -> None:
    """A join without a kind takes one row of each key of the left; names that clash get a 1."""
    text = "let T = datatable(k: long, v: string) [1, 'a', 1, 'b'];\nT | join T on k"
    assert names_of(ask, text) == ["k", "v", "k1", "v1"]
    assert len(rows_of(ask, text)) == 2


def test_trap_8_star_follows_what_is_compared(ask: Ask) -> None:
    """arg_max(t, *) gives keys, t, then the others."""
    text = "datatable(a: long, k: string, t: long) [1, 'x', 2] | summarize arg_max(t, *) by k"
    assert names_of(ask, text) == ["k", "t", "a"]


def test_trap_9_names_that_nobody_gave(ask: Ask) -> None:
    """Columns are called as Kusto calls them."""
    text = "print n = 1, t = now(), c = 'x' | summarize count(), sum(n), dcount(c), max(t), n + 1"
    text = text.replace(", n + 1", ", max(n) + 1")
    assert names_of(ask, text) == ["count_", "sum_n", "dcount_c", "max_t", "Column1"]
    assert names_of(ask, "print 1, x = 2, 3") == ["print_0", "x", "print_2"]
    text = "V | project bin(t, 1h), tostring(d.a.b[0]), strlen(s), i + 1, toupper(s)"
    assert names_of(ask, text) == ["t", "d_a_b_0", "strlen_s", "Column1", "Column2"]


def test_trap_10_nothing_sums_to_nought(ask: Ask) -> None:
    """Of no rows sum is 0 and max is null; there is one row without keys, and none with them."""
    rows = "let T = datatable(a: long) [];\n"
    assert rows_of(ask, rows + "T | summarize sum(a), max(a), count()") == [(0, None, 0)]
    assert rows_of(ask, rows + "T | summarize count() by a") == []


def test_trap_11_one_part_of_a_split_is_an_array(ask: Ask) -> None:
    """split with an index gives an array of one."""
    text = "print split('a;b', ';', 1), split('a;b', ';', 0)[0], split('a;b', ';', 9)"
    assert [json.loads(str(value)) for value in rows_of(ask, text)[0]] == [["b"], "a", []]


def test_trap_12_older_names_work(ask: Ask) -> None:
    """Aliases are what they stand for."""
    text = "print notempty('x'), iif(true, 1, 2), replace('a', 'b', 'aa'), tostring(pack('a', 1)), toobject('{}')"
    assert rows_of(ask, text) == [(True, 1, "bb", '{"a":1}', "{}")]
    text = "print n = 1, t = 2 | summarize makeset(n), makelist(n), any(n), argmax(t, n), count(n)"
    assert names_of(ask, text) == ["set_n", "list_n", "any_n", "max_t", "max_t_n", "count_n"]


def test_trap_13_a_bool_is_compared_with_a_text(ask: Ask) -> None:
    """``Optional == "false"`` is written in Microsoft's own queries."""
    rows = "let T = datatable(b: bool, s: string) [true, 'yes', false, 'no', bool(null), 'none'];\n"
    assert rows_of(ask, rows + "T | where b == 'false' | project s") == [("no",)]
    assert rows_of(ask, rows + "T | where b != 'True' | project s") == [("no",), ("none",)]


def test_trap_14_in_looks_into_a_set(ask: Ask) -> None:
    """``in`` against one cell with an array compares with its elements."""
    rows = "let T = datatable(s: string) ['a', 'b', 'c'];\n"
    chosen = "let X = toscalar(T | where s != 'b' | summarize make_set(s));\n"
    assert rows_of(ask, rows + chosen + "T | where s in (X)") == [("a",), ("c",)]
    assert rows_of(ask, rows + "T | where s in ((T | where s != 'b' | summarize make_set(s)))") == [("a",), ("c",)]
    assert rows_of(ask, rows + "T | where s !in (dynamic(['a', 'b']))") == [("c",)]


def test_trap_15_union_is_by_name(ask: Ask) -> None:
    """Columns of a union are found by name; what one side lacks is null, or empty."""
    text = "print a = 1, s = 'x' | union (print s = 'y', b = 2)"
    assert names_of(ask, text) == ["a", "s", "b"]
    assert sorted(rows_of(ask, text), key=str) == [(1, "x", None), (None, "y", 2)]


def test_trap_16_times_have_microseconds(ask: Ask) -> None:
    """A timespan has ticks of 100 ns; a time has microseconds, and says so with a nought at the end."""
    text = "print 1tick + 1ms, tostring(datetime(2026-11-20 12:00:00.123456)), 3tick * 7"
    assert rows_of(ask, text) == [("00:00:00.0010001", "2026-11-20T12:00:00.1234560Z", "00:00:00.0000021")]
