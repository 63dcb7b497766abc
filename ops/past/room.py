"""Asking the tables as they were at one instant, again and again: one engine, opened at the first question."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING

from fleet.tables import ASSESSMENT
from ops.config import Settings
from ops.home import Home
from ops.questions import limits_of, past_of

if TYPE_CHECKING:
    from polars import DataFrame

    from query.engine import QueryEngine
    from query.past import Past
    from query.results import Result

_NONE: Mapping[str, object] = MappingProxyType({})


class PastRoom:
    """The query room at ``past.at``; what is stored begins on the day ``kept_since``. For threads, one at a time."""

    def __init__(self, engine: "QueryEngine", past: "Past", kept_since: date | None) -> None:
        self.past = past
        self._engine = engine
        self._lock = Lock()
        self.kept_since = kept_since

    @property
    def is_before_all(self) -> bool:
        """Whether the instant lies before the first day of which anything is stored: nothing is known of it."""
        return self.kept_since is None or self.past.at.date() < self.kept_since

    def ask(self, sql: str, parameters: Mapping[str, object] = _NONE) -> "Result":
        """The whole answer to ``sql``, however many rows it has.

        Raises:
            QueryFailed, QueryTimedOut, QueryCancelled: it did not come to an end.
        """
        with self._lock:
            return self._engine.run(sql, parameters)

    def frame(self, sql: str, parameters: Mapping[str, object] = _NONE) -> "DataFrame":
        """As `ask`, as a data frame: of hundreds of thousands of rows, a tenth of the time and the memory.

        Raises:
            QueryFailed, QueryTimedOut, QueryCancelled: as `ask`.
        """
        import polars
        from arro3.core import Table

        with self._lock, self._engine.stream_arrow(sql, parameters) as stream:
            return polars.DataFrame(Table.from_batches(list(stream.batches()), schema=stream.schema))

    def close(self) -> None:
        """Gives the database back; a question that runs ends first."""
        with self._lock:
            self._engine.close()


def open_room(home: Home, settings: Settings, at: datetime) -> PastRoom:
    """The query room of ``home`` at ``at``; blocking, for a thread. Close it.

    Raises:
        StoreBusy, HomeUnusable: the tables or the state cannot be read.
    """
    from ops.store.place import tables_by
    from ops.store.settled import is_settled
    from query.engine import QueryEngine

    if not is_settled(home):
        from ops.store import TableStore

        TableStore(home).publish_machines()
    past = past_of(home, at)
    # Screens show every machine: neither rows nor seconds are limited, memory is.
    limits = replace(limits_of(settings), rows=None, seconds=None)
    engine = QueryEngine(tables_by(home, settings), home.temp_dir, limits, None, past)
    return PastRoom(engine, past, first_day(home))


@contextmanager
def opened_room(home: Home, settings: Settings, at: datetime) -> Iterator[PastRoom]:
    """As `open_room`, closed at the end."""
    room = open_room(home, settings, at)
    try:
        yield room
    finally:
        room.close()


def first_day(home: Home) -> date | None:
    """The first day of which an assessment is stored, None where none is."""
    from ops.store.place import tables_of
    from query.snapshots import SnapshotReader

    day = SnapshotReader(tables_of(home)).read([ASSESSMENT.name])[ASSESSMENT.name].first_day
    return date.fromisoformat(day) if day else None
