"""Results of a run as rows: by update over all machines, and the updates of one machine."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fleet.deployments.runs import InstallationStatus, MachineRun, UpdateOutcome
from fleet.hostile import clean, clean_name
from fleet.updates import Classification
from tui.rows.update_names import shown_name, shown_version
from tui.rows.update_rows import class_word
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

RESULT_COLUMNS = (
    TableColumn("update", "Update", most=110, least=20, priority=0, least_of_long=30),
    TableColumn("to", "Version", most=36, least=14, priority=2, is_sparse=True),
    TableColumn("machines", "Machines", is_number=True, priority=1),
    TableColumn("succeeded", "Succeeded", is_number=True, priority=1),
    TableColumn("failed", "Failed", is_number=True, priority=1),
    TableColumn("others", "Others", most=40, least=12, priority=3),
    TableColumn("class", "Class", most=18, least=8, priority=4),
    TableColumn("error", "What it says", most=100, least=16, priority=5),
)
OUTCOME_COLUMNS = (
    TableColumn("update", "Update", most=110, least=20, priority=0, least_of_long=26),
    TableColumn("status", "Status", most=26, least=13, priority=1),
    TableColumn("from", "From", most=36, least=12, priority=3, is_sparse=True),
    TableColumn("to", "To", most=36, least=12, priority=2, is_sparse=True),
    TableColumn("class", "Class", most=18, least=8, priority=5),
    TableColumn("error", "What it says", most=100, least=16, priority=2),
    TableColumn("round", "Round", most=16, least=5, priority=4, is_sparse=True),
)
OF_MACHINES_COLUMNS = (TableColumn("machine", "Machine", most=32, least=12, priority=0), *OUTCOME_COLUMNS[1:])
_FAILED = (InstallationStatus.FAILED, InstallationStatus.INSTALL_FAILED)
_TONES = {
    InstallationStatus.SUCCEEDED: Tone.GOOD,
    InstallationStatus.FAILED: Tone.BAD,
    InstallationStatus.INSTALL_FAILED: Tone.BAD,
    InstallationStatus.WINDOW_EXCEEDED: Tone.PENDING,
    InstallationStatus.IN_PROGRESS: Tone.ACCENT,
}


@dataclass(slots=True)
class UpdateResult:
    """What became of one update on each machine that it was planned or left out for."""

    name: str
    version: str
    classification: str
    outcomes: list[tuple[MachineRun, UpdateOutcome]] = field(default_factory=list)


def results_by_update(machines: Iterable[MachineRun]) -> dict[str, UpdateResult]:
    """The results of each update, those that failed somewhere first, then by name."""
    found: dict[str, UpdateResult] = {}
    for machine in machines:
        for outcome in machine.outcomes:
            key = f"{outcome.name}\n{outcome.offered_version}"
            made = UpdateResult(outcome.name, outcome.offered_version, outcome.classification)
            found.setdefault(key, made).outcomes.append((machine, outcome))
    return dict(sorted(found.items(), key=lambda item: (not _count(item[1], _FAILED), item[0])))


def result_rows(results: Iterable[tuple[str, UpdateResult]]) -> list[Row]:
    """A row for each update."""
    return [_result_row(key, result) for key, result in results]


def outcome_rows(machine: MachineRun) -> list[Row]:
    """The updates of a machine, those that failed first."""
    ordered = sorted(machine.outcomes, key=lambda each: (each.status not in _FAILED, each.status, each.name))
    return [_outcome_row(str(number), _shown(each)[0], each) for number, each in enumerate(ordered)]


def machine_outcome_rows(result: UpdateResult) -> list[Row]:
    """The machines of an update, those on which it failed first."""
    ordered = sorted(result.outcomes, key=lambda each: (each[1].status not in _FAILED, each[0].machine_name))
    return [_outcome_row(machine.machine_id, clean_name(machine.machine_name), outcome) for machine, outcome in ordered]


def describe_outcome(outcome: UpdateOutcome) -> list[tuple[Piece, ...]]:
    """All of an outcome; the part of the log that shows it, a line each."""
    versions = f"{outcome.installed_version or 'new'} → {outcome.offered_version}"
    retried = " on a retry" if outcome.succeeded_on_retry else ""
    head = (Piece(outcome.name, Tone.STRONG), Piece(versions), Piece(outcome.status.value + retried, _tone(outcome)))
    lines: list[tuple[Piece, ...]] = [head]
    if outcome.error:
        lines.append((Piece(outcome.error, Tone.BAD if outcome.status in _FAILED else Tone.PENDING),))
    return lines + [(Piece(line, Tone.DIM),) for line in outcome.log_excerpt.splitlines() if line.strip()]


def find_outcome(machine: MachineRun, row: Row) -> UpdateOutcome | None:
    """The outcome that a row of `outcome_rows` shows."""
    shown = row.cells[0], row.cells[3]
    return next((each for each in machine.outcomes if _shown(each) == shown), None)


def describe_result(result: UpdateResult) -> list[tuple[Piece, ...]]:
    """An update over all machines: each way in which it failed, with the machines."""
    head = (Piece(result.name, Tone.STRONG), Piece(result.version), Piece(result.classification, Tone.DIM))
    errors = Counter(outcome.error for _, outcome in result.outcomes if outcome.error)
    lines = [labelled(f"{count}×", error, Tone.PENDING) for error, count in errors.most_common(3)]
    return [head, *lines]


def _result_row(key: str, result: UpdateResult) -> Row:
    succeeded, failed = _count(result, (InstallationStatus.SUCCEEDED,)), _count(result, _FAILED)
    others = Counter(o.status for _, o in result.outcomes if o.status not in (InstallationStatus.SUCCEEDED, *_FAILED))
    error = next((outcome.error for _, outcome in result.outcomes if outcome.error), "")
    cells = (
        shown_name(result.name, result.version),
        shown_version(result.version),
        str(len(result.outcomes)),
        str(succeeded),
        str(failed),
        ", ".join(f"{count} {status}" for status, count in others.items()),
        _class_word(result.classification),
        clean(error),
    )
    tones = (
        Tone.STRONG,
        Tone.NORMAL,
        Tone.NORMAL,
        Tone.GOOD if succeeded else Tone.DIM,
        Tone.BAD if failed else Tone.DIM,
        Tone.PENDING,
        Tone.DIM,
        Tone.DIM,
    )
    order = (*map(str.casefold, cells[:2]), len(result.outcomes), succeeded, failed, *cells[5:])
    return Row(key, cells, tones, order)


def _outcome_row(key: str, first: str, outcome: UpdateOutcome) -> Row:
    retried = " (retry)" if outcome.succeeded_on_retry else ""
    cells = (
        first,
        outcome.status.value + retried,
        clean_name(outcome.installed_version),
        _shown(outcome)[1],
        _class_word(outcome.classification),
        clean(outcome.error),
        round_text(outcome),
    )
    tones = (Tone.STRONG, _tone(outcome), Tone.DIM, Tone.NORMAL, Tone.DIM, Tone.NORMAL, Tone.DIM)
    return Row(key, cells, tones)


def round_text(outcome: UpdateOutcome) -> str:
    """The round in which it was dealt with, and how often it was tried; nothing where there was one of each."""
    tries = f", {outcome.tries} tries" if outcome.tries > 1 else ""
    return f"{outcome.round}{tries}" if outcome.round > 1 or tries else ""


def _shown(outcome: UpdateOutcome) -> tuple[str, str]:
    return shown_name(outcome.name, outcome.offered_version), shown_version(outcome.offered_version)


def _class_word(classification: str) -> str:
    is_known = classification in set(Classification)
    return class_word(Classification(classification)) if is_known else clean_name(classification)


def _count(result: UpdateResult, statuses: Sequence[InstallationStatus]) -> int:
    return sum(outcome.status in statuses for _, outcome in result.outcomes)


def _tone(outcome: UpdateOutcome) -> Tone:
    return _TONES.get(outcome.status, Tone.DIM)
