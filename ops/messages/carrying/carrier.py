"""The side of whoever has messages carried: begins the process, waits for its answers, and ends it in time."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from types import TracebackType

from fleet.deliveries import Answer
from ops.messages.carrying.parcels import ANSWERS, PARCELS, ROUTES, Parcel, Route, failed

# A process that has just begun reads its libraries first, which takes its time on a small console.
_START_SECONDS = 10.0
_MOST_ANSWER_BYTES = 65_536
_NOT_FOR_CHILDREN = ("CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID")


class Carrier:
    """Carries parcels over one route, one after the other. Used with ``async with``, which ends it."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._process: asyncio.subprocess.Process | None = None
        self._is_new = True

    async def __aenter__(self) -> "Carrier":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def carry(self, parcel: Parcel) -> Answer:
        """What came of ``parcel``, in time."""
        seconds = self._route.deadline_seconds
        try:
            async with asyncio.timeout(seconds + (_START_SECONDS if self._is_new else 0.0)):
                line = await self._ask(parcel)
        except TimeoutError:
            await self._end()
            return failed(f"not done within {seconds:g} s")
        except OSError as error:
            await self._end()
            return failed(f"the process that sends cannot be run: {error.strerror}")
        try:
            return ANSWERS.load(line)
        except (ValueError, KeyError, TypeError):
            await self._end()
            return failed("the process that sends broke off")

    async def _ask(self, parcel: Parcel) -> bytes:
        if self._process is None:
            self._process = await self._begin()
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise LookupError("its streams are pipes")
        with suppress(ConnectionError):  # it is gone: its answer, which is none, says so
            stdin.write(f"{PARCELS.dump(parcel)}\n".encode("ascii"))
            await stdin.drain()
        line = await stdout.readline()
        self._is_new = False
        return line

    async def _begin(self) -> asyncio.subprocess.Process:
        environment = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_CHILDREN}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "ops.messages.carrying.process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a library may say anything there
            start_new_session=True,  # ended with all that it began
            limit=_MOST_ANSWER_BYTES,
            env={**environment, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        if process.stdin is not None:
            process.stdin.write(f"{ROUTES.dump(self._route)}\n".encode("ascii"))
        return process

    async def _end(self) -> None:
        process, self._process, self._is_new = self._process, None, True
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
