"""How far a running query is, as the pane shows it, and that cancelling ends whatever it does."""

import threading
import time
from collections.abc import Callable

import pytest

from fleet.errors import QueryCancelled
from query.engine import QueryEngine
from query.limits import Limits

LONG = "SELECT sum(hash(range)) FROM range(100_000_000_000)"
DEADLINE_SECONDS = 20.0


class Asker(threading.Thread):
    """Asks in a thread and keeps what went wrong."""

    def __init__(self, engine: QueryEngine, sql: str) -> None:
        super().__init__(daemon=True)
        self.error: Exception | None = None
        self._engine = engine
        self._sql = sql

    def run(self) -> None:
        """Ask."""
        try:
            self._engine.run(self._sql, limits=Limits(rows=None, seconds=DEADLINE_SECONDS))
        except Exception as error:  # noqa: BLE001 - for the test to look at
            self.error = error


def wait_until(condition: Callable[[], bool]) -> None:
    """Return once ``condition`` holds, fail after a while."""
    ends_at = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < ends_at
        threading.Event().wait(0.001)


def test_progress_is_told_while_a_query_runs(engine: QueryEngine) -> None:
    """It grows; nothing runs before and after."""
    assert engine.progress() is None
    asker = Asker(engine, LONG)
    asker.start()

    wait_until(lambda: (engine.progress() or 0.0) > 0.0)
    first = engine.progress() or 0.0
    wait_until(lambda: (engine.progress() or 0.0) > first)
    engine.cancel()
    asker.join(DEADLINE_SECONDS)

    assert isinstance(asker.error, QueryCancelled)
    assert engine.progress() is None


@pytest.mark.parametrize(
    "sql",
    [
        LONG,
        "SELECT a.range + b.range AS x FROM range(1_000_000) a, range(1_000_000) b ORDER BY x",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
        "SELECT count(*) FROM range(100_000_000_000) WHERE regexp_matches(CAST(range AS VARCHAR), '(1*)*2(3*)*$')",
        "SELECT * FROM range(100_000_000_000) WHERE range % 1_000_000 = 0",
    ],
)
def test_cancelled_query_ends_whatever_it_does(engine: QueryEngine, sql: str) -> None:
    """Sums, sorts, recursion, patterns and rows on their way: the query ends long before its time limit."""
    asker = Asker(engine, sql)
    asker.start()

    def has_ended() -> bool:
        engine.cancel()  # without effect before it has begun, and not each kind of query tells how far it is
        return not asker.is_alive()

    wait_until(has_ended)

    assert isinstance(asker.error, QueryCancelled)
    assert engine.run("SELECT 1").rows == [(1,)]
