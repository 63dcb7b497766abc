"""Queries that try to do more than read: each is refused by the gate, and without the gate by what lies below."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from fleet.errors import BadInput, PatchdeckError, QueryRefused, UnknownName
from query.engine import QueryEngine

OpenEngine = Callable[..., QueryEngine]

WRITES = [
    "INSERT INTO Machine VALUES (1)",
    "UPDATE Machine SET Computer = 'x'",
    "DELETE FROM Machine",
    "TRUNCATE Machine",
    "MERGE INTO Machine USING Update ON true WHEN MATCHED THEN DELETE",
    "CREATE TABLE x (a INT)",
    "CREATE TABLE x AS SELECT 1",
    "CREATE VIEW x AS SELECT 1",
    "CREATE MACRO x() AS 1",
    "CREATE SECRET (TYPE s3)",
    "CREATE PERSISTENT SECRET x (TYPE s3)",
    "CREATE TYPE x AS ENUM ('a')",
    "CREATE SEQUENCE x",
    "DROP VIEW Machine",
    "ALTER TABLE Machine ADD COLUMN x INT",
    "COMMENT ON TABLE Machine IS 'x'",
    "COPY Machine TO '{out}'",
    "COPY (SELECT 1) TO '{out}'",
    "COPY Machine FROM '/etc/passwd'",
    "EXPORT DATABASE '{out}'",
    "IMPORT DATABASE '{out}'",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{out}'",
    "ATTACH '{out}' AS x",
    "DETACH memory",
    "USE memory",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 1",
    "SET GLOBAL lock_configuration = false",
    "RESET ALL",
    "SET VARIABLE patchdeck_now = TIMESTAMP '2000-01-01'",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "CALL pragma_version()",
    "CALL enable_logging(storage := 'file', storage_path := '{out}')",
    "CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "BEGIN",
    "COMMIT",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "DEALLOCATE p",
    "DESCRIBE Machine",
    "SHOW TABLES",
    "SUMMARIZE Machine",
    "SELECT 1; DROP VIEW Machine",
    "SELECT 1; SELECT 2",
    "WITH x AS (COPY (SELECT 1) TO '{out}') SELECT 1",
    "WITH x AS (INSERT INTO Machine VALUES (1) RETURNING *) SELECT * FROM x",
    "WITH x AS (DELETE FROM Machine RETURNING *) SELECT * FROM x",
    "WITH x AS (UPDATE Machine SET Computer = 'x' RETURNING *) SELECT * FROM x",
    "SELECT * FROM (WITH x AS (COPY (SELECT 1) TO '{out}') SELECT 1)",
    "SELECT (WITH x AS (COPY (SELECT 1) TO '{out}') SELECT 1)",
    "SELECT 1 UNION ALL (WITH x AS (COPY (SELECT 1) TO '{out}') SELECT 1)",
    "WITH RECURSIVE r AS (SELECT 1 UNION ALL (WITH x AS (COPY (SELECT 1) TO '{out}') SELECT 1)) FROM r",
]

READS = [
    "FROM '/etc/passwd'",
    'FROM "/etc/passwd"',
    "SELECT * FROM '/etc/passwd.csv'",
    "SELECT * FROM 'umro://../../../../etc/passwd'",
    "SELECT * FROM 'https://example.com/x.parquet'",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json_auto('/etc/passwd')",
    "SELECT * FROM read_parquet('umro://Machine/*.parquet')",
    "SELECT * FROM parquet_metadata('umro://Machine/*.parquet')",
    "SELECT * FROM \"read_text\"('/etc/passwd')",
    "SELECT * FROM READ_TEXT('/etc/passwd')",
    "SELECT * FROM system.main.read_text('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM read_duckdb('/tmp/x')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('Machine')",
    "SELECT * FROM query_table(['Machine', 'Update'])",
    "SELECT * FROM json_execute_serialized_sql('{}')",
    "SELECT * FROM enable_logging(storage := 'file')",
    "SELECT * FROM histogram('Machine', Computer)",
    "SELECT * FROM summary(TABLE Machine)",
    "SELECT * FROM test_all_types()",
    "SELECT * FROM repeat(1, 10)",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_views()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_variables()",
    "SELECT * FROM duckdb_functions()",
    "SELECT * FROM duckdb_logs",
    "SELECT * FROM pragma_version()",
    "SELECT * FROM pragma_table_info('Machine')",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM pg_tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM memory.main.Machine",
    "SELECT * FROM main.Machine",
    "SELECT * FROM temp.Machine",
    "SELECT * FROM Machine AT (VERSION => 0)",
    "SELECT * FROM hostages",
    "SELECT * FROM os",
    "SELECT * FROM Маchine",
    "SELECT getenv('HOME')",
    "SELECT current_setting('temp_directory')",
    "SELECT getvariable('patchdeck_now')",
    "SELECT current_database()",
    "SELECT current_schema()",
    "SELECT current_query()",
    "SELECT current_user()",
    "SELECT system.main.now()",
    "SELECT nextval('x')",
    "SELECT setseed(0.5)",
    "SELECT sleep_ms(1000)",
    "SELECT pg_sleep(1)",
    "SELECT write_log('x')",
    "SELECT json_serialize_sql('SELECT 1')",
    "SELECT pg_get_viewdef('x')",
    "SELECT finalize('x'::BLOB)",
    "SELECT 1 WHERE EXISTS (FROM read_text('/etc/passwd'))",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT 1 LIMIT (SELECT count(*) FROM glob('*'))",
    "SELECT 1 ORDER BY current_setting('threads')",
    "SELECT count(*) FILTER (current_setting('threads') = 1) FROM Machine",
    "SELECT sum(1) OVER (PARTITION BY current_setting('threads')) FROM Machine",
    "SELECT list_transform([1], lambda x: current_setting('threads'))",
    "SELECT [current_setting(s) FOR s IN ['threads']]",
    "SELECT COLUMNS(lambda c: c = current_setting('threads')) FROM Machine",
    "SELECT * REPLACE (current_setting('threads') AS Computer) FROM Machine",
    "SELECT 'threads'.current_setting()",
    "SELECT CASE WHEN true THEN current_setting('threads') END",
    "SELECT a.* FROM Machine a, LATERAL (SELECT * FROM read_text('/etc/passwd')) b",
    "VALUES (current_setting('threads'))",
    "PIVOT Machine ON Computer",
    "SELECT * FROM (PIVOT read_text('/etc/passwd') ON filename IN ('a') USING count(*))",
    "SELECT ?",
    "SELECT $1",
    "SELECT printf('%1000000000d', 1)",
    "SELECT format(Computer, 1) FROM Machine",
]

BROKEN = [
    "",
    "   \n\t",
    ";",
    "-- only a comment",
    "/* only a comment */",
    "/* no end",
    "SELECT",
    "SELEC 1",
    "SELECT 'no end",
    'SELECT "no end',
    "SELECT $$no end",
    "SELECT 1 FROM",
    "SELECT\0 1",
    "SELECT '\ud800'",
    "\ufeff",
    "(" * 3_000,
    "SELECT " + "(" * 200 + "1" + ")" * 200,
    "SELECT " + "[" * 200 + "1" + "]" * 200,
    "SELECT 1" + "+1" * 5_000,
    "SELECT " + "NOT " * 5_000 + "true",
    "SELECT " + "CASE WHEN true THEN " * 2_000 + "1" + " END" * 2_000,
    "SELECT * FROM " + ", ".join(["Machine"] * 5_000),
    "SELECT '" + "x" * 1_000_000 + "'",
    "WITH " + ", ".join(f"a{i} AS (FROM a{i - 1})" if i else "a0 AS (SELECT 1)" for i in range(2_000)) + " FROM a1999",
    "WITH a AS (" * 300 + "SELECT 1" + ") FROM a" * 300,
    "x" * 50_000,
    "SELECT \x1b[31m",
    "日本語",
]


@pytest.mark.parametrize("attack", [*WRITES, *READS])
def test_attack_is_refused_in_one_line(engine: QueryEngine, tmp_path: Path, attack: str) -> None:
    """Nothing but a SELECT over the tables gets past the gate, and nothing is written."""
    out = tmp_path / "out"

    with pytest.raises(BadInput) as refusal:
        engine.run(attack.replace("{out}", str(out)))

    assert isinstance(refusal.value, QueryRefused | UnknownName)
    assert len(str(refusal.value).splitlines()) == 1
    assert not out.exists()
    assert engine.run("SELECT 1").rows == [(1,)]


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_text_that_is_no_query_is_refused_in_one_line(engine: QueryEngine, text: str) -> None:
    """Empty, broken, huge and deep texts: one line, no crash, and the engine lives on."""
    with pytest.raises(PatchdeckError) as refusal:
        engine.run(text)

    assert len(str(refusal.value).splitlines()) == 1
    assert len(str(refusal.value)) < 600
    assert engine.run("SELECT 1").rows == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO '{out}'",
        "WITH x AS (COPY (SELECT 1) TO '{out}') SELECT 1",
        "COPY (SELECT 1) TO 'umro://out.parquet'",
        "COPY (SELECT 1) TO 'umro://{out}'",
        "COPY (SELECT 1) TO 'umout://out.parquet'",
        "EXPORT DATABASE '{out}'",
        "ATTACH '{out}'",
        "ATTACH 'umro://x.duckdb'",
        "FROM read_text('/etc/passwd')",
        "FROM read_text('umro://../../../../../../../../etc/passwd')",
        "FROM read_text('umro:///etc/passwd')",
        "FROM read_text('umro://link')",
        "FROM read_text('file:///etc/passwd')",
        "FROM glob('/etc/*')",
        "FROM 'https://example.com/x.csv'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET GLOBAL allowed_directories = ['/']",
        "SET python_enable_replacements = true",
        "FROM hostages",
        "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
        "CALL enable_logging(storage := 'file', storage_config := {{'path': '{out}'}})",
    ],
)
def test_without_the_gate_files_and_settings_stay_closed(
    engine: QueryEngine, tables_dir: Path, tmp_path: Path, statement: str
) -> None:
    """The layers below hold by themselves: nothing outside is read, nothing is written, no setting changes."""
    hostages = [1, 2, 3]
    (tables_dir / "link").symlink_to("/etc/passwd")
    out = tmp_path / "out"
    cursor = engine._database.cursor()

    try:
        seen = cursor.execute(statement.format(out=out)).fetchall()
    except duckdb.Error:
        seen = []

    assert hostages
    assert seen == []
    assert not list(tmp_path.rglob("out*"))
    assert cursor.execute("SELECT current_setting('lock_configuration')").fetchone() == (True,)


def test_export_is_written_only_where_we_say(engine: QueryEngine, tmp_path: Path) -> None:
    """A SELECT that closes the bracket of our COPY is refused before it gets there."""
    target, other = tmp_path / "target.parquet", tmp_path / "other.parquet"

    with pytest.raises(QueryRefused):
        engine.write_parquet(f"SELECT 1) TO '{other}' (FORMAT parquet); --", {}, target)

    assert {path.name for path in tmp_path.iterdir()} <= {"tables", "temp"}


@pytest.mark.parametrize("length", [150, 200, 250, 300, 350])
@pytest.mark.parametrize(
    "sql",
    ["SELECT 1{}", "SELECT 'a' {}", "SELECT 1 WHERE now() > now() - INTERVAL 1 DAY {}", "SELECT {}true"],
    ids=["plus", "concat", "and", "not"],
)
def test_long_chain_of_operators_is_answered_or_refused(
    engine: QueryEngine, tmp_path: Path, sql: str, length: int
) -> None:
    """A few hundred of them are as many levels deep: never a RecursionError, in the answer or in a file."""
    links = {"1{": "+1", "a": "|| 'b'", "DAY": "AND Computer <> 'x'", "{}t": "NOT "}
    chain = sql.format(next(link for sign, link in links.items() if sign in sql) * length)
    chain = chain.replace(" WHERE", " FROM Machine WHERE")

    for ask in (lambda: engine.run(chain), lambda: engine.write_parquet(chain + ";", {}, tmp_path / "x.parquet")):
        with suppress(QueryRefused):
            ask()


def test_comments_and_semicolons_around_a_select_are_fine(engine: QueryEngine) -> None:
    """What does nothing may stand there, also where we wrap the text: an interval needs a cast."""
    sql = "/* a; */ SELECT 'a;b' AS x, INTERVAL 1 DAY AS y -- c;\n; -- d; e\n;;"

    assert engine.run(sql).rows == [("a;b", "1 day")]


def test_names_in_any_case_and_quotes_are_the_tables(engine: QueryEngine) -> None:
    """SQL's names know no case, quoted or not."""
    assert engine.run('SELECT count(*) FROM "update", MACHINE, heartbeat').rows == [(0,)]


def test_cte_hides_a_table_only_where_it_is_seen(engine: QueryEngine) -> None:
    """Inside of its own CTE a table's name is still the table; a name of a later CTE is nothing yet."""
    assert engine.run("WITH Machine AS (SELECT 7 AS n FROM (SELECT count(*) FROM Machine)) FROM Machine").rows == [(7,)]
    with pytest.raises(UnknownName):
        engine.run("WITH a AS (FROM b), b AS (SELECT 1) FROM a")


def test_engine_answers_several_threads_at_once(engine: QueryEngine) -> None:
    """Each thread has its own views and its own answer."""
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        answers[number] = engine.run("SELECT $n + count(*) FROM Machine", {"n": number}).rows[0][0]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {number: number for number in range(8)}
