"""The forms of every predefined query for every engine, and what is refused rather than said inexactly."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from _pytest.mark import ParameterSet

from fleet.errors import QueryRefused
from query.dialects import source
from query.dialects.engines import Engine
from query.dialects.refusals import CannotSay
from query.dialects.translate import translate
from query.library import SavedQuery, find_queries
from tests.query.dialects.examples import UNSAYABLE_BY, sql_of, values_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
# What only DuckDB reads, and no pass may leave.
ONLY_DUCKDB = (
    "list_position",
    "arg_max",
    "arg_min",
    "count_if",
    "to_days",
    "to_hours",
    "patchdeck_arg",
    " glob ",
    "kql_",
)


def say(sql: str, engine: Engine, **parameters: object) -> str:
    """The form without the comment, on one line."""
    text = translate(sql, engine, parameters=parameters, now=NOW)
    return " ".join(line.strip() for line in text.splitlines() if not line.startswith("--"))


def forms() -> Iterator[ParameterSet]:
    """Every predefined query for every engine; usually for one of them in turn, and for those that cannot say it."""
    for index, query in enumerate(find_queries()):
        usual = tuple(Engine)[index % len(Engine)]
        for engine in Engine:
            is_usual = engine is usual or query.name in UNSAYABLE_BY.get(engine, frozenset())
            marks = () if is_usual else (pytest.mark.soak,)
            yield pytest.param(query, engine, id=f"{query.name}-{engine.value}", marks=marks)


@pytest.mark.parametrize(("query", "engine"), forms())
def test_a_form_parses_and_has_nothing_of_duckdb_left(query: SavedQuery, engine: Engine) -> None:
    """Each form is the engine's SQL as sqlglot knows it (`check_text` reads it); what cannot be said is refused."""
    if query.name in UNSAYABLE_BY.get(engine, frozenset()):
        with pytest.raises(CannotSay):
            translate(sql_of(query), engine, parameters=values_of(query), now=NOW)
        return
    text = translate(sql_of(query), engine, parameters=values_of(query), title=query.title, now=NOW)
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--")).lower()
    assert not [sign for sign in ONLY_DUCKDB if sign in body]
    assert text.startswith(f"-- {query.title}")


def test_arg_max_skips_rows_without_a_value() -> None:
    """Spark's max_by would take them, so their key is made null."""
    said = say("SELECT arg_max(Kernel, LastAnswered) AS k FROM Machine", Engine.SPARK)
    assert "MAX_BY(Machine.Kernel, CASE WHEN NOT Machine.Kernel IS NULL THEN Machine.LastAnswered END)" in said


@pytest.mark.parametrize("engine", Engine)
def test_not_like_stays_negated(engine: Engine) -> None:
    """sqlglot keeps the NOT of LIKE in the node itself."""
    assert "NOT " in say("SELECT Computer FROM Machine WHERE Computer NOT LIKE 'web%'", engine)


def test_count_if_of_no_rows_is_null() -> None:
    """As DuckDB 2.0 has it: a sum, not a count."""
    said = say("SELECT count_if(Enabled) AS n FROM Machine", Engine.SPARK)
    assert "SUM(CASE WHEN Machine.Enabled THEN 1 ELSE 0 END)" in said


def test_bits_are_compared_in_tsql() -> None:
    """T-SQL takes no column for a condition, and no condition for a value."""
    said = say("SELECT Computer, OSType = 'Linux' AS l FROM Machine WHERE Enabled", Engine.TSQL)
    assert "Machine.Enabled = 1" in said
    assert "CASE WHEN Machine.OSType = 'Linux' THEN 1 WHEN NOT (" in said


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize(
    "case",
    [
        "WHEN 1 THEN 'January' WHEN 2 THEN 'February' ELSE 'later' END AS",
        "WHEN 1 THEN 31 WHEN 2 THEN 28 END AS",
        "CASE WHEN 1 = 2 THEN 'a' WHEN 1 > 2 THEN 'b' ELSE",
    ],
)
def test_a_branch_of_case_keeps_its_condition(case: str, engine: Engine) -> None:
    """A branch without a column in it is no if() whose value could be computed."""
    sql = f"SELECT {case if case.startswith('CASE') else f'CASE month(TimeGenerated) {case}'}"
    end = " Computer END AS t FROM Update" if case.endswith("ELSE") else " t FROM Update"
    assert case in say(sql + end, engine).replace('"', "")


def test_tables_get_the_prefix_and_ctes_do_not() -> None:
    """Only our tables lie there."""
    text = translate(
        "WITH m AS (SELECT Computer FROM Machine) SELECT * FROM m", Engine.TRINO, parameters={}, table_prefix="a.b."
    )
    assert "FROM a.b.Machine" in text
    assert "FROM m" in text


def test_parameters_become_literals() -> None:
    """The text stands alone; a quote in a value ends no literal."""
    said = say("SELECT Computer FROM Machine WHERE Computer = $name", Engine.POSTGRES, name="it's")
    assert "'it''s'" in said


def test_the_clock_runs_in_utc_unless_it_is_pinned() -> None:
    """Without a pinned moment each engine asks its own clock."""
    text = translate("SELECT now() AS t FROM Machine", Engine.SNOWFLAKE, parameters={})
    assert "SYSDATE()" in text
    assert "2026-11-20 12:00:00" in say("SELECT now() AS t FROM Machine", Engine.SNOWFLAKE)


@pytest.mark.parametrize(
    ("sql", "construct"),
    [
        ("SELECT list_transform([1, 2], lambda x: x + 1) AS l FROM Machine", ""),
        ("SELECT regexp_matches(Computer, 'a+', 'i') AS m FROM Machine", "REGEXP_MATCHES"),
        ("SELECT CAST(LastAnswered AS VARCHAR) AS t FROM Machine", "CAST"),
        ("SELECT date_diff('week', BootedAt, LastAnswered) AS w FROM Machine", "date_diff() in week"),
        ("SELECT Computer FROM Machine WHERE Computer GLOB '[a-c]*'", "GLOB"),
        ("SELECT Computer FROM Machine USING SAMPLE 3", ""),
    ],
)
@pytest.mark.parametrize("engine", Engine)
def test_what_has_no_exact_form_is_refused(sql: str, construct: str, engine: Engine) -> None:
    """With the construct and the engine, never printed inexactly."""
    with pytest.raises(CannotSay) as refused:
        translate(sql, engine, parameters={}, now=NOW)
    assert construct in str(refused.value)


def test_a_refusal_says_where() -> None:
    """Line, column and engine."""
    with pytest.raises(CannotSay, match=r"Line 2, column 3: .*Trino"):
        translate("SELECT\n  bit_count(5 + SizeBytes) AS b\nFROM Update", Engine.TRINO, parameters={})


def test_what_our_engine_would_refuse_is_refused_alike() -> None:
    """The gate is the same."""
    with pytest.raises(QueryRefused, match="Only SELECT"):
        translate("DROP TABLE Machine", Engine.SPARK, parameters={})


@pytest.mark.parametrize(
    "value",
    [
        "length(repeat('x', 4000000000))",
        "length(lpad('x', 2000000000, 'y'))",
        "len(range(4000000000))",
        "(SELECT count(*) FROM range(4000000000000))",
    ],
)
def test_nothing_of_a_query_is_run_that_takes_long_or_grows(value: str) -> None:
    """To say it again, it is bound, and only its constants are computed, within the limits of any query."""
    with pytest.raises(QueryRefused):
        translate(f"SELECT Computer, {value} AS n FROM Machine", Engine.SPARK, parameters={})


def test_several_threads_say_queries_at_once() -> None:
    """The first ones, too: the database and the macros in it are made once."""
    source._made.cache_clear()
    by_macros = next(query for query in find_queries() if "kql_" in sql_of(query))

    def form(_number: int) -> str:
        return translate(sql_of(by_macros), Engine.SPARK, parameters=values_of(by_macros), now=NOW)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(form, range(4)))) == 1
