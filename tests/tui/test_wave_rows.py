"""The waves of a run as rows: how far each is, which is next, its gate and the failure budget."""

from datetime import UTC, datetime, timedelta

from fleet.deployments.deployment import Deployment
from fleet.deployments.rollout import FailureBudget, HealthGate, Rollout, WaveKind, WaveRule
from fleet.deployments.runs import MachineRun, MachineRunStatus, Requester, Run, RunStatus, RunStep
from ops.deployments import events
from ops.deployments.run_picture import RunPicture
from tui.rows.wave_rows import budget_pieces, describe_wave, wave_rows

_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_ROLLOUT = Rollout(
    (WaveRule(WaveKind.TARGET, "tag:ring=canary"), WaveRule(WaveKind.PERCENT, amount=25)),
    HealthGate(95.0, check_units=True, tcp_ports=(443,)),
    FailureBudget(machines=0),
)


def _run(status: RunStatus = RunStatus.IN_PROGRESS) -> Run:
    deployment = Deployment("web", ("all",), rollout=_ROLLOUT)
    return Run("1", deployment, status, _NOW, _NOW + timedelta(hours=2), Requester("anna"), _NOW)


def _machine(number: int, wave: int, status: MachineRunStatus = MachineRunStatus.NOT_STARTED) -> MachineRun:
    ended = _NOW if status.is_over else None
    return MachineRun("1", f"m{number}", f"web-{number}", wave, status, started_at=ended, ended_at=ended)


def _picture(wave: int) -> RunPicture:
    picture = RunPicture()
    picture.take(events.WaveBegan(_NOW, wave, 2))
    return picture


_MACHINES = [
    _machine(1, 0, MachineRunStatus.SUCCEEDED), _machine(2, 1, MachineRunStatus.FAILED), _machine(3, 1),
    _machine(4, 2), _machine(5, 3),
]  # fmt: skip


def test_waves_say_how_far_they_are_and_which_is_next() -> None:
    """By the events, before the state of a machine says it."""
    picture = _picture(1)
    picture.take(events.MachineStepBegan(_NOW, "m3", "web-3", RunStep.INSTALL))

    rows = wave_rows(_run(), _MACHINES, picture)

    assert [row.cells[:4] for row in rows] == [
        ("1", "done", "1 of 1", "0"), ("2", "in progress", "1 of 2", "1"), ("3", "next", "0 of 1", "0"),
        ("4", "waiting", "0 of 1", "0"),
    ]  # fmt: skip
    assert [row.cells[5] for row in rows] == ["tag:ring=canary", "25%", "the rest", "the rest"]
    assert rows[0].cells[4] == "95% succeeded, no unit failed, port 443 open"


def test_waves_that_a_run_never_came_to_are_not_begun() -> None:
    """The run is over: nothing is next any more."""
    states = [row.cells[1] for row in wave_rows(_run(RunStatus.FAILED), _MACHINES, _picture(1))]

    assert states == ["done", "cut short", "not begun", "not begun"]


def test_budget_and_gate_say_why_nothing_more_is_begun() -> None:
    """More have failed than may; the gate's own words stand with its wave."""
    text = " ".join(piece.text for piece in budget_pieces(_run(), _MACHINES, _picture(1)))
    assert "1 of 5 machines failed, 0 may · nothing more is begun" in text

    row = wave_rows(_run(), _MACHINES, _picture(1))[1]
    failed = events.GateFailed(_NOW, 1, ("web-2: nginx.service failed",))
    told = describe_wave(row, _run(), _MACHINES, [failed], _picture(1))
    assert any("nginx.service failed" in piece.text for line in told for piece in line)
