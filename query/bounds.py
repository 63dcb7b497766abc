"""What of a table a query can need, by what it asks in WHERE: the first day, and for `Update` whether the history.

History lies in one folder a day; a query over the last 14 hours opens two folders instead of a year, and one for what
is needed now opens none. Only what is certain is used: a condition in the WHERE of the very SELECT that reads the
table, joined by AND, its value without columns. One outside of a subquery, on another column or behind OR saves
nothing; the answer is the same.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
from duckdb import DuckDBPyConnection

from query.clock import CLOCK_FUNCTIONS
from query.gate import CheckedQuery
from query.syntax import Node, children, constant_text, mapping, places, text, texts

_TIMES = frozenset({"timegenerated", "day"})
_AT_LEAST = frozenset({"COMPARE_GREATERTHAN", "COMPARE_GREATERTHANOREQUALTO", "COMPARE_EQUAL"})
_AT_MOST = frozenset({"COMPARE_LESSTHAN", "COMPARE_LESSTHANOREQUALTO", "COMPARE_EQUAL"})
# Other joins may choose another partner when rows before the bound are gone.
_JOINS = frozenset({"INNER", "LEFT", "RIGHT", "OUTER"})
_CONSTANT_FUNCTIONS = CLOCK_FUNCTIONS | {
    *("-", "+", "*", "trunc", "date_trunc", "make_timestamp", "make_date"),
    *(f"to_{unit}" for unit in ("years", "months", "weeks", "days", "hours", "minutes", "seconds")),
}


@dataclass(frozen=True, slots=True)
class Value:
    """A value without columns: as SQL, and the parameters that it names."""

    sql: str
    parameters: frozenset[str]


DayBounds = Mapping[str, tuple[tuple[Value, ...], ...]]
Evaluate = Callable[[Value], date | None]


@dataclass(frozen=True, slots=True)
class _Reference:
    """A table in FROM whose rows WHERE filters before anything else looks at them."""

    select: Node
    names: frozenset[str]

    @property
    def condition(self) -> Node:
        return mapping(self.select, "where_clause")


def day_bounds(query: CheckedQuery, connection: DuckDBPyConnection) -> DayBounds:
    """What bounds the days of each table of ``query`` from below, for each place where it reads the table."""
    return {
        name: tuple(tuple(_values(found, connection)) if found else () for found in each)
        for name, each in _references(query).items()
    }


def first_days(bounds: DayBounds, evaluate: Evaluate) -> dict[str, date]:
    """The first day of each table that a query with ``bounds`` can need; a table without a bound is not in it."""
    days = {name: [_latest(map(evaluate, values)) for values in each] for name, each in bounds.items()}
    return {name: min(known) for name, found in days.items() if (known := _all_known(found))}


def asks_for_needed_only(query: CheckedQuery) -> bool:
    """Whether every SELECT over `Update` asks for ``UpdateState = 'Needed'``: then no history is of use."""
    references = _references(query).get("Update", [])
    return all(
        found is not None and any(_is_needed(condition, found.names) for condition in _conjuncts(found.condition))
        for found in references
    )


def evaluator(connection: DuckDBPyConnection, parameters: Mapping[str, object]) -> Evaluate:
    """Computes the day of a value, None where that fails."""

    def evaluate(value: Value) -> date | None:
        try:
            given = {name: parameters[name] for name in value.parameters}
            row = connection.execute(f"SELECT CAST(({value.sql}) AS TIMESTAMP)", given).fetchone()
        except (duckdb.Error, KeyError):
            return None
        moment = row[0] if row else None
        return moment.date() if isinstance(moment, datetime) else None

    return evaluate


def _latest(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)


def _all_known(found: list[date | None]) -> list[date]:
    known = [day for day in found if day is not None]
    return known if len(known) == len(found) else []


def _references(query: CheckedQuery) -> dict[str, list[_Reference | None]]:
    """Every place where a table is read, by the table's name; None for one where WHERE says nothing certain."""
    folded = {name.casefold(): name for name in query.tables}
    found: dict[str, list[_Reference | None]] = {name: [] for name in query.tables}
    filtered: set[int] = set()
    for place in places(query.tree):
        node, kind = place.node, text(place.node, "type")
        sources = _plain_sources(mapping(node, "from_table")) if kind == "SELECT_NODE" else iter(())
        for source in sources:
            filtered.add(id(source))
            if read := folded.get(text(source, "table_name").casefold()):
                found[read].append(_reference(node, source))
        name = folded.get(text(node, "table_name").casefold()) if kind == "BASE_TABLE" else None
        if name and id(node) not in filtered:
            found[name].append(None)
    return found


def _plain_sources(source: Node) -> Iterator[Node]:
    """The tables in FROM that a condition in WHERE filters before anything else looks at their rows."""
    kind = text(source, "type")
    if kind == "BASE_TABLE" and not source.get("sample") and not source.get("column_name_alias"):
        yield source
    is_plain = text(source, "join_type") in _JOINS and text(source, "ref_type") in ("REGULAR", "CROSS")
    if kind == "JOIN" and is_plain:
        yield from _plain_sources(mapping(source, "left"))
        yield from _plain_sources(mapping(source, "right"))


def _reference(select: Node, source: Node) -> _Reference | None:
    if select.get("sample"):
        return None
    names = {text(source, "alias").casefold() or text(source, "table_name").casefold()}
    is_alone = text(mapping(select, "from_table"), "type") == "BASE_TABLE"
    renamed = {text(item, "alias").casefold() for item in children(select, "select_list")}
    if is_alone and not renamed & (_TIMES | {"updatestate"}):
        names.add("")
    return _Reference(select, frozenset(names))


def _values(found: _Reference, connection: DuckDBPyConnection) -> Iterator[Value]:
    for condition in _conjuncts(found.condition):
        for expression in _lower_bounds(condition, found.names):
            with suppress(duckdb.Error, RecursionError):  # then it bounds nothing
                yield Value(_written(connection, expression), frozenset(_parameters(expression)))


def _parameters(expression: Node) -> list[str]:
    return [text(p.node, "identifier") for p in places(expression) if text(p.node, "class") == "PARAMETER"]


def _conjuncts(condition: Node) -> Iterator[Node]:
    waiting = [condition]
    while waiting:
        found = waiting.pop()
        if text(found, "type") == "CONJUNCTION_AND":
            waiting.extend(reversed(children(found, "children")))
        else:
            yield found


def _lower_bounds(condition: Node, names: frozenset[str]) -> Iterator[Node]:
    kind = text(condition, "type")
    left, right = mapping(condition, "left"), mapping(condition, "right")
    if kind in _AT_LEAST and _is_column(left, names, _TIMES) and _is_constant(right):
        yield right
    if kind in _AT_MOST and _is_column(right, names, _TIMES) and _is_constant(left):
        yield left
    lower = mapping(condition, "lower")
    if kind == "COMPARE_BETWEEN" and _is_column(mapping(condition, "input"), names, _TIMES) and _is_constant(lower):
        yield lower


def _is_needed(condition: Node, names: frozenset[str]) -> bool:
    sides = mapping(condition, "left"), mapping(condition, "right")
    return text(condition, "type") == "COMPARE_EQUAL" and any(
        (_is_state(one, names) and constant_text(other) == "Needed")
        or (_is_lower_state(one, names) and constant_text(other) == "needed")
        for one, other in (sides, sides[::-1])
    )


def _is_state(expression: Node, names: frozenset[str]) -> bool:
    return _is_column(expression, names, frozenset({"updatestate"}))


def _is_lower_state(expression: Node, names: frozenset[str]) -> bool:
    """``lower(UpdateState)``: what KQL's ``UpdateState =~ "Needed"`` becomes."""
    arguments = [mapping(argument, "expression") for argument in children(expression, "arguments")]
    is_lower = text(expression, "function_name").casefold() == "lower"
    return is_lower and len(arguments) == 1 and _is_state(arguments[0], names)


def _is_column(expression: Node, names: frozenset[str], columns: frozenset[str]) -> bool:
    *qualifier, column = [part.casefold() for part in texts(expression, "column_names")] or [""]
    return column in columns and len(qualifier) <= 1 and "".join(qualifier) in names


def _is_constant(expression: Node) -> bool:
    return all(_is_constant_node(place.node) for place in places(expression))


def _is_constant_node(node: Node) -> bool:
    kind = text(node, "class")
    if kind == "COLUMN_REF":  # current_date and its like, written without brackets
        return [name.casefold() in CLOCK_FUNCTIONS for name in texts(node, "column_names")] == [True]
    if kind == "FUNCTION":
        return text(node, "function_name").casefold() in _CONSTANT_FUNCTIONS
    return kind in ("", "CONSTANT", "CAST", "PARAMETER", "TYPE")


def _written(connection: DuckDBPyConnection, expression: Node) -> str:
    """``expression`` as SQL, by DuckDB itself."""
    row = connection.execute("SELECT json_serialize_sql('SELECT 1')").fetchone()
    tree = json.loads(row[0] if row else "{}")
    tree["statements"][0]["node"]["select_list"] = [expression]
    named = [{"key": name, "value": index} for index, name in enumerate(dict.fromkeys(_parameters(expression)), 1)]
    tree["statements"][0]["named_param_map"] = named
    row = connection.execute("SELECT json_deserialize_sql(CAST($1 AS JSON))", [json.dumps(tree)]).fetchone()
    return str(row[0]).removeprefix("SELECT ") if row else ""
