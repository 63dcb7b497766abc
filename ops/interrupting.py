"""Work of a query engine that Ctrl-C ends at once."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from query.engine import QueryEngine

_T = TypeVar("_T")
# A signal that the kernel hands to another thread does not wake this one: so it looks now and then.
_LOOK_SECONDS = 0.1


def run_interruptibly(engine: "QueryEngine", work: Callable[[], _T]) -> _T:
    """What ``work`` gives, done in a thread: in the main one DuckDB makes a RuntimeError of Ctrl-C."""
    with ThreadPoolExecutor(1) as pool:
        future: Future[_T] | None = None
        try:
            future = pool.submit(work)
            while not future.done():
                wait([future], _LOOK_SECONDS)
        except KeyboardInterrupt:
            _end(engine, future)
            raise
        return future.result()


def _end(engine: "QueryEngine", future: "Future[_T] | None") -> None:
    """Cancels until it is over: what is cancelled before its query began to run is not stopped by that."""
    while future is not None and not future.done():
        engine.cancel()
        wait([future], _LOOK_SECONDS)
