"""KQL that tries to do more than read, or to take more than it may: what the SQL of it is held to, holds here too."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.errors import BadInput, PatchdeckError, QueryFailed, QueryRefused, QueryTimedOut, UnknownName
from query.engine import QueryEngine
from query.language import QueryLanguage
from query.limits import MAX_QUERY_CHARACTERS

OpenEngine = Callable[..., QueryEngine]

REFUSED = [
    "",
    "// only a comment",
    "externaldata(x: string)['/etc/passwd']",
    "external_table('x')",
    "cluster('x').database('y').Machine",
    "database('x').Machine",
    "workspace('x').Machine",
    "table('sqlite_master')",
    "table('duckdb_settings')",
    "['main.Machine']",
    "['/etc/passwd']",
    "duckdb_tables",
    "duckdb_tables()",
    "information_schema.tables",
    "union duckdb_*",
    "union isfuzzy=true ['/etc/passwd'], pragma_*",
    "search in (sqlite_master) 'x'",
    ".show tables",
    ".drop table Machine",
    ".set-or-append Machine <| print 1",
    "evaluate http_request('http://127.0.0.1:9/')",
    "Machine | evaluate python(typeof(*), 'import os')",
    "Machine | evaluate sql_request('x', 'SELECT 1')",
    "Machine | invoke read_text('/etc/passwd')",
    "alias database x = cluster('y').database('z'); print 1",
    "Machine; Machine",
    "print getenv('HOME')",
    "print read_text('/etc/passwd')",
    "print current_setting('threads')",
    "print getvariable('patchdeck_now')",
    "print error('x')",
    "print kql_json('1')",
    "print system.main.now()",
    "print json_serialize_sql('SELECT 1')",
    "let f = (x: long) { f(x) }; print f(1)",
    "let a = b; let b = a; print a",
    "let f = (n: long) { toscalar(f(n - 1)) }; f(3)",
    "Machine | project ['a\"; DROP TABLE Machine; --']",
    "Machine | project ['Computer\" FROM Machine; SELECT \"x']",
    "Machine | extend x = ['\"']",
    "print x = '\\0'",
    "print x = '\ud800'",
    "print \u202e'x'",
    "print 'no end",
    "print @'no end",
    "print ```no end",
    "print " + "(" * 5_000,
    "print " + "(" * 300 + "1" + ")" * 300,
    "print " + "-" * 5_000 + "1",
    "print " + "+".join(["1"] * 5_000),
    "print " + "strcat(" * 500 + "'x'" + ")" * 500,
    "print dynamic(" + "[" * 500 + "]" * 500 + ")",
    "Machine" + " | extend a = 1" * 5_000,
    "Machine" + " | where true" * 8_000,
    "union " + ", ".join(["Machine"] * 5_000) + " | count",
    "let a0 = Machine; "
    + " ".join(f"let a{n} = union a{n - 1}, a{n - 1}, a{n - 1};" for n in range(1, 40))
    + " a39 | count",
    "x" * (MAX_QUERY_CHARACTERS + 1),
]

HUGE = [
    "range x from 1 to 1000000000000 step 1 | count",
    "range x from 1 to 1000000000000 step 1",
    "print x = range(1, 1000000000000, 1)",
    "range x from datetime(1900-01-01) to datetime(2100-01-01) step 10tick | count",
    "print s = strrep('x', 1000000000)",
    "print x = strcat_array(repeat('x', 1000000000), '')",
    "print x = 'a' " + "| extend x = strcat(x, x)" * 45,
    "range x from 1 to 900000 step 1 | extend y = 1 | as t | join kind=inner t on y | summarize sum(x * x1)",
    "print x = range(1, 1000000, 1) | mv-expand x | extend y = range(1, 1000000, 1) | mv-expand y | count",
    "range x from 1 to 900000 step 1 | extend s = strcat(strrep('x', 1000), x) | summarize make_list(s)",
    "range x from 1 to 900000 step 1 | extend s = strcat(strrep('x', 1000), x) | summarize make_set(s)",
]

HARMLESS = [
    ("print ['a\"; DROP'] = 1", [(1,)]),
    ("print x = 'a\\'; DROP VIEW Machine; --', y = \"b\\\"\"", [("a'; DROP VIEW Machine; --", 'b"')]),
    ("print x = @'c:\\', y = 'it''s', z = \"''\"", [("c:\\", "its", "''")]),
    ("print x = '$patchdeck_now', y = '$1', z = '?'", [("$patchdeck_now", "$1", "?")]),
    ("print x = '-- no comment', y = '/* nor this', z = '$$'", [("-- no comment", "/* nor this", "$$")]),
    ("let ['a b\"c'] = 7; print x = ['a b\"c']", [(7,)]),
    ("datatable (['a\"b']: string) ['q\"'] | where ['a\"b'] == 'q\"' | project ['a\"b']", [('q"',)]),
    ("print x = extract('(a+)+$', 1, strrep('a', 1000)) == strrep('a', 1000)", [(True,)]),
    ("range x from 1 to 10000 step 1 | where strrep('a', 1000) matches regex '(a*)*b' | count", [(0,)]),
]


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_kql_that_does_more_than_read_is_refused(engine: QueryEngine, text: str) -> None:
    """Other sources, commands, plugins, engine functions, recursion, broken and deep texts: one line of bad input."""
    with pytest.raises(BadInput) as refusal:
        engine.run(text, language=QueryLanguage.KQL)

    assert isinstance(refusal.value, QueryRefused | UnknownName)
    assert len(str(refusal.value).splitlines()) == 1
    assert len(str(refusal.value)) < 600
    assert engine.run("SELECT 1").rows == [(1,)]


@pytest.mark.parametrize("text", HUGE, ids=range(len(HUGE)))
def test_kql_that_takes_too_much_ends_at_a_limit(open_engine: OpenEngine, text: str) -> None:
    """Ranges, texts, expansions, joins and sets: the limit that it hits is named, and the engine lives on."""
    engine = open_engine(memory="200MB", spill="100MB", seconds=1.0)

    with pytest.raises((QueryFailed, QueryTimedOut)) as failure:
        engine.run(text, language=QueryLanguage.KQL)

    assert len(str(failure.value).splitlines()) == 1
    assert any(word in str(failure.value) for word in ("memory", "disk", "longer than", "may grow to"))
    assert engine.run("SELECT 1").rows == [(1,)]


@pytest.mark.parametrize(("text", "rows"), HARMLESS)
def test_quotes_and_patterns_are_only_text(engine: QueryEngine, text: str, rows: list[tuple[object, ...]]) -> None:
    """Whatever stands in a name or a literal stays there; patterns take time that grows with the text only."""
    assert engine.run(text, language=QueryLanguage.KQL).rows == rows


def test_names_that_differ_in_case_only_stay_apart(engine: QueryEngine, tmp_path: Path) -> None:
    """Results keep both names; Parquet, whose readers know no case, gets another for the second, and says so."""
    text = "print VMUUID = 1, vmuuId = 2, vmuuid = dynamic({'a': 1})"
    notes: list[str] = []

    result = engine.run(text, language=QueryLanguage.KQL)
    engine.write_parquet(text, {}, tmp_path / "x.parquet", language=QueryLanguage.KQL, on_note=notes.append)

    assert [column.name for column in result.columns] == ["VMUUID", "vmuuId", "vmuuid"]
    assert result.rows[0][:2] == (1, 2)
    assert [note.partition(" in the file")[0] for note in notes] == [
        "Column vmuuId is called vmuuId_1",
        "Column vmuuid is called vmuuid_2",
    ]


def test_render_asks_for_a_chart(engine: QueryEngine) -> None:
    """The rows are as they were; the pane draws them."""
    result = engine.run("print x = 1 | render barchart with (title='Updates')", language=QueryLanguage.KQL)

    assert result.rows == [(1,)]
    assert result.chart is not None
    assert (result.chart.kind, dict(result.chart.options)) == ("barchart", {"title": "Updates"})


def test_errors_while_kql_runs_tell_no_place_in_sql(engine: QueryEngine) -> None:
    """The SQL is not what the user wrote."""
    with pytest.raises(PatchdeckError) as failure:
        engine.run("range x from 9223372036854775806 to 9223372036854775807 step 1 | extend y = x * x",
                   language=QueryLanguage.KQL)  # fmt: skip

    assert "Line" not in str(failure.value)


def test_shown_sql_gives_the_same_rows(engine: QueryEngine) -> None:
    """What is shown can be run as it stands, functions of our own included."""
    text = "print x = 'Non-Critical', n = 7 % 3, d = parse_json('[1, 2]') | where x has 'critical'"

    shown = engine.explain_kql(text)

    assert shown.startswith("WITH ")
    assert engine.run(shown).rows == engine.run(text, language=QueryLanguage.KQL).rows
