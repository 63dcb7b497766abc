"""The list of allowed functions against the DuckDB that is installed."""

import re

import duckdb

from query.clock import CLOCK_FUNCTIONS
from query.engine import QueryEngine
from query.functions import allowed_functions

# What DuckDB 2.0.0 has and queries may not call, by kind: what is new in another version fits none and fails the test.
CLOSED = re.compile(
    r"__internal.*|pg_.*|has_.*_privilege|i?c?u?_?collate_.*|icu_.*|inet_.*|st_.*|variant_.*|vertex_extract|json_copy_.*"
    r"|current_(connection_id|query_id|transaction_id|database|schemas?|query|setting|catalog|role|user)"
    r"|json_(serialize|deserialize)_.*|in_search_path|(col|obj|shobj)_description|format_(pg_)?type|map_to_pg_oid"
    r"|nextval|currval|setval|setseed|sleep_ms|stats|txid_current|vector_type|write_log|parse_duckdb_log_message"
    r"|get_block_size|getvariable|session_user|user|finalize|combine|combine_aggr|to_aggregate_state|create_sort_key"
    r"|cast_to_type|can_cast_implicitly|index_key|invoke|hive_partition_component|constant_or_null|uuidv7|binom"
    r"|is_histogram_other_bin|.*_byte_comparable|make_type|get_type|regexp_split_to_table|version|bar|equi_width_bins"
    r"|levenshtein|editdist3|damerau_levenshtein|jaro_(winkler_)?similarity|is (not )?distinct from"
)


def ask_duckdb(condition: str) -> set[str]:
    with duckdb.connect() as connection:
        sql = f"SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE {condition}"
        return {name for (name,) in connection.execute(sql).fetchall()}


def test_every_function_of_duckdb_was_looked_at() -> None:
    """A newer DuckDB's functions are closed; this test names them, to be put into functions.txt or CLOSED."""
    names = ask_duckdb("function_type IN ('scalar', 'aggregate', 'macro', 'window')")

    unknown = {name for name in names if name not in allowed_functions() and not CLOSED.fullmatch(name)}

    assert unknown == set()


def test_nothing_is_both_allowed_and_closed() -> None:
    """The two lists do not contradict each other."""
    assert {name for name in allowed_functions() if CLOSED.fullmatch(name)} == set()


def test_volatile_functions_that_are_allowed_are_harmless() -> None:
    """DuckDB's own mark for functions that see more than their arguments: the clock, chance, and error."""
    volatile = ask_duckdb("stability <> 'CONSISTENT'") & allowed_functions()

    assert volatile - CLOCK_FUNCTIONS <= {"random", "uuid", "uuidv4", "gen_random_uuid", "error"} | TABLE_LIKE


# Marked for their use as sources; as values they are shadowed by query.growth.
TABLE_LIKE = {"range", "generate_series", "unnest", "repeat", "histogram"}


def test_ordinary_sql_passes(engine: QueryEngine) -> None:
    """What analysts write every day is not in the way of the gate."""
    sql = """
    SELECT
        coalesce(NULL, 1), CASE WHEN true THEN 1 END, 1 IS DISTINCT FROM 2, 'a' LIKE 'b', 'a' ILIKE 'b',
        'a' SIMILAR TO 'b', 'a' ~ 'b', 'a' GLOB '*', 1 BETWEEN 0 AND 2, 1 IN (1, 2), NOT EXISTS (SELECT 1), [1, 2][1],
        [1, 2][1:2], {'a': 1}.a, '{"a": 1}'::JSON ->> 'a', extract(YEAR FROM now()), position('a' IN 'ba'),
        trim(BOTH ' ' FROM ' x '), 7 // 2, 7 % 2, date_trunc('day', now()), strftime(now(), '%Y'), now()::DATE - 1,
        CAST('1' AS INTEGER), TRY_CAST('x' AS INTEGER), lower('X') || upper('y'), split_part('a-b', '-', 1),
        regexp_matches('a', 'a'), list_transform([1], lambda x: x + 1), [x + 1 FOR x IN [1]], struct_pack(a := 1),
        map {'a': 1}['a'], greatest(1, 2), nullif(1, 1), if(true, 1, 2)
    """
    grouped = """
    SELECT
        OSType, count(*), count(DISTINCT Computer), sum(1) FILTER (OSType = 'Linux'), arg_max(Computer, TimeGenerated),
        string_agg(Computer, ', ' ORDER BY Computer), median(ClockSkewSeconds), quantile_cont(ClockSkewSeconds, 0.9)
    FROM Machine GROUP BY ALL HAVING count(*) > 0 ORDER BY ALL LIMIT 5
    """
    windowed = """
    SELECT
        Computer, row_number() OVER w, lag(Computer) OVER w, sum(1) OVER (PARTITION BY OSType), * EXCLUDE (Computer)
    FROM Machine WINDOW w AS (ORDER BY Computer) QUALIFY row_number() OVER w = 1
    """
    pivoted = "SELECT * FROM (PIVOT Machine ON OSType IN ('Linux', 'Windows') USING count(*) GROUP BY OSName)"

    assert len(engine.run(sql).rows) == 1
    assert all(engine.run(each).rows == [] for each in (grouped, windowed, pivoted))
