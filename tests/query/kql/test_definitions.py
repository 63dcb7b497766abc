"""What ``let`` defines, functions, queries inside of values, parameters."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fleet.errors import BadInput
from query.kql.declared import declared_values
from query.kql.translate import translate
from query.kql.types import KqlType

DATA = "let T = datatable (k: string, n: long) ['a', 1, 'b', 2, 'c', 3, 'a', 4];\n"

CASES = [
    ("let limit_ = 2; T | where n > limit_ | count", [(2,)]),
    ("let n = 2; T | where n == 3 | project n", [(3,)]),
    ("let f = (x: long) { x * 2 }; T | where n == 4 | project f(n)", [(8,)]),
    ("let f = (x: long, y: long = 10) { let z = x + y; z }; print f(1), f(1, 2), f(y = 3, x = 4)", [(11, 3, 7)]),
    ("let f = (x: string) { strcat(x, '!') }; T | where f(k) == 'b!' | project n", [(2,)]),
    ("let f = (t: (n: long), least: long) { t | where n >= least }; f(T, 3) | count", [(2,)]),
    ("let f = (t: (n: long)) { t | take 1 }; f(T | where n == 2)", [("b", 2)]),
    ("let f = (t: (*)) { t | where n == 2 }; T | invoke f()", [("b", 2)]),
    ("let f = () { T | where n == 3 }; f | project k", [("c",)]),
    ("let f = view () { T | where n == 3 }; union withsource=From f | project From, k", [("f", "c")]),
    ("let g = (x: long) { x + 1 }; let f = (x: long) { g(x) * 10 }; print f(1)", [(20,)]),
    ("let x = 1; let f = () { x }; let x = 2; print f(), x", [(1, 2)]),
    ("let U = T | where k == 'a'; let U2 = U | where n > 1; U2 | union U | count", [(3,)]),
    ("let U = materialize(T | where k == 'a'); U | join kind=inner U on n | count", [(2,)]),
    ("let m = toscalar(T | summarize max(n)); T | where n == m | project k", [("a",)]),
    ("T | where n == toscalar(T | summarize min(n)) | project k", [("a",)]),
    ("let f = toscalar(T | sort by n | project k); print f", [("a",)]),
    ("T | where k in ((T | where n > 1 and n < 4 | project k)) | count", [(2,)]),
    ("let K = T | where n > 1 and n < 4 | project k; T | where k in (K) | count", [(2,)]),
    ("let K = T | where n > 1 and n < 4 | project k; T | where k !in (K) | count", [(2,)]),
    ("let K = T | where n > 2 | summarize make_set(k); T | where k in (K) | count", [(3,)]),
    ("let K = dynamic(['a', 'b']); T | where k in (K) | count", [(3,)]),
    ("let K = T | project k; T | summarize countif(k in (K))", [(4,)]),
    ("let K = () { T | where n == 2 | project k }; T | where k in (K()) | count", [(1,)]),
    ("T | where k has_any ((T | where n == 2 | project k)) | count", [(1,)]),
    ("T | as X | summarize total = sum(n) | extend more = toscalar(X | count)", [(10, 4)]),
    ("table('T') | count", [(4,)]),
    ("let a = 1; let b = a + 1; let c = b * b; print c", [(4,)]),
    ("declare query_parameters(days: long = 7); print days", [(7,)]),
    ("(T | where n == 1) | project k", [("a",)]),
    ("let h = 1h; print h * 2", [("02:00:00",)]),
]


@pytest.mark.parametrize(("query", "rows"), CASES, ids=[query for query, _ in CASES])
def test_definitions_mean_what_they_name(kusto: Any, query: str, rows: list[Any]) -> None:
    """By value."""
    assert sorted(kusto.ask(DATA + query).rows, key=repr) == sorted(rows, key=repr)


def test_parameters_are_those_that_are_used(kusto: Any) -> None:
    """A value from outside is a parameter of the SQL, typed."""
    kusto.add("T", {"n": KqlType.LONG, "s": KqlType.STRING}, [(1, "a"), (2, "b")])
    schema = kusto.schema(least=KqlType.LONG, who=KqlType.STRING, span=KqlType.TIMESPAN)

    translation = translate("T | where n >= least and s == who | extend x = span", schema)
    given = {"least": 2, "who": "b", "span": "1 day"}
    rows = kusto.fetch(translation.sql, given)

    assert translation.parameters == {"least", "who", "span"}
    assert rows == [(2, "b", "1.00:00:00")]


def test_declared_parameter_takes_the_value_given(kusto: Any) -> None:
    """What is given wins over the default."""
    schema = kusto.schema(days=KqlType.LONG)

    translation = translate("declare query_parameters(days: long = 7); print days", schema)

    assert kusto.fetch(translation.sql, {"days": 3}) == [(3,)]


def test_filtered_table_that_let_names_opens_recent_days_only(kusto: Any) -> None:
    """Conditions of ``let`` and of its use stand together beside the table."""
    kusto.add("T", {"TimeGenerated": KqlType.DATETIME, "s": KqlType.STRING}, [])

    sql = translate("let U = T | where s == 'a'; U | where TimeGenerated > ago(5h) | count", kusto.schema()).sql

    assert sql.count("WHERE") == 1
    assert "\"s\" = 'a'\n    AND \"TimeGenerated\" > now() - INTERVAL '5 hours'" in sql


def test_functions_that_double_each_other_are_refused(kusto: Any) -> None:
    """A short text must not become an endless one."""
    from fleet.errors import QueryRefused

    doubled = "".join(f"let f{i} = () {{ f{i - 1}() | union f{i - 1}() }};" for i in range(1, 30))
    with pytest.raises(QueryRefused, match="too large"):
        kusto.ask("let f0 = () { print a = 1 | where a > 0 };" + doubled + "f29()")

    texts = "".join(f"let s{i} = strcat(s{i - 1}, s{i - 1});" for i in range(1, 40))
    with pytest.raises(QueryRefused, match="too large"):
        kusto.ask("let s0 = tostring(now());" + texts + "print s39")


@pytest.mark.parametrize(
    ("declared", "value", "said"),
    [
        ("long", "abc", "Parameter x takes a whole number, and 'abc' is none."),
        ("real", "1,5", "Parameter x takes a number, and '1,5' is none."),
        ("bool", "perhaps", "Parameter x takes true or false, and 'perhaps' is none."),
        ("datetime", "soon", "Parameter x takes a time like 2026-11-20T12:00:00Z, and 'soon' is none."),
    ],
)
def test_value_of_another_type_than_declared_is_refused(declared: str, value: str, said: str) -> None:
    """It is never taken for no value."""
    with pytest.raises(BadInput) as refused:
        declared_values(f"declare query_parameters(x: {declared}); print x", {"x": value})
    assert str(refused.value) == said


def test_value_is_read_as_the_type_declared() -> None:
    """The command line gives texts."""
    text = "declare query_parameters(n: long, t: datetime, s: string = ''); print n, t, s"

    values = declared_values(text, {"n": "3", "t": "2026-11-20", "s": "5"})

    assert values == {"n": 3, "t": datetime(2026, 11, 20, tzinfo=UTC), "s": "5"}
