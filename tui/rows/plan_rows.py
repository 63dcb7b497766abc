"""A plan as rows: each machine with what would be done there; and each package of one machine, left out ones too."""

from collections import Counter
from collections.abc import Iterable, Sequence

from fleet.answers import Answer
from fleet.deployments.plan import ChangeKind, LeftOut, MachinePlan, PackageChange
from fleet.deployments.window import Window
from fleet.hostile import clean, clean_name
from ops.cli.run_texts import format_seconds
from ops.cli.values import count_of
from tui.rows.ages import describe_bytes
from tui.rows.update_names import shown_name, shown_version
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

PLAN_COLUMNS = (
    TableColumn("name", "Machine", most=32, least=12, priority=0),
    TableColumn("wave", "Wave", is_number=True, priority=3),
    TableColumn("plan", "Plan", most=34, least=14, priority=1),
    TableColumn("out", "Left out", is_number=True, priority=3),
    TableColumn("download", "Download", is_number=True, priority=4),
    TableColumn("reboot", "Reboot", most=8, least=7, priority=2),
    TableColumn("time", "Time needed", most=14, least=11, is_number=True, priority=4),
    TableColumn("fits", "Fits", most=8, least=7, priority=1),
    TableColumn("warnings", "Warnings", most=60, least=10, priority=2),
)
CHANGE_COLUMNS = (
    TableColumn("package", "Package", most=44, least=20, priority=0),
    TableColumn("what", "What", most=12, least=10, priority=1),
    TableColumn("from", "From", most=36, least=12, priority=3, is_sparse=True),
    TableColumn("to", "To", most=36, least=12, priority=2, is_sparse=True),
    TableColumn("size", "Size", is_number=True, priority=5),
    TableColumn("arch", "Arch", most=8, least=5, priority=6, is_sparse=True),
    TableColumn("why", "Why", most=80, least=16, priority=2),
)
_KINDS = {
    ChangeKind.UPGRADE: "upgraded",
    ChangeKind.INSTALL: "new",
    ChangeKind.REMOVE: "removed",
    ChangeKind.DOWNGRADE: "downgraded",
    ChangeKind.REINSTALL: "again",
}
_KIND_TONES = {ChangeKind.REMOVE: Tone.BAD, ChangeKind.DOWNGRADE: Tone.PENDING, ChangeKind.INSTALL: Tone.ACCENT}


def problem_of(plan: MachinePlan) -> str:
    """Why nothing can be done on the machine; empty where something can."""
    return clean(plan.problem or plan.simulation.problem)


def plan_row(plan: MachinePlan) -> Row:
    """The row of a machine that is planned."""
    problem, simulation = problem_of(plan), plan.simulation
    warnings = "; ".join(map(clean, plan.warnings))
    cells = (
        clean_name(plan.machine_name),
        str(plan.wave + 1),
        changes_text(simulation.changes) if not problem else "nothing can be done",
        str(len(plan.selection.left_out)),
        describe_bytes(simulation.download_bytes) if not problem else "",
        {Answer.YES: "reboot", Answer.NO: "no"}.get(plan.reboot_expected, "unknown"),
        format_seconds(plan.predicted_seconds),
        {Answer.YES: "fits", Answer.NO: "TOO LONG"}.get(plan.fits, "unknown"),
        problem or warnings,
    )
    has_work = bool(simulation.changes) and not problem
    tones = (
        Tone.STRONG,
        Tone.DIM,
        Tone.BAD if problem else Tone.NORMAL if has_work else Tone.DIM,
        Tone.NORMAL if plan.selection.left_out else Tone.DIM,
        Tone.NORMAL,
        Tone.REBOOT if plan.reboot_expected is Answer.YES else Tone.DIM,
        Tone.NORMAL,
        {Answer.NO: Tone.BAD, Answer.YES: Tone.GOOD}.get(plan.fits, Tone.DIM),
        Tone.BAD if problem else Tone.PENDING,
    )
    order = (
        cells[0].casefold(),
        plan.wave,
        len(simulation.changes),
        len(plan.selection.left_out),
        simulation.download_bytes,
        cells[5],
        plan.predicted_seconds,
        cells[7],
        cells[8],
    )
    return Row(plan.machine_id, cells, tones, order)


def waiting_row(machine_id: str, name: str) -> Row:
    """The row of a machine that is not planned yet."""
    cells = (clean_name(name), "", "asking …", "", "", "", "", "", "")
    tones = (Tone.STRONG, Tone.DIM, Tone.ACCENT, *[Tone.DIM] * 6)
    return Row(machine_id, cells, tones, (cells[0].casefold(), *[None] * 8))


def changes_text(changes: Iterable[PackageChange]) -> str:
    """``12 upgraded, 1 new``; ``nothing to do``."""
    kinds = Counter(change.kind for change in changes)
    return ", ".join(f"{kinds[kind]} {word}" for kind, word in _KINDS.items() if kinds[kind]) or "nothing to do"


def describe_plan(plan: MachinePlan, window: Window) -> list[tuple[Piece, ...]]:
    """All of a machine's plan in a few lines."""
    lines: list[tuple[Piece, ...]] = []
    if problem := problem_of(plan):
        lines.append((Piece("Nothing can be done:", Tone.BAD), Piece(problem)))
    lines += [(Piece("!", Tone.PENDING), Piece(warning)) for warning in plan.warnings]
    of_window = f"window of {format_seconds(window.minutes * 60)}"
    time = format_seconds(plan.predicted_seconds) or "unknown, there is no history"
    lines.append((*labelled("Time needed", f"{time}; {of_window}"), *labelled("· by", plan.package_manager or "?")))
    if plan.services_to_restart:
        lines.append(labelled("Services to restart", ", ".join(plan.services_to_restart)))
    reasons = Counter(each.reason for each in plan.selection.left_out)
    if reasons:
        said = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
        lines.append(labelled("Left out", f"{count_of(len(plan.selection.left_out), 'update')}: {said}"))
    return lines


def change_rows(plan: MachinePlan) -> list[Row]:
    """Each package of the transaction, then each update that is left out, then what the manager keeps."""
    rows = [_change_row(number, change) for number, change in enumerate(plan.simulation.changes)]
    rows += [_left_out_row(len(rows) + number, left) for number, left in enumerate(plan.selection.left_out)]
    start = len(rows)
    for number, kept in enumerate(plan.simulation.kept):
        cells = (clean_name(kept.name), "kept", "", "", "", "", clean(kept.words))
        rows.append(Row(str(start + number), cells, (Tone.DIM, Tone.PENDING, *[Tone.DIM] * 5)))
    return rows


def describe_change(row: Row) -> Sequence[Sequence[Piece]]:
    """All of the row, in full."""
    package, what, before, after, size, architecture, why = row.cells
    versions = " → ".join(version for version in (before, after) if version)
    head = (
        Piece(package, Tone.STRONG),
        Piece(architecture, Tone.DIM),
        Piece(what, row.tones[1]),
        Piece(versions),
        Piece(size),
    )
    return [head, (Piece(why),)]


def _change_row(number: int, change: PackageChange) -> Row:
    cells = (
        shown_name(change.name, change.to_version),
        _KINDS[change.kind],
        clean_name(change.from_version),
        shown_version(change.to_version),
        describe_bytes(change.size_bytes),
        clean_name(change.architecture),
        "",
    )
    tones = (Tone.STRONG, _KIND_TONES.get(change.kind, Tone.GOOD), Tone.DIM, *[Tone.NORMAL] * 4)
    return Row(str(number), cells, tones, (*cells[:4], change.size_bytes, *cells[5:]))


def _left_out_row(number: int, left_out: LeftOut) -> Row:
    update = left_out.update
    why = f"{left_out.reason}{f': {left_out.detail}' if left_out.detail else ''}"
    cells = (
        shown_name(update.name, update.offered_version),
        "left out",
        clean_name(update.installed_version),
        shown_version(update.offered_version),
        describe_bytes(update.size_bytes),
        clean_name(update.architecture),
        clean(why),
    )
    order = (*cells[:4], update.size_bytes, *cells[5:])
    return Row(str(number), cells, (Tone.DIM, Tone.PENDING, *[Tone.DIM] * 4, Tone.PENDING), order)
