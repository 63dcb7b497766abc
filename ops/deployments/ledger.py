"""The one writer of a run into state.db: a thread of its own, several writes in one transaction, patient with the disk.

What cannot be written now (a full disk, another process that holds the database) is tried again until it can: machines
go on by themselves meanwhile, and nothing is begun that is not written down first.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from fleet.errors import HomeUnusable, PatchdeckError, StoreBusy
from ops.deployments.clock import SteadyClock
from ops.home import Home
from ops.state.database import connect, transaction
from ops.state.work_book import WorkBook

_T = TypeVar("_T")
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Write:
    """Something to be done with the book. Any: what it gives is the caller's, who holds the future."""

    action: Callable[[WorkBook], Any]
    done: asyncio.Future[Any]


class LeaseGone(PatchdeckError):
    """Another service works for the home: nothing is written, and so nothing begun, any more."""


class Ledger:
    """Reads and writes the run book of ``home``. ``tell`` is called when writing must wait, and when it goes on.

    ``on_step`` is told before and after each transaction, in the writer's thread. ``token`` is that of the lease under
    which is written, empty for none.
    """

    def __init__(
        self,
        home: Home,
        clock: SteadyClock,
        tell: Callable[[str], None],
        on_step: Callable[[str], None],
        token: str = "",
    ) -> None:
        self._home = home
        self._clock = clock
        self._tell = tell
        self._on_step = on_step
        self._token = token
        self._thread = ThreadPoolExecutor(1, "run-ledger")
        self._connection: sqlite3.Connection | None = None
        self._waiting: list[_Write] = []
        self._flushing: asyncio.Task[None] | None = None

    async def write(self, action: Callable[[WorkBook], _T]) -> _T:
        """What ``action`` gives, once all that it did is kept. It is done even if the caller is cancelled meanwhile,
        and may be done again after it failed half-way.

        Raises:
            LeaseGone: another service holds the lease.
        """
        done: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Write(action, done))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        return await asyncio.shield(done)

    async def read(self, action: Callable[[WorkBook], _T]) -> _T:
        """What ``action`` reads now.

        Raises:
            HomeUnusable, StoreBusy: it cannot be read.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: action(WorkBook(self._open(), self._clock))
        )

    async def close(self) -> None:
        """Ends the thread; what waits for the disk is given up."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.wait({self._flushing})
        for write in self._waiting:
            write.done.cancel()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown(wait=True)

    async def settled(self, *, within_seconds: float) -> None:
        """Returns when nothing waits to be written any more, or after ``within_seconds``."""
        if self._flushing is not None and not self._flushing.done():
            await asyncio.wait({self._flushing}, timeout=within_seconds)

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            writes, self._waiting = self._waiting, []
            wait_seconds = _FIRST_WAIT_SECONDS
            while (error := await loop.run_in_executor(self._thread, self._commit, writes, loop)) is not None:
                if wait_seconds == _FIRST_WAIT_SECONDS:
                    self._tell(f"The run waits, nothing new is begun: {error}")
                await asyncio.sleep(wait_seconds)
                writes = [write for write in writes if not write.done.done()]
                wait_seconds = min(2 * wait_seconds, _LONGEST_WAIT_SECONDS)
            if wait_seconds > _FIRST_WAIT_SECONDS:
                self._tell("Writing works again; the run goes on.")

    def _commit(self, writes: list[_Write], loop: asyncio.AbstractEventLoop) -> Exception | None:
        """Does all of ``writes`` in one transaction; the error for which they are to be tried again."""
        try:
            self._on_step("writing")
            connection = self._open()
            with transaction(connection):
                self._check_lease(connection)
                results = [write.action(WorkBook(connection, self._clock)) for write in writes]
            self._on_step("written")
        except (HomeUnusable, StoreBusy, OSError) as error:
            return error
        # A mistake of one action must not hang the others; the task that asked for it learns of it.
        except Exception as error:  # noqa: BLE001
            if len(writes) == 1:
                loop.call_soon_threadsafe(_fail, writes[0].done, error)
                return None
            return next((failed for write in writes if (failed := self._commit([write], loop)) is not None), None)
        for write, result in zip(writes, results, strict=True):
            loop.call_soon_threadsafe(_give, write.done, result)
        return None

    def _check_lease(self, connection: sqlite3.Connection) -> None:
        """Two services are never at one run: a console that stood still may not know that it was taken for dead."""
        if self._token and not WorkBook(connection).is_lease_held(self._token):
            raise LeaseGone("Another service works for this home; the run is left to it.")

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._home.state_file)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _give(done: asyncio.Future[Any], result: object) -> None:
    if not done.done():
        done.set_result(result)


def _fail(done: asyncio.Future[Any], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
