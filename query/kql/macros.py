"""The macros that translated KQL calls where DuckDB has no function of the exact meaning: macros.sql."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from duckdb import DuckDBPyConnection

_STATEMENT = re.compile(r"(?ms)^CREATE MACRO IF NOT EXISTS (\w+).*?;$")


def create_macros(connection: DuckDBPyConnection) -> None:
    """Create all of them, for every connection to this database."""
    for statement in macro_statements().values():
        connection.execute(statement)


@cache
def macro_statements() -> Mapping[str, str]:
    """What creates each, by its name; one may call those before it."""
    text = files("query.kql").joinpath("macros.sql").read_text("utf-8")
    return {match[1]: match[0] for match in _STATEMENT.finditer(text)}


@cache
def macro_names() -> frozenset[str]:
    """Their names: what queries may call beside query/functions.txt."""
    return frozenset(macro_statements())
