"""The threads in which pywinrm waits for machines."""

import asyncio
import importlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

_log = logging.getLogger(__name__)

_Result = TypeVar("_Result")


class WinrmThreads:
    """As many threads as there was work for at once; whoever begins work sees to it that there are not too many.

    No ThreadPoolExecutor: it starts threads in the thread that hands it work, under a lock of all executors, and waits
    until each runs. Where many work, the event loop stood still for a second and more. Processes end without waiting
    for these threads.
    """

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._wanted: SimpleQueue[bool] = SimpleQueue()
        self._idle = threading.Semaphore(0)

    async def load(self) -> None:
        """Import pywinrm and all that it needs, which takes half a second; then start threads as they are wanted.

        Raises:
            RuntimeError: the system gives no thread for it.
            ImportError: pywinrm, or what it needs, is not whole.
        """
        loaded: Future[None] = Future()

        def start() -> None:
            _do(_import, loaded)
            while self._wanted.get():
                self._start()

        threading.Thread(target=start, name="winrm-starter", daemon=True).start()
        await asyncio.wrap_future(loaded)

    def begin(self, work: Callable[[], _Result]) -> "asyncio.Future[_Result]":
        """Have ``work`` done in a thread."""
        done: Future[_Result] = Future()
        if not self._idle.acquire(blocking=False):
            self._wanted.put(True)
        self._work.put(lambda: _do(work, done))
        return asyncio.wrap_future(done)

    def close(self) -> None:
        """Start no more; those that wait for a machine end by themselves."""
        self._wanted.put(False)
        self._work.put(None)

    def _start(self) -> None:
        try:
            threading.Thread(target=self._serve, name="winrm", daemon=True).start()
        except RuntimeError:
            # The system gives no more: those that there are take turns, and this one, which is always there, helps.
            _log.warning("winrm thread not started threads=%d", threading.active_count())
            with suppress(Empty):
                if (work := self._work.get_nowait()) is None:
                    self._work.put(None)
                else:
                    work()

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            work()
            self._idle.release()
        self._work.put(None)  # for the next one


def _do(work: Callable[[], _Result], done: "Future[_Result]") -> None:
    if not done.set_running_or_notify_cancel():
        return
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised where the result is waited for
        done.set_exception(error)


def _import() -> None:
    importlib.import_module("collectors.transports.winrm_looking")
    importlib.import_module("collectors.transports.winrm_run")
