"""The machines of a run as rows, while it goes on and after it: wave, state, step, progress, what came of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from fleet.deployments.runs import InstallationStatus, MachineRun, MachineRunStatus
from fleet.hostile import clean, clean_name
from ops.cli.run_event_text import step_text
from ops.cli.run_texts import format_seconds
from ops.deployments.run_picture import MachineInWork, RunPicture
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

RUN_MACHINE_COLUMNS = (
    TableColumn("name", "Machine", most=32, least=12, priority=0),
    TableColumn("wave", "Wave", is_number=True, priority=3),
    TableColumn("state", "State", most=12, least=11, priority=1),
    TableColumn("step", "Step", most=28, least=12, priority=2, is_sparse=True),
    TableColumn("progress", "Progress", most=13, least=13, priority=1, is_sparse=True),
    TableColumn("package", "Package", most=44, least=14, priority=2, is_sparse=True),
    TableColumn("elapsed", "Elapsed", most=10, least=8, is_number=True, priority=2),
    TableColumn("updates", "Updates", most=28, least=10, priority=3, is_sparse=True),
    TableColumn("error", "What it says", most=100, least=16, priority=4, is_sparse=True),
)
STATE_WORDS: Mapping[MachineRunStatus, str] = {
    MachineRunStatus.IN_PROGRESS: "in progress",
    MachineRunStatus.FAILED: "failed",
    MachineRunStatus.UNREACHABLE: "unreachable",
    MachineRunStatus.WINDOW_EXCEEDED: "out of time",
    MachineRunStatus.CANCELLED: "cancelled",
    MachineRunStatus.NOT_STARTED: "not begun",
    MachineRunStatus.SUCCEEDED: "succeeded",
}
MACHINE_RUN_TONES = {
    MachineRunStatus.IN_PROGRESS: Tone.ACCENT,
    MachineRunStatus.FAILED: Tone.BAD,
    MachineRunStatus.UNREACHABLE: Tone.BAD,
    MachineRunStatus.WINDOW_EXCEEDED: Tone.PENDING,
    MachineRunStatus.CANCELLED: Tone.OFFLINE,
    MachineRunStatus.NOT_STARTED: Tone.DIM,
    MachineRunStatus.SUCCEEDED: Tone.GOOD,
}
# What goes on stands first, then what went wrong; those that are done go to the end.
_RANKS = list(STATE_WORDS)
_BAR_CELLS = 8
_FAILED = (InstallationStatus.FAILED, InstallationStatus.INSTALL_FAILED)
_LEFT_OUT = (InstallationStatus.NOT_INCLUDED, InstallationStatus.EXCLUDED)


def status_in(picture: RunPicture, machine: MachineRun, *, is_replayed: bool = False) -> MachineRunStatus:
    """Where the machine stands: by what is stored, or by events that came since; in a replay by the events alone."""
    if machine.status.is_over and not is_replayed:
        return machine.status
    if machine.machine_id in picture.in_work:
        return MachineRunStatus.IN_PROGRESS
    otherwise = MachineRunStatus.NOT_STARTED if is_replayed else machine.status
    return picture.over.get(machine.machine_id, otherwise)


def run_machine_rows(
    machines: Sequence[MachineRun], picture: RunPicture, now: datetime, *, is_replayed: bool = False
) -> list[Row]:
    """A row for each machine: those in work first, then those that failed, then the others, each in wave order."""
    rows = []
    for machine in machines:
        status = status_in(picture, machine, is_replayed=is_replayed)
        work = picture.in_work.get(machine.machine_id) if status is MachineRunStatus.IN_PROGRESS else None
        rows.append(
            (
                _RANKS.index(status),
                run_machine_row(machine, status, work, now, picture.said.get(machine.machine_id, "")),
            )
        )
    return [row for _, row in sorted(rows, key=lambda each: each[0])]


def run_machine_row(
    machine: MachineRun, status: MachineRunStatus, work: MachineInWork | None, now: datetime, said: str = ""
) -> Row:
    """The row of one machine; ``work`` is what it does now, ``said`` what was said of it since it went on last."""
    seconds = _elapsed(machine, work, now) if status.is_over or work else None
    is_over = status.is_over
    cells = (
        clean_name(machine.machine_name),
        str(machine.wave + 1),
        STATE_WORDS[status],
        _step(machine, status, work),
        bar(work.percent) if work else "",
        clean(f"{work.doing} {work.package}") if work else "",
        format_seconds(seconds),
        updates_text(machine) if is_over else "",
        clean(machine.error if is_over else said),
    )
    tones = (
        Tone.STRONG,
        Tone.DIM,
        MACHINE_RUN_TONES[status],
        Tone.NORMAL if work else Tone.DIM,
        Tone.ACCENT,
        Tone.NORMAL,
        Tone.NORMAL,
        Tone.BAD if any(each.status in _FAILED for each in machine.outcomes) else Tone.NORMAL,
        Tone.BAD if status.counts_as_failure else Tone.PENDING,
    )
    percent = work.percent if work else None
    order = (cells[0].casefold(), machine.wave, _RANKS.index(status), cells[3], percent, cells[5], seconds, *cells[7:])
    return Row(machine.machine_id, cells, tones, order)


def standing_facts(machines: Sequence[MachineRun], picture: RunPicture, *, is_replayed: bool = False) -> list[Piece]:
    """Which wave, how many machines are over, how many of them failed."""
    found = Counter(status_in(picture, machine, is_replayed=is_replayed) for machine in machines)
    facts = []
    if picture.wave is not None and picture.waves:
        facts.append(Piece(f"wave {picture.wave + 1} of {picture.waves}"))
    if machines:
        over = sum(count for status, count in found.items() if status.is_over)
        facts.append(Piece(f"{over:,} of {len(machines):,} over"))
    failed = [status for status in (MachineRunStatus.FAILED, MachineRunStatus.UNREACHABLE) if found[status]]
    return facts + [Piece(f"{found[status]:,} {STATE_WORDS[status]}", Tone.BAD) for status in failed]


def bar(percent: float | None) -> str:
    """``━━━━╌╌╌╌  52%``; empty where the package manager does not say."""
    if percent is None:
        return ""
    share = min(100.0, max(0.0, percent))
    full = int(share / 100 * _BAR_CELLS)
    return f"{'━' * full}{'╌' * (_BAR_CELLS - full)} {share:3.0f}%"


def updates_text(machine: MachineRun) -> str:
    """``12 of 13, 1 failed``: of the updates that were to be installed."""
    counts = Counter(outcome.status for outcome in machine.outcomes)
    wanted = sum(count for status, count in counts.items() if status not in _LEFT_OUT)
    if not machine.outcomes:
        return ""
    failed = sum(counts[status] for status in _FAILED)
    return f"{counts[InstallationStatus.SUCCEEDED]} of {wanted}{f', {failed} failed' if failed else ''}"


def _step(machine: MachineRun, status: MachineRunStatus, work: MachineInWork | None) -> str:
    """The step in work; of a machine that did not succeed, the one at which it ended."""
    if work is not None:
        return f"{f'round {work.round}: ' if work.round > 1 else ''}{step_text(work.step)}"
    return step_text(machine.step) if status.is_over and status is not MachineRunStatus.SUCCEEDED else ""


def _elapsed(machine: MachineRun, work: MachineInWork | None, now: datetime) -> float | None:
    if work is not None:
        seconds = max(0.0, (now - (machine.started_at or work.since)).total_seconds())
        # Coarse, so that a screen on which nothing else happens is not sent again each second.
        return int(seconds // 10) * 10 if seconds < 60 else int(seconds // 60) * 60
    if machine.started_at is None or machine.ended_at is None:
        return None
    return (machine.ended_at - machine.started_at).total_seconds()
