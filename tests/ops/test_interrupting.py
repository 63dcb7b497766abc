"""Ctrl-C during the work of a query engine."""

import threading
from typing import cast

import pytest

from ops.interrupting import run_interruptibly
from query.engine import QueryEngine


class _LateEngine:
    """An engine whose query begins only after it was cancelled once: that one is lost."""

    def __init__(self) -> None:
        self.cancelled = 0
        self.stopped = threading.Event()

    def cancel(self) -> None:
        self.cancelled += 1
        if self.cancelled > 1:
            self.stopped.set()


def test_cancel_that_comes_before_the_query_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise Ctrl-C would wait for the time limit."""
    engine = _LateEngine()
    waits: list[object] = []

    def interrupted_once(futures: object, seconds: float) -> None:
        waits.append(futures)
        if len(waits) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr("ops.interrupting.wait", interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        run_interruptibly(cast("QueryEngine", engine), lambda: engine.stopped.wait(20))

    assert engine.stopped.is_set()


def test_error_of_the_work_comes_through() -> None:
    """As it was raised."""
    with pytest.raises(ZeroDivisionError):
        run_interruptibly(cast("QueryEngine", _LateEngine()), lambda: 1 // 0)
