"""A batch: what one scan gave, and the rows of every table that it leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from fleet.assessments import Assessment
from fleet.changes import apply_assessment
from fleet.cves import MissingFix
from fleet.fix_records import lacking_row
from fleet.machines import Machine
from fleet.records import Row, assessment_row, heartbeat_row, repository_rows, summary_row
from fleet.tables import ASSESSMENT, HEARTBEAT, REPOSITORY, UPDATE, UPDATE_HISTORY, UPDATE_SUMMARY

# CURRENT tables of which a machine's rows are replaced whole when it answers.
BY_MACHINE = (REPOSITORY, UPDATE)

NOTHING_MISSING: Mapping[tuple[str, datetime], Sequence[MissingFix]] = MappingProxyType({})


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

    def is_late(self, assessment: Assessment) -> bool:
        """Whether the machine has answered after ``assessment``, which then changes none of its rows."""
        answered_at = self.answered_at.get(assessment.machine_id)
        is_enrolled = assessment.machine_id in self.machines
        return is_enrolled and answered_at is not None and assessment.ended_at < answered_at


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a machine lacks: what its rows of MissingFix say of itself, and the fixes; machines may share those."""

    row: Row
    fixes: Sequence[MissingFix]


@dataclass(frozen=True, slots=True)
class BatchRows:
    """The rows that a batch adds to history tables, by name, and those that its machines have from now on in others.

    ``current`` has, by name of table and by id, an entry for each machine whose rows are replaced, an empty one if it
    has none. ``lacking`` is the same for MissingFix.
    """

    history: Mapping[str, list[Row]] = field(
        default_factory=lambda: {table.name: [] for table in (ASSESSMENT, HEARTBEAT, UPDATE_SUMMARY, UPDATE_HISTORY)}
    )
    current: Mapping[str, dict[str, Sequence[Row]]] = field(
        default_factory=lambda: {table.name: {} for table in BY_MACHINE}
    )
    lacking: dict[str, Lacking] = field(default_factory=dict)


def make_rows(
    batch: Batch,
    known: Known,
    version: str,
    missing: Mapping[tuple[str, datetime], Sequence[MissingFix]] = NOTHING_MISSING,
) -> BatchRows:
    """The rows that ``batch`` leads to, written by the Patchdeck of ``version``; older assessments come first.

    ``missing`` are the fixes that machines lack, by machine id and end of the assessment.
    """
    rows = BatchRows()
    answered_at = dict(known.answered_at)
    for assessment in sorted(batch.assessments, key=lambda assessment: assessment.ended_at):
        machine = known.machines.get(assessment.machine_id)
        if machine is None:
            continue
        rows.history[ASSESSMENT.name].append(assessment_row(machine, assessment, batch.id))
        if assessment.failure is None:
            before = answered_at.get(machine.id, assessment.ended_at)
            previous = rows.current[UPDATE.name].get(machine.id, known.current.get(machine.id, ()))
            changes = apply_assessment(machine, assessment, previous, answered_at.get(machine.id))
            rows.current[UPDATE.name][machine.id] = changes.current
            if assessment.ended_at >= before:
                rows.current[REPOSITORY.name][machine.id] = repository_rows(machine, assessment)
                if (lacked := missing.get((machine.id, assessment.ended_at))) is not None:
                    rows.lacking[machine.id] = Lacking(lacking_row(machine, assessment), lacked)
            rows.history[UPDATE_HISTORY.name].extend(changes.history)
            rows.history[UPDATE_SUMMARY.name].append(summary_row(machine, assessment, changes.current))
            rows.history[HEARTBEAT.name].append(heartbeat_row(machine, assessment, version))
            answered_at[machine.id] = max(assessment.ended_at, before)
    return rows
