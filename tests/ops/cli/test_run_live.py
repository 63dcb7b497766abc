"""The view of a run on a terminal: what its lines say, and that it fits."""

from datetime import UTC, datetime, timedelta

import pytest

from fleet.deployments.runs import MachineRunStatus, RunStatus, RunStep
from fleet.deployments.scripts import ScriptPlace, ScriptStage
from ops.cli.run_event_text import EventLines, event_line, event_text
from ops.cli.run_live import picture_lines
from ops.deployments import events
from ops.deployments.run_picture import RunPicture

_AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
_STEERING = "\x1b[2J\u202ex"
_EVENTS: tuple[events.RunEvent, ...] = (
    events.RunBegan(_AT, "20261120T020000Z-5f3a9c", "web"),
    events.RunWaits(_AT, "the window opens", _AT),
    events.PlanFrozen(_AT, "abc", 40, 120, 3),
    events.ScriptEnded(_AT, "", ScriptStage.PRE, ScriptPlace.CONSOLE, "/srv/pre.sh", 0, 1.5),
    events.WaveBegan(_AT, 0, 40),
    *(events.MachineStepBegan(_AT, f"id-{n}", f"web-{n:02}", RunStep.INSTALL) for n in range(30)),
    events.MachineProgress(_AT, "id-3", "web-03", 42.0, _STEERING, "unpacking"),
    events.MachineRoundBegan(_AT, "id-4", f"web-04{_STEERING}", 2, 1),
    events.MachineNote(_AT, "id-3", "web-03", f"connection lost {_STEERING}"),
    events.MachineLog(_AT, "id-3", "web-03", 0, 10),
    events.MachineOver(_AT, "id-0", "web-00", MachineRunStatus.SUCCEEDED, updates_succeeded=3),
    events.MachineOver(_AT, "id-1", "web-01", MachineRunStatus.UNREACHABLE, f"no answer {_STEERING}"),
    events.GatePassed(_AT, 0),
    events.GateFailed(_AT, 0, ("web-03: port 443 is closed",)),
    events.BudgetExhausted(_AT, 2, 40),
    events.RunPaused(_AT, "anna"),
    events.RunResumed(_AT, "anna"),
    events.RunCancelled(_AT, "anna"),
    events.RunNote(_AT, "the disk is full"),
)
_END = events.RunOver(_AT, RunStatus.CANCELLED, "by anna")


def picture_of(*taken: events.RunEvent) -> RunPicture:
    picture = RunPicture()
    for event in taken:
        picture.take(event)
    return picture


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 60), (40, 10)])
def test_picture_fits_the_terminal(width: int, height: int) -> None:
    """Whole lines, not more than there is room for, the rest as a number."""
    lines = picture_lines(picture_of(*_EVENTS), _AT + timedelta(minutes=3), width=width, height=height)

    assert len(lines) <= max(height, 7)
    assert all(len(line) <= width for line in lines[1:])
    assert "2 of 40 machines over (1 succeeded, 1 unreachable)" in lines[0]
    assert not {"\x1b", "\u202e"} & set("".join(lines))


def test_round_of_a_machine_is_seen_at_its_step() -> None:
    """Until it is over."""
    began = events.MachineRoundBegan(_AT, "id-9", "web-09", 2, 1)
    step = events.MachineStepBegan(_AT, "id-9", "web-09", RunStep.INSTALL)

    lines = picture_lines(picture_of(*_EVENTS[:5], began, step), _AT, width=80, height=24)

    assert any(line.split()[:4] == ["web-09", "round", "2:", "installing"] for line in lines)
    assert event_line(began) == f"{_AT:%H:%M:%SZ} web-09: round 2, 1 more update"


def test_longest_at_work_comes_first() -> None:
    """Who hangs is seen."""
    late = events.MachineStepBegan(_AT - timedelta(minutes=5), "id-9", "web-09", RunStep.REBOOT)

    lines = picture_lines(picture_of(*_EVENTS[:6], late), _AT, width=80, height=24)

    assert lines[1].split() == ["web-09", "rebooting", "5", "min"]


def test_picture_knows_how_the_run_stands() -> None:
    """Waiting for something, in a wave, over."""
    assert picture_lines(picture_of(*_EVENTS[:2]), _AT, width=80, height=24)[-1] == "waits: the window opens"
    assert "wave 1 of 3" in picture_lines(picture_of(*_EVENTS), _AT, width=80, height=24)[0]
    over = picture_of(*_EVENTS, _END)
    assert (over.status, over.note, over.in_work) == (RunStatus.CANCELLED, "by anna", {})


@pytest.mark.parametrize("event", [*_EVENTS, _END], ids=lambda event: type(event).__name__)
def test_every_event_is_one_clean_line(event: events.RunEvent) -> None:
    """But for bytes of a log, which say nothing by themselves."""
    text = event_text(event)

    if isinstance(event, events.MachineLog):
        assert event_line(event) is None
    else:
        assert text
        assert not {"\x1b", "\n", "\u202e"} & set(text)
        assert event_line(event) == f"02:00:00Z {text}"


def test_every_kind_of_event_has_words() -> None:
    """None is forgotten here when the engine learns a new one."""
    assert {type(event) for event in (*_EVENTS, _END)} == set(events.RunEvent.__args__)


def test_what_stopped_a_machine_is_said_once() -> None:
    """A note that is the error with which the machine ends is not said again; another one is."""
    lines = EventLines()
    note = events.MachineNote(_AT, "id-1", "web-01", "no root")
    end = events.MachineOver(_AT, "id-1", "web-01", MachineRunStatus.FAILED, "no root", updates_failed=4)

    assert lines.line(note) == "02:00:00Z web-01: no root"
    assert lines.line(end) == "02:00:00Z web-01: Failed (4 failed)"
    assert lines.line(end) == "02:00:00Z web-01: Failed (4 failed: no root)"
