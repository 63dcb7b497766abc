"""An event loop whose time passes only when nobody has anything to do: hours of a run take no time in a test.

What is meant for a thread is done at once, and known in the next turn of the loop: a run of hours is thousands of looks
at a database, and handing one to a thread takes longer than the look. Threads are for the tests of the service, in real
time. While a process works for the loop its time stands still, so that what it does is never late.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from functools import partial
from typing import Any, TypeVar

_T = TypeVar("_T")
_REAL_SECONDS = 0.5


class _Selector(selectors.DefaultSelector):
    """Waits for processes, and otherwise lets the time of its loop pass."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or self.loop.busy_processes:
            return super().select(_REAL_SECONDS if timeout is None or timeout > 0 else 0)
        ready = super().select(0)
        if not ready and timeout > 0:
            self.loop.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop. ``now`` is what `time` gives."""

    def __init__(self) -> None:
        self.now = 0.0
        self.busy_processes = 0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now

    def run_in_executor(  # type: ignore[override]  # Any: as asyncio declares it
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        future = self.create_future()
        try:
            tell = partial(future.set_result, func(*args))
        # As a thread does: whatever it is, it is the caller's.
        except BaseException as error:  # noqa: BLE001
            tell = partial(future.set_exception, error)
        self.call_soon(lambda: None if future.done() else tell())
        return future

    async def subprocess_exec(self, *args: Any, **kwargs: Any) -> Any:  # Any: as asyncio declares it
        self.busy_processes += 1
        return await super().subprocess_exec(*args, **kwargs)

    def _child_watcher_callback(self, *args: Any) -> None:  # asyncio's own, of the thread that waits for the child
        self.busy_processes -= 1
        super()._child_watcher_callback(*args)  # type: ignore[misc]  # private


def run_virtual(work: Coroutine[Any, Any, _T]) -> _T:
    """What ``work`` gives, in a loop of its own whose time begins at 0."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
