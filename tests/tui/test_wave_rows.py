"""The waves of a run as rows: how far each is, which is next, its gate and the failure budget."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fleet.deployments.deployment import Deployment
from fleet.deployments.rollout import FailureBudget, HealthGate, Rollout, WaveKind, WaveRule
from fleet.deployments.runs import InstallationStatus, MachineRun, MachineRunStatus, Requester, Run, RunStatus, RunStep
from ops.deployments import events
from ops.deployments.run_picture import RunPicture
from tests.tui.made_runs import make_outcome
from tui.rows.calendar_rows import CALENDAR_COLUMNS
from tui.rows.deployment_rows import DEPLOYMENT_COLUMNS
from tui.rows.run_machine_rows import RUN_MACHINE_COLUMNS, run_machine_rows
from tui.rows.run_rows import RUN_COLUMNS
from tui.rows.wave_rows import budget_pieces, describe_wave, wave_rows
from tui.widgets.column_layout import lay_out, natural_widths
from tui.widgets.rows import Row

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


def test_elapsed_is_counted_from_the_begin_of_the_machine() -> None:
    """Not from its last step, as if a machine of three hours had just begun; once over, it is the same time."""
    machine = replace(_machine(1, 0, MachineRunStatus.IN_PROGRESS), started_at=_NOW)
    picture, later = _picture(0), _NOW + timedelta(hours=3)
    picture.take(events.MachineStepBegan(later, "m1", "web-1", RunStep.RETURN))

    assert "3 h" in run_machine_rows([machine], picture, later)[0].cells
    over = replace(machine, status=MachineRunStatus.SUCCEEDED, ended_at=later)
    assert "3 h" in run_machine_rows([over], RunPicture(), later)[0].cells


def test_no_gate_stands_after_the_last_wave() -> None:
    """Nothing comes after it, so that nothing is asked; neither below the table."""
    rows = wave_rows(_run(), _MACHINES, _picture(1))

    assert [bool(row.cells[4]) for row in rows] == [True, True, True, False]
    told = [piece.text for line in describe_wave(rows[3], _run(), _MACHINES, [], _picture(1)) for piece in line]
    assert not any("Before the next wave" in text for text in told)


def test_what_became_of_machines_takes_the_place_of_their_work() -> None:
    """At 80 columns, once nothing is in work: updates and errors, where steps and packages stood."""
    over = replace(
        _machine(1, 0, MachineRunStatus.SUCCEEDED), outcomes=(make_outcome("openssl", InstallationStatus.SUCCEEDED),)
    )
    failed = replace(_machine(2, 1, MachineRunStatus.FAILED), error="no space left")

    rows = run_machine_rows([over, failed], RunPicture(), _NOW)

    columns = RUN_MACHINE_COLUMNS
    placed = lay_out(columns, natural_widths(columns, rows), 78).placed
    assert {"updates", "error", "elapsed"} <= {columns[each.index].name for each in placed}
    assert not {"progress", "package"} & {columns[each.index].name for each in placed}


def test_names_of_deployments_are_told_apart_on_a_low_screen() -> None:
    """Of two sites the begin is the same: other columns give way, not the start, nor what became of a run."""
    name = "windows-production-frankfurt"
    for columns, (at, least), width, starts in (
        (DEPLOYMENT_COLUMNS, (0, 28), 78, ("Sat 2026-12-12 20:00 UTC", 1)),
        (RUN_COLUMNS, (0, 24), 76, ("2026-11-19 20:00Z", 1)),
        (CALENDAR_COLUMNS, (1, 22), 82, ("Thu 26 Nov 15:00", 0)),
    ):
        texts = {at: name, starts[1]: starts[0]}
        row = Row("x", tuple(texts.get(index, "x" * 40) for index in range(len(columns))))
        placed = {each.index: each.width for each in lay_out(columns, natural_widths(columns, [row]), width).placed}
        assert placed[at] >= least
        assert placed[starts[1]] >= len(starts[0])
        assert columns is not RUN_COLUMNS or 3 in placed
