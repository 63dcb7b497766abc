"""Asking the tables: one question at a time, in a thread, stopped from the screen at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from fleet.errors import BadInput, QueryCancelled
from ops.config import load_settings
from ops.home import Home
from tui.rows.result_rows import result_columns, result_rows
from tui.widgets.rows import Row, TableColumn

if TYPE_CHECKING:
    from query.engine import QueryEngine
    from query.results import Result


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, ready to be shown; ``row_limit`` is the limit that held for it."""

    result: "Result"
    columns: tuple[TableColumn, ...]
    rows: list[Row]
    row_limit: int | None


class Question:
    """One query over the tables of ``home``; blocking, for a thread. `cancel` may come from any other thread."""

    def __init__(self, home: Home, sql: str, parameters: Mapping[str, object], now: datetime | None) -> None:
        self.sql = sql
        self.parameters = dict(parameters)
        self._home = home
        self._now = now
        self._engine: QueryEngine | None = None
        self._is_cancelled = False
        self._lock = Lock()

    def answer(self) -> Answer:
        """The answer, up to the row limit of the settings.

        Raises:
            QueryRefused, UnknownName, BadInput, QueryFailed, QueryTimedOut, QueryCancelled: see `query.engine`.
        """
        from ops.questions import limits_of, open_engine

        settings = load_settings(self._home)
        with open_engine(self._home, settings, now=self._now) as engine:
            self._begin(engine)
            try:
                result = engine.run(self.sql, self.parameters)
            finally:
                self._end()
        return Answer(result, result_columns(result), result_rows(result), limits_of(settings).rows)

    def export(self, path: Path) -> str:
        """Writes the whole answer to ``path``, in the format that its name says; gives what was done in a line.

        Raises:
            BadInput: the name says no format. Otherwise as `answer`.
        """
        from ops.cli.formats import Format, format_of_name
        from ops.cli.query_output import write_text
        from ops.questions import limits_of, open_engine

        chosen = format_of_name(path)
        if chosen in (None, Format.TABLE):
            raise BadInput(f"The name {path} does not say which format is meant: .csv, .json, .ndjson or .parquet.")
        settings = load_settings(self._home)
        limits = replace(limits_of(settings), rows=None)
        with open_engine(self._home, settings, now=self._now) as engine:
            self._begin(engine)
            try:
                if chosen is Format.PARQUET:
                    rows = engine.write_parquet(self.sql, self.parameters, path, limits)
                else:
                    with engine.stream(self.sql, self.parameters, limits) as stream:
                        rows = write_text(stream, chosen, path)
            finally:
                self._end()
        return f"{rows:,} rows in {path}."

    def cancel(self) -> None:
        """Stops it, whether it has begun or not."""
        with self._lock:
            self._is_cancelled = True
            if self._engine is not None:
                self._engine.cancel()

    def _begin(self, engine: "QueryEngine") -> None:
        with self._lock:
            if self._is_cancelled:
                raise QueryCancelled("The query was cancelled.")
            self._engine = engine

    def _end(self) -> None:
        with self._lock:
            self._engine = None
