"""The folder of a run: what is put there comes back, once, whatever was repeated, cut off or torn."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import get_type_hints

import pytest

from fleet.deployments.plan import Plan
from fleet.deployments.runs import MachineRunStatus, RunStatus
from ops.deployments.events import GateFailed, MachineLog, MachineOver, RunEvent, RunOver, read_event, write_event
from ops.deployments.folder import RunFolder, read_events

_NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
_EVENTS: list[RunEvent] = [
    MachineLog(_NOW, "id-web", "web-01", 0, 100),
    MachineOver(_NOW, "id-web", "web-01", MachineRunStatus.FAILED, 'a "word"\\', 1, 2, 3),
    GateFailed(_NOW, 0, ("web-01: unit nginx.service failed",)),
    RunOver(_NOW, RunStatus.FAILED, "Größe"),
]


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """The folder of a run that is not made yet."""
    return RunFolder(tmp_path / "runs" / "20261120T020000Z-5f3a9c")


def test_every_event_is_read_as_it_was_written() -> None:
    """A line each, and the time in each."""
    assert [read_event(write_event(event)) for event in _EVENTS] == _EVENTS
    assert all(get_type_hints(cls)["at"] is datetime for cls in RunEvent.__args__)


def test_events_are_read_on_from_where_reading_ended(folder: RunFolder) -> None:
    """A follower sees each event once; before the first there are none."""
    assert read_events(folder) == ([], 0)
    folder.add_events(_EVENTS[:2])
    seen, place = read_events(folder)
    folder.add_events(_EVENTS[2:])
    more, _ = read_events(folder, place)
    assert [*seen, *more] == _EVENTS


def test_line_of_a_killed_process_is_passed_over(folder: RunFolder) -> None:
    """A torn line costs no event after it, and is not read while it may still be written."""
    folder.add_events(_EVENTS[:1])
    with folder.events_file.open("ab") as file:
        file.write(b'{"event":"RunOv')
    seen, place = read_events(folder)
    assert seen == _EVENTS[:1]
    folder.add_events(_EVENTS[1:])
    assert read_events(folder)[0] == _EVENTS
    assert read_events(folder, place)[0] == _EVENTS[1:]


def test_log_has_each_byte_once(folder: RunFolder) -> None:
    """What is followed again after a lost connection changes nothing."""
    folder.put_log("web-01", 0, b"Setting up curl\n")
    folder.put_log("web-01", 8, b"up curl\nSetting up zlib\n")
    folder.put_log("web-01", 0, b"Setting")
    assert folder.read_log("web-01") == b"Setting up curl\nSetting up zlib\n"
    assert folder.read_log("web-01", 16, 7) == b"Setting"
    assert folder.read_log("db-01") == b""


def test_commands_are_a_line_each_whatever_they_hold(folder: RunFolder) -> None:
    """Line ends and escape sequences of a command do not become lines or colours."""
    folder.note_command("web-01", _NOW, "sh -c 'a\nb\x1b[31m'", 0.25, 0)
    folder.note_command("web-01", _NOW, "tail", 3.0, None)
    lines = folder.commands_file("web-01").read_text("utf-8").splitlines()
    assert len(lines) == 2
    assert "\x1b" not in lines[0]
    assert lines[0].startswith("2026-11-20T02:00:00.000+00:00\t0.250 s\texit 0\tsh -c")
    assert "cut off" in lines[1]


def test_only_the_owner_may_read(folder: RunFolder) -> None:
    """Logs may hold what nobody else should see; nothing is left aside."""
    folder.write_plan(Plan("nightly", _NOW, (), "cafe"))
    folder.put_log("web-01", 0, b"x")
    folder.add_events(_EVENTS)
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.path.iterdir()} == {0o600}
    assert sorted(path.name for path in folder.path.iterdir()) == ["events.ndjson", "plan.json", "web-01.log"]


def test_event_that_finds_no_room_leaves_no_half_line(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk takes a part of a line: it is taken back. (A full disk cannot be had without mounting one.)"""
    folder.add_events(_EVENTS[:1])
    write, writes = os.write, []

    def full(descriptor: int, content: bytes) -> int:
        writes.append(content)
        if len(writes) > 1:
            raise OSError(28, "No space left on device")
        return write(descriptor, content[:10])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            folder.add_events(_EVENTS[1:])
    assert folder.events_file.read_bytes().count(b"\n") == 1
    folder.add_events(_EVENTS[1:])
    assert read_events(folder)[0] == _EVENTS
