"""The values that a column has in the store, where they are few: what completion offers behind a comparison."""

from datetime import datetime

from fleet.tables import ColumnType, find_table
from ops.config import load_settings
from ops.home import Home

# More are no list to choose from.
MOST_VALUES = 300
# Who types does not wait; the next key asks again only once this has passed.
MOST_SECONDS = 3.0


def list_column_values(home: Home, table: str, column: str, now: datetime | None = None) -> tuple[str, ...]:
    """The distinct values of a text column, in order; none where there are more than `MOST_VALUES`. Blocking.

    Raises:
        UnknownName: there is no such table.
        StoreBusy, QueryFailed, QueryTimedOut, QueryCancelled: see `ops.questions.open_engine` and `query.engine`.
    """
    known = find_table(table)
    if not any(each.name == column and each.type is ColumnType.STRING for each in known.columns):
        return ()
    from ops.questions import open_engine
    from query.limits import Limits

    # The names are those of the catalogue, see above.
    sql = f'SELECT DISTINCT "{column}" FROM "{known.name}" WHERE "{column}" <> \'\' LIMIT {MOST_VALUES + 1}'  # noqa: S608
    limits = Limits(rows=MOST_VALUES + 1, seconds=MOST_SECONDS)
    with open_engine(home, load_settings(home), now=now, limits=limits) as engine:
        found = [str(row[0]) for row in engine.run(sql).rows]
    return tuple(sorted(found)) if len(found) <= MOST_VALUES else ()
