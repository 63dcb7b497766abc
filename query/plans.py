"""What is known of a query by its text alone, kept for whoever asks it again."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from duckdb import DuckDBPyConnection

from fleet.tables import TABLES
from query.bounds import DayBounds, asks_for_needed_only, day_bounds
from query.column_use import columns_named
from query.gate import check_query

_NAMES = tuple(table.name for table in TABLES)
_MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """A query that the gate let through, and what it can need.

    Attributes:
        sql: its text.
        tables: those that it names.
        parameters: their names.
        columns: for each table the columns that it can need, casefolded; None for all of them.
        bounds: what bounds the days of each table.
        is_needed_only: whether it asks `Update` for nothing but what is needed now.
    """

    sql: str
    tables: frozenset[str]
    parameters: frozenset[str]
    columns: Mapping[str, frozenset[str] | None]
    bounds: DayBounds
    is_needed_only: bool


class Plans:
    """The plans of the queries that were asked last. A query that is refused is looked at anew each time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, bool], Plan] = OrderedDict()
        self._lock = Lock()

    def of(self, connection: DuckDBPyConnection, sql: str, *, is_ours: bool) -> Plan:
        """The plan of ``sql``; ``is_ours`` as in `query.gate.check_query`, which it raises as.

        What the gate says of a text does not depend on anything that changes while an engine lives.
        """
        key = (sql, is_ours)
        with self._lock:
            kept = self._kept.pop(key, None)
        plan = kept or _make(connection, sql, is_ours=is_ours)
        with self._lock:
            self._kept[key] = plan
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return plan


def _make(connection: DuckDBPyConnection, sql: str, *, is_ours: bool) -> Plan:
    query = check_query(connection, sql, _NAMES, is_ours=is_ours)
    return Plan(
        sql,
        query.tables,
        query.parameters,
        columns_named(query),
        day_bounds(query, connection),
        asks_for_needed_only(query),
    )
