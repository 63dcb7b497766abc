"""Runs as rows: which deployment, when, how it stands or ended, on how many machines, how long it took."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.deployments.durations import describe_span
from fleet.deployments.runs import MachineRun, MachineRunStatus, Run, RunStatus
from fleet.hostile import clean, clean_name
from ops.cli.run_texts import counts_text, format_seconds, outcomes_text
from ops.deployments.history import MachineHistory, RunSummary
from ops.deployments.run_picture import RunPicture
from tui.rows.ages import describe_time
from tui.rows.deployment_rows import RUN_TONES
from tui.rows.run_machine_rows import MACHINE_RUN_TONES, status_in
from tui.tones import Tone
from tui.widgets.detail import labelled, spaced
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

RUN_COLUMNS = (
    TableColumn("deployment", "Deployment", most=36, least=12, priority=0, least_of_long=24),
    TableColumn("opens", "Window opens", most=17, least=17, priority=1),
    TableColumn("status", "Status", most=10, least=10, priority=1),
    TableColumn("machines", "Machines", most=48, least=22, priority=1),
    TableColumn("took", "Took", most=12, least=8, is_number=True, priority=2),
    TableColumn("by", "By", most=20, least=6, priority=4),
    TableColumn("run", "Run", most=24, least=23, priority=5),
    TableColumn("note", "What it says", most=100, least=20, priority=3),
)
MACHINE_HISTORY_COLUMNS = (
    TableColumn("deployment", "Deployment", most=36, least=12, priority=0, least_of_long=24),
    TableColumn("opens", "Window opened", most=17, least=17, priority=1),
    TableColumn("status", "Status", most=25, least=11, priority=1),
    TableColumn("updates", "Updates", most=40, least=14, priority=1),
    TableColumn("reboot", "Reboot", most=8, least=8, priority=3),
    TableColumn("run", "Run", most=24, least=23, priority=4),
    TableColumn("error", "What it says", most=100, least=20, priority=2),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many machines a run has, how many of them are in work, and how many are over."""

    machines: int = 0
    in_work: int = 0
    over: int = 0

    @property
    def not_begun(self) -> int:
        """How many have not been begun."""
        return self.machines - self.in_work - self.over


def run_rows(summaries: Iterable[RunSummary], now: datetime) -> list[Row]:
    """A row for each run, in the order given."""
    return [_row(summary, now) for summary in summaries]


def history_of_machine_rows(entries: Iterable[MachineHistory]) -> list[Row]:
    """A row for each run of a machine, in the order given."""
    return [_history_row(entry) for entry in entries]


def describe_run(run: Run, now: datetime) -> list[tuple[Piece, ...]]:
    """All of a run in a few lines: its note, its window, who asked for it."""
    lines: list[tuple[Piece, ...]] = [(Piece(run.note),)] if run.note else []
    requester = run.requester
    who = " from ".join(part for part in (requester.user, requester.ssh_client) if part)
    lines.append(
        (
            Piece(run.id, Tone.STRONG),
            *labelled("asked for by", who),
            *(labelled("·", requester.reason) if requester.reason else ()),
        )
    )
    lines.append(
        labelled("Window", f"{describe_time(run.opens_at)} to {describe_time(run.closes_at)}, {window_text(run, now)}")
    )
    if run.plan_hash:
        lines.append(labelled("Plan", run.plan_hash))
    return lines


def run_notice(run: Run | None, picture: RunPicture, tab: str, now: datetime) -> tuple[tuple[Piece, ...], ...]:
    """What an empty ``tab`` of a run means: what it waits for, that nothing came of it, or that it is not kept."""
    if run is None:
        return ((Piece("Reading the run …", Tone.DIM),),)
    if tab == "updates":
        none = "No update has an outcome" + ("." if run.status.is_over else " yet.")
        return ((Piece(none),), (Piece("tab", Tone.KEY), Piece("  goes on to what happened in the run")))
    if tab == "events" and run.status.is_over:
        gone = "What happened in the run, step by step, is not kept any more: settings say for how many days."
        return ((Piece(gone),), (Piece("tab", Tone.KEY), Piece("  goes on to its machines, whose outcomes stay")))
    notes = tuple(map(spaced, describe_run(run, now)))
    if picture.waits_for:
        notes = ((Piece("It waits:", Tone.PENDING), Piece(f" {picture.waits_for}")), *notes)
    if run.status is RunStatus.WAITING:
        return ((Piece("It has not begun. Its machines are known once its plan is made.", Tone.STRONG),), *notes)
    none = "No machine was in the run." if run.status.is_over else "It has no machines yet: its plan says which."
    return ((Piece(none),), *notes)


def standing_of(machines: Sequence[MachineRun], picture: RunPicture) -> Standing:
    """How many machines of a run are in work, over, and not begun yet."""
    states = [status_in(picture, machine) for machine in machines]
    in_work = sum(state is MachineRunStatus.IN_PROGRESS for state in states)
    over = sum(state.is_over for state in states)
    return Standing(len(states), in_work, over)


def took_seconds(run: Run, now: datetime) -> float | None:
    """How long it took, or has taken until now; None where it has not begun."""
    return None if run.started_at is None else max(0.0, ((run.ended_at or now) - run.started_at).total_seconds())


def status_pieces(run: Run) -> list[Piece]:
    """How the run stands, and that it waits for others to approve its plan."""
    waits = [Piece("waits for approval: a approves", Tone.PENDING)] if run.waits_for_approval else []
    return [Piece(run.status.value, RUN_TONES[run.status]), *waits]


def kept_back(run: Run, picture: RunPicture) -> list[Piece]:
    """What keeps an open run from going on: that somebody paused or cancelled it, or what it waits for."""
    if run.status.is_over or run.waits_for_approval:
        return []
    why = run.note or picture.waits_for.rstrip(".")
    return [Piece(clean(why), Tone.PENDING)] if why else []


def window_text(run: Run, now: datetime) -> str:
    """Where ``now`` is in the window: ``opens in 4 h``, ``1 h 20 min left``."""
    if run.status.is_over:
        return "over"
    if now < run.opens_at:
        return f"opens in {describe_span(run.opens_at - now)}"
    return f"{describe_span(run.closes_at - now)} left" if now < run.closes_at else "the window is over"


def coarse_seconds(seconds: float | None) -> str:
    """As `format_seconds`, but under a minute in tens and above in minutes: it need not be drawn each second."""
    if seconds is None:
        return ""
    return format_seconds(int(seconds // 10) * 10 if seconds < 60 else int(seconds // 60) * 60)


def _row(summary: RunSummary, now: datetime) -> Row:
    run = summary.run
    took = took_seconds(run, now)
    cells = (
        clean_name(run.deployment.name),
        describe_time(run.opens_at),
        run.status.value,
        counts_text(summary.counts) or ("none" if run.status.is_over else window_text(run, now)),
        format_seconds(took) if run.status.is_over else coarse_seconds(took),
        clean_name(run.requester.user),
        run.id,
        clean(run.note),
    )
    failed = sum(count for status, count in summary.counts.items() if status.counts_as_failure)
    tones = (
        Tone.STRONG,
        Tone.NORMAL,
        RUN_TONES[run.status],
        Tone.BAD if failed else Tone.NORMAL,
        Tone.NORMAL,
        Tone.DIM,
        Tone.DIM,
        Tone.DIM,
    )
    order = (cells[0].casefold(), run.opens_at, cells[2], summary.machines, took, *cells[5:])
    return Row(run.id, cells, tones, order)


def _history_row(entry: MachineHistory) -> Row:
    run, machine = entry.run, entry.machine_run
    cells = (
        clean_name(run.deployment.name),
        describe_time(run.opens_at),
        machine.status.value,
        outcomes_text([machine]),
        "rebooted" if machine.rebooted else "",
        run.id,
        clean(machine.error),
    )
    tones = (Tone.STRONG, Tone.NORMAL, MACHINE_RUN_TONES[machine.status], Tone.NORMAL, Tone.REBOOT, Tone.DIM, Tone.BAD)
    return Row(run.id, cells, tones, (cells[0].casefold(), run.opens_at, *cells[2:]))
