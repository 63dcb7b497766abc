"""The macros that translated KQL calls where DuckDB has no function of the exact meaning."""

from duckdb import DuckDBPyConnection

from query.kql.element_macros import EXPANSIONS
from query.kql.macro_texts import ADDRESSES, DYNAMICS, NUMBERS, READERS, TERMS, TIMES, WRITERS


def create_macros(connection: DuckDBPyConnection) -> None:
    """Create them, for every connection to this database."""
    for macro in MACROS:
        connection.execute(f"CREATE MACRO {macro}")


MACROS = (*NUMBERS, *WRITERS, *READERS, *TIMES, *DYNAMICS, *TERMS, *ADDRESSES, *EXPANSIONS)
"""Each as ``name(parameters) AS expression``; one may use those before it."""

MACRO_NAMES = tuple(macro.partition("(")[0] for macro in MACROS)
"""What the gate must let through, beside query/functions.txt."""
