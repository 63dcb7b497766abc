"""The macros that translated KQL calls where DuckDB has no function of the exact meaning."""

from duckdb import DuckDBPyConnection


def create_macros(connection: DuckDBPyConnection) -> None:
    """Create them, for every connection to this database."""
    for macro in _MACROS:
        connection.execute(f"CREATE MACRO {macro}")


# A real has up to 17 digits, and always a point or an exponent: 1.0, 1E+21.
_MACROS = (
    "kql_real_text(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN if(x > 0, 'Infinity', '-Infinity') "
    "ELSE upper(CAST(x AS VARCHAR)) END",
    "kql_decimal_text(x) AS regexp_replace(CAST(x AS VARCHAR), '\\.?0+$', '')",
    "kql_datetime_text(moment) AS strftime(moment, '%Y-%m-%dT%H:%M:%S.%f0Z')",
    # d.hh:mm:ss.fffffff; without days and without a fraction where they are nought.
    "kql_timespan_text(ticks) AS if(ticks < 0, '-', '') "
    "|| if(abs(ticks) >= 864000000000, (abs(ticks) // 864000000000) || '.', '') "
    "|| lpad(CAST(abs(ticks) // 36000000000 % 24 AS VARCHAR), 2, '0') "
    "|| ':' || lpad(CAST(abs(ticks) // 600000000 % 60 AS VARCHAR), 2, '0') "
    "|| ':' || lpad(CAST(abs(ticks) // 10000000 % 60 AS VARCHAR), 2, '0') "
    "|| if(ticks % 10000000 = 0, '', '.' || lpad(CAST(abs(ticks) % 10000000 AS VARCHAR), 7, '0'))",
    # Never negative, whatever the signs: 0 <= n % d < |d|.
    "kql_mod(n, d) AS (n % nullif(d, 0) + abs(d)) % nullif(abs(d), 0)",
    "kql_floor(n, d) AS n - (n % nullif(d, 0) + abs(d)) % nullif(abs(d), 0)",
    # The number that a dynamic value is; null for a text that only looks like one.
    "kql_number(d) AS if(json_type(d) IN ('BIGINT', 'UBIGINT', 'DOUBLE'), TRY_CAST(d ->> '$' AS DOUBLE), NULL)",
    # A text that is no JSON is a dynamic text; an empty one is null.
    "kql_json(t) AS if(trim(t) = '', NULL, coalesce(TRY_CAST(t AS JSON), to_json(t)))",
    "kql_member(d, name) AS json_extract(d, '$.\"' || replace(replace(name, '\\', '\\\\'), '\"', '\\\"') || '\"')",
    "kql_items(d) AS if(json_type(d) = 'ARRAY', CAST(d AS JSON[]), [d])",
    "kql_texts(d) AS list_transform(kql_items(d), lambda item: item ->> '$')",
    "kql_numbers(d) AS list_transform(kql_items(d), lambda item: kql_number(item))",
    "kql_part(parts, i) AS to_json(parts[if(i < 0, i, i + 1):if(i < 0, i, i + 1)])",
    # Whole numbers: an edge that is a letter or a digit ends a run of them there.
    "kql_term_pattern(term, before, after) AS "
    "if(regexp_matches(term, '^[\\p{L}\\p{N}]'), before, '') || regexp_escape(term) "
    "|| if(regexp_matches(term, '[\\p{L}\\p{N}]$'), after, '')",
)
