"""Asking the tables: one question at a time, in a thread, stopped from the screen at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from fleet.errors import QueryCancelled, QueryFailed
from ops.config import load_settings
from ops.home import Home
from query.language import QueryLanguage
from tui.answers import Answer
from tui.garbage import spare_what_is_there

if TYPE_CHECKING:
    from query.engine import QueryEngine

# What `all rows` asks for: two orders more than anybody reads, and a few hundred MB of disk.
MOST_ROWS = 5_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: the text, its language and values, and the instants that hold for it (None: the real ones)."""

    text: str
    language: QueryLanguage = QueryLanguage.SQL
    parameters: Mapping[str, object] = field(default_factory=dict)
    now: datetime | None = None
    as_of: datetime | None = None
    wants_all: bool = False


class Question:
    """One query over the tables of ``home``; blocking, for a thread. `cancel` may come from any other thread."""

    def __init__(self, home: Home, asked: Asked) -> None:
        self.asked = asked
        self.answer: Answer | None = None
        self._home = home
        self._engine: QueryEngine | None = None
        self._is_cancelled = False
        self._lock = Lock()

    def ask(self) -> Answer:
        """Fills ``answer``, which is there from the first rows on, and gives it once it is complete.

        Raises:
            QueryRefused, UnknownName, BadInput, QueryFailed, QueryTimedOut, QueryCancelled: see `query.engine`.
        """
        spare_what_is_there()  # the imports of the engine would set the search off
        from ops.questions import limits_of, open_engine

        settings, asked = load_settings(self._home), self.asked
        limits = limits_of(settings)
        if asked.wants_all:
            limits = replace(limits, rows=MOST_ROWS)
        with open_engine(self._home, settings, now=asked.now, as_of=asked.as_of) as engine:
            self._begin(engine)
            try:
                with engine.stream(asked.text, asked.parameters, limits, asked.language) as stream:
                    answer = Answer(stream.columns, self._home.temp_dir, limits.rows, stream.chart)
                    self.answer = answer
                    for batch in stream.raw_batches():
                        answer.take(batch)
                    answer.finish(
                        truncated=stream.truncated, elapsed_seconds=stream.elapsed_seconds, notes=stream.notes
                    )
            except OSError as error:
                raise QueryFailed(f"The answer cannot be laid aside: {error.strerror or error}.") from error
            finally:
                self._end()
        return answer

    def export(self, path: Path) -> str:
        """Writes the whole answer to ``path``, in the format that its name says; gives what was done in a line.

        Raises:
            BadInput: the name says no format. Otherwise as `ask`.
        """
        from ops.questions import limits_of, open_engine
        from tui.exporting import format_of, write_answer

        format_of(path)  # refused at once, not after the engine was opened
        settings, asked = load_settings(self._home), self.asked
        limits = replace(limits_of(settings), rows=None)
        with open_engine(self._home, settings, now=asked.now, as_of=asked.as_of) as engine:
            self._begin(engine)
            try:
                return write_answer(engine, asked, path, limits)
            finally:
                self._end()

    def explain(self) -> str:
        """The SQL that it is answered with; nothing is run.

        Raises:
            QueryRefused, UnknownName: it would be refused; says where.
        """
        from ops.questions import open_engine

        with open_engine(self._home, load_settings(self._home), now=self.asked.now) as engine:
            return engine.explain(self.asked.text, self.asked.parameters, self.asked.language)

    def percent_done(self) -> float | None:
        """How much of it is done, from 0 to 1, as far as the engine knows."""
        with self._lock:
            return self._engine.progress() if self._engine is not None else None

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
