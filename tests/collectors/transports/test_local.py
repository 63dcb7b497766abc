"""The local transport, on the real `sh` of this machine."""

import asyncio
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from collectors.transports.base import CommandResult, TransportFailed
from collectors.transports.local import LocalTransport
from fleet.failures import FailureKind


async def run(script: str, deadline_seconds: float = 20.0, max_output_bytes: int = 1_000_000) -> CommandResult:
    transport = LocalTransport()
    return await transport.run(script.encode(), deadline_seconds=deadline_seconds, max_output_bytes=max_output_bytes)


async def test_output_error_and_status_come_apart() -> None:
    """Standard output, standard error and the exit status are what the script gave."""
    result = await run("echo out; echo err >&2; exit 3")
    assert (result.stdout, result.stderr, result.exit_status) == (b"out\n", b"err\n", 3)


async def test_standard_input_ends_after_the_script() -> None:
    """A command that reads its input meets the end of the script, and does not hang."""
    result = await run("cat; echo after\n")
    assert result.stdout.endswith(b"after\n")


async def test_long_script_arrives_whole() -> None:
    """A script larger than a pipe's buffer runs to its end while it prints."""
    result = await run("echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 20_000)
    assert len(result.stdout) == 31 * 20_000


async def test_our_environment_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The script sees a fresh login's environment and nothing of ours."""
    monkeypatch.setenv("PATCHDECK_SECRET", "hunter2")
    result = await run("env")
    assert b"hunter2" not in result.stdout
    assert {line.partition(b"=")[0] for line in result.stdout.splitlines()} >= {b"PATH", b"HOME", b"USER"}


async def test_deadline_ends_the_whole_group(tmp_path: Path) -> None:
    """When time is up, the shell and its children are gone, and what had come is kept."""
    with pytest.raises(TransportFailed) as caught:
        await run(f"echo early; sleep 1000 & echo $! $$ > {tmp_path}/pids; wait", deadline_seconds=1.0)
    assert caught.value.failure.kind is FailureKind.DEADLINE_EXCEEDED
    assert caught.value.partial == b"early\n"
    await all_gone(tmp_path / "pids")


async def test_deadline_ends_commands_in_groups_of_their_own(tmp_path: Path) -> None:
    """timeout(1), which the probe runs everything with, makes one."""
    with pytest.raises(TransportFailed):
        await run(f"timeout 900 sh -c 'echo $$ > {tmp_path}/pids; exec sleep 900'", deadline_seconds=1.0)
    await all_gone(tmp_path / "pids")


async def test_cancelling_leaves_no_child(tmp_path: Path) -> None:
    """A cancelled run ends its shell and the shell's children."""
    pids = tmp_path / "pids"
    task = asyncio.create_task(run(f"sleep 1000 & echo $! $$ > {pids}.new; mv {pids}.new {pids}; wait"))
    await until(pids.exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await all_gone(pids)


@pytest.mark.parametrize("redirect", ["", ">&2"])
async def test_flood_is_stopped_at_the_limit(tmp_path: Path, redirect: str) -> None:
    """Endless output is stopped, on either stream, without being kept."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TransportFailed) as caught:
        await run(f"echo $$ > {tmp_path}/pids; yes | cat {redirect}", max_output_bytes=1_000_000)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert caught.value.failure.kind is FailureKind.OUTPUT_TOO_LARGE
    assert len(caught.value.partial) <= 1_000_000
    assert grown_kib < 50_000
    await all_gone(tmp_path / "pids")


async def test_helper_that_keeps_the_output_open_does_not_hold_the_answer(tmp_path: Path) -> None:
    """Once the shell has ended, a process it left behind is not waited for."""
    result = await run(f"sleep 1000 & echo $! > {tmp_path}/pids; echo done", deadline_seconds=60.0)
    assert (result.stdout, result.exit_status) == (b"done\n", 0)
    await all_gone(tmp_path / "pids")


async def test_killed_shell_is_no_answer() -> None:
    """A shell that was ended by a signal is a failure that names the signal and keeps what had come."""
    with pytest.raises(TransportFailed) as caught:
        await run("echo half; kill -KILL $$")
    assert caught.value.failure.kind is FailureKind.CONNECTION_LOST
    assert "SIGKILL" in caught.value.failure.came_back
    assert caught.value.partial == b"half\n"


async def until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_true():
            await asyncio.sleep(0.01)


async def all_gone(pids: Path) -> None:
    for pid in pids.read_text().split():
        await until(lambda pid=pid: not is_running(int(pid)))  # type: ignore[misc]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
