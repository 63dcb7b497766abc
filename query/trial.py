"""Whether a saved query can be asked at all: asked once of empty tables, before it is kept."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from fleet.errors import BadInput, QueryCancelled, QueryFailed, QueryTimedOut, nearest_name
from fleet.tables import ColumnType
from query.header import QueryParameter
from query.library import SavedQuery
from query.limits import Limits

# Nothing is stored where it looks; one that computes for longer is too slow, which is its author's matter.
_SECONDS = 5.0
_SAMPLES: dict[ColumnType, object] = {
    ColumnType.STRING: "",
    ColumnType.INT: 1,
    ColumnType.REAL: 1.0,
    ColumnType.BOOL: True,
    ColumnType.DATETIME: datetime(2026, 1, 1, tzinfo=UTC),
    ColumnType.DATE: datetime(2026, 1, 1, tzinfo=UTC).date(),
}


def try_query(query: SavedQuery, temp_dir: Path) -> None:
    """Refuses a query that the engine would refuse whatever is stored, or whose header speaks of other columns.

    ``temp_dir`` is where it may lay data aside; nothing is left there.

    Raises:
        BadInput: it is no query over our tables (QueryRefused and UnknownName say where), its header names a
            parameter that it does not have, or a column that it does not give.
    """
    from query.engine import QueryEngine

    values = {parameter.name: _sample(parameter) for parameter in query.parameters}
    with (
        suppress(QueryFailed, QueryTimedOut, QueryCancelled),
        QueryEngine(temp_dir / "no-tables", temp_dir, Limits(rows=1, seconds=_SECONDS)) as engine,
        engine.stream(query.text, values, language=query.language) as stream,
    ):
        _check_names(query, [column.name for column in stream.columns])


def _sample(parameter: QueryParameter) -> object:
    if parameter.default is not None:
        return parameter.default
    return parameter.choices[0] if parameter.choices else _SAMPLES[parameter.type]


def _check_names(query: SavedQuery, given: Iterable[str]) -> None:
    names = list(given)
    drawn = (query.chart.x, *query.chart.y) if query.chart else ()
    for kind, name in (*(("column", column.name) for column in query.columns), *(("chart", name) for name in drawn)):
        if name not in names:
            near = nearest_name(name, names)
            hint = f" Did you mean {near!r}?" if near else ""
            raise BadInput(f"Its header speaks of {name!r} ({kind}), and the answer has no such column.{hint}")
