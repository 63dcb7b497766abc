"""The macros that translated KQL calls, made when a query first needs them: all of them cost more than most queries."""

import re
from collections.abc import Mapping
from threading import Lock

from duckdb import DuckDBPyConnection

from query.kql.macros import macro_statements

_PREFIX = "kql_"

_NAMES = re.compile(rf"\b{_PREFIX}\w+", re.IGNORECASE)


class Macros:
    """Makes macros in the database of ``connection``, each once."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        self._made: set[str] = set()
        self._lock = Lock()

    def provide(self, sql: str) -> None:
        """Make those that ``sql`` may call, and those that they call."""
        if _PREFIX not in sql.casefold():
            return
        by_name = macro_statements()
        with self._lock:
            wanted = _called(sql, by_name) - self._made
            for name in (name for name in by_name if name in wanted):  # one may call those before it
                self._connection.execute(by_name[name])
                self._made.add(name)


def _called(sql: str, by_name: Mapping[str, str]) -> set[str]:
    found: set[str] = set()
    new = {name.casefold() for name in _NAMES.findall(sql)} & by_name.keys()
    while new:
        found |= new
        new = {called for name in new for called in _NAMES.findall(by_name[name])} & by_name.keys() - found
    return found
