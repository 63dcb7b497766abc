"""The names that a query may use, ready to be offered: tables, columns, functions, words of the language."""

from collections.abc import Iterable, Mapping
from functools import cache

from query.catalogue import CatalogueColumn, CatalogueTable, list_catalogue
from query.completion.candidates import Candidate, Sort

# Read first when nothing is typed yet; all other functions follow by the alphabet.
_OFTEN_USED = [
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "arg_max",
    "arg_min",
    "any_value",
    "count_if",
    "median",
    "quantile_cont",
    "string_agg",
    "list",
    "now",
    "coalesce",
    "date_trunc",
    "date_diff",
    "strftime",
    "lower",
    "upper",
    "round",
    "row_number",
    "lag",
    "json_extract_string",
    "regexp_matches",
]
_SQL_KEYWORDS = [
    "SELECT",
    "FROM",
    "WHERE",
    "JOIN",
    "GROUP",
    "BY",
    "ORDER",
    "LIMIT",
    "HAVING",
    "WITH",
    "AS",
    "ON",
    "USING",
    "LEFT",
    "INNER",
    "FULL",
    "ANTI",
    "SEMI",
    "UNION",
    "ALL",
    "DISTINCT",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS",
    "NULL",
    "LIKE",
    "ILIKE",
    "BETWEEN",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "DESC",
    "ASC",
    "NULLS",
    "FIRST",
    "LAST",
    "INTERVAL",
    "CAST",
    "TRUE",
    "FALSE",
    "EXISTS",
    "EXCEPT",
    "INTERSECT",
    "OFFSET",
    "QUALIFY",
    "OVER",
    "PARTITION",
    "FILTER",
    "EXCLUDE",
    "REPLACE",
    "CROSS",
    "OUTER",
    "RIGHT",
    "VALUES",
    "WINDOW",
    "RECURSIVE",
]


@cache
def tables_by_name() -> Mapping[str, CatalogueTable]:
    """The tables, by their names whatever the case."""
    return {table.name.casefold(): table for table in list_catalogue()}


@cache
def table_candidates() -> tuple[Candidate, ...]:
    """All tables."""
    return tuple(Candidate(table.name, Sort.TABLE, table.meaning) for table in list_catalogue())


@cache
def sql_functions() -> tuple[Candidate, ...]:
    """The functions that SQL may call here, those that are used often first."""
    from query.functions import allowed_functions  # with DuckDB behind it: not needed before a name is typed

    # Those that begin with kql_ are for translated KQL.
    words = {name for name in allowed_functions() if name[0].isalpha() and not name.startswith("kql_")}
    ordered = [*(name for name in _OFTEN_USED if name in words), *sorted(words.difference(_OFTEN_USED))]
    return tuple(Candidate(f"{name}(", Sort.FUNCTION) for name in ordered)


@cache
def sql_keywords() -> tuple[Candidate, ...]:
    """The words of SQL."""
    return tuple(Candidate(word, Sort.KEYWORD) for word in _SQL_KEYWORDS)


@cache
def every_column() -> tuple[CatalogueColumn, ...]:
    """The columns of all tables, each name once, those of few tables first: they tell more."""
    owners: dict[str, list[CatalogueColumn]] = {}
    for table in list_catalogue():
        for column in table.columns:
            owners.setdefault(column.name, []).append(column)
    return tuple(columns[0] for columns in sorted(owners.values(), key=len))


def column_candidates(columns: Iterable[CatalogueColumn]) -> list[Candidate]:
    """``columns`` with type and meaning."""
    return [Candidate(each.name, Sort.COLUMN, describe(each)) for each in columns]


def describe(column: CatalogueColumn) -> str:
    """What a column is, in a line."""
    unit = f" [{column.unit}]" if column.unit else ""
    return f"{column.type.lower()} · {column.meaning}{unit}" if column.meaning else column.type.lower()
