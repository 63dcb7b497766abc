"""Deployments as rows: when they start next and in how long, on how many machines, what became of the last run."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from fleet.deployments.deployment import Deployment
from fleet.deployments.durations import describe_span
from fleet.deployments.masks import ONLY_BY_NAME, mask_text
from fleet.deployments.occurrences import Start
from fleet.deployments.runs import Run, RunStatus
from fleet.deployments.waves import wave_text
from fleet.hostile import clean
from fleet.updates import Classification
from ops.cli.run_texts import format_seconds
from ops.cli.values import as_text, count_of
from ops.deployments.overview import DeploymentOverview
from tui.rows.ages import describe_age
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

DEPLOYMENT_COLUMNS = (
    TableColumn("name", "Deployment", most=40, least=14, priority=0, least_of_long=28),
    TableColumn("next", "Next start", most=28, least=24, priority=1),
    TableColumn("in", "In", most=12, least=12, priority=2),
    TableColumn("machines", "Machines", is_number=True, priority=2),
    TableColumn("last", "Last run", most=22, least=14, priority=1),
    TableColumn("window", "Window", most=12, least=10, priority=4),
    TableColumn("reboot", "Reboot", most=12, least=10, priority=5),
    TableColumn("enabled", "Enabled", most=8, least=7, priority=3),
    TableColumn("targets", "Targets", most=48, least=12, priority=6),
    TableColumn("description", "Description", most=60, least=16, priority=7),
)
RUN_TONES = {
    RunStatus.WAITING: Tone.PENDING,
    RunStatus.IN_PROGRESS: Tone.ACCENT,
    RunStatus.PAUSED: Tone.PENDING,
    RunStatus.SUCCEEDED: Tone.GOOD,
    RunStatus.FAILED: Tone.BAD,
    RunStatus.CANCELLED: Tone.OFFLINE,
}


def deployment_rows(overviews: Iterable[DeploymentOverview], now: datetime) -> list[Row]:
    """A row for each, in the order given."""
    return [_row(overview, now) for overview in overviews]


def describe_deployment(overview: DeploymentOverview) -> list[tuple[Piece, ...]]:
    """All of a deployment in a few lines, what stands in its way first."""
    deployment, window = overview.stored.deployment, overview.stored.deployment.window
    lines: list[tuple[Piece, ...]] = [(Piece(overview.problem, Tone.BAD),)] if overview.problem else []
    machines = f"{as_text(deployment.targets)}: {overview.reach}"
    lines.append((Piece(deployment.name, Tone.STRONG), *labelled("on", machines)))
    lines.append((*labelled("Installs", installs_text(deployment)), *_excludes(deployment)))
    reboot = f"reboot {deployment.reboot.policy}{f' at {deployment.reboot.at}' if deployment.reboot.at else ''}"
    waves = f", waves {', '.join(map(wave_text, deployment.rollout.waves))}" if deployment.rollout.waves else ""
    lines.append(labelled("When", f"{_starts_text(overview)}; window {window.minutes} min, {reboot}{waves}"))
    if deployment.needs_approval or deployment.channels:
        lines.append((*_needs(deployment), *_tells(deployment)))
    changed = Piece(f"changed {as_text(overview.stored.changed_at)} by {overview.stored.changed_by}", Tone.DIM)
    return [*lines, (Piece(deployment.description), changed)]


def installs_text(deployment: Deployment) -> str:
    """``Security Updates, and openssl*``; what is chosen before anything is taken away."""
    rules = deployment.updates
    is_usual = {*rules.classes} == {*Classification} - ONLY_BY_NAME
    classes = "everything but Windows drivers and upgrades" if is_usual else as_text(rules.classes)
    parts = [classes, as_text(tuple(map(mask_text, rules.include)))]
    return ", and ".join(part for part in parts if part) or "nothing"


def start_lines(starts: Sequence[Start], now: datetime) -> list[tuple[Piece, ...]]:
    """A line for each start: when, in how long, and what is to be told of it."""
    return [
        (
            Piece(start.local, Tone.OFFLINE if start.skipped else Tone.STRONG),
            Piece(f"in {describe_span(start.at - now)}", Tone.DIM),
            Piece(start.skipped or start.moved_from, Tone.PENDING),
        )
        for start in starts
    ]


def run_text(run: Run, now: datetime) -> str:
    """``Failed 3 d ago``, ``InProgress``."""
    age = describe_age(run.ended_at or run.opens_at, now)
    return f"{run.status} {age} ago".replace("just now ago", "just now") if run.status.is_over else run.status.value


def _row(overview: DeploymentOverview, now: datetime) -> Row:
    deployment, start = overview.stored.deployment, overview.next_start
    shown_run = overview.open_runs[0] if overview.open_runs else overview.last_run
    cells = (
        deployment.name,
        start.local if start else _no_start(overview),
        describe_span(start.at - now) if start else "",
        "?" if overview.machines is None else f"{overview.machines:,}",
        run_text(shown_run, now) if shown_run else "never",
        format_seconds(deployment.window.minutes * 60),
        deployment.reboot.policy.value,
        as_text(deployment.enabled),
        as_text(deployment.targets),
        clean(deployment.description),
    )
    tones = (
        Tone.BAD if overview.problem else Tone.STRONG if deployment.enabled else Tone.OFFLINE,
        Tone.NORMAL if start else Tone.DIM,
        Tone.NORMAL,
        Tone.NORMAL if overview.machines else Tone.BAD,
        RUN_TONES[shown_run.status] if shown_run else Tone.DIM,
        Tone.NORMAL,
        Tone.REBOOT if deployment.reboot.policy.value != "Never" else Tone.DIM,
        Tone.NORMAL if deployment.enabled else Tone.OFFLINE,
        Tone.DIM,
        Tone.DIM,
    )
    last_at = shown_run.opens_at if shown_run else None
    starts_at = start.at if start else None
    order = (cells[0].casefold(), starts_at, starts_at, overview.machines, last_at, deployment.window.minutes)
    return Row(deployment.name, cells, tones, (*order, *cells[6:]))


def _no_start(overview: DeploymentOverview) -> str:
    deployment = overview.stored.deployment
    if not deployment.enabled:
        return "disabled"
    if deployment.schedule is None:
        return "when asked"
    return "calendar unreadable" if overview.is_calendar_unreadable else "none any more"


def _starts_text(overview: DeploymentOverview) -> str:
    schedule = overview.stored.deployment.schedule
    if schedule is None:
        return "when asked"
    rule = f"{schedule.rule} from " if schedule.rule else "once, "
    offset = f" {schedule.offset_days:+} d" if schedule.offset_days else ""
    return f"{rule}{schedule.first:%Y-%m-%d %H:%M} {schedule.time_zone}{offset}"


def _needs(deployment: Deployment) -> tuple[Piece, ...]:
    if not deployment.needs_approval:
        return ()
    return labelled("Needs", f"{count_of(deployment.needs_approval, 'approval')} by others")


def _tells(deployment: Deployment) -> tuple[Piece, ...]:
    notice = f", {deployment.notice_hours:g} h before it starts too" if deployment.notice_hours else ""
    return labelled("Tells", f"{', '.join(deployment.channels)}{notice}") if deployment.channels else ()


def _excludes(deployment: Deployment) -> tuple[Piece, ...]:
    rules = deployment.updates
    masks = [mask_text(mask) for mask in rules.exclude]
    masks += [f"{mask_text(each.mask)} ({each.reason})" for each in rules.exclusions]
    return labelled("· never", ", ".join(masks), Tone.PENDING) if masks else ()
