"""Scripts on the console: in a process group of their own, within their time, told little of what surrounds them."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from fleet.hostile import decode
from ops.deployments.worker import ScriptResult

# Enough to see what a script did; one that prints for ever must not fill the memory.
MOST_OUTPUT_BYTES = 1024 * 1024
_CHUNK_BYTES = 65_536
_MOST_READS = 64
_TERM_SECONDS = 5.0
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What a shell says where a command cannot be executed: sh(1).
_NOT_EXECUTABLE = 126


async def run_on_console(
    path: Path, *, environment: Mapping[str, str], context_file: Path, timeout_seconds: float
) -> ScriptResult:
    """Runs the script at ``path`` in its own folder. Beside ``environment`` it gets PATH, HOME, LANG, and in
    PATCHDECK_RUN_CONTEXT the path of the run's description; standard input is empty.

    What it leaves running is ended with it, also when this is cancelled.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    inherited = {"PATH": _PATH, "HOME": str(Path.home()), "LANG": "C.UTF-8"}
    with _Output(loop) as output:
        try:
            process = await asyncio.create_subprocess_exec(
                str(path),
                stdin=DEVNULL,
                stdout=output.write_end,
                stderr=output.write_end,
                cwd=path.parent,
                env={**environment, **inherited, "PATCHDECK_RUN_CONTEXT": str(context_file)},
                start_new_session=True,
            )
        except OSError as error:
            return ScriptResult(_NOT_EXECUTABLE, f"{path} cannot be run: {error.strerror}.", loop.time() - began)
        except ValueError as error:  # a parameter that no environment can hold
            return ScriptResult(_NOT_EXECUTABLE, f"{path} cannot be run: {error}.", loop.time() - began)
        status: int | None = None
        try:
            async with asyncio.timeout(timeout_seconds):
                status = await process.wait()
        except TimeoutError:
            status = None
        finally:
            await _end(process)
        output.read()
        return ScriptResult(status, decode(bytes(output.kept)), loop.time() - began)


class _Output:
    """A pipe that is read as something comes. asyncio's own is waited for as long as anything holds it open."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.kept = bytearray()
        self._loop = loop

    def __enter__(self) -> Self:
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._loop.add_reader(self._read_end, self.read)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.remove_reader(self._read_end)
        os.close(self._read_end)
        os.close(self.write_end)

    def read(self) -> None:
        """Take what is there, at most some megabytes at a time."""
        for _ in range(_MOST_READS):
            try:
                chunk = os.read(self._read_end, _CHUNK_BYTES)
            except BlockingIOError:
                return
            self.kept += chunk[: MOST_OUTPUT_BYTES - len(self.kept)]


async def _end(process: Process) -> None:
    """Ends the whole group: first asked, then killed."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        if process.returncode is not None:
            continue
        with suppress(TimeoutError):
            async with asyncio.timeout(_TERM_SECONDS):
                await process.wait()
