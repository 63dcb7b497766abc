"""An engine that holds the tables as they are answers all further queries from that state."""

from collections.abc import Callable
from datetime import datetime

from query.engine import QueryEngine


def test_what_is_written_after_the_hold_is_in_no_answer(
    engine: QueryEngine, write_rows: Callable[..., None], now: datetime
) -> None:
    """Also not in tables that no query named before; without it, the next query sees it."""
    write_rows("Machine", {"Computer": "a"})
    assert engine.run("SELECT count(*) FROM Machine").rows == [(1,)]

    engine.hold()
    write_rows("Machine", {"Computer": "b"})
    write_rows("Assessment", {"Computer": "b", "TimeGenerated": now})

    assert engine.run("SELECT count(*) FROM Machine").rows == [(1,)]
    assert engine.run("SELECT count(*) FROM Assessment").rows == [(0,)]
    engine.hold()
    assert engine.run("SELECT count(*) FROM Machine").rows == [(2,)]
