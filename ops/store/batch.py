"""A batch: what one scan gave, and the rows of every table that it leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fleet.assessments import Assessment
from fleet.changes import apply_assessment
from fleet.machines import Machine
from fleet.records import Row, assessment_row, heartbeat_row, summary_row
from fleet.tables import ASSESSMENT, HEARTBEAT, UPDATE_HISTORY, UPDATE_SUMMARY


@dataclass(frozen=True, slots=True)
class Batch:
    """The assessments of one scan, stored together. ``id`` is unique and can be part of a file name."""

    id: str
    assessments: tuple[Assessment, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the machines of a batch before it, by machine id.

    ``machines`` are those that are enrolled: what came in of others is let go. ``current`` are their rows of Update,
    ``answered_at`` the times of their last answers.
    """

    machines: Mapping[str, Machine]
    current: Mapping[str, Sequence[Row]]
    answered_at: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class BatchRows:
    """The rows that a batch adds to history tables, by name, and those of Update that its machines have from now on.

    ``current`` has an entry for each machine whose rows are replaced, an empty one if it needs nothing.
    """

    history: Mapping[str, list[Row]] = field(
        default_factory=lambda: {table.name: [] for table in (ASSESSMENT, HEARTBEAT, UPDATE_SUMMARY, UPDATE_HISTORY)}
    )
    current: dict[str, Sequence[Row]] = field(default_factory=dict)


def make_rows(batch: Batch, known: Known, version: str) -> BatchRows:
    """The rows that ``batch`` leads to, written by the Patchdeck of ``version``; older assessments come first."""
    rows = BatchRows()
    answered_at = dict(known.answered_at)
    for assessment in sorted(batch.assessments, key=lambda assessment: assessment.ended_at):
        machine = known.machines.get(assessment.machine_id)
        if machine is None:
            continue
        rows.history[ASSESSMENT.name].append(assessment_row(machine, assessment, batch.id))
        if assessment.failure is None:
            previous = rows.current.get(machine.id, known.current.get(machine.id, ()))
            changes = apply_assessment(machine, assessment, previous, answered_at.get(machine.id))
            rows.current[machine.id] = changes.current
            rows.history[UPDATE_HISTORY.name].extend(changes.history)
            rows.history[UPDATE_SUMMARY.name].append(summary_row(machine, assessment, changes.current))
            rows.history[HEARTBEAT.name].append(heartbeat_row(machine, assessment, version))
            answered_at[machine.id] = max(assessment.ended_at, answered_at.get(machine.id, assessment.ended_at))
    return rows
