"""This machine: the script runs in a `sh` of its own session, so that all of it can be ended at once."""

import asyncio
import os
import pwd
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from collectors.transports.base import DRAIN_SECONDS, CommandResult, TransportFailed, clean_failure
from collectors.transports.output import CappedOutput
from fleet.failures import FailureKind

_SHELL = "/bin/sh"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TRIED = "sh on this machine"
# A process that waits for its disk cannot be killed; we do not wait for that.
_REAP_SECONDS = 5.0


class LocalTransport:
    """Runs scripts on the machine that Patchdeck runs on, as the user who runs it."""

    async def run(
        self,
        script: bytes,
        *,
        deadline_seconds: float,
        max_output_bytes: int,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        """See `collectors.transports.base.Transport.run`."""
        started = time.monotonic()
        child = await _start(script, CappedOutput(max_output_bytes), on_output, started)
        try:
            await asyncio.wait_for(child.talk.finished, deadline_seconds)
        except TimeoutError as error:
            raise _too_late(child, deadline_seconds, started) from error
        finally:
            await _end(child)
        return _result(child, started)

    async def close(self) -> None:
        """Nothing stays open between runs."""


class _Talk(asyncio.SubprocessProtocol):
    """Collects what the shell prints; `finished` when there is no more to wait for, `exited` when it was reaped."""

    def __init__(self, output: CappedOutput, on_output: Callable[[bytes], None] | None) -> None:
        loop = asyncio.get_running_loop()
        self.output = output
        self._on_output = on_output
        self.finished: asyncio.Future[None] = loop.create_future()
        self.exited = asyncio.Event()
        self.is_drained = False

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if not (self._take_stdout(data) if fd == 1 else self.output.add_stderr(data)):
            self._finish()

    def _take_stdout(self, data: bytes) -> bool:
        if self._on_output is None:
            return self.output.add_stdout(data)
        self._on_output(data)
        return self.output.count(data)

    def process_exited(self) -> None:
        self.exited.set()
        asyncio.get_running_loop().call_later(DRAIN_SECONDS, self._finish)

    def connection_lost(self, _exc: Exception | None) -> None:
        self.is_drained = True
        self._finish()

    def _finish(self) -> None:
        if not self.finished.done():
            self.finished.set_result(None)


@dataclass(frozen=True, slots=True)
class _Child:
    transport: asyncio.SubprocessTransport
    talk: _Talk


async def _start(
    script: bytes, output: CappedOutput, on_output: Callable[[bytes], None] | None, started: float
) -> _Child:
    loop = asyncio.get_running_loop()
    try:
        transport, talk = await loop.subprocess_exec(
            lambda: _Talk(output, on_output), _SHELL, cwd="/", env=_environment(), start_new_session=True
        )
    except OSError as error:
        raise _failed(FailureKind.NO_SHELL, f"{_SHELL} did not start: {error.strerror}.", "", started) from error
    stdin = cast("asyncio.WriteTransport", transport.get_pipe_transport(0))
    stdin.write(script)
    stdin.close()
    return _Child(transport, talk)


async def _end(child: _Child) -> None:
    """Kill the whole session unless it ended by itself, and reap the shell."""
    if not child.talk.is_drained:
        _kill_session(child.transport.get_pid())
    child.transport.close()
    try:
        await asyncio.wait_for(child.talk.exited.wait(), _REAP_SECONDS)
    except TimeoutError:
        return


def _kill_session(leader: int) -> None:
    """Kill the group of ``leader`` and the rest of its session: timeout(1) runs commands in groups of their own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(ProcessLookupError, PermissionError):
            if os.getsid(int(process.name)) == leader:
                os.kill(int(process.name), signal.SIGKILL)


def _result(child: _Child, started: float) -> CommandResult:
    output = child.talk.output
    if output.is_full:
        came_back = f"more than {output.max_bytes:,} bytes of output; it was stopped."
        raise _failed(
            FailureKind.OUTPUT_TOO_LARGE, came_back, "See the kept output for what floods it.", started, output
        )
    status = child.transport.get_returncode()
    if status is None or status < 0:
        ended_by = signal.Signals(-status).name if status else "an unknown signal"
        came_back = f"the shell was ended by {ended_by} after {output.size_bytes:,} bytes of output."
        remedy = "Look into the system's log for what ended it, for example a lack of memory."
        raise _failed(FailureKind.CONNECTION_LOST, came_back, remedy, started, output)
    return CommandResult(output.stdout, output.stderr, status, time.monotonic() - started)


def _too_late(child: _Child, deadline_seconds: float, started: float) -> TransportFailed:
    output = child.talk.output
    came_back = f"not finished within {deadline_seconds:g} s, {output.size_bytes:,} bytes had come; it was stopped."
    remedy = "Give it more time, or look at what is slow on this machine."
    return _failed(FailureKind.DEADLINE_EXCEEDED, came_back, remedy, started, output)


def _failed(
    kind: FailureKind, came_back: str, remedy: str, started: float, output: CappedOutput | None = None
) -> TransportFailed:
    failure = clean_failure(kind, _TRIED, came_back, remedy, time.monotonic() - started)
    return TransportFailed(failure, output.stdout if output else b"")


def _environment() -> dict[str, str]:
    """What a fresh login would have, and nothing of ours: our own environment may hold secrets."""
    user = _user()
    return {"PATH": _PATH, "HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name, "TERM": "dumb"}


def _user() -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(os.getuid())
    except KeyError:  # a user id without a name, as in some containers
        user_id = str(os.getuid())
        return pwd.struct_passwd((user_id, "x", os.getuid(), os.getgid(), "", "/", _SHELL))
