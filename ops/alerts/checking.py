"""Whether what a rule asks can be asked: its query is there, takes its parameters, and gives the columns it names."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from fleet.alerts.rule import AlertRule, QueryMeasure
from fleet.errors import BadInput, UnknownName
from ops.home import Home

if TYPE_CHECKING:
    from query.library import SavedQuery

_SECONDS = 5.0
_TIMES = ("TIMESTAMP", "DATE")
_NO_NUMBERS = (*_TIMES, "TIME", "VARCHAR", "JSON", "INTERVAL", "UUID", "BLOB", "STRUCT", "MAP")


def check_query(home: Home, rule: AlertRule) -> AlertRule:
    """``rule`` with the names of its query and its columns as they are spelt there.

    It is asked once of empty tables; where it cannot come to an end even there, its columns are taken as they are
    given.

    Raises:
        BadInput: the query cannot be used, or a parameter is wrong.
        UnknownName: there is no such query, parameter or column.
    """
    measure = rule.measure
    if measure is None:
        return rule
    from ops.questions import find_query

    saved = find_query(home, measure.query)
    types = _columns(home, saved, measure)
    columns = None if types is None else [*types]
    measure = replace(
        measure,
        query=saved.name,
        column=_spelt(measure.column, columns) if measure.column else "",
        time_column=_spelt(measure.time_column, columns, "column for the time of its window")
        if rule.window_minutes
        else measure.time_column,
    )
    _check_types(rule, measure, types or {})
    return replace(rule, measure=measure, split_by=tuple(_spelt(name, columns) for name in rule.split_by))


def _columns(home: Home, saved: "SavedQuery", measure: QueryMeasure) -> Mapping[str, str] | None:
    """The columns of the answer with DuckDB's types; None where that cannot be found out without its rows."""
    from fleet.errors import QueryCancelled, QueryFailed, QueryTimedOut
    from query.engine import QueryEngine
    from query.limits import Limits

    values = saved.values(dict(measure.parameters))
    try:
        with (
            QueryEngine(home.temp_dir / "no-tables", home.temp_dir, Limits(rows=1, seconds=_SECONDS)) as engine,
            engine.stream(saved.text, values, language=saved.language) as stream,
        ):
            return {column.name: column.type for column in stream.columns}
    except (QueryFailed, QueryTimedOut, QueryCancelled):
        return None


def _check_types(rule: AlertRule, measure: QueryMeasure, types: Mapping[str, str]) -> None:
    type_ = types.get(measure.column, "")
    if type_.startswith(_NO_NUMBERS) or type_.endswith("[]"):
        raise BadInput(f"Column {measure.column} is of type {type_}, and not a number to measure.")
    type_ = types.get(measure.time_column, "TIMESTAMP") if rule.window_minutes else "TIMESTAMP"
    if not type_.startswith(_TIMES):
        raise BadInput(f"Column {measure.time_column} is of type {type_}, and not a time to hold a window against.")


def _spelt(name: str, columns: list[str] | None, kind: str = "column") -> str:
    if columns is None:
        return name
    for column in columns:
        if column.casefold() == name.casefold():
            return column
    if not columns:
        raise BadInput("The query gives no columns.")
    raise UnknownName(f"{kind} in the query's answer", name, columns)
