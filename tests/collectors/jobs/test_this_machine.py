"""What a run asks of a machine beside jobs, asked of the machine that the tests run on."""

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.jobs.machine_worker import SshMachineWorker, WorkerOptions
from collectors.transports.local import LocalTransport
from fleet.machines import Machine, TransportKind


@pytest.fixture
def commands() -> list[tuple[str, float, int | None]]:
    """What the worker noted."""
    return []


@pytest.fixture
def worker(commands: list[tuple[str, float, int | None]]) -> SshMachineWorker:
    """A worker on this machine."""
    machine = Machine(id="here", name="here", transport=TransportKind.LOCAL, created_at=datetime.now(UTC))
    options = WorkerOptions(note_command=lambda *command: commands.append(command))
    return SshMachineWorker(machine, LocalTransport, options, lambda: datetime.now(UTC))


@pytest.fixture
def port() -> Iterator[int]:
    """A port of loopback that accepts connections."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


async def test_look_is_what_the_kernel_says(worker: SshMachineWorker, port: int) -> None:
    """Boot id, kernel, time since the start, and ports that listen."""
    pulse = await worker.look()

    assert pulse.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert pulse.kernel == os.uname().release
    assert pulse.uptime_seconds is not None
    assert f"tcp 127.0.0.1:{port}" in (pulse.listening or ())


async def test_script_runs_by_its_own_first_line(
    worker: SshMachineWorker, commands: list[tuple[str, float, int | None]]
) -> None:
    """Parameters in its environment, the run over standard input, both streams back, its status; nothing is left."""
    script = b"#!/bin/sh -e\necho \"$GREETING from $0\"; cat; echo 'caf\xe9' >&2; exit 4"

    end = await worker.run_script(
        script, environment={"GREETING": "it's $HOME"}, stdin=b'{"run": "1"}\n', timeout_seconds=20
    )

    first, *rest = end.output.splitlines()
    assert first.startswith("it's $HOME from /")
    assert rest == ['{"run": "1"}', "caf\N{REPLACEMENT CHARACTER}"]
    assert end.exit_status == 4
    assert not Path(first.rpartition(" ")[2]).parent.exists()
    assert commands == [("sh (script, 67 bytes)", commands[0][1], 0)]


async def test_script_that_takes_too_long_is_ended(worker: SshMachineWorker) -> None:
    """Its time is up on the machine itself; what it had printed is there."""
    end = await worker.run_script(b"echo early; sleep 60", environment={}, stdin=b"", timeout_seconds=1)

    assert (end.exit_status, end.output) == (None, "early\n")


async def test_script_that_leaves_a_daemon_ends(worker: SshMachineWorker) -> None:
    """What a script leaves running does not keep it from ending."""
    end = await worker.run_script(b"sleep 5 & echo done", environment={}, stdin=b"", timeout_seconds=60)

    assert (end.exit_status, end.output) == (0, "done\n")


async def test_gate_tells_what_does_not_hold(worker: SshMachineWorker, port: int) -> None:
    """A command that fails with its last line, and a port at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]

    assert await worker.probe("true", (port,), timeout_seconds=20) == ()
    assert await worker.probe("echo one; echo two; exit 3", (port, closed), timeout_seconds=20) == (
        "echo one; echo two; exit 3: exit status 3: two",
        f"tcp port {closed}: nothing listens there",
    )
    assert await worker.probe("sleep 60", (), timeout_seconds=1) == ("sleep 60: not ended within 1 s",)
