"""Sources of rows, and the statements before a query."""

import pytest

from query.kql import tree
from query.kql.parser import parse
from query.kql.types import KqlType


def source(text: str) -> object:
    """What the query of a text begins with."""
    query = parse(text).result
    assert isinstance(query, tree.Query)
    return query.source


def let(value: str) -> object:
    """What a let statement defines."""
    (statement,) = parse(f"let x = {value}; T").statements
    assert isinstance(statement, tree.Let)
    return statement.value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Update", tree.Name), ("['my table'] | count", tree.Name), ("(Update) | count", tree.Query),
        ("Update;", tree.Name), ("Update | count;\n;", tree.Name), ("f(1) | count", tree.Call),
        ("table('Update')", tree.Call), ("materialize(Update | take 1)", tree.Call),
        ("datatable (a: long) [1, 2]", tree.DataTable), ("datatable(a:string)['x']", tree.DataTable),
        ("datatable(a:string)[]", tree.DataTable), ("range x from 1 to 5 step 1", tree.RangeSource),
        ("print 1, a = 2", tree.Print), ("union T*", tree.Union), ("search 'x'", tree.Search),
        ("workspace('w').Update | take 1", tree.Unsupported), ("cluster('c').database('d').T", tree.Unsupported),
        ("externaldata (a: string) [h'https://x'] with (format='csv') | count", tree.Unsupported),
        ("find in (T) where a == 1 project b", tree.Unsupported),
    ],
)  # fmt: skip
def test_query_begins_with_rows(text: str, kind: type[object]) -> None:
    """Tables, calls, queries in brackets, and the words that make rows."""
    assert isinstance(source(text), kind)


def test_datatable_has_types_and_values() -> None:
    """Values stand row after row; a comma may stand behind the last."""
    table = source("datatable (a: string, ['b c']: datetime) ['x', datetime(2026-01-01), 'y', datetime(null),]")
    assert isinstance(table, tree.DataTable)
    assert [(column.name.text, column.type) for column in table.columns] == [
        ("a", KqlType.STRING), ("b c", KqlType.DATETIME),
    ]  # fmt: skip
    assert len(table.values) == 4


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1", tree.Literal), ("14h", tree.Literal), ("dynamic(['a'])", tree.Literal), ("a + 1", tree.Binary),
        ("T2", tree.Name), ("T2 | take 1", tree.Query), ("(T2 | take 1)", tree.Query), ("materialize(T2)", tree.Call),
        ("toscalar(T2 | count)", tree.Call), ("datatable (a: long) [1]", tree.Query), ("range(1, 10, 2)", tree.Call),
        ("range a from 1 to 2 step 1", tree.Query), ("union A, B", tree.Query), ("print 1", tree.Query),
        ("() { T2 }", tree.Function), ("(a: long) { a + 1 }", tree.Function), ("view () { T2 }", tree.Function),
        ("(a) == 1", tree.Binary),
    ],
)  # fmt: skip
def test_let_defines_values_tables_and_functions(value: str, kind: type[object]) -> None:
    """A name or a call alone is a value here: only the schema tells what it is."""
    assert isinstance(let(value), kind)


def test_function_has_typed_parameters() -> None:
    """Scalars with defaults, tables with columns, tables of any columns."""
    function = let("(a: long = 5, t: (b: string, c: real), u: (*)) { let d = a; t | where b == d; }")
    assert isinstance(function, tree.Function)
    assert [(item.name.text, item.type, len(item.columns)) for item in function.parameters] == [
        ("a", KqlType.LONG, 0), ("t", None, 2), ("u", None, 0),
    ]  # fmt: skip
    assert (len(function.body.statements), type(function.body.result)) == (1, tree.Query)


@pytest.mark.parametrize(("body", "kind"), [("a + 1", tree.Binary), ("T2", tree.Name), ("T2 | take a", tree.Query)])
def test_body_of_a_function_is_a_value_or_a_query(body: str, kind: type[object]) -> None:
    """A scalar function's body is an expression."""
    function = let(f"(a: long) {{ {body} }}")
    assert isinstance(function, tree.Function)
    assert isinstance(function.body.result, kind)


def test_parameters_are_declared_with_defaults() -> None:
    """``declare query_parameters`` is kept; options of a service are not."""
    script = parse("set notruncation;\nset query_now = datetime(2026-01-01);\n"
                   "declare query_parameters (a: string, b: long = 5);\nlet c = 1;\nUpdate")  # fmt: skip
    declared, defined = script.statements
    assert isinstance(declared, tree.QueryParameters)
    assert [(item.name.text, item.default is None) for item in declared.parameters] == [("a", True), ("b", False)]
    assert isinstance(defined, tree.Let)


def test_query_may_come_from_a_windows_editor() -> None:
    """A byte order mark, CR LF, tabs, comments and a semicolon at the end change nothing."""
    plain = parse("Update | where a == 1 | count").result
    written = parse("\ufeff// all\r\nUpdate\r\n\t| where a == 1 // one\r\n\r\n\t| count;\r\n").result
    assert isinstance(plain, tree.Query)
    assert isinstance(written, tree.Query)
    assert [type(step) for step in written.operators] == [type(step) for step in plain.operators]
