"""What is shared by all machines of one scan that are reached over WinRM: threads, TLS contexts, accepted certificates.

pywinrm waits in its thread. Nothing here imports it: a scan without such machines pays nothing.
"""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from collectors.known_certificates_file import AcceptedCertificates, certificate_place
from collectors.transports.winrm_password_trials import PasswordTrials
from collectors.transports.winrm_threads import WinrmThreads
from fleet.errors import BadInput

# A machine that is searching needs a thread that waits: 0.1 MB each (docs/performance.md).
MOST_THREADS = 320

# Python runs one thread at a time: more that want to work gain nothing, and the event loop waits for all of them.
_WORKING_AT_ONCE = 3

_Result = TypeVar("_Result")


class WinrmContext:
    """Belongs to one scan and one event loop; `close` it at the end.

    Args:
        known_certificates: the file of certificates that were accepted; None: none were.
    """

    def __init__(self, known_certificates: Path | None) -> None:
        self._known_certificates = known_certificates
        self._accepted: AcceptedCertificates | None = None
        self._threads: WinrmThreads | None = None
        self._opening = asyncio.Lock()
        self._places = asyncio.Semaphore(MOST_THREADS)
        self._scan_places = asyncio.Semaphore(MOST_THREADS)
        self._tls: dict[object, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        self.turns = threading.Semaphore(_WORKING_AT_ONCE)
        self.passwords = PasswordTrials()

    @asynccontextmanager
    async def thread(self) -> AsyncIterator["WinrmThread"]:
        """One of the threads for the caller, as soon as there is one; no others of this process are taken.

        Raises:
            BadInput: there can be none.
        """
        async with self._opening:
            if self._threads is None:
                self._threads = await _load()
            threads = self._threads
        await self._places.acquire()
        thread = WinrmThread(threads, self._places.release)
        try:
            yield thread
        finally:
            thread.leave()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """While inside, a scan looks at one machine more; waits while as many are looked at as there are threads."""
        async with self._scan_places:
            yield

    def accepted(self, host: str, port: int) -> str | None:
        """The fingerprint that was accepted for that place, None where none was. Reads the file once; may block.

        Raises:
            OSError: the file is there and cannot be read.
        """
        if self._known_certificates is None:
            return None
        with self._lock:
            if self._accepted is None:
                self._accepted = AcceptedCertificates(self._known_certificates)
            return self._accepted.of(certificate_place(host, port))

    def tls(self, key: object, make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        """The TLS context called ``key``, made by ``make`` when first asked for; may block."""
        with self._lock:
            if key not in self._tls:
                self._tls[key] = make()
            return self._tls[key]

    def close(self) -> None:
        """Let go of the threads; those that wait for a machine end by themselves. Closing twice is harmless."""
        if self._threads is not None:
            threads, self._threads = self._threads, None
            threads.close()


async def _load() -> WinrmThreads:
    threads = WinrmThreads()
    try:
        await threads.load()
    except RuntimeError as error:
        raise BadInput(f"this computer gives Patchdeck no more threads: {error} (ulimit -u, TasksMax=).") from error
    except ImportError as error:
        raise BadInput(f"what WinRM needs is not installed whole: {error}.") from error
    return threads


class WinrmThread:
    """One thread's worth of work. Its place is free again when the work is done, also where nobody waits for that."""

    def __init__(self, threads: WinrmThreads, give_back: Callable[[], None]) -> None:
        self._threads = threads
        self._give_back = give_back
        self._has_begun = False

    def begin(self, work: Callable[[], _Result]) -> "asyncio.Future[_Result]":
        """Have ``work`` done in the thread; once."""
        self._has_begun = True
        result = self._threads.begin(work)
        result.add_done_callback(self._end)
        return result

    def leave(self) -> None:
        """Give the place back if nothing was begun."""
        if not self._has_begun:
            self._give_back()

    def _end(self, result: "asyncio.Future[_Result]") -> None:
        self._give_back()
        if not result.cancelled():
            result.exception()  # somebody has looked at it, whoever left before
