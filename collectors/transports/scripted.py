"""Replays the transcript of a machine, and records one from a real machine."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from collectors.transports.base import CommandResult, Transport, TransportFailed, clean_failure
from collectors.transports.transcripts import MARKER_PLACEHOLDER, Reply, read_transcript, write_transcript
from fleet.errors import BadInput
from fleet.failures import FailureKind

# The probe says its marker in a line of its own: collectors.probe; so does a call of a script on Windows.
_MARKER_LINE = re.compile(
    rb"^(?:marker=[\"']?([0-9A-Za-z_-]{8,})[\"']?|C [a-z_]{1,40} ([0-9a-f]{8,})\r?)$", re.MULTILINE
)


class ScriptedTransport:
    """Answers as the transcript at ``path`` says: its first reply to the first run, and so on; the last one repeats.

    The deadline and the limit on output hold as for a real machine.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._replies: tuple[Reply, ...] = ()
        self._runs = 0

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
        reply = await self._next_reply(started)
        marker = marker_of(script)
        stdout = reply.stdout.replace(MARKER_PLACEHOLDER, marker)
        stderr = reply.stderr.replace(MARKER_PLACEHOLDER, marker)
        if reply.delay_seconds > deadline_seconds:
            await asyncio.sleep(deadline_seconds)
            raise self._failed(FailureKind.DEADLINE_EXCEEDED, f"not finished within {deadline_seconds:g} s.", started)
        await asyncio.sleep(reply.delay_seconds)
        if len(stdout) * reply.repeat + len(stderr) > max_output_bytes:
            came_back = f"more than {max_output_bytes:,} bytes of output."
            raise self._failed(FailureKind.OUTPUT_TOO_LARGE, came_back, started, stdout[:max_output_bytes])
        stdout *= reply.repeat
        if on_output is not None:
            on_output(stdout)
            stdout = b""
        if reply.failure is not None:
            raise TransportFailed(reply.failure, stdout)
        elapsed_seconds = reply.elapsed_seconds if reply.elapsed_seconds is not None else time.monotonic() - started
        return CommandResult(stdout, stderr, reply.exit_status, elapsed_seconds)

    async def close(self) -> None:
        """Nothing is open."""

    async def _next_reply(self, started: float) -> Reply:
        if not self._replies:
            try:
                self._replies = await asyncio.to_thread(read_transcript, self._path)
            except BadInput as error:
                raise self._failed(FailureKind.BAD_CONFIGURATION, str(error), started) from error
        reply = self._replies[min(self._runs, len(self._replies) - 1)]
        self._runs += 1
        return reply

    def _failed(self, kind: FailureKind, came_back: str, started: float, partial: bytes = b"") -> TransportFailed:
        remedy = "Look at the transcript that this machine was given."
        tried = f"replay of {self._path}"
        return TransportFailed(clean_failure(kind, tried, came_back, remedy, time.monotonic() - started), partial)


class RecordingTransport:
    """Passes everything to ``inner`` and writes what came back to ``path``, where `ScriptedTransport` finds it.

    The script is not recorded, so no password that goes in with it is; what the machine says is recorded as it is.
    """

    def __init__(self, inner: Transport, path: Path) -> None:
        self._inner = inner
        self._path = path
        self._replies: list[Reply] = []

    async def run(
        self,
        script: bytes,
        *,
        deadline_seconds: float,
        max_output_bytes: int,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        """See `collectors.transports.base.Transport.run`."""
        passed = bytearray()

        def keep(data: bytes) -> None:
            passed.extend(data)
            if on_output is not None:
                on_output(data)

        try:
            result = await self._inner.run(
                script,
                deadline_seconds=deadline_seconds,
                max_output_bytes=max_output_bytes,
                on_output=keep if on_output else None,
            )
        except TransportFailed as error:
            await self._record(script, Reply(bytes(passed) or error.partial, failure=error.failure))
            raise
        reply = Reply(
            bytes(passed) or result.stdout, result.stderr, result.exit_status, elapsed_seconds=result.elapsed_seconds
        )
        await self._record(script, reply)
        return result

    async def close(self) -> None:
        """Close the transport that is recorded."""
        await self._inner.close()

    async def _record(self, script: bytes, reply: Reply) -> None:
        marker = marker_of(script)
        stdout, stderr = (text.replace(marker, MARKER_PLACEHOLDER) for text in (reply.stdout, reply.stderr))
        self._replies.append(replace(reply, stdout=stdout, stderr=stderr))
        await asyncio.to_thread(write_transcript, self._path, tuple(self._replies))


def marker_of(script: bytes) -> bytes:
    """The marker that ``script`` says it prints around its answers; the placeholder itself where it says none."""
    line = _MARKER_LINE.search(script)
    return (line[1] or line[2]) if line else MARKER_PLACEHOLDER
