"""The rows of a batch as frames, made of a few machines at a time; see `ops.store.pieces`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

import polars as pl

from fleet.assessments import Assessment
from fleet.cves import MissingFix
from fleet.records import Row
from fleet.tables import ASSESSMENT, HEARTBEAT, REPOSITORY, UPDATE, UPDATE_HISTORY, UPDATE_SUMMARY, Table
from ops.store.batch import BY_MACHINE, Batch, BatchRows, Known, Lacking, make_rows
from ops.store.first_seen import name_versions
from ops.store.frames import make_frame, rows_by_machine
from ops.store.pieces import PackedFrames, StoredRows

# Each becomes two rows of some 2 KB; a frame for fewer costs more for its columns than for its rows.
UPDATES_AT_ONCE = 2_000
# A few rows a machine, and as many as its updates.
_SMALL = (ASSESSMENT, HEARTBEAT, UPDATE_SUMMARY, REPOSITORY)
_LARGE = (UPDATE_HISTORY, UPDATE)


@dataclass(frozen=True, slots=True)
class BatchFrames:
    """What a batch adds to history tables, and what its machines have from now on in the others, by name of table.

    ``replaced`` are the ids of the machines whose rows are replaced, by name of table, also by none. ``lacking`` is
    what machines lack, by id: the rows of MissingFix. ``versions`` is what the large ones say of versions: see
    `name_versions`.
    """

    small: Mapping[str, pl.DataFrame]
    large: Mapping[str, PackedFrames]
    replaced: Mapping[str, frozenset[str]]
    lacking: Mapping[str, Lacking]
    versions: pl.DataFrame


def make_frames(
    batch: Batch,
    known: Known,
    stored: StoredRows,
    version: str,
    missing: Mapping[tuple[str, datetime], Sequence[MissingFix]],
) -> BatchFrames:
    """The frames that ``batch`` leads to; see `make_rows`. The current rows of ``known`` are taken from ``stored``.

    Raises:
        ValueError, TypeError, ArithmeticError: a value does not fit its column.
    """
    made = _Made()
    names = {machine_id: machine.name for machine_id, machine in known.machines.items()}
    for assessments in _some_machines_each(batch.assessments, names):
        current = rows_by_machine(stored.of_machines({assessment.machine_id for assessment in assessments}))
        made.take(make_rows(Batch(batch.id, assessments), replace(known, current=current), version, missing))
    return BatchFrames(
        small={table.name: _join(table, made.small[table.name]) for table in _SMALL},
        large=made.large,
        replaced={name: frozenset(ids) for name, ids in made.replaced.items()},
        lacking=made.lacking,
        versions=name_versions(pl.concat(made.versions).lazy()).collect(),
    )


class _Made:
    """The frames of the machines that were gone through so far."""

    def __init__(self) -> None:
        self.small: dict[str, list[pl.DataFrame]] = {table.name: [] for table in _SMALL}
        self.large = {table.name: PackedFrames() for table in _LARGE}
        self.replaced: dict[str, set[str]] = {table.name: set() for table in BY_MACHINE}
        self.lacking: dict[str, Lacking] = {}
        self.versions = [name_versions(make_frame(UPDATE, ()).lazy()).collect()]

    def take(self, rows: BatchRows) -> None:
        """Add ``rows``, those of machines with later names."""
        self.lacking |= rows.lacking
        for table in BY_MACHINE:
            self.replaced[table.name].update(rows.current[table.name])
        for table in _SMALL:
            self.small[table.name].append(make_frame(table, _rows_of(table, rows)))
        for table in _LARGE:
            frame = make_frame(table, _rows_of(table, rows))
            self.versions.append(name_versions(frame.lazy()).collect())
            self.large[table.name].add(frame)


def _rows_of(table: Table, rows: BatchRows) -> Sequence[Row]:
    if table.name in rows.history:
        return rows.history[table.name]
    return [row for held in rows.current[table.name].values() for row in held]


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
