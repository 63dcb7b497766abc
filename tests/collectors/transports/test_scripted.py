"""Transcripts: written, replayed, recorded."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.transports.base import CommandResult, Transport, TransportFailed
from collectors.transports.local import LocalTransport
from collectors.transports.scripted import RecordingTransport, ScriptedTransport
from collectors.transports.transcripts import Reply, read_transcript, write_transcript
from fleet.errors import BadInput
from fleet.failures import Failure, FailureKind

FAILURE = Failure(FailureKind.CONNECTION_REFUSED, "SSH to a@192.0.2.1:22", "refused.", "Is sshd running?", 0.5)


async def run(transport: Transport, script: bytes = b"true", limit: int = 1_000_000) -> CommandResult:
    return await transport.run(script, deadline_seconds=20.0, max_output_bytes=limit)


@given(
    stdout=st.binary(),
    stderr=st.binary(),
    status=st.none() | st.integers(0, 255),
    failure=st.none() | st.just(FAILURE),
    elapsed_seconds=st.none() | st.floats(0, 1e6),
)
def test_any_bytes_survive_the_file(
    tmp_path_factory: pytest.TempPathFactory,
    stdout: bytes,
    stderr: bytes,
    status: int | None,
    failure: Failure | None,
    elapsed_seconds: float | None,
) -> None:
    """Whatever a machine printed is read back byte by byte."""
    path = tmp_path_factory.mktemp("transcripts") / "machine.json"
    exit_status = None if failure else status
    reply = Reply(stdout, stderr, exit_status, failure, elapsed_seconds=elapsed_seconds)
    write_transcript(path, [reply])
    assert read_transcript(path) == (reply,)


async def test_marker_of_the_script_stands_in_the_answer(tmp_path: Path) -> None:
    """A recorded answer fits the new marker of every script."""
    path = tmp_path / "machine.json"
    recording = RecordingTransport(LocalTransport(), path)
    await run(recording, b'marker=0123456789abcdef\necho "$marker begin"; echo "$marker end" >&2; exit 4\n')
    replayed = await run(ScriptedTransport(path), b"marker=patchdeck-fedc\n")
    expected = (b"patchdeck-fedc begin\n", b"patchdeck-fedc end\n", 4)
    assert (replayed.stdout, replayed.stderr, replayed.exit_status) == expected
    assert "0123456789abcdef" not in path.read_text()


async def test_failure_is_recorded_and_replayed(tmp_path: Path) -> None:
    """A failed run is replayed as the same failure with the same partial output."""
    path = tmp_path / "machine.json"
    with pytest.raises(TransportFailed) as recorded:
        await run(RecordingTransport(LocalTransport(), path), b"echo half; kill -KILL $$")
    with pytest.raises(TransportFailed) as replayed:
        await run(ScriptedTransport(path))
    assert replayed.value.failure == recorded.value.failure
    assert replayed.value.partial == b"half\n"


async def test_replies_come_in_order_and_the_last_repeats(tmp_path: Path) -> None:
    """Each run takes the next reply; when there are no more, the last one stays."""
    path = tmp_path / "machine.json"
    write_transcript(path, [Reply(b"first", exit_status=0), Reply(b"second", exit_status=0)])
    transport = ScriptedTransport(path)
    assert [(await run(transport)).stdout for _ in range(3)] == [b"first", b"second", b"second"]


async def test_limit_and_deadline_hold(tmp_path: Path) -> None:
    """A flood and a delay are stopped as on a real machine; the flood is not built first."""
    path = tmp_path / "machine.json"
    flood = Reply(b"y\n", exit_status=0, repeat=10**12)
    write_transcript(path, [flood, replace(flood, repeat=1, delay_seconds=1000.0)])
    transport = ScriptedTransport(path)
    with pytest.raises(TransportFailed) as flooded:
        await run(transport, limit=1000)
    with pytest.raises(TransportFailed) as late:
        await transport.run(b"true", deadline_seconds=0.01, max_output_bytes=1000)
    assert flooded.value.failure.kind is FailureKind.OUTPUT_TOO_LARGE
    assert late.value.failure.kind is FailureKind.DEADLINE_EXCEEDED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 2, "replies": []}',
        '{"format": 1, "replies": []}',
        '{"format": 1, "replies": [3]}',
        json.dumps({"format": 1, "replies": [{"sdtout": ["x"]}]}),
        json.dumps({"format": 1, "replies": [{"stdout": "x"}]}),
        json.dumps({"format": 1, "replies": [{"exit_status": "x"}]}),
        json.dumps({"format": 1, "replies": [{"failure": {"kind": "no-such"}}]}),
        json.dumps({"format": 1, "replies": [{"failure": 1}]}),
    ],
)
async def test_malformed_transcript_is_named(tmp_path: Path, text: str) -> None:
    """A file that is not a transcript is a configuration failure that names the file."""
    path = tmp_path / "machine.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"machine\.json"):
        read_transcript(path)
    with pytest.raises(TransportFailed) as caught:
        await run(ScriptedTransport(path))
    assert caught.value.failure.kind is FailureKind.BAD_CONFIGURATION


async def test_missing_transcript_is_named(tmp_path: Path) -> None:
    """A machine whose transcript is not there says so."""
    with pytest.raises(TransportFailed) as caught:
        await run(ScriptedTransport(tmp_path / "absent.json"))
    assert "absent.json" in caught.value.failure.came_back
