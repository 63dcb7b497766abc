"""The gate: lets through one SELECT over our tables, and says in one line why anything else is refused.

It stands on DuckDB's own parser, because two parsers may read one text differently: DuckDB 2.0 takes COPY and INSERT
inside WITH and still calls the whole a SELECT. Everything is closed unless named here. See
docs/decisions/0004-query-sandbox.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from fleet.errors import BadInput, Position, QueryRefused, UnknownName
from query.functions import TABLE_FUNCTIONS, allowed_functions, check_format
from query.parse import parse_query
from query.positions import position_at
from query.syntax import Node, Place, is_query, is_source, number, places, text
from query.wording import short_name

_QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_SOURCES = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT"})


@dataclass(frozen=True, slots=True)
class CheckedQuery:
    """A query that only reads our tables: its text, its tree, the tables it names and its parameters."""

    sql: str
    tree: Node
    tables: frozenset[str]
    parameters: frozenset[str]


def check_query(
    connection: DuckDBPyConnection, sql: str, tables: Iterable[str], *, is_ours: bool = False
) -> CheckedQuery:
    """``sql`` as a query that is safe to run over ``tables``, the names that it may read.

    ``is_ours`` where we wrote it ourselves, from KQL: it may then be longer, and is otherwise trusted no more.

    Raises:
        QueryRefused: it does anything but read, or reads anything else.
        UnknownName: a table or a function that does not exist, or that queries may not use.
    """
    tree = parse_query(connection, sql, is_ours=is_ours)
    gate = _Gate(connection, sql, {name.casefold(): name for name in tables})
    for place in places(tree):
        gate.pass_through(place)
    return CheckedQuery(sql, tree, frozenset(gate.used), frozenset(gate.parameters))


class _Gate:
    def __init__(self, connection: DuckDBPyConnection, sql: str, tables: dict[str, str]) -> None:
        self._connection = connection
        self._sql = sql
        self._tables = tables
        self.used: set[str] = set()
        self.parameters: set[str] = set()

    def pass_through(self, place: Place) -> None:
        node = place.node
        if is_query(node):
            self._check_statement(node)
        elif is_source(node):
            self._check_source(place)
        if "function_name" in node and text(node, "function_name") not in ("", *TABLE_FUNCTIONS):
            self._check_function(node)
        if text(node, "class") == "PARAMETER":
            self._note_parameter(node)

    def _check_statement(self, node: Node) -> None:
        kind = text(node, "type")
        if kind not in _QUERIES:
            statement = kind.removesuffix("_NODE").removesuffix("_QUERY").replace("_", " ")
            raise QueryRefused(f"Only SELECT is allowed, and this has {statement} in it.")

    def _check_source(self, place: Place) -> None:
        node, kind = place.node, text(place.node, "type")
        if kind == "SHOW_REF":
            raise QueryRefused("Only SELECT is allowed, and this is DESCRIBE, SHOW or SUMMARIZE.")
        if kind not in _SOURCES:
            raise QueryRefused(f"A query may not read from {kind}.", self._position(node))
        if kind == "TABLE_FUNCTION":
            self._check_table_function(node)
        if kind == "BASE_TABLE":
            self._check_table(place)

    def _check_table_function(self, node: Node) -> None:
        function = node.get("function")
        name = text(function, "function_name") if isinstance(function, dict) else ""
        if name.casefold() not in TABLE_FUNCTIONS:
            raise QueryRefused(
                f"{short_name(name)}() is closed to queries: they read the tables, and "
                f"{', '.join(sorted(TABLE_FUNCTIONS))}.",
                self._position(node),
            )

    def _check_table(self, place: Place) -> None:
        node = place.node
        name = text(node, "table_name")
        if text(node, "schema_name") or text(node, "catalog_name"):
            raise QueryRefused(f"Tables have no schema here: write {short_name(name)!r}.", self._position(node))
        if node.get("at_clause"):
            raise QueryRefused("A query cannot choose the version of a table.", self._position(node))
        if name.casefold() in place.ctes:
            return
        if name.casefold() not in self._tables:
            raise UnknownName("table", short_name(name), (*self._tables.values(), *place.ctes), self._position(node))
        self.used.add(self._tables[name.casefold()])

    def _check_function(self, node: Node) -> None:
        name = text(node, "function_name")
        if text(node, "schema") or text(node, "catalog"):
            raise QueryRefused(f"Functions have no schema here: write {short_name(name)} alone.", self._position(node))
        if name.casefold() not in allowed_functions():
            raise self._unknown_function(node, name)
        if name.casefold() in ("printf", "format"):
            check_format(node)

    def _unknown_function(self, node: Node, name: str) -> BadInput:
        exists = self._connection.execute(
            "SELECT 1 FROM duckdb_functions() WHERE function_name = $1 LIMIT 1", [name.lower()]
        )
        if exists.fetchone():
            return QueryRefused(
                f"{name}() is closed to queries: they compute from the tables alone.", self._position(node)
            )
        return UnknownName("function", short_name(name), allowed_functions(), self._position(node))

    def _note_parameter(self, node: Node) -> None:
        name = text(node, "identifier")
        if name.isdigit():
            raise QueryRefused("Parameters have names: write $name instead of ? or $1.", self._position(node))
        self.parameters.add(name)

    def _position(self, node: Node) -> Position | None:
        return position_at(self._sql, number(node, "query_location"))
