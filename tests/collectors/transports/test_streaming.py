"""Output that is handed on as it comes: over OpenSSH's own sshd, from this machine's `sh`, from a transcript."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from collectors.transports.base import Transport, TransportFailed
from collectors.transports.local import LocalTransport
from collectors.transports.opening import open_transport
from collectors.transports.scripted import RecordingTransport, ScriptedTransport
from fleet.failures import FailureKind

# Waits for a file, so that nothing but the order of things decides.
_WAITS = r"printf 'first\377\000'; until [ -e {0} ]; do sleep 0.05; done; echo second; echo loud >&2; exit 5"


async def _check_streaming(transport: Transport, go_on: Path) -> None:
    pieces = bytearray()
    has_first = asyncio.Event()

    def take(data: bytes) -> None:
        pieces.extend(data)
        has_first.set()

    running = asyncio.create_task(
        transport.run(_WAITS.format(go_on).encode(), deadline_seconds=20, max_output_bytes=1_000_000, on_output=take)
    )
    await asyncio.wait_for(has_first.wait(), 20)
    assert bytes(pieces) == b"first\xff\x00"
    go_on.touch()
    result = await running

    assert bytes(pieces) == b"first\xff\x00second\n"
    assert (result.stdout, result.stderr, result.exit_status) == (b"", b"loud\n", 5)


async def test_ssh_hands_output_on_while_the_script_runs(ssh: Any, sshd: Any, tmp_path: Path) -> None:
    """What a script printed is there before it ends, byte for byte, without the first line that is ours."""
    await _check_streaming(open_transport(ssh.machine_on(sshd), await ssh.context(None)), tmp_path / "go")


async def test_local_hands_output_on_while_the_script_runs(tmp_path: Path) -> None:
    """The same from a shell of this machine."""
    await _check_streaming(LocalTransport(), tmp_path / "go")


async def test_limit_of_output_holds_for_what_is_handed_on(ssh: Any, sshd: Any) -> None:
    """A script that floods is ended though nothing of it is kept."""
    for transport in (LocalTransport(), open_transport(ssh.machine_on(sshd), await ssh.context(None))):
        with pytest.raises(TransportFailed) as caught:
            await transport.run(
                b"yes | head -c 50000000", deadline_seconds=20, max_output_bytes=100_000, on_output=lambda _data: None
            )
        assert caught.value.failure.kind is FailureKind.OUTPUT_TOO_LARGE


async def test_recording_keeps_what_is_handed_on(tmp_path: Path) -> None:
    """A recorded run that was streamed replays as one that is streamed."""
    pieces: list[bytes] = []
    path = tmp_path / "machine.json"
    await RecordingTransport(LocalTransport(), path).run(
        b"echo hello", deadline_seconds=20, max_output_bytes=1000, on_output=lambda _data: None
    )

    result = await ScriptedTransport(path).run(b"", deadline_seconds=20, max_output_bytes=1000, on_output=pieces.append)

    assert (b"".join(pieces), result.stdout) == (b"hello\n", b"")
