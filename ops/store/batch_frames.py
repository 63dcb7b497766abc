"""The rows of a batch as frames, made of a few machines at a time: as rows, 1,000 machines would take 300 MB."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

import polars as pl

from fleet.assessments import Assessment
from fleet.cves import MissingFix
from fleet.tables import ASSESSMENT, HEARTBEAT, UPDATE_HISTORY, UPDATE_SUMMARY, Table
from ops.store.batch import BY_MACHINE, Batch, Known, Lacking, make_rows
from ops.store.frames import make_frame, rows_of_machines

HISTORY = (ASSESSMENT, HEARTBEAT, UPDATE_SUMMARY, UPDATE_HISTORY)
# Each becomes two rows of some 2 KB; a frame for fewer costs more for its columns than for its rows.
UPDATES_AT_ONCE = 8_000


@dataclass(frozen=True, slots=True)
class BatchFrames:
    """What a batch adds to history tables, and what its machines have from now on in the others, by name of table.

    ``replaced`` are the ids of the machines whose rows are replaced, by name of table, also by none. ``lacking`` is
    what machines lack, by id: the rows of MissingFix.
    """

    history: Mapping[str, pl.DataFrame]
    current: Mapping[str, pl.DataFrame]
    replaced: Mapping[str, frozenset[str]]
    lacking: Mapping[str, Lacking]


def make_frames(
    batch: Batch,
    known: Known,
    stored: pl.DataFrame,
    version: str,
    missing: Mapping[tuple[str, datetime], Sequence[MissingFix]],
) -> BatchFrames:
    """The frames that ``batch`` leads to; see `make_rows`. The current rows of ``known`` are taken from ``stored``.

    Raises:
        ValueError, TypeError, ArithmeticError: a value does not fit its column.
    """
    frames: dict[str, list[pl.DataFrame]] = {table.name: [] for table in (*HISTORY, *BY_MACHINE)}
    lacking: dict[str, Lacking] = {}
    replaced: dict[str, set[str]] = {table.name: set() for table in BY_MACHINE}
    names = {machine_id: machine.name for machine_id, machine in known.machines.items()}
    for assessments in _some_machines_each(batch.assessments, names):
        current = rows_of_machines(stored, {assessment.machine_id for assessment in assessments})
        rows = make_rows(Batch(batch.id, assessments), replace(known, current=current), version, missing)
        lacking |= rows.lacking
        for table in HISTORY:
            frames[table.name].append(make_frame(table, rows.history[table.name]))
        for table in BY_MACHINE:
            by_machine = rows.current[table.name]
            replaced[table.name].update(by_machine)
            frames[table.name].append(make_frame(table, [row for held in by_machine.values() for row in held]))
    return BatchFrames(
        history={table.name: _join(table, frames[table.name]) for table in HISTORY},
        current={table.name: _join(table, frames[table.name]) for table in BY_MACHINE},
        replaced={name: frozenset(ids) for name, ids in replaced.items()},
        lacking=lacking,
    )


def _some_machines_each(
    assessments: Sequence[Assessment], names: Mapping[str, str]
) -> Iterator[tuple[Assessment, ...]]:
    """The assessments of some machines at a time, in the order of their ``names``; all of one machine are together."""

    def place(assessment: Assessment) -> tuple[str, str]:
        return names.get(assessment.machine_id, ""), assessment.machine_id

    by_machine = [tuple(group) for _, group in groupby(sorted(assessments, key=place), place)]
    together: list[Assessment] = []
    updates = 0
    for group in by_machine:
        together.extend(group)
        updates += sum(len(each.updates) for each in group)
        if updates >= UPDATES_AT_ONCE:
            yield tuple(together)
            together, updates = [], 0
    if together:
        yield tuple(together)


def _join(table: Table, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    filled = [frame for frame in frames if not frame.is_empty()]
    if len(filled) < 2:  # in order already
        return filled[0] if filled else make_frame(table, ())
    joined = pl.concat(filled, rechunk=False)
    # The machines came in the order of their names, so that most tables need no sorted copy of all their rows.
    return joined if table.sort_by[0] == "Computer" else joined.sort(table.sort_by, maintain_order=True)
