"""Values for the parameters of predefined queries that must be given, chosen so that the sample store has rows."""

from query.dialects.engines import Engine
from query.library import SavedQuery
from query.statement import read_statement

# Queries that an engine cannot be told exactly; each refusal is a test.
UNSAYABLE_BY: dict[Engine, frozenset[str]] = {
    Engine.SNOWFLAKE: frozenset({"errors-by-word"}),
    Engine.TSQL: frozenset({"errors-by-word", "deployments-fixing-cve"}),
    Engine.POSTGRES: frozenset({"errors-by-word"}),
}


def values_of(query: SavedQuery) -> dict[str, object]:
    """Values for all parameters: defaults, and examples for those without one."""
    given = {
        parameter.name: "CVE-2026-*" if parameter.name == "cve" else "*"
        for parameter in query.parameters
        if parameter.default is None
    }
    return query.values(given)


def sql_of(query: SavedQuery) -> str:
    """The DuckDB SQL of a query, of KQL too."""
    return read_statement(query.text, query.language, values_of(query)).sql
